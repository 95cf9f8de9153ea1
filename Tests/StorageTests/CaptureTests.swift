import Testing
import Values

@testable import Storage

@Suite struct CaptureTests {
  @Test func `A capture holds both directions and is read as a journal is`() throws {
    let directory = TestDirectory()
    let path = directory.path + "/test.lsc"
    var capture = try CaptureWriter(creating: path, identity: testIdentity, bufferBytes: 500)
    for sequence in 1...20 as ClosedRange<UInt64> {
      let entry = Entry.command(sequence)
      entry.frame.withUnsafeBytes { frame in
        capture.appendInput(frame, key: KeyId(entry.key), sequence: sequence, time: Timestamp(entry.time))
        for key in 0..<UInt32(sequence % 3) { capture.appendOutput(frame, key: KeyId(100 + key)) }
      }
      if sequence % 4 == 0 { try capture.commit() }
    }
    let digest = capture.outputDigest
    try capture.close()

    let result = try readAll(try JournalReader(file: path))
    #expect(result.inputs == (1...20).map { Entry.command($0) })
    #expect(result.outputs.count == 21)
    #expect(
      result.outputs[0] == Entry(kind: .output, sequence: 1, time: 1_010, key: 100, frame: Entry.command(1).frame))
    #expect(result.state.output == digest)
    #expect(digest.frames == 21)
  }

  @Test func `A capture can begin in the middle of a venue's life and never overwrites a file`() throws {
    let directory = TestDirectory()
    let path = directory.path + "/late.lsc"
    var state = LogState()
    state.sequence = 6
    state.time = Timestamp(1_060)
    state.output = OutputDigest(value: 9, frames: 12)
    var capture = try CaptureWriter(creating: path, identity: testIdentity, after: state)
    let entry = Entry.command(7)
    entry.frame.withUnsafeBytes {
      capture.appendInput($0, key: KeyId(entry.key), sequence: 7, time: Timestamp(entry.time))
    }
    try capture.close()
    let result = try readAll(try JournalReader(file: path))
    #expect(result.inputs == [entry])
    #expect(result.state.output.frames == 12)
    #expect(throws: StorageError.self) { _ = try CaptureWriter(creating: path, identity: testIdentity) }
  }
}

import Kernel
import Testing
import Values
import Wire

@testable import Storage

@Suite struct ReplayTests {
  /// A change made while a capture is written.
  private enum Fault {
    case none
    /// The last output of this command is left out.
    case missing(UInt64)
    /// A second copy of the last output of this command.
    case extra(UInt64)
    /// One bit of an output of this command is flipped.
    case changed(UInt64)
    /// An output of this command goes to another key.
    case misdirected(UInt64)

    func apply(to outputs: inout [Report], of sequence: UInt64) {
      switch self {
      case .missing(sequence): outputs.removeLast()
      case .extra(sequence): outputs.append(outputs[outputs.count - 1])
      case .changed(sequence): outputs[0].frame[13] ^= 1
      case .misdirected(sequence): outputs[0].key += 1
      default: break
      }
    }
  }

  /// A capture of the venue's first `last` commands.
  private func capture(in directory: TestDirectory, to last: UInt64, fault: Fault = .none) throws -> String {
    let path = directory.path + "/test.lsc"
    var capture = try CaptureWriter(creating: path, identity: FileIdentity(venueId: 77))
    var kernel = Kernel(venue: TestVenue.definition)
    var output = Output()
    for sequence in 1...last {
      var outputs: [Report] = []
      TestVenue.frame(sequence).withUnsafeBytes { bytes in
        output.clear()
        kernel.apply(Frame(bytes), key: TestVenue.key(sequence), time: TestVenue.time(sequence), output: &output)
        capture.appendInput(bytes, key: TestVenue.key(sequence), sequence: sequence, time: TestVenue.time(sequence))
      }
      output.forEachFrame { key, frame in outputs.append(Report(key: key.rawValue, frame: Array(frame))) }
      fault.apply(to: &outputs, of: sequence)
      for report in outputs { report.frame.withUnsafeBytes { capture.appendOutput($0, key: KeyId(report.key)) } }
      if sequence % 6 == 0 { try capture.commit() }
    }
    try capture.close()
    return path
  }

  private func replay(_ path: String, through last: UInt64 = .max) throws -> (UInt64, StateHash) {
    var reader = try JournalReader(file: path)
    let first = try #require(try reader.next())
    var replayer = try Replayer(genesis: first, comparesOutputs: reader.header.kind == .capture)
    try replayer.take(first)
    _ = try replayer.replay(&reader, through: last)
    return (replayer.kernel.sequence, stateHash(of: replayer.kernel))
  }

  @Test func `A capture replays to the state that was captured`() throws {
    let directory = TestDirectory()
    let (sequence, hash) = try replay(try capture(in: directory, to: 40))
    #expect(sequence == 40)
    #expect(hash.hash == (try undisturbed(to: 40, perBatch: 6)).hash)
  }

  @Test func `The market of these tests trades and leaves orders in the book`() throws {
    let directory = TestDirectory()
    let data = try DataDirectory(directory.path)
    var venue = try data.create(venue: TestVenue.definition, options: .init(durability: .os))
    let reports = try venue.run(to: 60, perBatch: 6).map { report in
      report.frame.withUnsafeBytes { Frame($0).template }
    }
    #expect(venue.kernel.trades > 5)
    #expect(reports.contains(.orderFilled) && reports.contains(.orderAccepted))
    #expect(!reports.contains(.requestRejected))
  }

  @Test func `A replay can stop at any sequence and go on`() throws {
    let directory = TestDirectory()
    let path = try capture(in: directory, to: 40)
    for stop in [1, 6, 17, 39] as [UInt64] {
      let (sequence, hash) = try replay(path, through: stop)
      #expect(sequence == stop)
      #expect(hash.hash == (try undisturbed(to: stop, perBatch: 6)).hash)
    }
    var reader = try JournalReader(file: path)
    let first = try #require(try reader.next())
    var replayer = try Replayer(genesis: first, comparesOutputs: true)
    try replayer.take(first)
    for stop in [6, 17, .max] as [UInt64] { _ = try replayer.replay(&reader, through: stop) }
    #expect(replayer.kernel.sequence == 40)
    #expect(reader.end?.tornBytes == 0)
  }

  @Test(arguments: [0, 1, 2, 3]) func `The first difference is named`(kind: Int) throws {
    let faults: [(Fault, String)] = [
      (.missing(17), "is not in the recording"), (.extra(17), "was not produced"), (.changed(17), "differs"),
      (.misdirected(17), "differs"),
    ]
    let (fault, word) = faults[kind]
    let directory = TestDirectory()
    let path = try capture(in: directory, to: 40, fault: fault)
    #expect {
      _ = try replay(path)
    } throws: { error in
      guard case StorageError.diverged(17, let reason) = error else { return false }
      return reason.hasPrefix("output ") && reason.contains(word)
    }
  }

  @Test func `A recording that does not begin with a venue's definition is refused`() throws {
    let directory = TestDirectory()
    let path = directory.path + "/odd.lsc"
    var capture = try CaptureWriter(creating: path, identity: FileIdentity(venueId: 77))
    TestVenue.frame(5).withUnsafeBytes {
      capture.appendInput($0, key: .venue, sequence: 1, time: TestVenue.time(1))
    }
    try capture.close()
    #expect(throws: StorageError.self) { _ = try replay(path) }
  }

  @Test func `A command that is not a frame is refused, not applied`() throws {
    let directory = TestDirectory()
    let path = directory.path + "/odd.lsc"
    var capture = try CaptureWriter(creating: path, identity: FileIdentity(venueId: 77))
    TestVenue.frame(1).withUnsafeBytes {
      capture.appendInput($0, key: .venue, sequence: 1, time: TestVenue.time(1))
    }
    [1, 2, 3].withUnsafeBytes { capture.appendInput($0, key: .venue, sequence: 2, time: TestVenue.time(2)) }
    try capture.close()
    #expect(throws: StorageError.self) { _ = try replay(path) }
  }
}

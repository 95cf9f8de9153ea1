import Glibc
import Testing
import Values

@testable import Storage

@Suite struct JournalTests {
  @Test(arguments: [Durability.batch, .os, .none])
  func `What is journaled is read back, over several segments`(durability: Durability) throws {
    let directory = TestDirectory()
    var options = Journal.Options(durability: durability, segmentBytes: 4096, preallocationBytes: 2048)
    options.bufferBytes = 1000
    var journal = try Journal(creatingIn: directory.path, identity: testIdentity, options: options)
    try journal.run(to: 200, perBatch: 7)
    let state = journal.state
    try journal.close()

    let result = try readJournal(directory.path)
    #expect(directory.segments.count > 3)
    #expect(result.inputs == (1...200).map { Entry.command($0) })
    #expect(result.state.sequence == 200)
    #expect(result.state.output == state.output)
    #expect(result.state.logChain == state.logChain)
    #expect(result.end?.tornBytes == 0)
  }

  @Test func `A segment can be read by itself and reading can begin in the middle`() throws {
    let directory = TestDirectory()
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity, options: .init(segmentBytes: 4096, preallocationBytes: 0))
    try journal.run(to: 150, perBatch: 4)
    try journal.close()
    let first = try readAll(try JournalReader(file: directory.segments[0]))
    let last = try readAll(try JournalReader(directory: directory.path, from: 150))
    #expect(first.inputs.first?.sequence == 1)
    #expect(first.inputs.count < 150)
    #expect(last.inputs.contains(Entry.command(150)))
    #expect(!last.inputs.contains(Entry.command(1)))
  }

  @Test func `Mode none writes when its buffer is full, os at each commit, and neither claims the disk`() throws {
    for (durability, readable) in [(Durability.none, 0), (.os, 3)] {
      let directory = TestDirectory()
      var journal = try Journal(
        creatingIn: directory.path, identity: testIdentity, options: .init(durability: durability))
      try journal.run(to: 3, perBatch: 1)
      #expect(journal.durableSequence == 0)
      #expect(try readJournal(directory.path).inputs.count == readable)
      try journal.synchronise()
      #expect(journal.durableSequence == 3)
      #expect(try readJournal(directory.path).inputs.count == 3)
    }
  }

  @Test func `Zeros are written ahead in mode batch and read as the end`() throws {
    let directory = TestDirectory()
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity, options: .init(preallocationBytes: 64 << 10))
    try journal.prepareAhead()
    try journal.run(to: 2, perBatch: 1)
    #expect(journal.durableSequence == 2)
    #expect(read(directory.segments[0]).count == SegmentHeader.bytes + 64 << 10)
    #expect(try readJournal(directory.path).inputs.count == 2)
  }

  @Test func `Short writes and interrupted calls are continued`() throws {
    let directory = TestDirectory()
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity, options: .init(preallocationBytes: 128, files: HaltingFiles())
    )
    try journal.run(to: 10, perBatch: 3)
    try journal.close()
    #expect(try readJournal(directory.path).inputs == (1...10).map { Entry.command($0) })
  }

  @Test(arguments: [ENOSPC, EIO]) func `A failed write is final`(code: Int32) throws {
    try checkFailure(code: code, atWrite: true)
  }

  @Test(arguments: [ENOSPC, EIO]) func `A failed sync is final`(code: Int32) throws {
    try checkFailure(code: code, atWrite: false)
  }

  private func checkFailure(code: Int32, atWrite: Bool) throws {
    let directory = TestDirectory()
    let faults = Faults()
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity, options: .init(files: faults))
    try journal.run(to: 5, perBatch: 1)
    faults.arm(code, atWrite: atWrite)
    var thrown: [StorageError] = []
    do { try journal.run(to: 6, perBatch: 1) } catch let error as StorageError { thrown.append(error) }
    faults.disarm()
    let calls = faults.count
    do { try journal.commit() } catch let error { thrown.append(error) }
    do { try journal.synchronise() } catch let error { thrown.append(error) }
    do { try journal.prepareAhead() } catch let error { thrown.append(error) }
    let call = atWrite ? "write" : "fdatasync"
    #expect(thrown == Array(repeating: .system(call: call, path: directory.segments[0], code: code), count: 4))
    #expect(faults.count == calls, "nothing is retried")
    #expect(journal.durableSequence == 5)
    #expect(journal.failure == thrown.first)
  }
}

/// A disk whose writes are short and interrupted.
private final class HaltingFiles: SystemFiles, @unchecked Sendable {
  private var isInterrupted = false

  override func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) -> Int {
    isInterrupted.toggle()
    if isInterrupted { return -Int(EINTR) }
    return super.write(descriptor, bytes, min(count, 5), at: offset)
  }
}

/// Writes and syncs that can be told to fail. Tests use it from one thread.
final class Faults: SystemFiles, @unchecked Sendable {
  private var writeCode: Int32 = 0
  private var syncCode: Int32 = 0
  /// How many calls were made.
  private(set) var count = 0

  func arm(_ code: Int32, atWrite: Bool) {
    if atWrite { writeCode = code } else { syncCode = code }
  }

  func disarm() {
    writeCode = 0
    syncCode = 0
  }

  override func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ byteCount: Int, at offset: Int) -> Int {
    count += 1
    return writeCode != 0 ? -Int(writeCode) : super.write(descriptor, bytes, byteCount, at: offset)
  }

  override func synchronise(_ descriptor: Int32) -> Int32 {
    count += 1
    return syncCode != 0 ? -syncCode : super.synchronise(descriptor)
  }
}

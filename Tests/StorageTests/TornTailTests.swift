import Testing
import Values

@testable import Storage

/// What a crash may leave of the last batch, and what only damage can do.
@Suite struct TornTailTests {
  /// A journal of 9 commands, three in a batch, in one segment; with the offsets where its batches end.
  private func journal(
    in directory: TestDirectory, durability: Durability = .os, close: Bool = false
  ) throws -> [Int] {
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity,
      options: .init(durability: durability, preallocationBytes: 4096))
    var ends = [SegmentHeader.bytes]
    for last in [3, 6, 9] as [UInt64] {
      try journal.run(to: last, perBatch: 3)
      ends.append(Int(journal.state.offset))
    }
    if close { try journal.close() }
    return ends
  }

  @Test func `A journal cut at any byte of its last batch is read up to the batch before`() throws {
    let directory = TestDirectory()
    let ends = try journal(in: directory)
    let whole = read(directory.segments[0])
    for size in ends[2]..<ends[3] {
      write(Array(whole[..<size]), to: directory.segments[0])
      let result = try readJournal(directory.path)
      #expect(result.inputs == (1...6).map { Entry.command($0) })
      #expect(result.end?.offset == UInt64(ends[2]))
      #expect((result.end?.tornBytes ?? 0) > 0 || size == ends[2])
    }
  }

  @Test func `A last batch that is zeros from any byte on is torn, even in mode batch`() throws {
    let directory = TestDirectory()
    let ends = try journal(in: directory, durability: .batch)
    let whole = read(directory.segments[0])
    for size in ends[2]..<ends[3] - 1 {
      var bytes = whole
      for index in size..<ends[3] { bytes[index] = 0 }
      if bytes == whole { continue }
      write(bytes, to: directory.segments[0])
      #expect(try readJournal(directory.path).inputs.count == 6)
    }
  }

  @Test func `A bad batch before one that says it was synced is damage, with file and offset`() throws {
    let directory = TestDirectory()
    let ends = try journal(in: directory, durability: .batch)
    var bytes = read(directory.segments[0])
    bytes[ends[1] + BatchHeader.bytes + 40] ^= 1
    write(bytes, to: directory.segments[0])
    #expect {
      try readJournal(directory.path)
    } throws: { error in
      guard case StorageError.damaged(let path, let offset, let reason) = error else { return false }
      return path == directory.segments[0] && offset == UInt64(ends[1])
        && reason.contains("batch at offset \(ends[2]) says")
    }
  }

  @Test func `Without a sync the same fault is a torn tail, and the batches behind it go too`() throws {
    let directory = TestDirectory()
    let ends = try journal(in: directory, durability: .os)
    var bytes = read(directory.segments[0])
    bytes[ends[1] + BatchHeader.bytes + 40] ^= 1
    write(bytes, to: directory.segments[0])
    let result = try readJournal(directory.path)
    #expect(result.inputs.count == 3)
    #expect(result.end?.tornBytes == UInt64(ends[3] - ends[1]))
  }

  @Test func `After a clean stop any bit flipped in the last batch is damage`() throws {
    let directory = TestDirectory()
    let ends = try journal(in: directory, durability: .batch, close: true)
    let whole = read(directory.segments[0])
    for index in stride(from: ends[2], to: ends[3], by: 3) {
      var bytes = whole
      bytes[index] ^= 0x10
      write(bytes, to: directory.segments[0])
      #expect(throws: StorageError.self) { try readJournal(directory.path) }
    }
  }

  @Test func `Swapped, repeated and foreign batches are refused`() throws {
    let directory = TestDirectory()
    let ends = try journal(in: directory)
    let whole = read(directory.segments[0])
    let batches = (0..<3).map { Array(whole[ends[$0]..<ends[$0 + 1]]) }
    for order in [[1, 0, 2], [0, 2, 1], [0, 0, 1], [2]] {
      write(Array(whole[..<SegmentHeader.bytes]) + order.flatMap { batches[$0] }, to: directory.segments[0])
      let inputs = try readJournal(directory.path).inputs
      #expect(inputs == (1...9).map { Entry.command($0) }.prefix(order[0] == 0 ? 3 : 0).map { $0 })
    }
    let other = TestDirectory()
    var foreign = try Journal(
      creatingIn: other.path, identity: FileIdentity(venueId: 78, schemaId: 19539, schemaVersion: 1),
      options: .init(durability: .os))
    try foreign.run(to: 3, perBatch: 3)
    let theirs = read(other.segments[0])[SegmentHeader.bytes...]
    write(Array(whole[..<SegmentHeader.bytes]) + theirs, to: directory.segments[0])
    #expect(try readJournal(directory.path).inputs.isEmpty)
  }

  @Test func `Damage in an earlier segment, a missing segment and a strange one are refused`() throws {
    let directory = TestDirectory()
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity, options: .init(durability: .os, segmentBytes: 4096))
    try journal.run(to: 120, perBatch: 3)
    let files = directory.contents
    let segments = directory.segments
    #expect(segments.count > 2)
    let name = String(segments[1].split(separator: "/").last ?? "")
    for change in 0..<4 {
      var changed = files
      switch change {
      case 0: changed[name] = nil
      case 1: changed[name]?.removeLast(BatchHeader.bytes + 1)
      case 2: changed[name]?[3000] ^= 1
      default: changed[name]?[60] ^= 1
      }
      directory.restore(changed)
      #expect(throws: StorageError.self) { try readJournal(directory.path) }
    }
  }

  @Test func `A crash while a segment was being marked as continued loses nothing`() throws {
    let directory = TestDirectory()
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity, options: .init(durability: .os, segmentBytes: 4096))
    try journal.run(to: 120, perBatch: 3)
    let files = directory.contents
    let name = String(directory.segments[1].split(separator: "/").last ?? "")
    for missing in 0...BatchHeader.bytes {
      var changed = files
      changed[name]?.removeLast(missing)
      directory.restore(changed)
      #expect(try readJournal(directory.path).inputs.count == 120)
    }
  }

  @Test func `Whatever bit is flipped in a journal, the commands read are a prefix of those written`() throws {
    let directory = TestDirectory()
    var journal = try Journal(
      creatingIn: directory.path, identity: testIdentity,
      options: .init(durability: .batch, preallocationBytes: 256))
    try journal.run(to: 6, perBatch: 2)
    let commands = (1...6).map { Entry.command($0) }
    let path = directory.segments[0]
    let whole = read(path)
    var refused = 0
    for bit in 0..<whole.count * 8 {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      write(bytes, to: path)
      do {
        let result = try readJournal(directory.path)
        #expect(result.inputs == Array(commands.prefix(result.inputs.count)))
        #expect(result.inputs.count >= 4, "only the last batch may go without a complaint")
        #expect((result.end?.tornBytes ?? 0) > 0, "a fault is never silent")
      } catch {
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}

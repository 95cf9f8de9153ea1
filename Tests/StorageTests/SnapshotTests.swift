import Glibc
import Testing
import Values

@testable import Storage

@Suite struct SnapshotTests {
  private static let log: LogState = {
    var log = LogState()
    log.sequence = 42
    log.time = Timestamp(4_200)
    log.batch = 9
    log.segment = 3
    log.offset = 4_711
    log.chain = 0xDEAD_BEEF
    log.output = OutputDigest(value: 5, frames: 6)
    log.logChain = Bytes32(1, 2, 3, 4)
    return log
  }()

  /// Writes `state` as a snapshot in pieces of `piece` bytes.
  private func snapshot(_ state: [UInt8], in directory: TestDirectory, piece: Int) throws -> SnapshotWritten {
    try writeSnapshot(directory: directory.path, identity: testIdentity, log: Self.log, in: SystemFiles.shared) {
      sink in
      state.withUnsafeBytes { bytes in
        for start in stride(from: 0, to: bytes.count, by: piece) {
          sink.write(bytes.slice(start..<min(start + piece, bytes.count)))
        }
      }
    }
  }

  private func load(_ path: String) throws -> [UInt8] {
    let state = try SnapshotState(loading: path)
    return Array(state.bytes)
  }

  private func someState(_ count: Int) -> [UInt8] {
    var word: UInt32 = 1
    return (0..<count).map { index in
      word = word &* 1_664_525 &+ 1_013_904_223
      return index % 3 == 0 ? UInt8(word >> 24) : UInt8(index / 100 % 7)
    }
  }

  @Test(arguments: [(0, 1), (1, 1), (1_000, 7), (65_536, 65_536), (300_000, 1_000), (300_000, 200_000)])
  func `A state of any size comes back, with its header`(count: Int, piece: Int) throws {
    let directory = TestDirectory()
    let state = someState(count)
    let written = try snapshot(state, in: directory, piece: piece)
    let loaded = try SnapshotState(loading: written.path)
    #expect(Array(loaded.bytes) == state)
    #expect(loaded.header == written.header)
    #expect(loaded.header.log == Self.log)
    #expect(loaded.header.stateBytes == UInt64(count))
    #expect(directory.names == ["snapshot-00000000000000000042.lss"])
    #expect(Int(written.fileBytes) == read(written.path).count)
  }

  @Test func `The hash is BLAKE2b-256 of the state`() throws {
    let directory = TestDirectory()
    let written = try snapshot(Array("abc".utf8), in: directory, piece: 1)
    #expect(
      written.header.stateHash.hexadecimal == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
  }

  @Test func `The lz4 command unpacks a snapshot to the raw state`() throws {
    guard access("/usr/bin/lz4", X_OK) == 0 else { return }
    let directory = TestDirectory()
    let state = someState(200_000)
    let written = try snapshot(state, in: directory, piece: 999)
    #expect(system("/usr/bin/lz4 -dqq \(written.path) \(directory.path)/raw") == 0)
    #expect(read(directory.path + "/raw") == state)
  }

  @Test func `Whatever bit of a snapshot is flipped, it is refused or the same state`() throws {
    let directory = TestDirectory()
    let state = someState(400)
    let path = try snapshot(state, in: directory, piece: 400).path
    let whole = read(path)
    var refused = 0
    for bit in 0..<whole.count * 8 {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      write(bytes, to: path)
      do { #expect(try load(path) == state) } catch is StorageError { refused += 1 }
    }
    #expect(refused >= whole.count * 8 - 8)
  }

  @Test func `A snapshot cut at any byte, or with bytes behind it, is refused`() throws {
    let directory = TestDirectory()
    let path = try snapshot(someState(300), in: directory, piece: 300).path
    let whole = read(path)
    for size in 0..<whole.count {
      write(Array(whole[..<size]), to: path)
      #expect(throws: StorageError.self) { try load(path) }
    }
    write(whole + [0], to: path)
    #expect(throws: StorageError.self) { try load(path) }
  }

  @Test func `A header with good checksum and absurd numbers is refused`() throws {
    let directory = TestDirectory()
    let written = try snapshot([1, 2, 3], in: directory, piece: 3)
    let whole = read(written.path)
    for field in [32, 48, 136, 144, 152] {
      var bytes = whole
      for index in field..<field + 8 { bytes[index] = 0xFF }
      let crc = bytes[8..<260].withUnsafeBytes { checksum($0) }
      for index in 0..<4 { bytes[260 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * index)) }
      write(bytes, to: written.path)
      #expect(throws: StorageError.self) { try load(written.path) }
    }
  }

  @Test func `Random bytes in place of the compressed state never crash and never pass`() throws {
    let directory = TestDirectory()
    let path = try snapshot(someState(5_000), in: directory, piece: 5_000).path
    let whole = read(path)
    var generator = SplitMix(state: 7)
    for _ in 0..<500 {
      var bytes = whole
      let start = Int.random(in: SnapshotHeader.stateOffset..<bytes.count, using: &generator)
      for index in start..<min(start + 40, bytes.count) { bytes[index] = .random(in: 0...255, using: &generator) }
      if bytes == whole { continue }
      write(bytes, to: path)
      #expect(throws: StorageError.self) { try load(path) }
    }
  }

  @Test func `A failed write or sync leaves no snapshot under its name`() throws {
    for atWrite in [true, false] {
      let directory = TestDirectory()
      let faults = Faults()
      faults.arm(ENOSPC, atWrite: atWrite)
      #expect(throws: StorageError.self) {
        try writeSnapshot(
          directory: directory.path, identity: testIdentity, log: Self.log, in: faults
        ) { _ in }
      }
      #expect(try SystemFiles.shared.snapshots(in: directory.path).isEmpty)
      #expect(directory.names.isEmpty, "the half-written file is removed")
    }
  }
}

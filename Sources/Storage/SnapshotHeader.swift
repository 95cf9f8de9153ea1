import Values

/// What a snapshot file says about the state that it holds: the content of its LZ4 skippable frame, 256 bytes.
/// Protocol/files.md has the table.
public struct SnapshotHeader: Equatable, Sendable {
  public var identity: FileIdentity
  /// The log up to the state: its last command, digests, and where the journal goes on.
  public var log: LogState
  /// Size of the canonical state in bytes.
  public var stateBytes: UInt64
  /// BLAKE2b-256 of the canonical state.
  public var stateHash: Bytes32

  static let bytes = 256
  static let magic: UInt64 = 0x4853_5041_4E53_534C
  static let formatVersion: UInt32 = 1
  /// Skippable LZ4 frame: its magic, then the size of its content.
  static let skippableMagic: UInt32 = 0x184D_2A50
  static let skippableBytes = 8
  /// Offset of the LZ4 frame with the state.
  static let stateOffset = skippableBytes + bytes

  init(identity: FileIdentity, log: LogState, stateBytes: UInt64, stateHash: Bytes32) {
    self.identity = identity
    self.log = log
    self.stateBytes = stateBytes
    self.stateHash = stateHash
  }

  /// Writes the skippable frame, 264 bytes.
  func encode(into start: UnsafeMutableRawPointer) {
    start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.stateOffset)
    start.put(Self.skippableMagic, at: 0)
    start.put(UInt32(Self.bytes), at: 4)
    let base = start + Self.skippableBytes
    base.put(Self.magic, at: 0)
    base.put(Self.formatVersion, at: 8)
    base.put(identity.schemaId, at: 12)
    base.put(identity.schemaVersion, at: 14)
    base.put(identity.venueId, at: 16)
    base.put(log.sequence, at: 24)
    base.put(log.time.rawValue, at: 32)
    base.put(stateBytes, at: 40)
    base.put(stateHash, at: 48)
    base.put(log.output.value, at: 80)
    base.put(log.output.frames, at: 88)
    base.put(log.logChain, at: 96)
    base.put(log.segment, at: 128)
    base.put(log.offset, at: 136)
    base.put(log.batch, at: 144)
    base.put(log.chain, at: 152)
    base.put(checksum(UnsafeRawBufferPointer(start: base, count: 252)), at: 252)
  }

  /// Reads and checks the first 264 bytes of a snapshot file; `path` is for the error text.
  init(_ start: UnsafeRawBufferPointer, path: String) throws(StorageError) {
    guard start.count >= Self.stateOffset else {
      throw .damaged(path: path, offset: 0, reason: "the snapshot header is cut off")
    }
    let bytes = start.slice(Self.skippableBytes..<Self.stateOffset)
    guard start.integer(at: 0, as: UInt32.self) == Self.skippableMagic,
      start.integer(at: 4, as: UInt32.self) == UInt32(Self.bytes),
      bytes.integer(at: 0, as: UInt64.self) == Self.magic
    else { throw .unsupported(path: path, reason: "it is not a lockstep snapshot (magic bytes)") }
    guard checksum(bytes.slice(0..<252)) == bytes.integer(at: 252, as: UInt32.self) else {
      throw .damaged(path: path, offset: 8, reason: "the snapshot header's checksum does not match")
    }
    let version = bytes.integer(at: 8, as: UInt32.self)
    guard version == Self.formatVersion else {
      throw .unsupported(path: path, reason: "format version \(version); this program knows \(Self.formatVersion)")
    }
    identity = FileIdentity(
      venueId: bytes.integer(at: 16), schemaId: bytes.integer(at: 12), schemaVersion: bytes.integer(at: 14))
    log = LogState()
    log.sequence = bytes.integer(at: 24)
    log.time = Timestamp(bytes.integer(at: 32))
    stateBytes = bytes.integer(at: 40)
    stateHash = bytes.bytes32(at: 48)
    log.output = OutputDigest(value: bytes.integer(at: 80), frames: bytes.integer(at: 88))
    log.logChain = bytes.bytes32(at: 96)
    log.segment = bytes.integer(at: 128)
    log.offset = bytes.integer(at: 136)
    log.batch = bytes.integer(at: 144)
    log.chain = bytes.integer(at: 152)
    guard max(log.sequence, log.segment, log.offset, log.batch) < LogState.greatestCount else {
      throw .damaged(path: path, offset: 8, reason: "a sequence, batch, segment or offset is out of range")
    }
  }
}

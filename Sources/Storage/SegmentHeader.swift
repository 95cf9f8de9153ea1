import Values

/// What all files of one venue have in common.
@frozen public struct FileIdentity: Equatable, Sendable {
  /// The venue's random id, from its DefineVenue.
  public var venueId: UInt64
  /// Of the frames in the files.
  public var schemaId: UInt16
  /// Of the frames in the files; a file with a higher one was written by a newer version of this program.
  public var schemaVersion: UInt16

  public init(venueId: UInt64, schemaId: UInt16, schemaVersion: UInt16) {
    self.venueId = venueId
    self.schemaId = schemaId
    self.schemaVersion = schemaVersion
  }
}

/// Where a log stands after a batch: what a reader knows, what a snapshot remembers, what a writer continues from.
public struct LogState: Equatable, Sendable {
  /// Last command; 0: none.
  public var sequence: UInt64 = 0
  /// Logged time of the last command.
  public var time = Timestamp(0)
  /// Last batch.
  public var batch: UInt64 = 0
  /// Segment that holds the last batch; 0: no segment yet.
  public var segment: UInt64 = 0
  /// End of the last batch in that segment.
  public var offset: UInt64 = 0
  /// Chain value of the last batch.
  public var chain: UInt32 = 0
  /// Running digest of the output frames.
  public var output = OutputDigest()
  /// BLAKE2b chain over the records of all batches.
  public var logChain = Bytes32()

  /// Sequences, batches, segments and offsets in files are below this, so that counting on never overflows.
  static let greatestCount: UInt64 = 1 << 62

  /// The start of a log.
  public init() {}
}

/// First 128 bytes of a journal segment or a capture. Protocol/files.md has the table.
public struct SegmentHeader: Equatable, Sendable {
  public enum Kind: UInt8, Sendable {
    /// One part of a venue's journal: inputs and digests.
    case journal = 1
    /// A recording in one file: inputs, outputs and digests.
    case capture = 2
  }

  public var kind: Kind
  public var identity: FileIdentity
  /// Counts up from 1 over the whole journal.
  public var number: UInt64
  /// The log before this segment's first batch.
  public var before: LogState
  /// Checksum of the header: the chain value before the segment's first batch.
  public private(set) var checksumValue: UInt32 = 0

  /// Sequence of the first command in the segment.
  public var firstSequence: UInt64 { before.sequence + 1 }

  static let bytes = 128
  static let magic: UInt64 = 0x4C4E_5255_4F4A_534C
  static let formatVersion: UInt32 = 1

  init(kind: Kind, identity: FileIdentity, number: UInt64, before: LogState) {
    self.kind = kind
    self.identity = identity
    self.number = number
    self.before = before
  }

  /// Writes the header and takes note of its checksum.
  mutating func encode(into base: UnsafeMutableRawPointer) {
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.bytes)
    base.put(Self.magic, at: 0)
    base.put(Self.formatVersion, at: 8)
    base.put(kind.rawValue, at: 12)
    base.put(identity.schemaId, at: 16)
    base.put(identity.schemaVersion, at: 18)
    base.put(before.chain, at: 20)
    base.put(identity.venueId, at: 24)
    base.put(number, at: 32)
    base.put(firstSequence, at: 40)
    base.put(before.batch + 1, at: 48)
    base.put(before.time.rawValue, at: 56)
    base.put(before.output.value, at: 64)
    base.put(before.output.frames, at: 72)
    base.put(before.logChain, at: 80)
    checksumValue = checksum(UnsafeRawBufferPointer(start: base, count: 124))
    base.put(checksumValue, at: 124)
  }

  /// Reads and checks a header; `path` is for the error text.
  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(StorageError) {
    guard bytes.count >= Self.bytes else {
      throw .damaged(path: path, offset: 0, reason: "the segment header is cut off")
    }
    guard bytes.integer(at: 0, as: UInt64.self) == Self.magic else {
      throw .unsupported(path: path, reason: "it is not a lockstep journal or capture (magic bytes)")
    }
    guard checksum(bytes.slice(0..<124)) == bytes.integer(at: 124, as: UInt32.self) else {
      throw .damaged(path: path, offset: 0, reason: "the segment header's checksum does not match")
    }
    let version = bytes.integer(at: 8, as: UInt32.self)
    guard version == Self.formatVersion else {
      throw .unsupported(path: path, reason: "format version \(version); this program knows \(Self.formatVersion)")
    }
    guard let kind = Kind(rawValue: bytes[12]) else {
      throw .unsupported(path: path, reason: "unknown kind \(bytes[12])")
    }
    self.kind = kind
    identity = FileIdentity(
      venueId: bytes.integer(at: 24), schemaId: bytes.integer(at: 16), schemaVersion: bytes.integer(at: 18))
    number = bytes.integer(at: 32)
    checksumValue = bytes.integer(at: 124)
    before = LogState()
    let first = bytes.integer(at: 40, as: UInt64.self)
    let firstBatch = bytes.integer(at: 48, as: UInt64.self)
    let counted = 1..<LogState.greatestCount
    guard counted.contains(first), counted.contains(firstBatch), counted.contains(number) else {
      throw .damaged(path: path, offset: 0, reason: "a sequence, batch or segment number is out of range")
    }
    before.sequence = first - 1
    before.batch = firstBatch - 1
    before.chain = bytes.integer(at: 20)
    before.time = Timestamp(bytes.integer(at: 56))
    before.output = OutputDigest(value: bytes.integer(at: 64), frames: bytes.integer(at: 72))
    before.logChain = bytes.bytes32(at: 80)
  }

  /// The log as this segment's reader or writer starts: `before`, with position and chain of the header itself.
  var start: LogState {
    var state = before
    state.segment = number
    state.offset = UInt64(Self.bytes)
    state.chain = checksumValue
    return state
  }

  /// Whether this segment begins where `end`, the state after another's last batch, stops.
  func continues(_ end: LogState) -> Bool {
    var next = end
    next.segment = before.segment
    next.offset = before.offset
    return number == end.segment + 1 && before == next
  }
}

/// Throws when a file of `identity` does not belong to the venue and program described by `expected`.
func checkIdentity(
  _ identity: FileIdentity, against expected: FileIdentity, path: String
) throws(StorageError) {
  guard identity.schemaId == expected.schemaId else {
    throw .unsupported(
      path: path, reason: "its frames are of schema \(identity.schemaId), this program's of \(expected.schemaId)")
  }
  guard identity.schemaVersion <= expected.schemaVersion else {
    throw .unsupported(
      path: path,
      reason: "schema version \(identity.schemaVersion) is newer than this program's \(expected.schemaVersion)")
  }
  guard identity.venueId == expected.venueId else {
    throw .unsupported(path: path, reason: "it belongs to venue \(identity.venueId), not \(expected.venueId)")
  }
}

import Values

/// One entry of a journal or capture, as read. `frame` points into the reader's window and is valid until the reader
/// moves on.
public struct Record {
  /// What an entry is.
  public enum Kind: UInt8, Sendable {
    /// A command, exactly as it was applied.
    case input = 1
    /// A frame that the kernel sent because of the command before it (captures only).
    case output = 2
    /// Digests over everything up to here, at the end of each batch. See ``DigestPayload``.
    case digest = 3
  }

  public var kind: Kind
  /// Number of the command; outputs and digests carry that of the last command before them.
  public var sequence: UInt64
  /// Logged time of that command.
  public var time: Timestamp
  /// Who sent the input, or who got the output. Key 0 on digests.
  public var key: KeyId
  /// The frame verbatim, or the payload of a digest.
  public var frame: UnsafeRawBufferPointer
}

/// Layout of a record: 32 bytes of header, the frame, zeros up to a multiple of 8. Protocol/files.md has the table.
enum RecordLayout {
  static let headerBytes = 32
  static let crc = 0
  static let kind = 4
  static let flags = 5
  static let length = 6
  static let key = 8
  static let reserved = 12
  static let sequence = 16
  static let time = 24

  /// Bytes that a record with a frame of `length` bytes takes.
  static func bytes(frame length: Int) -> Int { (headerBytes + length + 7) & ~7 }
}

extension ByteBuffer {
  /// Appends a whole record. Frames are at most 65,535 bytes. O(length); no allocation once the buffer is large enough.
  mutating func append(_ record: Record) {
    let length = record.frame.count
    precondition(length <= Int(UInt16.max), "a frame is at most 65,535 bytes")
    let size = RecordLayout.bytes(frame: length)
    let start = appendZeros(size)
    let header = base + start
    header.put(record.kind.rawValue, at: RecordLayout.kind)
    header.put(UInt16(length), at: RecordLayout.length)
    header.put(record.key.rawValue, at: RecordLayout.key)
    header.put(record.sequence, at: RecordLayout.sequence)
    header.put(record.time.rawValue, at: RecordLayout.time)
    if let frame = record.frame.baseAddress {
      (header + RecordLayout.headerBytes).copyMemory(from: frame, byteCount: length)
    }
    header.put(checksum(UnsafeRawBufferPointer(start: header + 4, count: size - 4)), at: RecordLayout.crc)
  }
}

/// What reading one record out of a batch gives.
enum ParsedRecord {
  /// A good record and the bytes it takes.
  case record(Record, size: Int)
  case invalid(StaticString)
}

/// The record at `offset` of a batch's records. Checks length, checksum and padding, so any bytes may be given.
func parseRecord(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> ParsedRecord {
  guard offset + RecordLayout.headerBytes <= bytes.count else { return .invalid("a record header is cut off") }
  let length = Int(bytes.integer(at: offset + RecordLayout.length, as: UInt16.self))
  let size = RecordLayout.bytes(frame: length)
  guard offset + size <= bytes.count else { return .invalid("a record is longer than its batch") }
  let whole = bytes.slice(offset..<offset + size)
  guard checksum(whole.slice(4..<size)) == whole.integer(at: RecordLayout.crc) else {
    return .invalid("a record's checksum does not match")
  }
  guard let kind = Record.Kind(rawValue: whole[RecordLayout.kind]), whole[RecordLayout.flags] == 0,
    whole.integer(at: RecordLayout.reserved, as: UInt32.self) == 0
  else { return .invalid("a record is of an unknown kind") }
  return .record(
    Record(
      kind: kind, sequence: whole.integer(at: RecordLayout.sequence),
      time: Timestamp(whole.integer(at: RecordLayout.time)), key: KeyId(whole.integer(at: RecordLayout.key)),
      frame: whole.slice(RecordLayout.headerBytes..<RecordLayout.headerBytes + length)),
    size: size)
}

/// Payload of a digest record (48 bytes): the running digests after the batch that it closes.
@frozen public struct DigestPayload: BitwiseCopyable, Equatable, Sendable {
  /// Over all output frames since the journal began.
  public var output: OutputDigest
  /// BLAKE2b-256 of the previous log chain, the batch's records before this one, and the output digest.
  public var logChain: Bytes32

  static let bytes = 48

  init(output: OutputDigest, logChain: Bytes32) {
    self.output = output
    self.logChain = logChain
  }

  /// Reads the payload of a digest record; `nil` when it does not have the right length.
  public init?(_ payload: UnsafeRawBufferPointer) {
    guard payload.count == Self.bytes else { return nil }
    output = OutputDigest(value: payload.integer(at: 0), frames: payload.integer(at: 8))
    logChain = payload.bytes32(at: 16)
  }

  func encode(into base: UnsafeMutableRawPointer) {
    base.put(output.value, at: 0)
    base.put(output.frames, at: 8)
    base.put(logChain, at: 16)
  }
}

extension StreamHash {
  /// The next value of the log chain: `records` are the batch's records without its digest record.
  mutating func nextLogChain(
    after chain: Bytes32, records: UnsafeRawBufferPointer, output: OutputDigest
  ) -> Bytes32 {
    restart()
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
      guard let base = buffer.baseAddress else { return }
      base.put(chain, at: 0)
      update(UnsafeRawBufferPointer(buffer))
    }
    update(records)
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
      guard let base = buffer.baseAddress else { return }
      base.put(output.value, at: 0)
      base.put(output.frames, at: 8)
      update(UnsafeRawBufferPointer(buffer))
    }
    return finish()
  }
}

/// Header of a batch: the records of one group commit. 64 bytes in the file; Protocol/files.md has the table.
public struct BatchHeader: Equatable, Sendable {
  /// Counts up from 1 over the whole journal.
  public var number: UInt64
  /// Where this header stands in its file.
  public var offset: UInt64
  /// Sequence of the first command in the batch (of the next command, when the batch is empty).
  public var firstSequence: UInt64
  /// The last batch that was known to be on the disk when this one was written; 0: none.
  public var syncedBatch: UInt64
  /// Bytes of records that follow.
  public var recordBytes: UInt32
  /// How many records follow, the digest included. 0: a seal, written at a clean stop.
  public var recordCount: UInt32
  /// Chain value of the batch before (of the segment header, for a segment's first batch).
  public var previousChain: UInt32
  /// Chain value of this batch: CRC32C over `previousChain`, this header and the records.
  public var chain: UInt32 = 0

  static let bytes = 64
  static let magic: UInt32 = 0x424A_534C
  /// In place of `magic`, behind a segment's last batch: the journal goes on in another segment.
  static let continuedMagic: UInt32 = 0x454A_534C
  private static let chainedPart = 4..<52

  /// Writes the header and computes both checksums. `records` are the bytes that follow it.
  ///
  /// `seed` is the checksum of the segment's header: a client cannot know it, so no frame that it sends can pass for a
  /// batch header, and a header of another segment is never taken for one of this.
  mutating func encode(
    into base: UnsafeMutableRawPointer, records: UnsafeRawBufferPointer, seed: UInt32, magic: UInt32 = Self.magic
  ) {
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.bytes)
    base.put(magic, at: 4)
    base.put(number, at: 8)
    base.put(offset, at: 16)
    base.put(firstSequence, at: 24)
    base.put(syncedBatch, at: 32)
    base.put(recordBytes, at: 40)
    base.put(recordCount, at: 44)
    base.put(previousChain, at: 48)
    let whole = UnsafeRawBufferPointer(start: base, count: Self.bytes)
    chain = Self.chainValue(header: whole, records: records, previous: previousChain)
    base.put(chain, at: 52)
    base.put(checksum(whole.slice(4..<Self.bytes), seed: seed), at: 0)
  }

  /// The chain value that header and records give after `previous`.
  static func chainValue(
    header: UnsafeRawBufferPointer, records: UnsafeRawBufferPointer, previous: UInt32
  ) -> UInt32 {
    checksum(records, seed: checksum(header.slice(chainedPart), seed: previous))
  }
}

extension BatchHeader {
  /// The header in `bytes` when it is intact and belongs at `offset` of the segment with checksum `seed`.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int, seed: UInt32, magic: UInt32 = Self.magic) {
    guard bytes.count >= Self.bytes, bytes.integer(at: 4, as: UInt32.self) == magic,
      bytes.integer(at: 16, as: UInt64.self) == UInt64(offset), bytes.integer(at: 56, as: UInt64.self) == 0,
      checksum(bytes.slice(4..<Self.bytes), seed: seed) == bytes.integer(at: 0, as: UInt32.self)
    else { return nil }
    number = bytes.integer(at: 8)
    self.offset = UInt64(offset)
    firstSequence = bytes.integer(at: 24)
    syncedBatch = bytes.integer(at: 32)
    recordBytes = bytes.integer(at: 40)
    recordCount = bytes.integer(at: 44)
    previousChain = bytes.integer(at: 48)
    chain = bytes.integer(at: 52)
  }
}

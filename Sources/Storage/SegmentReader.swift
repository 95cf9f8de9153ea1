import Values

/// Reads one segment or capture, batch by batch, checking everything: header and record checksums, chain, log chain,
/// numbering, time. Hands out nothing of a batch that is not whole.
struct SegmentReader: ~Copyable {
  /// What comes next in the file.
  enum Step {
    /// The next batch is good; its records can be taken.
    case batch
    /// Zeros or the end of the file where a header would be.
    case end
    /// The mark that the journal goes on in another segment.
    case continued
    /// Something else.
    case bad(reason: String)
  }

  let header: SegmentHeader
  /// The log after the last good batch.
  private(set) var state: LogState
  /// Header of the last good batch.
  private(set) var batch: BatchHeader?
  private var window: FileWindow
  private var hash = StreamHash()
  private var records = UnsafeRawBufferPointer(start: nil, count: 0)
  private var nextOffset = 0

  var path: String { window.path }
  var size: Int { window.size }

  /// Opens the file and reads its header; reading starts with the first batch.
  init(_ path: String, in files: any FileSystem) throws(StorageError) {
    var opened = try FileWindow(path, in: files)
    guard let bytes = try opened.bytes(at: 0, count: SegmentHeader.bytes) else {
      throw .damaged(path: path, offset: 0, reason: "the segment header is cut off")
    }
    header = try SegmentHeader(bytes, path: path)
    state = header.start
    window = opened
  }

  /// Goes to `position`, the end of a batch of this segment.
  mutating func seek(to position: LogState) {
    precondition(position.segment == header.number)
    state = position
    batch = nil
    records = UnsafeRawBufferPointer(start: nil, count: 0)
    nextOffset = 0
  }

  /// The next record of the batch; `nil` when it has been read to its end. The record is valid until the next step.
  mutating func nextRecord() -> Record? {
    guard nextOffset < records.count, case .record(let record, let size) = parseRecord(records, at: nextOffset)
    else { return nil }
    nextOffset += size
    return record
  }

  /// Goes to the next batch.
  mutating func nextBatch() throws(StorageError) -> Step {
    records = UnsafeRawBufferPointer(start: nil, count: 0)
    nextOffset = 0
    let offset = Int(state.offset)
    guard offset <= window.size else { return .bad(reason: "the file ends before this offset") }
    let available = min(BatchHeader.bytes, window.size - offset)
    guard let start = try window.bytes(at: offset, count: available) else {
      return .bad(reason: "the file ends inside a batch header")
    }
    if start.isAllZero { return .end }
    let mark = BatchHeader(start, at: offset, seed: self.header.checksumValue, magic: BatchHeader.continuedMagic)
    if let mark, mark.number == state.batch + 1, mark.previousChain == state.chain { return .continued }
    guard let header = BatchHeader(start, at: offset, seed: self.header.checksumValue) else {
      return .bad(reason: "the batch header's checksum does not match")
    }
    guard header.number == state.batch + 1, header.previousChain == state.chain,
      header.firstSequence == state.sequence + 1
    else { return .bad(reason: "the batch header does not continue the batch before it") }
    guard let whole = try window.bytes(at: offset, count: BatchHeader.bytes + Int(header.recordBytes)) else {
      return .bad(reason: "the file ends inside a batch")
    }
    let head = whole.slice(0..<BatchHeader.bytes)
    let body = whole.slice(BatchHeader.bytes..<whole.count)
    guard BatchHeader.chainValue(header: head, records: body, previous: header.previousChain) == header.chain else {
      return .bad(reason: "the batch's checksum does not match its records")
    }
    var next = state
    if let reason = check(body, header: header, state: &next) { return .bad(reason: reason) }
    next.batch = header.number
    next.chain = header.chain
    next.offset += UInt64(whole.count)
    state = next
    batch = header
    records = body
    return .batch
  }

  /// Checks all records of a batch and carries `state` over them. Returns what is wrong, or `nil`.
  private mutating func check(
    _ body: UnsafeRawBufferPointer, header: BatchHeader, state: inout LogState
  ) -> String? {
    var offset = 0
    var count: UInt32 = 0
    var closed = header.recordCount == 0
    while offset < body.count {
      guard !closed else { return "records follow the digest record" }
      switch parseRecord(body, at: offset) {
      case .invalid(let reason): return "\(reason), \(offset + BatchHeader.bytes) bytes into the batch"
      case .record(let record, let size):
        if let reason = check(record, records: body.slice(0..<offset), state: &state) { return reason }
        closed = record.kind == .digest
        offset += size
        count += 1
      }
    }
    guard closed else { return "the batch has no digest record" }
    return count == header.recordCount ? nil : "the batch has \(count) records, its header says \(header.recordCount)"
  }

  private mutating func check(
    _ record: Record, records: UnsafeRawBufferPointer, state: inout LogState
  ) -> String? {
    switch record.kind {
    case .input:
      guard record.sequence == state.sequence + 1 else {
        return "sequence \(record.sequence) follows \(state.sequence)"
      }
      guard record.time > state.time else { return "the logged time goes back at sequence \(record.sequence)" }
      state.sequence = record.sequence
      state.time = record.time
    case .output:
      guard header.kind == .capture else { return "an output record in a journal" }
      guard record.sequence == state.sequence, record.time == state.time else {
        return "an output of sequence \(record.sequence) follows command \(state.sequence)"
      }
    case .digest:
      guard record.sequence == state.sequence, let payload = DigestPayload(record.frame) else {
        return "a digest record of the wrong length or sequence"
      }
      let expected = hash.nextLogChain(after: state.logChain, records: records, output: payload.output)
      guard payload.logChain == expected else { return "the log chain does not match the records" }
      state.output = payload.output
      state.logChain = payload.logChain
    }
    return nil
  }

  /// After `end` or `bad`: the offset of the last byte that is not zero behind the last good batch; `nil`: all zeros.
  mutating func lastByteBehindEnd() throws(StorageError) -> Int? {
    try window.lastNonZero(from: Int(state.offset))
  }

  /// After `bad`: the offset of a valid later header which says that the next batch had been synced. O(file size).
  mutating func proofOfSync(syncedAtLeast: UInt64) throws(StorageError) -> Int? {
    if syncedAtLeast > state.batch { return Int(state.offset) }
    var offset = Int(state.offset)
    while offset + BatchHeader.bytes <= window.size {
      guard let piece = try window.bytes(at: offset, count: min(1 << 18, window.size - offset)) else { return nil }
      var inside = 0
      while inside + BatchHeader.bytes <= piece.count {
        let candidate = piece.slice(inside..<inside + BatchHeader.bytes)
        if candidate.integer(at: 4, as: UInt32.self) == BatchHeader.magic,
          let found = BatchHeader(candidate, at: offset + inside, seed: header.checksumValue),
          found.syncedBatch > state.batch
        {
          return offset + inside
        }
        inside += 8
      }
      offset += inside
    }
    return nil
  }
}

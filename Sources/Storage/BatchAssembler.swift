import Values

/// Gathers records into batches in memory: closed batches wait at the front, the open one grows behind them.
///
/// Knows the numbering, the chains and the digests of a log, but no file.
struct BatchAssembler: ~Copyable {
  private var buffer: ByteBuffer
  private var hash = StreamHash()
  /// The log after the last closed batch; `offset` is where the open batch will stand in the file.
  private(set) var state: LogState
  /// Where the open batch's header is in `buffer`; equal to the bytes of all closed batches.
  private var openStart = 0
  private var recordCount: UInt32 = 0
  /// Last command appended, closed or not.
  private(set) var sequence: UInt64
  private(set) var time: Timestamp

  init(state: LogState, capacity: Int) {
    buffer = ByteBuffer(capacity: capacity)
    self.state = state
    sequence = state.sequence
    time = state.time
  }

  var hasOpenBatch: Bool { recordCount > 0 }
  /// Bytes that the open batch will take once it is closed.
  var openBytes: Int { buffer.count - openStart + RecordLayout.bytes(frame: DigestPayload.bytes) }
  /// Bytes of all closed batches, ready to be written at `closedOffset`.
  var closed: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer.base, count: openStart) }
  var closedOffset: Int { Int(state.offset) - openStart }

  /// Appends a command, which must be the next one and later than the one before.
  mutating func appendInput(_ frame: UnsafeRawBufferPointer, key: KeyId, sequence: UInt64, time: Timestamp) {
    precondition(sequence == self.sequence + 1, "commands are journaled in sequence, without gaps")
    precondition(time > self.time, "logged time goes forward")
    self.sequence = sequence
    self.time = time
    append(Record(kind: .input, sequence: sequence, time: time, key: key, frame: frame))
  }

  /// Appends a frame that the last command caused.
  mutating func appendOutput(_ frame: UnsafeRawBufferPointer, key: KeyId) {
    append(Record(kind: .output, sequence: sequence, time: time, key: key, frame: frame))
  }

  private mutating func append(_ record: Record) {
    if recordCount == 0 { buffer.appendZeros(BatchHeader.bytes) }
    buffer.append(record)
    recordCount += 1
  }

  /// Closes the open batch: adds the digest record and fills in the header.
  mutating func close(output: OutputDigest, syncedBatch: UInt64, seed: UInt32) {
    precondition(recordCount > 0, "there is no open batch")
    let recordsStart = openStart + BatchHeader.bytes
    state.output = output
    state.logChain = hash.nextLogChain(
      after: state.logChain, records: buffer.bytes.slice(recordsStart..<buffer.count), output: output)
    withUnsafeTemporaryAllocation(byteCount: DigestPayload.bytes, alignment: 8) { payload in
      guard let base = payload.baseAddress else { return }
      DigestPayload(output: output, logChain: state.logChain).encode(into: base)
      append(
        Record(
          kind: .digest, sequence: sequence, time: time, key: .venue, frame: UnsafeRawBufferPointer(payload)))
    }
    finishBatch(syncedBatch: syncedBatch, seed: seed)
  }

  /// Adds an empty batch, which only says what is on the disk.
  mutating func seal(syncedBatch: UInt64, seed: UInt32) {
    precondition(recordCount == 0, "close the open batch first")
    buffer.appendZeros(BatchHeader.bytes)
    finishBatch(syncedBatch: syncedBatch, seed: seed)
  }

  private mutating func finishBatch(syncedBatch: UInt64, seed: UInt32) {
    let recordsStart = openStart + BatchHeader.bytes
    var header = BatchHeader(
      number: state.batch + 1, offset: state.offset, firstSequence: state.sequence + 1, syncedBatch: syncedBatch,
      recordBytes: UInt32(buffer.count - recordsStart), recordCount: recordCount, previousChain: state.chain)
    header.encode(
      into: buffer.base + openStart, records: buffer.bytes.slice(recordsStart..<buffer.count), seed: seed)
    state.offset += UInt64(buffer.count - openStart)
    state.batch = header.number
    state.chain = header.chain
    state.sequence = sequence
    state.time = time
    openStart = buffer.count
    recordCount = 0
  }

  /// Forgets the closed batches, once they are written.
  mutating func dropClosed() {
    buffer.removeFirst(openStart)
    openStart = 0
  }

  /// Goes on in a new segment. Everything closed must have been written.
  mutating func startSegment(_ start: LogState) {
    precondition(openStart == 0, "write the closed batches first")
    state = start
  }
}

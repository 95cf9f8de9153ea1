import Glibc
import Values

/// Records both directions of a kernel in one file that ``JournalReader`` reads and `lockstep replay` compares with.
///
/// Same bytes as a journal segment, plus the output records; grows as it is written and is never synced before
/// `close()`: a capture is evidence, not durability. The first failure is final.
public struct CaptureWriter: ~Copyable {
  /// Running digest of all output frames, continued from the state the capture began with.
  public private(set) var outputDigest: OutputDigest
  /// Why the capture has stopped; `nil` while it works.
  public private(set) var failure: StorageError?

  private let file: File
  private let seed: UInt32
  private let bufferBytes: Int
  private var assembler: BatchAssembler

  /// Creates the file `path`, which must not exist. `state` says what the recorded kernel has behind it: the first
  /// command captured must be `state.sequence + 1`.
  public init(
    creating path: String, identity: FileIdentity, after state: LogState = LogState(), bufferBytes: Int = 1 << 18,
    files: any FileSystem = SystemFiles.shared
  ) throws(StorageError) {
    var before = LogState()
    before.sequence = state.sequence
    before.time = state.time
    before.output = state.output
    var header = SegmentHeader(kind: .capture, identity: identity, number: 1, before: before)
    var bytes = ByteBuffer(capacity: SegmentHeader.bytes)
    bytes.appendZeros(SegmentHeader.bytes)
    header.encode(into: bytes.base)
    let created = try File(path, flags: O_RDWR | O_CREAT | O_EXCL, in: files)
    try created.write(bytes.bytes, at: 0)
    file = created
    seed = header.checksumValue
    self.bufferBytes = bufferBytes
    outputDigest = state.output
    assembler = BatchAssembler(state: header.start, capacity: bufferBytes + (1 << 18))
  }

  /// Adds a command: the next one, later than the one before. O(length).
  public mutating func appendInput(
    _ frame: UnsafeRawBufferPointer, key: KeyId, sequence: UInt64, time: Timestamp
  ) {
    assembler.appendInput(frame, key: key, sequence: sequence, time: time)
  }

  /// Adds a frame that the last command caused, for `key`. O(length).
  public mutating func appendOutput(_ frame: UnsafeRawBufferPointer, key: KeyId) {
    outputDigest.add(key: key, frame: frame)
    assembler.appendOutput(frame, key: key)
  }

  /// Ends a batch. Written when enough has gathered.
  public mutating func commit() throws(StorageError) {
    if let failure { throw failure }
    guard assembler.hasOpenBatch else { return }
    assembler.close(output: outputDigest, syncedBatch: 0, seed: seed)
    if assembler.closed.count >= bufferBytes { try flush() }
  }

  /// Writes everything committed to the file.
  public mutating func flush() throws(StorageError) {
    if let failure { throw failure }
    do {
      try file.write(assembler.closed, at: assembler.closedOffset)
      assembler.dropClosed()
    } catch {
      failure = error
      throw error
    }
  }

  /// Commits what is open, writes it and brings the file to the disk.
  public consuming func close() throws(StorageError) {
    try commit()
    try flush()
    try file.synchronise()
  }
}

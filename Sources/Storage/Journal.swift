import Glibc
import Values

/// Writes a venue's journal: one batch per group commit, in segments of bounded size.
///
/// The face is small on purpose, so that a replicated log can stand behind it one day: append commands at the expected
/// sequence, commit, and know up to where they are durable. Reading is ``JournalReader``'s business.
///
/// The first write or sync that fails is final: the same error is thrown from then on, nothing is retried and nothing
/// may be acknowledged. Not thread safe; owned by the event loop.
public struct Journal: ~Copyable {
  /// How a journal is written.
  public struct Options: Sendable {
    /// What has to survive before a commit returns.
    public var durability: Durability
    /// A new segment is begun when the next batch would make this one larger, in bytes.
    public var segmentBytes: Int
    /// In mode `batch`, how many bytes of zeros are written ahead: syncing over zeros is faster than growing a file.
    public var preallocationBytes: Int
    /// In mode `none`, how many bytes are kept in memory before they are written.
    public var bufferBytes: Int
    /// Where the files are.
    public var files: any FileSystem

    public init(
      durability: Durability = .batch, segmentBytes: Int = 256 << 20, preallocationBytes: Int = 8 << 20,
      bufferBytes: Int = 1 << 20, files: any FileSystem = SystemFiles.shared
    ) {
      precondition(segmentBytes >= 4096 && preallocationBytes >= 0 && bufferBytes >= 0)
      self.durability = durability
      self.segmentBytes = segmentBytes
      self.preallocationBytes = preallocationBytes
      self.bufferBytes = bufferBytes
      self.files = files
    }
  }

  public let directory: String
  public let identity: FileIdentity
  public let options: Options
  /// Running digest of all output frames. The owner adds every frame that the kernel sends, before it commits.
  public var outputDigest: OutputDigest
  /// The last command that is on the disk, as far as is known.
  public private(set) var durableSequence: UInt64
  /// Why the journal has stopped; `nil` while it works.
  public private(set) var failure: StorageError?

  private var file: File
  private var seed: UInt32
  private var assembler: BatchAssembler
  private var zeros = ByteBuffer(capacity: 1 << 18)
  /// End of what the file holds: data, then zeros.
  private var fileEnd: Int
  private var syncedBatch: UInt64
  /// Bytes of all earlier segments.
  private var earlierBytes: UInt64

  /// Begins a journal in an empty directory: creates the first segment and makes it durable.
  public init(creatingIn directory: String, identity: FileIdentity, options: Options) throws(StorageError) {
    var header = SegmentHeader(kind: .journal, identity: identity, number: 1, before: LogState())
    let file = try Self.createSegment(&header, directory: directory, options: options)
    self.init(
      directory: directory, identity: identity, options: options, file: file, seed: header.checksumValue,
      state: header.start, fileEnd: SegmentHeader.bytes, earlierBytes: 0)
  }

  /// Goes on after `state`, whose segment is `file`, already cut there and on the disk.
  init(
    directory: String, identity: FileIdentity, options: Options, file: consuming File, seed: UInt32, state: LogState,
    fileEnd: Int, earlierBytes: UInt64
  ) {
    self.directory = directory
    self.identity = identity
    self.options = options
    self.file = file
    self.seed = seed
    self.fileEnd = fileEnd
    self.earlierBytes = earlierBytes
    outputDigest = state.output
    durableSequence = state.sequence
    syncedBatch = state.batch
    assembler = BatchAssembler(state: state, capacity: options.bufferBytes + (1 << 20))
    let zeroBytes = zeros.capacity
    zeros.appendZeros(zeroBytes)
  }

  /// The log after the last commit.
  public var state: LogState { assembler.state }
  /// The last command appended, committed or not.
  public var sequence: UInt64 { assembler.sequence }
  /// Size of the whole journal in bytes, without zeros written ahead.
  public var bytes: UInt64 { earlierBytes + assembler.state.offset }

  /// Adds a command to the open batch, in memory.
  ///
  /// Precondition: `sequence` is the last one plus 1 and `time` is later than the last one. O(length), about 40 ns.
  public mutating func append(_ frame: UnsafeRawBufferPointer, key: KeyId, sequence: UInt64, time: Timestamp) {
    assembler.appendInput(frame, key: key, sequence: sequence, time: time)
  }

  /// Closes the open batch and gives it the durability of the mode: `batch` returns when it is on the disk, `os` when
  /// the operating system has it, `none` at once (it is written when the buffer is full). Nothing to do: no effect.
  public mutating func commit() throws(StorageError) {
    if let failure { throw failure }
    guard assembler.hasOpenBatch else { return }
    do { try commitBatch() } catch { throw latch(error) }
  }

  /// Brings everything committed to the disk, whatever the mode. Before a snapshot, for example.
  public mutating func synchronise() throws(StorageError) {
    if let failure { throw failure }
    do { try writeAndSynchronise() } catch { throw latch(error) }
  }

  /// Writes zeros ahead when they run short (mode `batch`). For an idle moment: takes some milliseconds, and the
  /// commit that would find too few zeros is spared them.
  public mutating func prepareAhead() throws(StorageError) {
    if let failure { throw failure }
    let ahead = fileEnd - Int(state.offset)
    guard options.durability == .batch, ahead < options.preallocationBytes / 2, fileEnd < options.segmentBytes
    else { return }
    do {
      try writeZeros(from: max(fileEnd, Int(state.offset)))
      try file.synchronise()
    } catch { throw latch(error) }
  }

  /// Stops cleanly: commits what is open, brings it to the disk and seals the journal, so that later damage to any
  /// batch is recognised as such.
  public consuming func close() throws(StorageError) {
    try commit()
    try synchronise()
    assembler.seal(syncedBatch: syncedBatch, seed: seed)
    try synchronise()
  }

  private mutating func latch(_ error: StorageError) -> StorageError {
    failure = error
    return error
  }

  private mutating func commitBatch() throws(StorageError) {
    let state = assembler.state
    if Int(state.offset) + assembler.openBytes > options.segmentBytes && Int(state.offset) > SegmentHeader.bytes {
      try startSegment()
    }
    assembler.close(output: outputDigest, syncedBatch: syncedBatch, seed: seed)
    switch options.durability {
    case .batch: try writeAndSynchronise()
    case .os: try writeClosed()
    case .none: if assembler.closed.count >= options.bufferBytes { try writeClosed() }
    }
  }

  private mutating func writeClosed() throws(StorageError) {
    let bytes = assembler.closed
    guard bytes.count > 0 else { return }
    let offset = assembler.closedOffset
    try file.write(bytes, at: offset)
    if offset + bytes.count > fileEnd {
      fileEnd = offset + bytes.count
      if options.durability == .batch { try writeZeros(from: fileEnd) }
    }
    assembler.dropClosed()
  }

  private mutating func writeAndSynchronise() throws(StorageError) {
    try writeClosed()
    guard syncedBatch != state.batch else { return }
    try file.synchronise()
    syncedBatch = state.batch
    durableSequence = state.sequence
  }

  private mutating func writeZeros(from start: Int) throws(StorageError) {
    let end = min(start + options.preallocationBytes, options.segmentBytes)
    var offset = start
    while offset < end {
      let amount = min(zeros.count, end - offset)
      try file.write(zeros.bytes.slice(0..<amount), at: offset)
      offset += amount
    }
    fileEnd = max(fileEnd, offset)
  }

  /// Ends this segment on the disk, whatever the mode, then begins the next: so a fault in an earlier segment is always
  /// damage and never a torn tail.
  private mutating func startSegment() throws(StorageError) {
    try writeAndSynchronise()
    let end = state
    try file.truncate(to: Int(end.offset))
    var header = SegmentHeader(kind: .journal, identity: identity, number: end.segment + 1, before: end)
    let next = try Self.createSegment(&header, directory: directory, options: options)
    try markContinued(at: end)
    file = next
    seed = header.checksumValue
    fileEnd = SegmentHeader.bytes
    earlierBytes += end.offset + UInt64(BatchHeader.bytes)
    assembler.startSegment(header.start)
  }

  /// Says at the end of this segment that there is another, so that its loss would be noticed.
  private mutating func markContinued(at end: LogState) throws(StorageError) {
    var mark = BatchHeader(
      number: end.batch + 1, offset: end.offset, firstSequence: end.sequence + 1, syncedBatch: syncedBatch,
      recordBytes: 0, recordCount: 0, previousChain: end.chain)
    var bytes = ByteBuffer(capacity: BatchHeader.bytes)
    bytes.appendZeros(BatchHeader.bytes)
    mark.encode(
      into: bytes.base, records: UnsafeRawBufferPointer(start: nil, count: 0), seed: seed,
      magic: BatchHeader.continuedMagic)
    try file.write(bytes.bytes, at: Int(end.offset))
    try file.synchronise()
  }

  /// Creates a segment under a temporary name, makes it durable and gives it its name: a segment that can be found has
  /// a whole header.
  private static func createSegment(
    _ header: inout SegmentHeader, directory: String, options: Options
  ) throws(StorageError) -> File {
    var bytes = ByteBuffer(capacity: SegmentHeader.bytes)
    bytes.appendZeros(SegmentHeader.bytes)
    header.encode(into: bytes.base)
    let path = directory + "/" + FileName.segment(firstSequence: header.firstSequence)
    let temporary = path + FileName.temporarySuffix
    var file = try File(temporary, flags: O_RDWR | O_CREAT | O_TRUNC, in: options.files)
    try file.write(bytes.bytes, at: 0)
    try file.synchronise()
    try options.files.publish(temporary, as: path, in: directory)
    file.path = path
    return file
  }
}

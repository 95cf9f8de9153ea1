import Glibc
import Values

/// How the readable part of a journal or capture ends.
public struct LogEnd: Equatable, Sendable {
  /// File that holds the end.
  public var path: String
  /// End of the last good batch in it.
  public var offset: UInt64
  /// Bytes behind it that are not zeros: a write that did not complete. 0: a clean end.
  public var tornBytes: UInt64
  /// What is wrong with the torn batch; empty for a clean end.
  public var reason: String
}

/// Iterates the records of a capture, of one journal segment, or of all segments of a journal, from front to back.
///
/// Checks every checksum and chain on the way. Bytes that were on the disk once and are bad now throw `damaged`; a torn
/// tail ends the iteration and is described by `end`. Memory: one window of 1 MiB, or the largest batch.
public struct JournalReader: ~Copyable {
  /// Paths in order; the first is open.
  private var remaining: ArraySlice<String>
  private var segment: SegmentReader
  private let knownSynced: UInt64
  private let files: any FileSystem
  private let isSingleFile: Bool
  /// How the log ends; `nil` until `next` has returned `nil`.
  public private(set) var end: LogEnd?

  /// Reads one capture or journal segment by itself.
  public init(file path: String, in files: any FileSystem = SystemFiles.shared) throws(StorageError) {
    self.files = files
    segment = try SegmentReader(path, in: files)
    remaining = []
    knownSynced = 0
    isSingleFile = true
  }

  /// Reads the journal in `directory` from the segment that holds command `sequence` on; earlier commands of that
  /// segment come first. Throws `missing` when no segment holds it.
  public init(
    directory: String, from sequence: UInt64 = 1, in files: any FileSystem = SystemFiles.shared
  ) throws(StorageError) {
    self.files = files
    let paths = try files.segments(in: directory)
    guard let index = paths.lastIndex(where: { $0.sequence <= sequence }) else {
      throw .missing(
        path: directory + "/" + FileName.segment(firstSequence: sequence),
        reason: "no journal segment holds sequence \(sequence)")
    }
    segment = try SegmentReader(paths[index].path, in: files)
    remaining = paths[(index + 1)...].map(\.path)[...]
    knownSynced = 0
    isSingleFile = false
  }

  /// Reads the whole journal in `directory`. Throws `missing` when its first segment is not there.
  init(fromStartOf directory: String, knownSynced: UInt64, in files: any FileSystem) throws(StorageError) {
    self.files = files
    let segments = try files.segments(in: directory)
    guard let first = segments.first, first.sequence == 1 else {
      throw .missing(
        path: directory + "/" + FileName.segment(firstSequence: 1),
        reason: "there is no good snapshot and the journal is not complete from sequence 1")
    }
    segment = try SegmentReader(first.path, in: files)
    remaining = segments.dropFirst().map(\.path)[...]
    self.knownSynced = knownSynced
    isSingleFile = false
  }

  /// Reads on after `position`. `knownSynced` is the last batch that a snapshot says was on the disk.
  init(
    directory: String, after position: LogState, knownSynced: UInt64, in files: any FileSystem
  ) throws(StorageError) {
    self.files = files
    let segments = try files.segments(in: directory)
    guard let index = try Self.segmentIndex(of: position, among: segments, in: files) else {
      throw .missing(
        path: "\(directory)/journal segment \(position.segment)",
        reason: "the snapshot at sequence \(position.sequence) is continued there")
    }
    var first = try SegmentReader(segments[index].path, in: files)
    guard first.size >= Int(position.offset) else {
      throw .damaged(
        path: first.path, offset: UInt64(first.size),
        reason: "the file ends before offset \(position.offset), up to which it was on the disk")
    }
    first.seek(to: position)
    segment = first
    remaining = segments[(index + 1)...].map(\.path)[...]
    self.knownSynced = knownSynced
    isSingleFile = false
  }

  /// Which of `segments` is the one with the number in `position`.
  private static func segmentIndex(
    of position: LogState, among segments: [NumberedFile], in files: any FileSystem
  ) throws(StorageError) -> Int? {
    for index in segments.indices.reversed() where segments[index].sequence <= position.sequence + 1 {
      let number = try SegmentReader(segments[index].path, in: files).header.number
      if number == position.segment { return index }
      if number < position.segment { return nil }
    }
    return nil
  }

  /// Header of the file that is being read.
  public var header: SegmentHeader { segment.header }
  /// Path of the file that is being read.
  public var path: String { segment.path }
  /// Header of the batch that the last record came from.
  public var batch: BatchHeader? { segment.batch }
  /// The log after that batch.
  public var state: LogState { segment.state }
  var fileSize: Int { segment.size }

  /// The next record, valid until the next call; `nil` at the end.
  public mutating func next() throws(StorageError) -> Record? {
    while true {
      if let record = segment.nextRecord() { return record }
      if try !nextBatch() { return nil }
    }
  }

  /// Skips what is left of this batch and goes to the next one; false at the end.
  public mutating func nextBatch() throws(StorageError) -> Bool {
    guard end == nil else { return false }
    switch try segment.nextBatch() {
    case .batch: return true
    case .end: return try leaveFile(reason: nil)
    case .continued: return try leaveContinuedFile()
    case .bad(let reason): return try leaveFile(reason: reason)
    }
  }

  private mutating func leaveContinuedFile() throws(StorageError) -> Bool {
    if !remaining.isEmpty { return try leaveFile(reason: nil) }
    guard isSingleFile else {
      throw .missing(
        path: "journal segment \(segment.header.number + 1)",
        reason: "\(path) says that the journal goes on there after sequence \(segment.state.sequence)")
    }
    end = LogEnd(path: path, offset: segment.state.offset, tornBytes: 0, reason: "")
    return false
  }

  private mutating func leaveFile(reason: String?) throws(StorageError) -> Bool {
    guard let next = remaining.popFirst() else {
      end = try judgeEnd(reason: reason)
      return false
    }
    let last = segment.state
    let path = segment.path
    segment = try SegmentReader(next, in: files)
    let before = segment.header.before
    // A crash while the mark was written that the journal goes on leaves half of it. Nothing is missing as long as the
    // next segment goes on exactly here; otherwise what cannot be read was a batch.
    if let reason, !segment.header.continues(last) { throw .damaged(path: path, offset: last.offset, reason: reason) }
    guard segment.header.number == last.segment + 1 else {
      throw .missing(
        path: "journal segment \(last.segment + 1)",
        reason: "segment \(last.segment) ends at sequence \(last.sequence) and the next file is \(next)")
    }
    guard segment.header.continues(last) else {
      throw .damaged(
        path: path, offset: last.offset,
        reason: "it ends with sequence \(last.sequence), batch \(last.batch), "
          + "but \(next) continues sequence \(before.sequence), batch \(before.batch)")
    }
    return try nextBatch()
  }

  /// Tells a torn tail from damage at the end of the last file.
  private mutating func judgeEnd(reason: String?) throws(StorageError) -> LogEnd {
    let offset = segment.state.offset
    guard let last = try segment.lastByteBehindEnd() else {
      let lost = knownSynced > segment.state.batch
      guard lost || reason != nil else { return LogEnd(path: path, offset: offset, tornBytes: 0, reason: "") }
      if lost {
        throw .damaged(
          path: path, offset: offset,
          reason: "the journal ends with batch \(segment.state.batch), but batch \(knownSynced) was on the disk")
      }
      return LogEnd(path: path, offset: offset, tornBytes: UInt64(segment.size) - offset, reason: reason ?? "")
    }
    let problem = reason ?? "a batch header is missing"
    if let proof = try segment.proofOfSync(syncedAtLeast: knownSynced) {
      let witness = proof == Int(offset) ? "a snapshot" : "the batch at offset \(proof)"
      throw .damaged(
        path: path, offset: offset, reason: "\(problem), and \(witness) says that the batch had been on the disk")
    }
    return LogEnd(path: path, offset: offset, tornBytes: UInt64(last + 1) - offset, reason: problem)
  }
}

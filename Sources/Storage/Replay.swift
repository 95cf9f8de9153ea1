import Glibc
import Values

/// How far a replay has come.
public struct ReplayProgress: Sendable {
  /// Last command applied.
  public var sequence: UInt64
  /// Commands applied by this replay.
  public var records: UInt64
  /// File that is being read, and how much of it has been read, in bytes.
  public var path: String
  public var offset: UInt64
  public var fileBytes: UInt64
}

/// What a replay did.
public struct ReplaySummary: Equatable, Sendable {
  /// Commands applied.
  public var records: UInt64 = 0
  /// Time it took, in nanoseconds.
  public var nanoseconds: UInt64 = 0
  /// Where the recording ends; `nil` when the replay was stopped before.
  public var end: LogEnd?

  /// Adds what a later part of the same replay did.
  mutating func add(_ next: ReplaySummary) {
    records += next.records
    nanoseconds += next.nanoseconds
    end = next.end
  }

  /// Commands per second.
  public var rate: UInt64 {
    let (value, overflow) = records.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow || nanoseconds == 0 ? records : value / nanoseconds
  }
}

extension Replayer {
  /// Commands between two calls of the progress callback.
  private static var progressInterval: UInt64 { 1 << 16 }

  /// Feeds everything in `reader` up to command `last`. Throws the first difference, and whatever the reader throws.
  ///
  /// Commands that a fresh replayer's kernel has behind it are skipped. Stops right after `last`, before its outputs
  /// and digest are compared; another call goes on from there.
  public mutating func replay(
    _ reader: inout JournalReader, through last: UInt64 = .max,
    report: (KeyId, UnsafeRawBufferPointer) -> Void = { _, _ in },
    progress: (ReplayProgress) -> Void = { _ in }
  ) throws(StorageError) -> ReplaySummary {
    let start = monotonicNanoseconds()
    let before = applied
    while kernel.sequence < last, let record = try reader.next() {
      if applied == 0 && record.sequence <= kernel.sequence { continue }
      try take(record, report: report)
      if record.kind == .input && (applied - before) % Self.progressInterval == 0 {
        progress(
          ReplayProgress(
            sequence: record.sequence, records: applied - before, path: reader.path, offset: reader.state.offset,
            fileBytes: UInt64(reader.fileSize)))
      }
    }
    if reader.end != nil { try finish() }
    return ReplaySummary(records: applied - before, nanoseconds: monotonicNanoseconds() - start, end: reader.end)
  }
}

/// Time since some moment in the past, for durations.
func monotonicNanoseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

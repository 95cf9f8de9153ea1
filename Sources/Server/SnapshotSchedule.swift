import Values

/// Who asked for a snapshot.
struct SnapshotRequest {
  let key: KeyId
  let connectionId: UInt64
  let requestId: UInt64
}

/// When snapshots are taken, and the one being written by a helper process.
struct SnapshotSchedule {
  /// What is running: a forked child with a frozen copy of the state.
  struct Running {
    let handle: Helper
    let sequence: UInt64
    let startedAt: UInt64
    let requests: [SnapshotRequest]
  }

  private let everyCommands: UInt64
  private let everyNanoseconds: UInt64
  /// Sequence of the newest snapshot that is safe; 0: none.
  var newest: UInt64 = 0
  /// Sequence at the last attempt, good or not.
  private var lastSequence: UInt64
  private var lastTime: UInt64
  /// Requests that the next snapshot answers.
  var waiting: [SnapshotRequest] = []
  var helper: Running?

  init(configuration: ServerConfiguration, sequence: UInt64, now: UInt64) {
    everyCommands = configuration.snapshotCommands
    everyNanoseconds = configuration.snapshotSeconds * 1_000_000_000
    lastSequence = sequence
    lastTime = now
  }

  /// When the loop must look again, as far as time decides.
  var wake: UInt64 { everyNanoseconds == 0 || helper != nil ? .max : lastTime + everyNanoseconds }

  /// Whether a snapshot of `sequence` is due. Time alone makes none when nothing has been sequenced.
  mutating func isDue(sequence: UInt64, now: UInt64) -> Bool {
    if helper != nil { return false }
    if !waiting.isEmpty { return true }
    if everyCommands > 0 && sequence - lastSequence >= everyCommands { return true }
    guard everyNanoseconds > 0, now >= lastTime + everyNanoseconds else { return false }
    if sequence > lastSequence { return true }
    lastTime = now
    return false
  }

  /// Notes an attempt.
  mutating func noteAttempt(sequence: UInt64, now: UInt64) {
    lastSequence = sequence
    lastTime = now
  }
}

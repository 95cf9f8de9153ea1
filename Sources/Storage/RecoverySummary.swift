import Values

/// What a recovery did, for the log.
public struct RecoverySummary: Sendable {
  /// Sequence of the snapshot it began with; 0: none, the whole journal was replayed.
  public var snapshotSequence: UInt64 = 0
  /// Why newer snapshots were not used.
  public var rejectedSnapshots: [StorageError] = []
  /// Sequence of a newer snapshot that the replay passed and was equal to; 0: none.
  public var checkedSequence: UInt64 = 0
  /// Commands replayed from the journal.
  public var replay = ReplaySummary()
  /// Last command.
  public var sequence: UInt64 = 0
  /// Running digest of all output frames, equal to the recorded one.
  public var output = OutputDigest()
  /// Size and hash of the recovered state; zero for a new venue.
  public var state = StateHash(hash: Bytes32(), bytes: 0)

  /// Sentences for the person at the console, in order.
  public var lines: [String] {
    var lines = rejectedSnapshots.map { "snapshot not used: \($0)" }
    lines.append(
      snapshotSequence > 0
        ? "state of snapshot at sequence \(snapshotSequence)"
        : "no snapshot used; the journal is replayed from its start")
    lines.append(
      "replayed \(replay.records) commands in \(replay.nanoseconds / 1_000_000) ms (\(replay.rate)/s), digests equal")
    if checkedSequence > 0 { lines.append("state equal to the snapshot at sequence \(checkedSequence)") }
    if let end = replay.end, end.tornBytes > 0 {
      lines.append(
        "torn tail: cut \(end.tornBytes) bytes of \(end.path) at offset \(end.offset) (\(end.reason)); "
          + "no later batch says that they had been on the disk")
    }
    lines.append("at sequence \(sequence), output digest \(hexadecimal(output.value))")
    if state.bytes > 0 { lines.append("state hash \(state.hash.hexadecimal), \(state.bytes) bytes") }
    return lines
  }
}

/// Names of the files in a data directory. Sequences are written with 20 digits, so names sort as numbers do.
enum FileName {
  static let lock = "lock"
  static let temporarySuffix = ".tmp"

  static func segment(firstSequence: UInt64) -> String { "journal-\(padded(firstSequence)).lsj" }
  static func snapshot(sequence: UInt64) -> String { "snapshot-\(padded(sequence)).lss" }

  /// The first sequence in the name of a journal segment; `nil` for any other name.
  static func segmentSequence(_ name: String) -> UInt64? { sequence(name, prefix: "journal-", suffix: ".lsj") }
  /// The sequence in the name of a snapshot; `nil` for any other name.
  static func snapshotSequence(_ name: String) -> UInt64? { sequence(name, prefix: "snapshot-", suffix: ".lss") }

  private static func padded(_ value: UInt64) -> String {
    let digits = String(value)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }

  private static func sequence(_ name: String, prefix: String, suffix: String) -> UInt64? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.utf8.count == prefix.utf8.count + 20 + suffix.utf8.count
    else { return nil }
    return UInt64(name.dropFirst(prefix.count).dropLast(suffix.count))
  }
}

import Glibc
import Solvency
import ToolSupport
import Values

/// A directory with solvency reports, the seeds of their trees, and proofs.
public struct ReportDirectory: Sendable {
  public let path: String

  /// Opens the directory; creates it (one level, for the owner and his group) when it is not there.
  public init(_ path: String) throws(FileError) {
    self.path = path
    guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
      throw FileError(path: path)
    }
  }

  private static func padded(_ sequence: UInt64) -> String {
    let digits = String(sequence)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }

  public func reportPath(_ sequence: UInt64) -> String { "\(path)/solvency-\(Self.padded(sequence)).report" }
  public func seedPath(_ sequence: UInt64) -> String { "\(path)/solvency-\(Self.padded(sequence)).seed" }

  public func proofPath(_ account: AccountId, _ sequence: UInt64) -> String {
    "\(path)/account-\(account.rawValue)-\(Self.padded(sequence)).proof"
  }

  /// The seed of the report of `sequence`: the one that is kept here, or a new one, which is then kept. Its file can be
  /// read by its owner only.
  public func seed(for sequence: UInt64) throws(FileError) -> SolvencySeed {
    let file = seedPath(sequence)
    if access(file, F_OK) == 0 { return try readSeed(file) }
    let seed = SolvencySeed.random()
    let text = """
      # Seed of the tree of a solvency report: whoever has it can find every account in the tree. Keep it to yourself.
      \(seed.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())

      """
    try writeNew(Array(text.utf8), to: file, mode: 0o600)
    return SolvencySeed(seed)
  }

  private func readSeed(_ file: String) throws(FileError) -> SolvencySeed {
    var status = stat()
    guard stat(file, &status) == 0 else { throw FileError(path: file) }
    guard status.st_mode & 0o077 == 0 else {
      throw FileError(path: file, reason: "others can read it. Make it yours alone: chmod 600 \(file)")
    }
    let lines = try readText(file).split(separator: "\n").filter { !$0.hasPrefix("#") }
    let digits = Array(lines.first ?? "").compactMap(\.hexDigitValue)
    guard lines.count == 1, lines[0].count == 2 * SolvencySeed.bytes, digits.count == lines[0].count else {
      throw FileError(path: file, reason: "not a seed: it should hold one line of 64 hexadecimal digits.")
    }
    return SolvencySeed(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
  }

  /// Writes a report. One that is there already must be the same: two reports of one state would contradict each other.
  public func write(_ signed: SignedReport) throws(FileError) {
    let file = reportPath(signed.report.context.sequence)
    guard access(file, F_OK) == 0 else { return try writeNew(signed.bytes, to: file, mode: 0o644) }
    guard try readBytes(file) == signed.bytes else {
      throw FileError(
        path: file,
        reason: "there is another report of this state already (another key, seed or number of parts). Two reports of "
          + "one state contradict each other: keep one, or choose another directory.")
    }
  }

  /// Writes a proof, which is for its account's owner: not for everybody on this machine.
  public func write(_ proof: AccountProof) throws(FileError) {
    let file = proofPath(proof.account, proof.signed.report.context.sequence)
    unlink(file)
    try writeNew(proof.bytes, to: file, mode: 0o640)
  }

  /// Writes a file that must not be there yet, and brings it to the disk.
  private func writeNew(_ bytes: [UInt8], to file: String, mode: mode_t) throws(FileError) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError(path: file) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(path: file) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw FileError(path: file) }
  }
}

import Solvency
import Storage
import ToolSupport
import Values

/// A report that has been made of a data directory's newest good snapshot, with its tree.
public struct MadeReport: Sendable {
  public let prover: SolvencyProver
  /// Why newer snapshots were passed over, in sentences.
  public let notes: [String]

  public var signed: SignedReport { prover.signed }
  /// The report hash in hexadecimal.
  public var hash: String { signed.hash.hexadecimal }

  /// Makes the report of the newest good snapshot in `data` and writes it to `out`, with the seed that is kept there.
  /// Never writes into `data`.
  public init(data: String, out: ReportDirectory, parts: Int, signer: ReportSigner) throws {
    var snapshot = try NewestSnapshot(in: data)
    notes = snapshot.rejected.map { "snapshot not used: \($0)" }
    let source = LiabilitySource(&snapshot)
    let seed = try out.seed(for: source.report.context.sequence)
    prover = try SolvencyProver(
      source.report, accounts: source.accounts, seed: seed, parts: parts, signer: signer)
    try out.write(prover.signed)
  }
}

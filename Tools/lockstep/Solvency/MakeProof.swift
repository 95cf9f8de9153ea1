import ArgumentParser
import Glibc
import Proofs
import Solvency
import ToolSupport
import Values

/// `lockstep proof`
struct MakeProof: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proof",
    abstract: "Sign what the venue owes, and prove to accounts that they are counted (proof of liabilities).",
    discussion: """
      Reads the newest good snapshot of a data directory, of a running venue or a
      stopped one, builds a Merkle-sum tree over all accounts, and signs its root and
      totals. Writes to OUT:
        solvency-….report     the signed report, for everybody
        solvency-….seed       the secret of its tree, for you only; with it more
                              proofs of the same report can be made later
        account-ID-….proof    the proof of an account, for its owner
      It proves liabilities, not assets. Protocol/solvency.md has every byte.

      Examples:
        lockstep keygen --venue venue.key
        lockstep admin snapshot --config venue.toml
        lockstep proof data --key venue.key --out reports --account 131
        lockstep proof data --key venue.key --out reports --all

      Exit codes: 0 written; 1 the state contradicts itself; 2 no snapshot, no key, or
      a file that cannot be written.
      """)

  @Argument(help: "The data directory.") var data: String
  @OptionGroup var options: ProofOptions
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws { try options.validate() }

  func run() throws { try options.make(of: data, json: json) }
}

/// What a report and its proofs are made with.
struct ProofOptions: ParsableArguments {
  @Option(name: .customLong("key"), help: "The venue's key file (lockstep keygen --venue).") var signingKey: String
  @Option(help: "Directory for report and proofs.") var out: String
  @Option(help: "Make the proof of this account; may be given more than once.") var account: [UInt32] = []
  @Flag(help: "Make the proofs of all accounts.") var all = false
  @Option(help: "Parts into which every account is split.") var parts = SolvencyProver.parts.lowerBound

  func validate() throws {
    guard SolvencyProver.parts.contains(parts) else {
      let bounds = SolvencyProver.parts
      throw ValidationError("An account has \(bounds.lowerBound) to \(bounds.upperBound) parts.")
    }
  }

  /// Makes and writes report and proofs of the newest snapshot in `data`, and says so.
  func make(of data: String, json: Bool) throws {
    let made = try MakingReport(self).make(of: data)
    if json {
      print(made.json.text)
    } else {
      for line in made.lines { print(line) }
    }
  }
}

/// A report being made at the command line.
struct MakingReport {
  private let options: ProofOptions

  init(_ options: ProofOptions) { self.options = options }

  /// What was made, for people and for programs.
  struct Result {
    var lines: [String]
    var json: Json
  }

  func make(of data: String) throws -> Result {
    let signer = try ReportSigner(keyFile: options.signingKey)
    let out = try ReportDirectory(options.out)
    let made = try MadeReport(data: data, out: out, parts: options.parts, signer: signer)
    for note in made.notes { complain("lockstep: \(note)") }
    let sequence = made.signed.report.context.sequence
    var written: [String] = []
    for account in options.all ? made.prover.accounts : options.account.map({ AccountId($0) }) {
      guard let proof = made.prover.proof(of: account) else {
        throw Failure(
          exit: .usage, message: "there is no account \(account.rawValue) in the state of sequence \(sequence).")
      }
      try out.write(proof)
      written.append(out.proofPath(account, sequence))
    }
    return Result(lines: lines(made, out, written), json: json(made, out, written))
  }

  private func lines(_ made: MadeReport, _ out: ReportDirectory, _ written: [String]) -> [String] {
    let report = made.signed.report
    let sequence = report.context.sequence
    var lines = [
      "report of sequence \(Decimal.format(sequence)), \(Amounts.time(report.context.time)) UTC: "
        + "\(Decimal.format(made.prover.accounts.count)) accounts in \(Decimal.format(report.leaves)) parts",
      "  \(out.reportPath(sequence))", "  report hash \(made.hash)  (publish it)",
      "  \(out.seedPath(sequence))  (secret)",
    ]
    if written.count == 1 { lines.append("  \(written[0])") }
    if written.count > 1 { lines.append("  \(Decimal.format(written.count)) proofs, \(written[0]) …") }
    return lines
  }

  private func json(_ made: MadeReport, _ out: ReportDirectory, _ written: [String]) -> Json {
    let sequence = made.signed.report.context.sequence
    return .object([
      ("sequence", .integer(sequence)), ("report", .string(out.reportPath(sequence))),
      ("reportHash", .string(made.hash)), ("accounts", .integer(made.prover.accounts.count)),
      ("parts", .integer(made.signed.report.leaves)), ("proofs", .array(written.map { .string($0) })),
    ])
  }
}

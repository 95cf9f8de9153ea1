import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin proof`
struct AdminProof: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proof",
    abstract: "Take a snapshot and sign what the venue owes in it (proof of liabilities). [operator]",
    discussion: """
      Where the data directory is on this machine (--data), report and proofs are
      made at once; otherwise this says what to run where it is. The venue's key is
      never sent to the server.

      Examples:
        lockstep admin proof --config venue.toml
        lockstep admin proof --config venue.toml --data data --venue-key venue.key \\
          --out reports --account 131
      """)

  @OptionGroup var connection: ConnectionOptions
  @Option(help: "The data directory, where it is on this machine.") var data: String?
  @Option(help: "The venue's key file (lockstep keygen --venue).") var venueKey: String?
  @Option(help: "Directory for report and proofs.") var out = "reports"
  @Option(help: "Make the proof of this account; may be given more than once.") var account: [UInt32] = []
  @Flag(help: "Make the proofs of all accounts.") var all = false

  func validate() throws {
    if (data == nil) != (venueKey == nil) { throw ValidationError("Give both --data and --venue-key, or neither.") }
  }

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let snapshot = try venue.takeSnapshot()
    guard let data, let venueKey else {
      if venue.printed(snapshot) { return }
      print("snapshot of sequence \(Decimal.format(snapshot.sequence)), state hash \(snapshot.stateHash.hexadecimal)")
      print("Where the data directory and the venue's key are, run:")
      print("  lockstep proof DATA --key VENUE-KEY --out \(out)" + (all ? " --all" : accountText))
      return
    }
    let options = try ProofOptions.parse(
      ["--key", venueKey, "--out", out] + (all ? ["--all"] : []) + account.flatMap { ["--account", "\($0)"] })
    try options.make(of: data, json: connection.json)
  }

  private var accountText: String { account.map { " --account \($0)" }.joined() }
}

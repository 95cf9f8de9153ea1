import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin status`
struct AdminStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Sequence, sizes, digest and durability of the venue.",
    discussion: "Example:\n  lockstep admin status --state-hash --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Flag(help: "Also hash the whole state (slow: the market waits).") var stateHash = false

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let query = QueryStatus(queryId: 0, withStateHash: stateHash)
    for case .status(let report) in try venue.client.rows(query, timeout: .seconds(60)).rows {
      if !venue.printed(report) { print(text(report, venue)) }
    }
  }

  private func text(_ report: StatusReport, _ venue: VenueConnection) -> String {
    var rows = [
      ("venue", "\(report.venueName), id \(String(report.venueId, radix: 16))"),
      ("sequence", Decimal.format(report.sequence)),
      ("time (UTC)", Amounts.time(report.time)),
      ("output digest", String(report.outputDigest, radix: 16)),
      ("trades", Decimal.format(report.trades)),
      ("open orders", Decimal.format(report.orders)),
      ("accounts", Decimal.format(report.accounts)),
      ("instruments", Decimal.format(report.instruments)),
      ("positions", Decimal.format(report.positions)),
      ("sessions", Decimal.format(report.sessions)),
      ("durability", report.durability.map { "\($0)" } ?? "unknown"),
      ("journal", "\(Decimal.format(report.journalBytes)) bytes"),
      (
        "newest snapshot", report.snapshotSequence == 0 ? "none" : "sequence \(Decimal.format(report.snapshotSequence))"
      ),
    ]
    if stateHash { rows.append(("state hash", report.stateHash.hexadecimal)) }
    if report.venueKilled == true { rows.append(("KILL SWITCH", "engaged: no orders are accepted")) }
    if report.replayTarget == true { rows.append(("replay target", "yes: no live market")) }
    return rows.map { "  \($0.0)" + String(repeating: " ", count: 17 - $0.0.count) + $0.1 }.joined(separator: "\n")
  }
}

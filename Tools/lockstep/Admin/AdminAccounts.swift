import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin accounts`
struct AdminAccounts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "Accounts with their equity and margin.",
    discussion:
      "Example:\n  lockstep admin accounts --from 101 --count 20 --config venue.toml\n\nAccounts come in the order in which they were created."
  )

  @OptionGroup var connection: ConnectionOptions
  @Option(help: "Begin with this account; 0: the first.") var from: UInt32 = 0
  @Option(help: "At most so many; 0: all.") var count: UInt32 = 100

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let amounts = venue.directory.amounts
    venue.show(
      try Self.accounts(venue, from: from, count: count),
      empty: from == 0 ? "There are no accounts." : "There is no account \(from).",
      table: { table, row in
        let margin = row.margin
        table.add(
          "\(row.account.rawValue)", "\(row.master.rawValue)", row.mode.map { "\($0)" } ?? "–",
          amounts.shortMoney(margin.equity), amounts.shortMoney(margin.initialMargin),
          amounts.shortMoney(margin.maintenanceMargin), amounts.shortMoney(margin.free),
          Decimal.format(row.positions), Decimal.format(row.openOrders), Self.state(row))
      },
      columns: TextTable(
        ">account", ">master", "mode", ">equity", ">initial", ">maintenance", ">free", ">positions", ">orders", "state")
    )
  }

  /// Answers come in the order in which the accounts were created; a further page begins with the last row of the one
  /// before.
  static func accounts(_ venue: VenueConnection, from: UInt32, count: UInt32) throws -> [AccountReport] {
    var rows: [AccountReport] = []
    while true {
      let first = rows.popLast()?.account ?? AccountId(from)
      let wanted = count == 0 ? 0 : count - UInt32(rows.count)
      let answer = try venue.client.rows(QueryAccounts(queryId: 0, first: first, count: wanted))
      let before = rows.count
      for case .account(let row) in answer.rows { rows.append(row) }
      guard answer.more, rows.count > before + 1, count == 0 || rows.count < count else { return rows }
    }
  }

  private static func state(_ row: AccountReport) -> String {
    let switches = [("account", row.accountKill), ("master", row.masterKill), ("venue", row.venueKill)]
    if let (level, authority) = switches.first(where: { $0.1 != .released }) {
      return "stopped (\(level), by \(authority.map { "\($0)" } ?? "?"))"
    }
    if row.margin.cushion < .zero { return "below maintenance" }
    return row.margin.free < .zero ? "reduce only" : "normal"
  }
}

import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin interest`
struct AdminInterest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interest", abstract: "Interest by asset: rates, how much is lent out, the reserve.",
    discussion: """
      Rates are yearly, those of the last interval. lent: borrowed / supplied. index:
      what a debt (a holding) of 1 has become since interest began.

      Example:
        lockstep admin interest --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    var rows: [InterestReport] = []
    for case .interest(let row) in try venue.client.rows(QueryInterest(queryId: 0)).rows { rows.append(row) }
    Self.show(rows, venue)
    if !connection.json { print("") }
    if !connection.json { Self.showParameters(rows, venue) }
  }

  /// What is in force now.
  static func show(_ rows: [InterestReport], _ venue: VenueConnection) {
    let directory = venue.directory
    venue.show(
      rows, empty: "",
      table: { table, row in
        table.add(
          directory.name(of: row.asset), Amounts.percent(row.utilisation), Amounts.percent(row.borrowRate),
          Amounts.percent(row.lendRate), directory.amount(row.borrowed, of: row.asset),
          directory.amount(row.supplied, of: row.asset), directory.amount(row.reserve, of: row.asset),
          Decimal.format(Int128(row.borrowIndex), digits: 9), Decimal.format(Int128(row.lendIndex), digits: 9),
          row.next == Timestamp(0) ? "–" : UtcTime.format(row.next))
      },
      columns: TextTable(
        "asset", ">lent", ">debts pay", ">holdings earn", ">borrowed", ">supplied", ">reserve", ">debt index",
        ">holding index", "next"))
  }

  /// The curves.
  static func showParameters(_ rows: [InterestReport], _ venue: VenueConnection) {
    venue.show(
      rows, empty: "",
      table: { table, row in
        table.add(
          venue.directory.name(of: row.asset), row.interval == 0 ? "off" : "\(row.interval / 1_000) s",
          Amounts.percent(row.base), Amounts.percent(row.slope), Amounts.percent(row.kink),
          Amounts.percent(row.steepSlope), Amounts.percent(row.reserveFactor))
      },
      columns: TextTable("asset", ">interest", ">base", ">slope", ">to", ">then", ">reserve keeps"))
  }
}

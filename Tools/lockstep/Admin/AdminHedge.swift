import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin hedge`
struct AdminHedge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hedge", abstract: "Of each underlying, the trade that lowers an account's initial margin most.",
    discussion: """
      Perpetuals and futures that can be traded just now, at their marks, with the
      taker's fee. “admin preview” says what the same order would find in the book.

      Example:
        lockstep admin hedge 131 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let (directory, amounts) = (venue.directory, venue.directory.amounts)
    let answer = try venue.client.rows(QueryHedge(queryId: 0, account: AccountId(account)))
    let rows = answer.rows.compactMap { event in
      if case .hedge(let row) = event { return row }
      return nil
    }
    venue.show(
      rows, empty: "Account \(account) has no derivatives.",
      table: { table, row in
        let isNone = row.instrument == .none
        table.add(
          directory.name(of: row.asset), Decimal.format(Int128(row.delta), digits: 9, minimumDigits: 4),
          isNone ? "nothing lowers it" : row.side.map { "\($0)" } ?? "",
          isNone ? "" : directory.size(row.quantity, of: row.instrument),
          isNone ? "" : directory.name(of: row.instrument),
          isNone ? "" : directory.price(row.price, of: row.instrument), amounts.shortMoney(row.before.initialMargin),
          amounts.shortMoney(row.after.initialMargin), amounts.shortMoney(row.after.maintenanceMargin))
      },
      columns: TextTable(
        "underlying", ">delta", "trade", ">quantity", "of", ">at", ">initial now", ">initial then",
        ">maintenance then"))
  }
}

import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin positions`
struct AdminPositions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "positions", abstract: "The positions of an account.")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let directory = venue.directory
    var rows: [PositionReport] = []
    for case .position(let row) in try venue.client.rows(
      QueryPositions(queryId: 0, account: AccountId(account))
    ).rows { rows.append(row) }
    venue.show(
      rows, empty: "Account \(account) has no positions and no orders in perpetuals.",
      table: { table, row in
        table.add(
          directory.name(of: row.instrument), directory.size(row.position, of: row.instrument),
          directory.price(row.mark, of: row.instrument), directory.amounts.shortMoney(row.cost),
          directory.amounts.shortMoney(row.profit), directory.size(row.openBuys, of: row.instrument),
          directory.size(row.openSells, of: row.instrument))
      },
      columns: TextTable("instrument", ">position", ">mark", ">cost", ">profit", ">open buys", ">open sells"))
  }
}

import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin balances`
struct AdminBalances: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "balances", abstract: "What an account holds, and what it counts for margin.",
    discussion: "Negative balances are debts. Example:\n  lockstep admin balances 131 --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let directory = venue.directory
    var rows: [BalanceReport] = []
    for case .balance(let row) in try venue.client.rows(
      QueryBalances(queryId: 0, account: AccountId(account))
    ).rows { rows.append(row) }
    venue.show(
      rows, empty: "Account \(account) holds nothing.",
      table: { table, row in
        table.add(
          directory.name(of: row.asset), directory.amount(row.balance, of: row.asset),
          directory.amount(row.payable, of: row.asset), directory.amounts.money(row.initialValue),
          directory.amounts.money(row.maintenanceValue))
      },
      columns: TextTable("asset", ">balance", ">payable by open orders", ">initial value", ">maintenance value"))
  }
}

import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin relief`
struct AdminRelief: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relief", abstract: "The smallest trade of each position that frees so much margin.",
    discussion: """
      For every position: how many lots, closed at the mark with the taker's fee,
      free the amount. Without an amount: bring free margin back to zero.

      Examples:
        lockstep admin relief 131 --config venue.toml
        lockstep admin relief 131 25000 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32
  @Argument(help: "Free margin wanted beyond what is free now, in money.") var amount: String?

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let (directory, amounts) = (venue.directory, venue.directory.amounts)
    var wanted = Money.zero
    if let amount {
      guard let parsed = try? Decimal.parse(amount, digits: amounts.moneyDigits) else {
        throw Failure(exit: .usage, message: "“\(amount)” is not an amount of money.")
      }
      wanted = Money(parsed)
    }
    let answer = try venue.client.rows(QueryRelief(queryId: 0, account: AccountId(account), amount: wanted))
    let rows = answer.rows.compactMap { event in
      if case .relief(let row) = event { return row }
      return nil
    }
    venue.show(
      rows, empty: "Account \(account) has no positions.",
      table: { table, row in
        table.add(
          directory.name(of: row.instrument), row.side.map { "\($0)" } ?? "",
          directory.size(row.quantity, of: row.instrument), directory.price(row.price, of: row.instrument),
          amounts.shortMoney(row.after.initialMargin), amounts.shortMoney(row.after.free),
          amounts.shortMoney(row.after.cushion), row.isEnough == true ? "" : "not enough")
      },
      columns: TextTable("instrument", "side", ">quantity", ">mark", ">initial then", ">free then", ">cushion then", "")
    )
  }
}

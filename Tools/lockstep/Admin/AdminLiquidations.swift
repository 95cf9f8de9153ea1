import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin liquidations`
struct AdminLiquidations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "liquidations", abstract: "Accounts that are called or in liquidation, the worst first.",
    discussion: """
      Used is maintenance margin as part of equity: calls come at the levels that
      `lockstep admin insurance` shows, liquidation above 100 %.

      Example:
        lockstep admin liquidations --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let insurance = try AdminInsurance.report(venue)
    let accounts = try AdminAccounts.accounts(venue, from: 0, count: 0).filter {
      $0.account != insurance.fund && Self.isInTrouble($0.margin, insurance.firstCall)
    }
    let amounts = venue.directory.amounts
    venue.show(
      accounts.sorted { Self.used($0.margin) > Self.used($1.margin) }, empty: "Nobody is called or in liquidation.",
      table: { table, row in
        table.add(
          "\(row.account.rawValue)", "\(row.master.rawValue)", amounts.money(row.margin.equity),
          amounts.money(row.margin.maintenanceMargin), amounts.money(row.margin.cushion),
          row.margin.equity > .zero ? Amounts.percent(Rate(Self.used(row.margin))) : "–",
          Self.state(row.margin, insurance), Decimal.format(row.positions), Decimal.format(row.openOrders))
      },
      columns: TextTable(
        ">account", ">master", ">equity", ">maintenance", ">cushion", ">used", "state", ">positions", ">orders"))
  }

  private static func isInTrouble(_ margin: AccountMargin, _ level: Rate) -> Bool {
    margin.cushion < .zero || used(margin) > level.rawValue
  }

  /// Maintenance margin as part of equity, in ppb, rounded up.
  private static func used(_ margin: AccountMargin) -> Int64 {
    guard margin.equity > .zero else { return margin.cushion < .zero ? .max : 0 }
    let part = (margin.maintenanceMargin.rawValue * 1_000_000_000).dividedRoundingUp(by: margin.equity.rawValue)
    return Int64(clamping: part)
  }

  private static func state(_ margin: AccountMargin, _ insurance: InsuranceReport) -> String {
    if margin.equity < .zero { return "bankrupt" }
    if margin.cushion < .zero { return "liquidation" }
    return used(margin) > insurance.secondCall.rawValue ? "second call" : "first call"
  }
}

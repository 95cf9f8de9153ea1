import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin margin`
struct AdminMargin: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "margin", abstract: "The margin of an account, with the terms it is made of.",
    discussion: """
      free = initial equity − initial margin: what new risk may use. cushion =
      equity − maintenance margin: what separates the account from liquidation. The
      terms of the instruments, and in portfolio mode of the risk groups, add up
      exactly to the requirement.

      Example:
        lockstep admin margin 131 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let answer = try venue.client.rows(QueryMargin(queryId: 0, account: AccountId(account)))
    var terms: [MarginTerm] = []
    var groups: [GroupTerm] = []
    for event in answer.rows {
      if case .margin(let report) = event, !venue.printed(report) { print(totals(report, venue)) }
      if case .marginTerm(let term) = event { terms.append(term) }
      if case .groupTerm(let term) = event { groups.append(term) }
    }
    if !connection.json && terms.isEmpty { return }
    if !connection.json { print("") }
    show(terms, venue)
    if groups.isEmpty { return }
    if !connection.json { print("") }
    show(groups, venue)
  }

  /// Two lines per risk group: the position as it is, and the worst of every fill of the open orders.
  private func show(_ groups: [GroupTerm], _ venue: VenueConnection) {
    let amounts = venue.directory.amounts
    venue.show(
      groups, empty: "",
      table: { table, row in
        let name = venue.directory.name(of: row.asset)
        func line(_ kind: String, _ scenario: UInt8, _ parts: [Money], _ margin: Money) {
          table.add(
            [name, kind, Amounts.percent(row.range)] + parts.map(amounts.shortMoney)
              + [amounts.shortMoney(margin), ScenarioText.describe(scenario)])
        }
        line(
          "maintenance", row.scenario, [row.delta, row.scanLoss, row.credit, row.spread, row.shortOptions],
          row.maintenanceMargin)
        line(
          "initial × \(Amounts.percent(row.initialMultiplier))", row.worstScenario,
          [row.certainDelta, row.worstScanLoss, row.worstCredit, row.worstSpread, row.worstShortOptions],
          row.initialMargin)
      },
      columns: TextTable(
        "group", "requirement", ">range", ">delta", ">scan loss", ">credit", ">spread", ">short options", ">margin",
        "binding scenario"))
  }

  private func totals(_ report: MarginReport, _ venue: VenueConnection) -> String {
    let amounts = venue.directory.amounts
    let margin = report.margin
    var table = TextTable("account \(report.account.rawValue)", ">initial", ">maintenance")
    func row(_ name: String, _ initial: Money, _ maintenance: Money) {
      table.add(name, amounts.money(initial), amounts.money(maintenance))
    }
    row("cash", report.cash, report.cash)
    row("collateral", report.collateralInitial, report.collateralMaintenance)
    if report.fundingDue != .zero { row("funding due", report.fundingDue, report.fundingDue) }
    if report.interestDue != .zero { row("interest due", report.interestDue, report.interestDue) }
    row("unrealised profit", report.profitInitial, report.profitMaintenance)
    row("equity", margin.initialEquity, margin.equity)
    row("requirement", margin.initialMargin, margin.maintenanceMargin)
    table.add("  of it spot orders", amounts.money(report.spotReserve), "")
    row("free / cushion", margin.free, margin.cushion)
    var state = report.mode.map { "\($0)" } ?? ""
    if report.reduceOnly == true { state += ", reduce only (free margin is negative)" }
    if report.belowMaintenance == true { state += ", BELOW MAINTENANCE" }
    return table.text + "\n  \(state), master \(report.master.rawValue), \(report.openOrders) open orders"
      + "\n  as of sequence \(Decimal.format(report.sequence)), \(Amounts.time(report.time)) UTC"
  }

  private func show(_ terms: [MarginTerm], _ venue: VenueConnection) {
    let directory = venue.directory
    let amounts = directory.amounts
    venue.show(
      terms, empty: "",
      table: { table, row in
        let rates = [
          row.tierRate, row.sizeRate, row.volatilityRate, row.openInterestRate, row.leverageRate, row.liquidityRate,
        ]
        table.add(
          [
            directory.name(of: row.instrument), directory.size(row.position, of: row.instrument),
            directory.size(row.worstLong, of: row.instrument), directory.size(row.worstShort, of: row.instrument),
            directory.price(row.mark, of: row.instrument), amounts.shortMoney(row.profit),
            amounts.shortMoney(row.maintenanceMargin), amounts.shortMoney(row.positionMargin),
            amounts.shortMoney(row.openLoss), amounts.shortMoney(row.feeProvision),
          ] + rates.map(Amounts.percent))
      },
      columns: TextTable(
        "instrument", ">position", ">if buys fill", ">if sells fill", ">mark", ">profit", ">maintenance", ">initial",
        ">open loss", ">fees", ">tier", ">size", ">volatility", ">OI", ">leverage", ">liquidity"))
  }
}

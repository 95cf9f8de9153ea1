import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin insurance`
struct AdminInsurance: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "insurance", abstract: "The insurance fund, liquidation parameters, and what has been done so far.",
    discussion: """
      Example:
        lockstep admin insurance --config venue.toml
        lockstep admin send 'FundInsurance amount=100000000000' --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let report = try Self.report(venue)
    if venue.printed(report) { return }
    if report.fund == .none { return print("The venue makes no margin calls and liquidates nobody.") }
    let amounts = venue.directory.amounts
    var table = TextTable("insurance fund", ">account \(report.fund.rawValue)")
    table.add("equity", amounts.money(report.equity))
    table.add("  cash", amounts.money(report.cash))
    table.add("  unrealised profit", amounts.money(report.profit))
    table.add("paid in", amounts.money(report.contributed))
    table.add("penalties", amounts.money(report.penalties))
    table.add("taken from open profits", amounts.money(report.lossShared))
    table.add("taken over", Decimal.format(report.takeovers))
    table.add("deleveraged", Decimal.format(report.deleveragings))
    table.add("in liquidation now", Decimal.format(report.inLiquidation))
    print(table.text)
    var rules = TextTable("parameter", ">value")
    rules.add("first call", Amounts.percent(report.firstCall))
    rules.add("second call", Amounts.percent(report.secondCall))
    rules.add("hysteresis", Amounts.percent(report.hysteresis))
    rules.add("liquidation ends at", Amounts.percent(report.target))
    rules.add("takeover below", Amounts.percent(report.takeover))
    rules.add("rounds without success", Decimal.format(report.attempts))
    rules.add("interval", "\(report.interval) ms")
    rules.add("stale timeout", report.staleTimeout == 0 ? "never" : "\(report.staleTimeout) ms")
    print("\n" + rules.text)
  }

  /// What the venue says of its fund.
  static func report(_ venue: VenueConnection) throws -> InsuranceReport {
    for case .insurance(let report) in try venue.client.rows(QueryInsurance(queryId: 0)).rows { return report }
    throw Failure(exit: .refused, message: "the venue did not answer.")
  }
}

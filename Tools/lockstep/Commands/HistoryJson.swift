import History
import ToolSupport
import Values

/// A run for programs: times in seconds, prices in cents, rates in ppb, money in mq.
enum HistoryJson {
  static func lines(_ run: HistoryRun, _ summary: HistorySummary) -> [Json] {
    run.hours.map(hour) + [.object([("summary", result(run, summary))])]
  }

  private static func money(_ value: Money) -> Json { .integer(value.rawValue) }
  private static func rate(_ value: Rate) -> Json { .integer(value.rawValue) }
  private static func time(_ value: Int64?) -> Json { value.map { .integer($0) } ?? .null }
  private static func name(_ isDynamic: Bool) -> Json { .string(isDynamic ? "dynamic" : "fixed") }

  private static func hour(_ hour: HistoryRun.Hour) -> Json {
    .object([
      ("time", .integer(hour.start)), ("price", .integer(hour.price)), ("dynamic", set(hour.dynamic)),
      ("fixed", set(hour.fixed)),
    ])
  }

  private static func set(_ set: HistoryRun.SetHour) -> Json {
    let accounts = zip(HistoryRun.accountNames, set.accounts).map { name, account in
      Json.object([
        ("name", .string(name)), ("equity", money(account.equity)), ("initialMargin", money(account.initialMargin)),
        ("maintenanceMargin", money(account.maintenanceMargin)), ("free", money(account.free)),
        ("cushion", money(account.cushion)), ("utilisation", rate(account.utilisation)),
      ])
    }
    return .object([
      ("initialRate", rate(set.initialRate)), ("maintenanceRate", rate(set.maintenanceRate)),
      ("promisedRate", rate(set.promised)), ("fund", money(set.fund)), ("accounts", .array(accounts)),
    ])
  }

  private static func result(_ run: HistoryRun, _ summary: HistorySummary) -> Json {
    .object([
      ("worstHour", .integer(summary.worstHour)),
      (
        "ramps",
        .object([
          ("moves", .integer(run.ramps.moves)), ("promises", .integer(run.ramps.promises)),
          ("steepestUp", rate(run.ramps.steepest.up)), ("steepestDown", rate(run.ramps.steepest.down)),
          ("held", .boolean(run.ramps.faults.isEmpty)),
        ])
      ),
      ("accounts", .array(summary.lines.map(line))), ("liquidation", .array(summary.deeds.map(deed))),
      ("calls", .array(calls(run.dynamic, isDynamic: true) + calls(run.fixed, isDynamic: false))),
      ("portfolio", .array(summary.comparisons.map(comparison))),
      ("dynamic", outcome(run.dynamic)), ("fixed", outcome(run.fixed)),
      ("findings", .array(run.findings.map { .string($0) })),
    ])
  }

  private static func line(_ line: HistorySummary.Line) -> Json {
    .object([
      ("name", .string(line.account)), ("rates", name(line.isDynamic)), ("called", time(line.called)),
      ("liquidated", time(line.liquidated)), ("highestUtilisation", rate(line.highestUtilisation)),
      ("lowestCushion", money(line.lowestCushion)), ("closed", money(line.closed)),
      ("takenOver", money(line.takenOver)), ("penalty", money(line.penalty)), ("funding", money(line.funding)),
      ("equity", money(line.equity)),
    ])
  }

  private static func deed(_ deed: HistorySummary.Deed) -> Json {
    .object([
      ("rates", name(deed.isDynamic)), ("time", .integer(deed.time)), ("account", .string(deed.accountName)),
      ("action", .string("\(deed.action)")), ("instrument", .string(deed.instrumentName)),
      ("steps", .integer(deed.steps)), ("lots", .integer(deed.lots)), ("price", time(deed.price)),
      ("value", money(deed.value)),
    ])
  }

  private static func calls(_ outcome: HistoryRun.Outcome, isDynamic: Bool) -> [Json] {
    outcome.diary.calls.map { call in
      .object([
        ("rates", name(isDynamic)), ("time", .integer(call.time)), ("account", .integer(call.account.rawValue)),
        ("state", .string("\(call.state)")), ("before", .string("\(call.before)")),
        ("equity", money(call.margin.equity)), ("maintenanceMargin", money(call.margin.maintenanceMargin)),
      ])
    }
  }

  private static func comparison(_ pair: HistorySummary.Comparison) -> Json {
    .object([
      ("name", .string(pair.name)), ("rates", name(pair.isDynamic)), ("hours", .integer(pair.hours)),
      ("lowest", rate(pair.lowest)), ("mean", rate(pair.mean)), ("highest", rate(pair.highest)),
      ("standard", money(pair.standard)), ("portfolio", money(pair.portfolio)),
    ])
  }

  private static func outcome(_ outcome: HistoryRun.Outcome) -> Json {
    let (fund, whole) = (outcome.insurance, outcome.money)
    return .object([
      (
        "fund",
        .object([
          ("contributed", money(fund.contributed)), ("penalties", money(fund.penalties)),
          ("lossShared", money(fund.lossShared)), ("equity", money(fund.equity)),
          ("takeovers", .integer(fund.takeovers)), ("deleveragings", .integer(fund.deleveragings)),
        ])
      ),
      (
        "money",
        .object([
          ("paidIn", money(whole.paidIn)), ("balances", money(whole.balances)), ("positions", money(whole.positions)),
          ("fund", money(whole.fund)), ("house", money(whole.house)), ("conserved", .boolean(whole.isConserved)),
        ])
      ),
    ])
  }
}

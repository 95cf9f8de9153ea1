import History
import ToolSupport
import Values

/// A run for people.
struct HistoryText {
  let run: HistoryRun
  let summary: HistorySummary

  /// Seconds as `2020-03-12 23:00`.
  static func time(_ seconds: Int64) -> String {
    String(Amounts.time(Timestamp(seconds * 1_000_000_000)).prefix(16)).replacing("T", with: " ")
  }

  var text: String {
    [overview, accounts, calls, liquidations, portfolios, fund, funding, checks].joined(separator: "\n\n")
  }

  private func time(_ seconds: Int64?) -> String { seconds.map(Self.time) ?? "never" }
  private func price(_ cents: Int64) -> String { Decimal.format(Int128(cents), digits: 2) }
  private func money(_ value: Money) -> String { Amounts(moneyDigits: 8).shortMoney(value) }
  private func name(_ isDynamic: Bool) -> String { isDynamic ? "dynamic" : "fixed" }
  /// Up to hundredths of a per cent.
  private func percent(_ rate: Rate) -> String {
    Amounts.percent(Rate(rate.rawValue.dividedRoundingUp(by: 100_000) * 100_000))
  }

  private var overview: String {
    let (initial, maintenance) = (summary.initialRate, summary.maintenanceRate)
    var table = TextTable(
      "rate", ">at the start", ">before the worst hour", ">highest", "when", ">at the end", ">fixed")
    for (name, rate, fixed) in [
      ("initial", initial, summary.fixedRate), ("maintenance", maintenance, summary.fixedMaintenance),
    ] {
      table.add(
        name, percent(rate.start), percent(rate.beforeWorst), percent(rate.highest), time(rate.highestAt),
        percent(rate.end), percent(fixed))
    }
    return """
      worst hour  \(time(summary.worstHour)): \(price(summary.worstFall.before)) to \(price(summary.worstFall.after))

      \(table.text)
      """
  }

  private var accounts: String {
    var table = TextTable(
      "account", "rates", ">highest IM/E", ">lowest cushion", ">hours reduce-only", "called (MM > 80 % of E)",
      "liquidated", ">closed in the book", ">taken by the fund", ">penalty", ">funding", ">equity at the end")
    for line in summary.lines {
      table.add(
        line.account, name(line.isDynamic),
        line.highestUtilisation > Rate(9_999_999_999) ? "no equity" : percent(line.highestUtilisation),
        money(line.lowestCushion), "\(line.reduceOnlyHours)", time(line.called), time(line.liquidated),
        money(line.closed), money(line.takenOver), money(line.penalty), money(line.funding), money(line.equity))
    }
    return "accounts: 100,000 USD each when they opened their positions\n\n\(table.text)"
  }

  private var calls: String {
    var table = TextTable("call", "rates", "account", "state", "before", ">equity", ">maintenance margin")
    for (outcome, isDynamic) in [(run.dynamic, true), (run.fixed, false)] {
      for call in outcome.diary.calls where call.state >= .firstCall && call.state > call.before {
        table.add(
          time(call.time), name(isDynamic), HistoryRun.accountName(call.account), "\(call.state)", "\(call.before)",
          money(call.margin.equity), money(call.margin.maintenanceMargin))
      }
    }
    return table.text
  }

  private var liquidations: String {
    if summary.deeds.isEmpty { return "nobody was liquidated" }
    var table = TextTable(
      "liquidation", "rates", "account", "what", "instrument", ">steps", ">BTC", ">mean price", ">value or amount")
    for deed in summary.deeds {
      table.add(
        time(deed.time), name(deed.isDynamic), deed.accountName, words(deed.action), deed.instrumentName,
        "\(deed.steps)", deed.lots == 0 ? "" : Decimal.format(Int128(deed.lots), digits: 3),
        deed.price.map(price) ?? "", money(deed.value))
    }
    return table.text
  }

  private func words(_ action: LiquidationAction) -> String {
    switch action {
    case .orderFilled: "closed in the book"
    case .penalty: "penalty to the fund"
    case .takeover: "position to the fund"
    case .accountTakeover: "account to the fund"
    case .unwound: "fund closes in the book"
    case .deleveraged: "deleveraged"
    case .lossShared: "loss shared"
    }
  }

  private var portfolios: String {
    var table = TextTable(
      "portfolio mode as a part of standard mode", "rates", ">hours", ">lowest", ">mean", ">highest",
      ">mean IM, standard", ">mean IM, portfolio")
    for pair in summary.comparisons {
      table.add(
        pair.name, name(pair.isDynamic), "\(pair.hours)", percent(pair.lowest), percent(pair.mean),
        percent(pair.highest), money(pair.standard), money(pair.portfolio))
    }
    return table.text
  }

  private var fund: String {
    var table = TextTable(
      "insurance fund", ">paid in", ">penalties", ">result of what it took", ">losses shared", ">at the end",
      ">takeovers", ">deleveragings")
    for (outcome, isDynamic) in [(run.dynamic, true), (run.fixed, false)] {
      let fund = outcome.insurance
      let result = fund.equity - fund.contributed - fund.penalties - fund.lossShared
      table.add(
        name(isDynamic), money(fund.contributed), money(fund.penalties), money(result), money(fund.lossShared),
        money(fund.equity), "\(fund.takeovers)", "\(fund.deleveragings)")
    }
    return table.text
  }

  private var funding: String {
    let rates = run.dynamic.diary.fundingRates.filter { $0.time > run.hours[0].start + 3_600 }
    if !rates.contains(where: { $0.rate != 0 }) { return "no funding was exchanged" }
    var table = TextTable("funding received", ">dynamic", ">fixed")
    for (one, other) in zip(run.dynamic.funding, run.fixed.funding) where one.amount != .zero || other.amount != .zero {
      table.add(HistoryRun.accountName(one.account), money(one.amount), money(other.amount))
    }
    let (low, high) = (rates.map(\.rate).min() ?? 0, rates.map(\.rate).max() ?? 0)
    let missing = run.missingFunding == 0 ? "" : "; \(run.missingFunding) are missing in the file and were zero"
    return """
      \(rates.count) exchanges, rates from \(Amounts.percent(Rate(low))) to \(Amounts.percent(Rate(high)))\(missing)

      \(table.text)
      """
  }

  private var checks: String {
    let ramps = run.ramps
    func parts(_ money: HistoryMoney) -> String {
      "paid in \(self.money(money.paidIn)) = accounts \(self.money(money.balances)) + positions "
        + "\(self.money(money.positions)) + fund \(self.money(money.fund)) + pools and roundings "
        + "\(Amounts(moneyDigits: 8).money(money.house)): \(money.isConserved ? "exact" : "NOT EQUAL")"
    }
    return """
      ramps \(ramps.faults.isEmpty ? "held" : "BROKEN"): \(ramps.moves) moves of \(ramps.looks) rates, largest rise \
      \(percent(ramps.steepest.up)) of \(percent(RampCheck.bound.up)) an hour, largest fall \
      \(percent(ramps.steepest.down)) of \(percent(RampCheck.bound.down)); \(ramps.promises) promises 1, 10 and 60 hours \
      ahead, \(ramps.faults.isEmpty ? "all kept" : "not all kept")
      money, dynamic  \(parts(run.dynamic.money))
      money, fixed    \(parts(run.fixed.money))
      checks          \(run.findings.isEmpty ? "incremental margin equals the full recompute, money and contracts are conserved" : "\(run.findings.count) FAILED: \(run.findings[0])")
      """
  }
}

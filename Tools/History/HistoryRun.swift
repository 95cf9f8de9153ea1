import Values
import Wire

/// Real prices and funding rates driven through two venues with the same accounts: one whose rates follow the market, one
/// whose rates stay where those of the first stood at the start.
public struct HistoryRun: Sendable {
  public struct AccountHour: Sendable {
    public let equity: Money
    public let initialEquity: Money
    public let initialMargin: Money
    public let maintenanceMargin: Money
    public var free: Money { initialEquity - initialMargin }
    public var cushion: Money { equity - maintenanceMargin }

    /// IM / E in parts per billion; ``Rate/maximum`` when there is no equity and something is required.
    public var utilisation: Rate { Self.ratio(initialMargin, initialEquity) }

    static func ratio(_ part: Money, _ whole: Money) -> Rate {
      if part == .zero { return .zero }
      if whole.rawValue <= 0 { return .maximum }
      let ratio = (part.rawValue * 1_000_000_000).dividedRoundingUp(by: whole.rawValue)
      return Rate(Int64(min(Int128(Rate.maximum.rawValue), ratio)))
    }
  }

  public struct SetHour: Sendable {
    /// Of the perpetual.
    public let initialRate: Rate
    public let maintenanceRate: Rate
    /// Highest initial rate that was promised for the next hour.
    public let promised: Rate
    /// In the order of ``HistoryRun/accountNames``.
    public let accounts: [AccountHour]
    public let fund: Money
  }

  public struct Hour: Sendable {
    /// Seconds at which the hour begins; all figures are those of its end.
    public let start: Int64
    /// Cents.
    public let price: Int64
    public let dynamic: SetHour
    public let fixed: SetHour
  }

  /// One of the two venues, after the run.
  public struct Outcome: Sendable {
    public let diary: HistoryDiary
    public let insurance: InsuranceReport
    public let money: HistoryMoney
    /// Funding in all, paid and due, of every account that took part.
    public let funding: [(account: AccountId, amount: Money)]
  }

  public let hours: [Hour]
  public let dynamic: Outcome
  public let fixed: Outcome
  public let ramps: RampCheck
  /// Exchanges of funding in the run for which the file has no rate; the rate was zero.
  public let missingFunding: Int
  /// What was wrong: a command refused, margin that differs from the full recompute, money not conserved, a promise broken.
  public let findings: [String]
  public static var accountNames: [String] { HistoryCast.holders.map(\.name) }
  public static func accountName(_ account: AccountId) -> String { HistoryCast.name(account) }
  /// Hours before the start in which the rates only measure.
  public static var warmUp: Int { 240 }

  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  /// Runs the hours whose start lies in `from` ..< `to` (seconds); `warmUp` hours before them settle the rates.
  public init(
    _ prices: PriceHistory, funding: FundingHistory = FundingHistory([:]), from: Int64, to: Int64
  ) throws(Problem) {
    guard let first = prices.hours.firstIndex(where: { $0.start >= from }) else {
      throw Problem(description: "there are no prices from then on")
    }
    let wanted = prices.hours[first...].prefix { $0.start < to }
    guard wanted.count >= 2 else { throw Problem(description: "there are fewer than two hours in this time") }
    let measured = Array(prices.hours[max(0, first - Self.warmUp)..<first]) + wanted
    // A month from the start, or two days after the end.
    let expiry = max(wanted[first].start + 30 * 86_400, measured[measured.count - 1].start + 2 * 86_400)
    var market = HistoryMarket(expiry: expiry, funding: funding, price: measured[0].close)
    // Samples come due a minute before each hour ends, a minute after its marks.
    let begin = (measured[0].start - 60) * 1_000_000_000
    let dynamic = HistoryVenue(start: begin)
    let fixed = HistoryVenue(start: begin)
    for venue in [dynamic, fixed] {
      market.define(venue)
      HistoryCast.found(venue)
    }
    market.measure(dynamic)

    var hours: [Hour] = []
    var findings: [String] = []
    var ramps = RampCheck()
    var missing = 0
    for (index, hour) in measured.enumerated() {
      let end = hour.start + 3_600
      let opening = measured.count - wanted.count
      market.observe(hour.close)
      for venue in [dynamic, fixed] {
        venue.pass(until: end - 120)
        market.mark(venue, at: end)
        if index == opening {
          market.listOptions(venue, price: hour.close)
          HistoryCast.open(venue, price: hour.close, marks: venue.marks())
        }
        market.quote(venue, venue.marks())
        if end.isMultiple(of: FundingHistory.period) { market.setFunding(venue, at: end) }
        venue.pass(until: end)
      }
      let rates = HistoryMarket.linear.map { Self.rates(of: dynamic, $0) }
      ramps.look(rates)
      if index == opening {
        for (instrument, rates) in zip(HistoryMarket.linear, rates) {
          market.setMargin(fixed, instrument, volatility: (rates.maintenanceRate, rates.initialRate))
        }
      }
      guard index >= opening else { continue }
      if end.isMultiple(of: FundingHistory.period) && funding.rates[end] == nil { missing += 1 }
      hours.append(
        Hour(start: hour.start, price: hour.close, dynamic: Self.look(at: dynamic), fixed: Self.look(at: fixed)))
      if index.isMultiple(of: 24) || index == measured.count - 1 {
        findings += [dynamic, fixed].compactMap { $0.finding() }
      }
    }
    self.hours = hours
    self.ramps = ramps
    missingFunding = missing
    self.dynamic = Self.outcome(of: dynamic)
    self.fixed = Self.outcome(of: fixed)
    self.findings = findings + ramps.faults + dynamic.diary.refusals + fixed.diary.refusals
  }

  private static func rates(of venue: HistoryVenue, _ instrument: InstrumentId) -> RiskRateReport {
    venue.ask(QueryParameters(queryId: 0, instrument: instrument), for: RiskRateReport.self)!
  }

  private static func margin(of account: AccountId, _ venue: HistoryVenue) -> MarginReport {
    venue.ask(QueryMargin(queryId: 0, account: account), for: MarginReport.self)!
  }

  private static func look(at venue: HistoryVenue) -> SetHour {
    let rates = rates(of: venue, HistoryCast.perpetual)
    return SetHour(
      initialRate: rates.initialRate, maintenanceRate: rates.maintenanceRate, promised: rates.initialIn1,
      accounts: HistoryCast.holders.map { holder in
        let margin = margin(of: holder.account, venue).margin
        return AccountHour(
          equity: margin.equity, initialEquity: margin.initialEquity, initialMargin: margin.initialMargin,
          maintenanceMargin: margin.maintenanceMargin)
      }, fund: margin(of: HistoryCast.fund, venue).margin.equity)
  }

  private static func outcome(of venue: HistoryVenue) -> Outcome {
    let accounts = HistoryCast.holders.map(\.account) + [HistoryCast.maker, HistoryCast.fund]
    return Outcome(
      diary: venue.diary, insurance: venue.ask(QueryInsurance(queryId: 0), for: InsuranceReport.self)!,
      money: venue.money(),
      funding: accounts.map { account in
        (account, (venue.diary.funding[account] ?? .zero) + margin(of: account, venue).fundingDue)
      })
  }
}

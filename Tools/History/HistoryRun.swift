import Values
import Wire

/// Real prices driven through two venues with the same accounts: one whose rates follow the market, one whose rates stay
/// where those of the first stood at the start.
public struct HistoryRun: Sendable {
  public struct AccountHour: Sendable {
    public let equity: Money
    public let initialEquity: Money
    public let initialMargin: Money
    public let maintenanceMargin: Money
    public var free: Money { initialEquity - initialMargin }
    public var cushion: Money { equity - maintenanceMargin }

    /// IM / E in parts per billion; ``Rate/maximum`` when there is no equity.
    public var utilisation: Rate { Self.ratio(initialMargin, initialEquity) }
    /// MM / E.
    public var marginRatio: Rate { Self.ratio(maintenanceMargin, equity) }

    private static func ratio(_ part: Money, _ whole: Money) -> Rate {
      if whole.rawValue <= 0 { return .maximum }
      let ratio = (part.rawValue * 1_000_000_000).dividedRoundingUp(by: whole.rawValue)
      return Rate(Int64(min(Int128(Rate.maximum.rawValue), ratio)))
    }
  }

  public struct SetHour: Sendable {
    public let initialRate: Rate
    public let maintenanceRate: Rate
    /// Highest initial rate that was promised for the next hour.
    public let promised: Rate
    public let accounts: [AccountHour]
  }

  public struct Hour: Sendable {
    public let start: Int64
    /// Cents.
    public let price: Int64
    public let dynamic: SetHour
    public let fixed: SetHour
  }

  public let hours: [Hour]
  /// What was wrong: margin that differs from the full recompute, money not conserved, a promise broken.
  public let findings: [String]
  public static var accountNames: [String] { HistoryCast.holders.map(\.name) }
  /// Hours before the start in which the rates only measure.
  public static var warmUp: Int { 240 }

  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  /// Runs the hours whose start lies in `from` ..< `to` (seconds); `warmUp` hours before them settle the rates.
  public init(_ prices: PriceHistory, from: Int64, to: Int64) throws(Problem) {
    guard let first = prices.hours.firstIndex(where: { $0.start >= from }) else {
      throw Problem(description: "there are no prices from then on")
    }
    let wanted = prices.hours[first...].prefix { $0.start < to }
    guard wanted.count >= 2 else { throw Problem(description: "there are fewer than two hours in this time") }
    let measured = Array(prices.hours[max(0, first - Self.warmUp)..<first]) + wanted
    let begin = (measured[0].start - 120) * 1_000_000_000
    let dynamic = HistoryVenue(start: begin)
    let fixed = HistoryVenue(start: begin)
    for venue in [dynamic, fixed] { HistoryCast.define(venue, price: measured[0].close) }
    HistoryCast.measure(dynamic)

    var hours: [Hour] = []
    var findings: [String] = []
    var promised: Rate?
    for (index, hour) in measured.enumerated() {
      for venue in [dynamic, fixed] {
        HistoryCast.mark(venue, hour.close)
        // The sample of this hour comes due two minutes before it ends.
        venue.pass(until: (hour.start + 3_540) * 1_000_000_000)
      }
      let isWarm = index >= measured.count - wanted.count
      if index == measured.count - wanted.count {
        let rates = Self.rates(of: dynamic)
        HistoryCast.setMargin(fixed, volatility: (rates.maintenanceRate, rates.initialRate))
        for venue in [dynamic, fixed] { HistoryCast.open(venue, at: hour.close) }
      }
      guard isWarm else { continue }
      let (moving, still) = (Self.look(at: dynamic), Self.look(at: fixed))
      if let promised, moving.initialRate > promised {
        findings.append("hour \(hour.start): the initial rate is above what was promised an hour before")
      }
      promised = moving.promised
      hours.append(Hour(start: hour.start, price: hour.close, dynamic: moving, fixed: still))
      if index.isMultiple(of: 24) || index == measured.count - 1 {
        findings += [dynamic, fixed].compactMap { $0.finding() }
      }
    }
    self.hours = hours
    self.findings = findings
  }

  private static func rates(of venue: HistoryVenue) -> RiskRateReport {
    venue.ask(QueryParameters(queryId: 0, instrument: HistoryCast.perpetual), for: RiskRateReport.self)!
  }

  private static func look(at venue: HistoryVenue) -> SetHour {
    let rates = rates(of: venue)
    return SetHour(
      initialRate: rates.initialRate, maintenanceRate: rates.maintenanceRate, promised: rates.initialIn1,
      accounts: HistoryCast.holders.map { holder in
        let report = venue.ask(QueryMargin(queryId: 0, account: holder.account), for: MarginReport.self)!
        return AccountHour(
          equity: report.margin.equity, initialEquity: report.margin.initialEquity,
          initialMargin: report.margin.initialMargin, maintenanceMargin: report.margin.maintenanceMargin)
      })
  }
}

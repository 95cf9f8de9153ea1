import Values

/// What happened in a run, as people read it.
public struct HistorySummary: Sendable {
  /// One account under one parameter set.
  public struct Line: Sendable {
    public let account: String
    public let isDynamic: Bool
    public let highestUtilisation: Rate
    /// Hours in which free margin was negative: only risk may be reduced.
    public let reduceOnlyHours: Int
    /// First hour (seconds) with MM above 80 % of equity, and with a negative cushion.
    public let called: Int64?
    public let underWater: Int64?
  }

  /// Hour of the deepest fall within one hour, and the price before and after it.
  public let worstHour: Int64
  public let worstFall: (before: Int64, after: Int64)
  /// The dynamic initial rate: at the start, before the worst hour, at its highest (and when), at the end.
  public let initialRate: (start: Rate, beforeWorst: Rate, highest: Rate, highestAt: Int64, end: Rate)
  /// The fixed initial rate.
  public let fixedRate: Rate
  /// Most that the dynamic initial rate moved in one hour, up and down.
  public let steepest: (up: Rate, down: Rate)
  public let lines: [Line]

  public init(_ run: HistoryRun) {
    let hours = run.hours
    var worst = 1
    for index in 1..<hours.count {
      // before/after of this hour against those of the worst, cross-multiplied.
      let (one, other) = (hours[index], hours[index - 1])
      let (best, bestBefore) = (hours[worst], hours[worst - 1])
      if Int128(one.price) * Int128(bestBefore.price) < Int128(best.price) * Int128(other.price) { worst = index }
    }
    worstHour = hours[worst].start
    worstFall = (hours[worst - 1].price, hours[worst].price)
    var highest = 0
    var steepest: (up: Int64, down: Int64) = (0, 0)
    for index in hours.indices {
      if hours[index].dynamic.initialRate > hours[highest].dynamic.initialRate { highest = index }
      if index == 0 { continue }
      let move = hours[index].dynamic.initialRate.rawValue - hours[index - 1].dynamic.initialRate.rawValue
      steepest = (max(steepest.up, move), max(steepest.down, -move))
    }
    self.steepest = (Rate(steepest.up), Rate(steepest.down))
    initialRate = (
      hours[0].dynamic.initialRate, hours[worst - 1].dynamic.initialRate, hours[highest].dynamic.initialRate,
      hours[highest].start, hours[hours.count - 1].dynamic.initialRate
    )
    fixedRate = hours[0].fixed.initialRate
    lines = HistoryRun.accountNames.indices.flatMap { account in
      [true, false].map { Self.line(account, isDynamic: $0, hours) }
    }
  }

  private static func line(_ account: Int, isDynamic: Bool, _ hours: [HistoryRun.Hour]) -> Line {
    func figures(_ hour: HistoryRun.Hour) -> HistoryRun.AccountHour {
      isDynamic ? hour.dynamic.accounts[account] : hour.fixed.accounts[account]
    }
    return Line(
      account: HistoryRun.accountNames[account], isDynamic: isDynamic,
      highestUtilisation: hours.map { figures($0).utilisation }.max() ?? .zero,
      reduceOnlyHours: hours.count { figures($0).free < .zero },
      called: hours.first { figures($0).marginRatio > Rate(800_000_000) }?.start,
      underWater: hours.first { figures($0).cushion < .zero }?.start)
  }
}

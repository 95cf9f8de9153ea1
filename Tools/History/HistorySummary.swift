import Values

/// What happened in a run, as people read it.
public struct HistorySummary: Sendable {
  /// One account under one parameter set.
  public struct Line: Sendable {
    public let account: String
    public let isDynamic: Bool
    public let highestUtilisation: Rate
    /// Lowest equity less maintenance margin at the end of an hour.
    public let lowestCushion: Money
    /// Hours in which free margin was negative: only risk may be reduced.
    public let reduceOnlyHours: Int
    /// Seconds of the first margin call and of the first moment in liquidation.
    public let called: Int64?
    public let liquidated: Int64?
    /// Value of what was closed for it through the book, and what the fund took.
    public let closed: Money
    public let takenOver: Money
    public let penalty: Money
    /// Paid and due; negative: it has paid.
    public let funding: Money
    public let equity: Money
  }

  /// Steps of a liquidation of one kind that followed one another within an hour.
  public struct Deed: Sendable {
    public let isDynamic: Bool
    public let time: Int64
    public let account: AccountId
    public let instrument: InstrumentId
    public let action: LiquidationAction
    public internal(set) var steps: Int
    /// Signed change of the position, lots of 0.001 BTC.
    public internal(set) var lots: Int64
    /// What it was worth, mq; of a penalty: what was paid.
    public internal(set) var value: Money

    /// Mean price in cents; `nil` where nothing changed hands.
    public var price: Int64? {
      // One lot at one cent is worth 10^-5 of a dollar: 1,000 mq.
      lots == 0 ? nil : Int64(value.rawValue.magnitude) / (abs(lots) * 1_000)
    }
    public var accountName: String { HistoryCast.name(account) }
    public var instrumentName: String { HistoryCast.name(instrument) }
  }

  /// The same positions in portfolio and in standard mode: initial margin of the one as a part of that of the other, in all
  /// hours before either was liquidated.
  public struct Comparison: Sendable {
    public let name: String
    public let isDynamic: Bool
    public let hours: Int
    public let lowest: Rate
    /// Of the sums over all hours.
    public let mean: Rate
    public let highest: Rate
    /// The means of the requirements in money.
    public let standard: Money
    public let portfolio: Money
  }

  /// Hour of the deepest fall within one hour, and the price before and after it.
  public let worstHour: Int64
  public let worstFall: (before: Int64, after: Int64)
  /// The dynamic rates: at the start, before the worst hour, at their highest (and when), at the end.
  public let initialRate: (start: Rate, beforeWorst: Rate, highest: Rate, highestAt: Int64, end: Rate)
  public let maintenanceRate: (start: Rate, beforeWorst: Rate, highest: Rate, highestAt: Int64, end: Rate)
  /// The fixed rates.
  public let fixedRate: Rate
  public let fixedMaintenance: Rate
  public let lines: [Line]
  public let deeds: [Deed]
  public let comparisons: [Comparison]

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
    func rate(
      _ path: KeyPath<HistoryRun.SetHour, Rate>
    ) -> (start: Rate, beforeWorst: Rate, highest: Rate, highestAt: Int64, end: Rate) {
      let rates = hours.map { $0.dynamic[keyPath: path] }
      let highest = rates.max() ?? .zero
      let at = rates.firstIndex(of: highest) ?? 0
      return (rates[0], rates[worst - 1], highest, hours[at].start, rates[rates.count - 1])
    }
    initialRate = rate(\.initialRate)
    maintenanceRate = rate(\.maintenanceRate)
    fixedRate = hours[0].fixed.initialRate
    fixedMaintenance = hours[0].fixed.maintenanceRate
    lines = HistoryCast.holders.indices.flatMap { index in
      [true, false].map { Self.line(index, isDynamic: $0, run) }
    }
    deeds = [true, false].flatMap { Self.deeds(run, isDynamic: $0) }
    comparisons = HistoryCast.pairs.flatMap { pair in
      [true, false].map { Self.comparison(pair.name, pair.standard, pair.portfolio, isDynamic: $0, run) }
    }
  }

  private static func outcome(_ run: HistoryRun, _ isDynamic: Bool) -> HistoryRun.Outcome {
    isDynamic ? run.dynamic : run.fixed
  }

  private static func figures(_ run: HistoryRun, _ index: Int, _ isDynamic: Bool) -> [HistoryRun.AccountHour] {
    run.hours.map { isDynamic ? $0.dynamic.accounts[index] : $0.fixed.accounts[index] }
  }

  private static func line(_ index: Int, isDynamic: Bool, _ run: HistoryRun) -> Line {
    let holder = HistoryCast.holders[index]
    let outcome = outcome(run, isDynamic)
    let figures = figures(run, index, isDynamic)
    let calls = outcome.diary.calls.filter { $0.account == holder.account }
    let steps = outcome.diary.steps.filter { $0.account == holder.account }
    func value(_ actions: Set<LiquidationAction>) -> Money {
      steps.filter { actions.contains($0.action) }.reduce(.zero) {
        $0 + ($1.value < .zero ? -$1.value : $1.value)
      }
    }
    return Line(
      account: holder.name, isDynamic: isDynamic, highestUtilisation: figures.map(\.utilisation).max() ?? .zero,
      lowestCushion: figures.map(\.cushion).min() ?? .zero, reduceOnlyHours: figures.count { $0.free < .zero },
      called: calls.first { $0.state >= .firstCall }?.time,
      liquidated: calls.first { $0.state >= .liquidation }?.time, closed: value([.orderFilled]),
      takenOver: value([.takeover, .accountTakeover]), penalty: value([.penalty]),
      funding: outcome.funding.first { $0.account == holder.account }?.amount ?? .zero,
      equity: figures[figures.count - 1].equity)
  }

  private static func deeds(_ run: HistoryRun, isDynamic: Bool) -> [Deed] {
    var deeds: [Deed] = []
    for step in outcome(run, isDynamic).diary.steps {
      // What the fund takes is told to both sides; it is listed with the account.
      let isMirror = step.account == HistoryCast.fund && step.action != .unwound
      if isMirror { continue }
      let last = deeds.lastIndex {
        $0.account == step.account && $0.action == step.action && $0.instrument == step.instrument
          && $0.time / 3_600 == step.time / 3_600
      }
      if let last {
        deeds[last].steps += 1
        deeds[last].lots += step.lots
        deeds[last].value += step.value
      } else {
        deeds.append(
          Deed(
            isDynamic: isDynamic, time: step.time, account: step.account, instrument: step.instrument,
            action: step.action, steps: 1, lots: step.lots, value: step.value))
      }
    }
    return deeds
  }

  private static func comparison(
    _ name: String, _ standard: Int, _ portfolio: Int, isDynamic: Bool, _ run: HistoryRun
  ) -> Comparison {
    let accounts = [standard, portfolio].map { HistoryCast.holders[$0].account }
    let first = outcome(run, isDynamic).diary.steps.first { accounts.contains($0.account) }?.time ?? .max
    let hours = run.hours.indices.prefix { run.hours[$0].start + 3_600 < first }
    let one = hours.map { figures(run, standard, isDynamic)[$0].initialMargin }
    let other = hours.map { figures(run, portfolio, isDynamic)[$0].initialMargin }
    let ratios = zip(other, one).map { HistoryRun.AccountHour.ratio($0, $1) }
    let (sum, part) = (one.reduce(.zero, +), other.reduce(.zero, +))
    let count = Int128(max(1, hours.count))
    return Comparison(
      name: name, isDynamic: isDynamic, hours: hours.count, lowest: ratios.min() ?? .zero,
      mean: HistoryRun.AccountHour.ratio(part, sum), highest: ratios.max() ?? .zero,
      standard: Money(rawValue: sum.rawValue / count), portfolio: Money(rawValue: part.rawValue / count))
  }
}

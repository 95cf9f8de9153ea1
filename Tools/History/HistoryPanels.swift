import Values

/// Which curves of a run are drawn, and where.
struct HistoryPanels {
  struct Curve {
    /// Empty: the dashed companion of the curve before it, without an entry in the legend.
    let name: String
    let colour: Int
    var isDashed = false
    let values: [Double]
  }

  struct Panel {
    let title: String
    let curves: [Curve]
    /// Hours at which somebody was liquidated: with dynamic rates, or (dashed) with fixed ones.
    var marks: [(hour: Int, isDashed: Bool)] = []
  }

  private let run: HistoryRun
  private init(run: HistoryRun) { self.run = run }

  static func all(_ run: HistoryRun) -> [Panel] { HistoryPanels(run: run).panels() }

  private func panels() -> [Panel] {
    let hours = run.hours
    let rates = [
      Curve(name: "initial", colour: 0, values: hours.map { percent($0.dynamic.initialRate) }),
      Curve(name: "", colour: 0, isDashed: true, values: hours.map { percent($0.fixed.initialRate) }),
      Curve(name: "maintenance", colour: 1, values: hours.map { percent($0.dynamic.maintenanceRate) }),
      Curve(name: "", colour: 1, isDashed: true, values: hours.map { percent($0.fixed.maintenanceRate) }),
    ]
    var panels = [
      Panel(
        title: "price, USD; lines: liquidations begin",
        curves: [Curve(name: "BTC", colour: 4, values: hours.map { Double($0.price) / 100 })], marks: liquidations()),
      Panel(title: "volatility rates, %", curves: rates),
      Panel(title: "initial margin, thousand USD", curves: both([0, 1, 2], \.initialMargin, thousands)),
    ]
    for pair in HistoryCast.pairs {
      panels.append(
        Panel(
          title: "initial margin, thousand USD: \(pair.name)",
          curves: [(pair.standard, "standard mode", 0), (pair.portfolio, "portfolio mode", 4)].flatMap {
            curves($0.0, name: $0.1, colour: $0.2, \.initialMargin, thousands)
          }))
    }
    let (single, paired) = (Array(0..<4), Array(4..<HistoryCast.holders.count))
    panels += [
      Panel(title: "utilisation IM / E, %, cut off at 150", curves: both(single, \.utilisation, cut)),
      Panel(title: "utilisation IM / E, %, cut off at 150", curves: dynamic(paired, \.utilisation, cut)),
      Panel(title: "cushion E − MM, thousand USD", curves: both(single, \.cushion, thousands)),
      Panel(title: "cushion E − MM, thousand USD", curves: dynamic(paired, \.cushion, thousands)),
      Panel(
        title: "insurance fund, thousand USD",
        curves: [
          Curve(name: "equity", colour: 2, values: hours.map { thousands($0.dynamic.fund) }),
          Curve(name: "", colour: 2, isDashed: true, values: hours.map { thousands($0.fixed.fund) }),
        ]),
    ]
    return panels
  }

  private func percent(_ rate: Rate) -> Double { Double(rate.rawValue) / 10_000_000 }
  private func cut(_ rate: Rate) -> Double { min(150, percent(rate)) }
  private func thousands(_ money: Money) -> Double { Double(money.rawValue) / 1e11 }

  private func curves<Value>(
    _ account: Int, name: String, colour: Int, _ path: KeyPath<HistoryRun.AccountHour, Value>,
    _ scale: (Value) -> Double
  ) -> [Curve] {
    [
      Curve(name: name, colour: colour, values: run.hours.map { scale($0.dynamic.accounts[account][keyPath: path]) }),
      Curve(
        name: "", colour: colour, isDashed: true,
        values: run.hours.map { scale($0.fixed.accounts[account][keyPath: path]) }),
    ]
  }

  private func both<Value>(
    _ accounts: [Int], _ path: KeyPath<HistoryRun.AccountHour, Value>, _ scale: (Value) -> Double
  ) -> [Curve] {
    accounts.flatMap { curves($0, name: HistoryRun.accountNames[$0], colour: $0, path, scale) }
  }

  private func dynamic<Value>(
    _ accounts: [Int], _ path: KeyPath<HistoryRun.AccountHour, Value>, _ scale: (Value) -> Double
  ) -> [Curve] {
    accounts.enumerated().map { colour, account in
      curves(account, name: HistoryRun.accountNames[account], colour: colour, path, scale)[0]
    }
  }

  /// The hours in which an account came into liquidation.
  private func liquidations() -> [(hour: Int, isDashed: Bool)] {
    [(run.dynamic, false), (run.fixed, true)].flatMap { outcome, isDashed in
      outcome.diary.calls.filter { $0.state >= .liquidation && $0.before < .liquidation }.compactMap { call in
        run.hours.lastIndex { $0.start < call.time }.map { ($0, isDashed) }
      }
    }
  }
}

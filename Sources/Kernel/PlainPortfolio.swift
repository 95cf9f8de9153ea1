import Margin
import Values

/// What the risk groups of one account need, reckoned plainly: Σ positions × 16 scenarios, then group by group and pair by
/// pair. No vector, array or sum of the engine is read.
struct PlainPortfolio {
  /// (price move in thirds of the range, percent of the loss that counts); the volatility moves options only.
  private static let scenarios: [(thirds: Int128, percent: Int128)] = [
    (0, 100), (0, 100), (1, 100), (1, 100), (-1, 100), (-1, 100), (2, 100), (2, 100), (-2, 100), (-2, 100), (3, 100),
    (3, 100), (-3, 100), (-3, 100), (6, 35), (-6, 35),
  ]
  private static let one: Int128 = 1_000_000_000

  /// Lots of one position: as it is, and at both ends of what its orders can do.
  struct Lots {
    var held: Int128
    var long: Int128
    var short: Int128
  }

  /// One group, twice: the position as it is (0), and the worst of every fill of the orders (1).
  private struct Group {
    var changes = [[Int128]](repeating: [Int128](repeating: 0, count: 16), count: 2)
    var deltas: [[Int64: (low: Int128, high: Int128)]] = [[:], [:]]
    var shortOptions: [Int128] = [0, 0]

    func scanLoss(_ kind: Int) -> Int128 {
      var most: Int128 = 0
      for (change, scenario) in zip(changes[kind], PlainPortfolio.scenarios) where change < 0 {
        most = max(
          most, scenario.percent == 100 ? -change : PlainPortfolio.share(-change, scenario.percent * 10_000_000))
      }
      return most
    }

    func spread(_ kind: Int, rate: Int128) -> Int128 {
      let long = deltas[kind].values.reduce(0) { $0 + max(0, $1.high) }
      let short = deltas[kind].values.reduce(0) { $0 + max(0, -$1.low) }
      return PlainPortfolio.share(min(long, short), rate)
    }

    /// Delta that every outcome keeps.
    func certainDelta(_ kind: Int) -> Int128 {
      let low = deltas[kind].values.reduce(0) { $0 + $1.low }
      let high = deltas[kind].values.reduce(0) { $0 + $1.high }
      return low > 0 ? low : high < 0 ? high : 0
    }
  }

  private var groups: [UInt32: Group] = [:]

  /// ⌈amount·rate⌉ of an amount ≥ 0, the amount rounded to whole billions first where the product would be too wide.
  private static func share(_ amount: Int128, _ rate: Int128) -> Int128 {
    let (product, overflow) = amount.multipliedReportingOverflow(by: rate)
    return overflow ? PlainMargin.up(amount, one) * rate : PlainMargin.up(product, one)
  }

  private static func shareDown(_ amount: Int128, _ rate: Int128) -> Int128 {
    let (product, overflow) = amount.multipliedReportingOverflow(by: rate)
    return overflow ? PlainMargin.down(amount, one) * rate : PlainMargin.down(product, one)
  }

  /// max(range floor, volatility rate of the instrument that the group follows).
  static func range(_ group: RiskGroup, _ ledger: borrowing Ledger) -> Int128 {
    let followed = group.parameters.volatilityInstrument
    let volatility = followed == 0 ? 0 : PlainMargin.volatility(ledger.instruments[followed], ledger).maintenance
    return max(Int128(group.parameters.rangeFloor.rawValue), volatility)
  }

  /// Adds one position to its group.
  mutating func add(_ lots: Lots, _ instrument: Instrument, _ ledger: borrowing Ledger) {
    let slot = ledger.assets[instrument.baseAsset].riskGroup
    let range = Self.range(ledger.groups[slot], ledger)
    var value = Int128(instrument.mark.rawValue) * Int128(instrument.multiplier)
    var changes = Self.scenarios.map { Self.change(of: value, range: range, thirds: $0.thirds) }
    if instrument.kind == .option {
      (changes, value) = Self.option(instrument, ledger.groups[slot].parameters, range, ledger)
    }
    for (scenario, change) in changes.enumerated() {
      func contribution(_ lots: Int128) -> Int128 { lots * (lots < 0 ? change.up : change.down) }
      groups[slot, default: Group()].changes[0][scenario] += contribution(lots.held)
      groups[slot]!.changes[1][scenario] += min(contribution(lots.long), contribution(lots.short))
    }
    if instrument.kind == .option {
      let minimum = ledger.groups[slot].parameters.shortOptionMinimum.rawValue
      groups[slot]!.shortOptions[0] += max(0, -lots.held) * minimum
      groups[slot]!.shortOptions[1] += max(0, -lots.short) * minimum
    }
    let ends = [(lots.held * value, lots.held * value), (lots.long * value, lots.short * value)]
    for (kind, end) in ends.enumerated() {
      let expiry = instrument.expiry.isSet ? instrument.expiry.time.rawValue : 0
      let known = groups[slot]!.deltas[kind][expiry, default: (0, 0)]
      groups[slot]!.deltas[kind][expiry] = (known.low + min(end.0, end.1), known.high + max(end.0, end.1))
    }
  }

  /// What one option gains, and its delta notional: the model of its mark, moved and a day older.
  private static func option(
    _ instrument: Instrument, _ parameters: GroupParameters, _ range: Int128, _ ledger: borrowing Ledger
  ) -> (changes: [(down: Int128, up: Int128)], delta: Int128) {
    let slot = ledger.find(instrument.id)
    var changes: [(down: Int128, up: Int128)] = []
    for (scenario, row) in scenarios.enumerated() {
      let direction: Int64 = scenario >= 14 ? 0 : scenario % 2 == 0 ? 1 : -1
      let change = ledger.optionChange(
        of: slot, thirds: Int64(row.thirds), direction: direction, range: Rate(Int64(range)),
        shock: parameters.volatilityShock)
      changes.append((down: Int128(change.low), up: Int128(change.high)))
    }
    let delta = Int128(ledger.optionDelta(of: slot))
    var largest = max(abs(delta), parameters.shortOptionMinimum.rawValue)
    for change in changes { largest = max(largest, max(abs(change.down), abs(change.up))) }
    if largest < 1 << 62 { return (changes, delta) }
    // Beyond 64 bits: a long can lose all, a short up to the highest price.
    let value = Int128(instrument.mark.rawValue) * Int128(instrument.multiplier)
    let most = Int128(instrument.maximumPrice.rawValue) * Int128(instrument.multiplier) - value
    return ([(down: Int128, up: Int128)](repeating: (-value, most), count: 16), 0)
  }

  /// What one linear lot gains, rounded down and up.
  private static func change(of value: Int128, range: Int128, thirds: Int128) -> (down: Int128, up: Int128) {
    let move = range * abs(thirds)
    let (product, overflow) = value.multipliedReportingOverflow(by: move)
    let down = overflow ? PlainMargin.down(value, 3 * one) * move : PlainMargin.down(product, 3 * one)
    let up = overflow ? PlainMargin.up(value, 3 * one) * move : PlainMargin.up(product, 3 * one)
    return thirds < 0 ? (-up, -down) : (down, up)
  }

  /// Maintenance and initial requirement of all groups.
  func requirements(_ ledger: borrowing Ledger) -> (maintenance: Int128, initial: Int128) {
    var (maintenance, initial): (Int128, Int128) = (0, 0)
    for (slot, group) in groups {
      let parameters = ledger.groups[slot].parameters
      func requirement(_ kind: Int) -> Int128 {
        let loss = group.scanLoss(kind)
        let credit = min(credits(of: slot, kind, ledger), Self.shareDown(loss, Int128(parameters.creditCap.rawValue)))
        let spread = group.spread(kind, rate: Int128(parameters.spreadRate.rawValue))
        return max(loss - credit + spread, group.shortOptions[kind])
      }
      maintenance += requirement(0)
      initial += Self.share(requirement(1), Int128(parameters.initialMultiplier.rawValue))
    }
    return (maintenance, initial)
  }

  /// What all relations of a group relieve it of, before the cap.
  private func credits(of slot: UInt32, _ kind: Int, _ ledger: borrowing Ledger) -> Int128 {
    var sum: Int128 = 0
    if ledger.credits.count == 0 { return 0 }
    for index in 1..<UInt32(ledger.credits.count + 1) {
      let pair = ledger.credits[index]
      guard pair.first == slot || pair.second == slot, let first = groups[pair.first], let second = groups[pair.second]
      else { continue }
      let (one, other) = (first.certainDelta(kind), second.certainDelta(kind))
      if one == 0 || other == 0 || (one > 0) == (other > 0) { continue }
      let matched = min(
        Self.shareDown(abs(one), Int128(pair.firstShare.rawValue)),
        Self.shareDown(abs(other), Int128(pair.secondShare.rawValue)))
      let (range, rate) = (Self.range(ledger.groups[slot], ledger), Int128(pair.rate.rawValue))
      let (product, overflow) = matched.multipliedReportingOverflow(by: range * rate)
      sum +=
        overflow
        ? Self.shareDown(Self.shareDown(matched, range), rate) : PlainMargin.down(product, Self.one * Self.one)
    }
    return sum
  }
}

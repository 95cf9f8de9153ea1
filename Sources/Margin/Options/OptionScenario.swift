import Values

// One scenario of one option, by the definition: what the auditor compares risk arrays with.

extension Ledger {
  /// What one lot gains when the price moves by `thirds` of the range and the volatility in `direction` (−1, 0, 1), a day
  /// later, mq, rounded down and up. Zero while the option has no mark.
  public func optionChange(
    of instrument: UInt32, thirds: Int64, direction: Int64, range: Rate, shock: Rate
  ) -> (low: Int64, high: Int64) {
    let record = instruments[instrument]
    guard let model = model(of: instrument, at: record.option.pricedAt) else { return (0, 0) }
    let term = volatilityTermFactor(days: model.years * 365)
    let value = model.value(
      priceFactor: 1 + Double(range.rawValue) / 1_000_000_000 * Double(thirds) / 3,
      volatilityFactor: 1 + Double(shock.rawValue) / 1_000_000_000 * term * Double(direction), days: 1)
    let quanta = Quantised((value - Double(record.mark.rawValue)) * Double(record.multiplier))
    return (quanta.low, quanta.high)
  }

  /// Delta notional of one lot, mq, rounded down.
  public func optionDelta(of instrument: UInt32) -> Int64 {
    let record = instruments[instrument]
    guard let model = model(of: instrument, at: record.option.pricedAt) else { return 0 }
    return Quantised(model.deltaNotional * Double(record.multiplier)).low
  }
}

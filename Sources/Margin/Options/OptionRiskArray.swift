import Values

extension RiskArray {
  /// The array of an option: its Black-76 value at the moved price and volatility a day later, less its mark.
  ///
  /// The day is the look-ahead of SPAN: what a long option loses by time alone is part of every scenario. In the settlement
  /// window only the part of the forward that has not been sampled yet moves.
  /// - Parameters:
  ///   - model: the option as it was when its mark was found, in its price units.
  ///   - range: price scan range as a rate of the forward.
  ///   - shock: v, relative change of the volatility for an option of 30 days.
  ///   - shortOptionMinimum: least requirement of one short lot, mq.
  ///   - days: how far ahead the scenarios are.
  public init(
    option model: OptionModel, mark: Price, multiplier: Int64, range: Rate, shock: Rate, shortOptionMinimum: Money,
    days: Double = 1
  ) {
    let move = Double(range.rawValue) / 1_000_000_000
    let change = Double(shock.rawValue) / 1_000_000_000 * volatilityTermFactor(days: model.years * 365)
    for scenario in 0..<Scenarios.count {
      let value = model.value(
        priceFactor: 1 + move * Double(Scenarios.thirds[scenario]) / 3,
        volatilityFactor: 1 + change * Double(Scenarios.volatility[scenario]), days: days)
      let quanta = Quantised((value - Double(mark.rawValue)) * Double(multiplier))
      low[scenario] = quanta.low
      high[scenario] = quanta.high
    }
    delta = Quantised(model.deltaNotional * Double(multiplier)).low
    reach = max(Int128(delta.magnitude), shortOptionMinimum.rawValue)
    for scenario in 0..<Scenarios.count {
      reach = max(reach, max(Int128(low[scenario].magnitude), Int128(high[scenario].magnitude)))
    }
  }
}

extension OptionModel {
  /// What one lot × price unit gains when the underlying doubles at the slope it has now: delta × the price of what moves.
  public var deltaNotional: Double {
    let strike = terms.strike - fixed
    if strike <= 0 { return terms.isCall ? variable : 0 }
    let greeks = OptionTerms(strike: strike, isCall: terms.isCall).greeks(
      spot: variable, years: years, volatility: volatility)
    return greeks.delta * variable
  }
}

import Values

/// What the risk array of an option is made of: frozen between two rebuilds, so that the array is.
@frozen public struct OptionRiskInput: BitwiseCopyable, Equatable, Sendable {
  public var terms: OptionTerms
  /// Forward price of the underlying, in price units of the option.
  public var forward: Double
  /// Years to expiry when the array is made.
  public var years: Double
  /// Implied volatility, 1.0 is 100 %.
  public var volatility: Double
  /// Mark of the option, price units: what the changes are measured from.
  public var mark: Price
  /// m: mq per lot × price unit.
  public var multiplier: Int64

  public init(
    terms: OptionTerms, forward: Double, years: Double, volatility: Double, mark: Price, multiplier: Int64
  ) {
    self.terms = terms
    self.forward = forward
    self.years = years
    self.volatility = volatility
    self.mark = mark
    self.multiplier = multiplier
  }
}

extension RiskArray {
  /// The array of an option: its Black-76 value at the moved price and volatility a day later, less its mark.
  ///
  /// The day is the look-ahead of SPAN: what a long option loses by time alone is part of every scenario.
  /// - Parameters:
  ///   - range: price scan range as a rate of the forward.
  ///   - shock: v, relative change of the volatility for an option of 30 days.
  ///   - shortOptionMinimum: least requirement of one short lot, mq.
  ///   - lookAhead: years until the scenarios happen.
  public init(
    option input: OptionRiskInput, range: Rate, shock: Rate, shortOptionMinimum: Money, lookAhead: Double = 1.0 / 365
  ) {
    let years = max(0, input.years - lookAhead)
    let move = Double(range.rawValue) / 1e9
    let change = Double(shock.rawValue) / 1e9 * volatilityTermFactor(days: input.years * 365)
    for scenario in 0..<Scenarios.count {
      let price = max(0, input.forward + input.forward * move * Double(Scenarios.thirds[scenario]) / 3)
      let volatility = max(0, input.volatility * (1 + change * Double(Scenarios.volatility[scenario])))
      let value = black76(
        forward: price, strike: input.terms.strike, years: years, volatility: volatility,
        isCall: input.terms.isCall)
      let quanta = Quantised((value - Double(input.mark.rawValue)) * Double(input.multiplier))
      low[scenario] = quanta.low
      high[scenario] = quanta.high
    }
    let greeks = input.terms.greeks(spot: input.forward, years: input.years, volatility: input.volatility, rate: 0)
    delta = Quantised(greeks.delta * input.forward * Double(input.multiplier)).low
    reach = max(Int128(delta.magnitude), shortOptionMinimum.rawValue)
    for scenario in 0..<Scenarios.count {
      reach = max(reach, max(Int128(low[scenario].magnitude), Int128(high[scenario].magnitude)))
    }
  }
}

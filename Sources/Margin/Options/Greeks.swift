/// How an option's value moves, for one unit.
@frozen public struct Greeks: BitwiseCopyable, Hashable, Sendable {
  /// Value, in the units of the underlying price.
  public var value = 0.0
  /// Per unit of the underlying price.
  public var delta = 0.0
  /// Change of delta per unit of the underlying price.
  public var gamma = 0.0
  /// Per 1.0 (100 points) of volatility.
  public var vega = 0.0
  /// Per day that passes; a year has 365 days.
  public var theta = 0.0
  /// Per 1.0 (100 %) of the interest rate.
  public var rho = 0.0

  public init() {}
}

extension OptionTerms {
  /// Value and Greeks at an underlying price. Black-Scholes-Merton, which is Black-76 on the forward
  /// S·e^((rate − yield)·years) discounted at `rate`. Source: E. G. Haug, "Option pricing formulas" (1998).
  ///
  /// Finite for spot ≥ 0: without time or volatility the value is the discounted payoff of the forward, delta is that of
  /// the payoff (½ exactly at the strike), gamma, vega and theta are 0.
  /// - Parameters:
  ///   - years: time to expiry; a year has 365 days.
  ///   - volatility: annual, 1.0 is 100 %.
  ///   - rate: continuously compounded interest rate per year.
  ///   - yield: continuous yield of the underlying per year.
  public func greeks(
    spot: Double, years: Double, volatility: Double, rate: Double = 0, yield: Double = 0
  ) -> Greeks {
    let time = max(0, years)
    let discount = PortableMath.exp(-rate * time)
    let carried = PortableMath.exp(-yield * time)
    let forward = spot * carried / discount
    var greeks = Greeks()
    greeks.value =
      discount * black76(forward: forward, strike: strike, years: time, volatility: volatility, isCall: isCall)
    let deviation = max(0, volatility) * time.squareRoot()
    guard deviation > 1e-30, forward > 0, strike > 0 else {
      return payoffGreeks(greeks, forward, carried, discount, time)
    }
    let sign = isCall ? 1.0 : -1.0
    let d1 = PortableMath.log(forward / strike) / deviation + 0.5 * deviation
    let density = carried * PortableMath.normalDensity(d1)
    let exercised = PortableMath.normalCumulative(sign * (d1 - deviation))
    greeks.delta = sign * carried * PortableMath.normalCumulative(sign * d1)
    greeks.gamma = density / (spot * deviation)
    greeks.vega = spot * density * time.squareRoot()
    let decay = -spot * density * volatility / (2 * time.squareRoot())
    let carry = sign * (rate * strike * discount * exercised) - yield * spot * greeks.delta
    greeks.theta = (decay - carry) / 365
    greeks.rho = sign * strike * time * discount * exercised
    return greeks
  }

  /// The limit without time or volatility: the option is exercised or it is not.
  private func payoffGreeks(
    _ greeks: Greeks, _ forward: Double, _ carried: Double, _ discount: Double, _ time: Double
  ) -> Greeks {
    var greeks = greeks
    let sign = isCall ? 1.0 : -1.0
    let exercised = forward == strike ? 0.5 : (forward > strike) == isCall ? 1.0 : 0.0
    greeks.delta = sign * carried * exercised
    greeks.rho = sign * strike * time * discount * exercised
    return greeks
  }
}

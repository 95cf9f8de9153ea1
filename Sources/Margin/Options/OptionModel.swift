import Values

/// All that the value of one option depends on, in the instrument's price units. Portable: the same inputs give the same
/// bits everywhere.
@frozen public struct OptionModel: BitwiseCopyable, Hashable, Sendable {
  public var terms: OptionTerms
  /// The part of the settlement price that has been sampled already; zero before the window.
  public var fixed: Double
  /// The rest of the forward, which moves with the underlying.
  public var variable: Double
  /// dF/dU: the share of the samples still to come; 1 before the window.
  public var share: Double
  /// Time to expiry; a year has 365 days.
  public var years: Double
  /// 1.0 is 100 %.
  public var volatility: Double
  /// No option is worth more: the instrument's maximum price.
  public var cap: Double

  public init(
    terms: OptionTerms, fixed: Double, variable: Double, share: Double, years: Double, volatility: Double, cap: Double
  ) {
    self.terms = terms
    self.fixed = fixed
    self.variable = variable
    self.share = share
    self.years = years
    self.volatility = volatility
    self.cap = cap
  }

  /// Black-76 value after the underlying is multiplied by `priceFactor`, the volatility by `volatilityFactor`, and
  /// `days` have passed.
  ///
  /// The sampled part of the forward does not move: what is left is an option on the variable part, struck at K less the
  /// fixed one.
  public func value(priceFactor: Double = 1, volatilityFactor: Double = 1, days: Double = 0) -> Double {
    let variable = variable * max(0, priceFactor)
    let strike = terms.strike - fixed
    if strike <= 0 { return min(cap, terms.payoff(at: fixed + variable)) }
    return min(
      cap,
      black76(
        forward: variable, strike: strike, years: max(0, years - days / 365),
        volatility: max(0, volatility * volatilityFactor), isCall: terms.isCall))
  }

  /// Value and Greeks of one lot × price unit, with respect to the underlying's index price.
  public func greeks() -> Greeks {
    let strike = terms.strike - fixed
    guard strike > 0 else {
      var greeks = Greeks()
      greeks.value = value()
      greeks.delta = terms.isCall ? share : 0
      return greeks
    }
    var greeks = OptionTerms(strike: strike, isCall: terms.isCall).greeks(
      spot: variable, years: years, volatility: volatility)
    greeks.value = min(cap, greeks.value)
    greeks.delta *= share
    greeks.gamma *= share * share
    return greeks
  }
}

extension Timestamp {
  /// From `earlier` to this time, in years of 365 days; never negative.
  public func years(since earlier: Timestamp) -> Double {
    if self <= earlier { return 0 }
    return Double(rawValue - earlier.rawValue) / 31_536_000_000_000_000
  }
}

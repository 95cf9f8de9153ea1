/// Value of a European option on a forward, undiscounted, in the units of `forward` and `strike`.
///
/// F·N(d1) − K·N(d2) for a call, K·N(−d2) − F·N(−d1) for a put, with d1 = ln(F/K)/s + s/2, d2 = d1 − s and
/// s = volatility·√years. Source: F. Black, "The pricing of commodity contracts" (1976).
///
/// Total: for forward ≥ 0, strike ≥ 0 the result is finite and never outside payoff … F (call) or payoff … K (put);
/// without time or volatility it is the payoff.
/// - Parameters:
///   - years: time to expiry; a year has 365 days.
///   - volatility: annual, 1.0 is 100 %.
public func black76(forward: Double, strike: Double, years: Double, volatility: Double, isCall: Bool) -> Double {
  let payoff = OptionTerms(strike: strike, isCall: isCall).payoff(at: forward)
  guard forward > 0, strike > 0, years > 0, volatility > 0 else { return payoff }
  let deviation = volatility * years.squareRoot()
  let d1 = PortableMath.log(forward / strike) / deviation + 0.5 * deviation
  let d2 = d1 - deviation
  guard d1.isFinite && d2.isFinite else { return payoff }
  let value =
    isCall
    ? forward * PortableMath.normalCumulative(d1) - strike * PortableMath.normalCumulative(d2)
    : strike * PortableMath.normalCumulative(-d2) - forward * PortableMath.normalCumulative(-d1)
  return max(payoff, min(isCall ? forward : strike, value))
}

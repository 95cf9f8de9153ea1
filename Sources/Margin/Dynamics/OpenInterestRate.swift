import Values

/// r_OI: base + (1 − base)·clamp((OI − lower)/(upper − lower), 0, 1), rounded up.
///
/// Source: open-interest scaling of dYdX's initial margin (liquidity tiers), which rounds down; here it is against the
/// account. `notional` is the open interest in mq; `base` up to 100 % (a higher one is returned as it is).
public func openInterestRate(base: Rate, notional: Int128, lower: Int64, upper: Int64) -> Rate {
  precondition(lower >= 0 && upper > lower)
  if notional <= Int128(lower) || base >= .one { return base }
  if notional >= Int128(upper) { return .one }
  let rise = Int128(Rate.one.rawValue - base.rawValue) * (notional - Int128(lower))
  return Rate(base.rawValue + Int64(rise.dividedRoundingUp(by: Int128(upper) - Int128(lower))))
}

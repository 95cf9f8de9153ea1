/// Factor of a volatility shock for an option of `days` to expiry: (30 / max(1, days))^a, a = 0.30 up to 30 days and 0.13
/// beyond. Near expiries move more than far ones.
///
/// Source: Deribit portfolio margin; Paradex portfolio margin (same exponents).
public func volatilityTermFactor(days: Double) -> Double {
  PortableMath.power(30 / max(1, days), days <= 30 ? 0.30 : 0.13)
}

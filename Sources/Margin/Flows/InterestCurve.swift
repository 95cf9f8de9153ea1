import Values

/// The yearly rate that debts of one asset pay, by how much of it is lent out: r0 + s1·u up to u*, then steeper.
///
/// Sources: Aave, Derive (Lyra) v2 InterestRateModel. Mango v4 gives the rate at its knots instead of the slopes.
@frozen public struct InterestCurve: BitwiseCopyable, Equatable, Sendable {
  /// r0: the rate while nothing is borrowed.
  public var base = Rate.zero
  /// s1: rise per unit of utilisation up to the kink.
  public var slope = Rate.zero
  /// s2: rise per unit of utilisation beyond it; not below s1.
  public var steepSlope = Rate.zero
  /// u*: where the kink is, 0…100 %.
  public var kink = Rate.one

  public init() {}

  public init(base: Rate, slope: Rate, steepSlope: Rate, kink: Rate) {
    self.base = base
    self.slope = slope
    self.steepSlope = steepSlope
    self.kink = kink
  }

  /// Yearly borrowing rate at a utilisation of 0…100 %, each part rounded up.
  @inlinable public func rate(at utilisation: Rate) -> Rate {
    let below = min(utilisation, kink).rawValue
    let above = max(utilisation.rawValue - kink.rawValue, 0)
    let rise = slope.roundedUp(of: Money(below)) + steepSlope.roundedUp(of: Money(above))
    return Rate(base.rawValue + Int64(rise.rawValue))
  }

  /// ⌊borrowing rate · u · (1 − reserve)⌋: what balances earn, so that what is paid is never less than what is earned.
  @inlinable public func lendingRate(at utilisation: Rate, reserveFactor: Rate) -> Rate {
    let earned = rate(at: utilisation).roundedDown(of: Money(utilisation.rawValue))
    return Rate(Int64(Rate(Rate.one.rawValue - reserveFactor.rawValue).roundedDown(of: earned).rawValue))
  }

  /// borrowed / supplied, rounded down, at most 100 %; 100 % when there is debt and nothing is supplied.
  public static func utilisation(borrowed: Money, supplied: Money) -> Rate {
    if borrowed <= .zero { return .zero }
    if borrowed >= supplied { return .one }
    return Rate(Int64(borrowed.rawValue.scaledRoundingDown(by: 1_000_000_000, over: supplied.rawValue)))
  }
}

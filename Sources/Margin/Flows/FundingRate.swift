import Values

/// How the funding rate of a perpetual is found, all rates per ``period``.
@frozen public struct FundingParameters: BitwiseCopyable, Equatable, Sendable {
  /// How often the index advances, in milliseconds; zero: no funding.
  public var interval: Int64 = 0
  /// What the rates refer to, in milliseconds (8 hours: 28,800,000). At least the interval.
  public var period: Int64 = 0
  /// How often the premium is sampled, in milliseconds; at most the interval.
  public var sampling: Int64 = 0
  /// The interest component: the rate while mark and index agree.
  public var interest = Rate.zero
  /// c: how far the interest component may pull the premium.
  public var clamp = Rate.zero
  /// Highest magnitude of the rate.
  public var cap = Rate.zero
  /// The rate's magnitude is at most this many times (initial − maintenance rate); zero: no such bound.
  public var marginFactor = Rate.zero
  /// A rate from outside (published by another venue, say) in place of the formula.
  public var fixed: Rate?

  public init() {}

  /// clamp(premium + clamp(interest − premium, ±c), ±bound): inside the clamp the rate is the interest component.
  ///
  /// Source: Paradex, Binance and BitMEX use this form.
  /// - Parameter marginGap: initial − maintenance rate, what the margin bound is a multiple of.
  @inlinable public func rate(premium: Rate, marginGap: Rate) -> Rate {
    let bound = bound(marginGap: marginGap)
    if let fixed { return min(bound, max(Rate(-bound.rawValue), fixed)) }
    let pull = min(clamp.rawValue, max(-clamp.rawValue, interest.rawValue - premium.rawValue))
    return Rate(min(bound.rawValue, max(-bound.rawValue, premium.rawValue + pull)))
  }

  /// min(cap, ⌊marginFactor·(IM − MM)⌋).
  ///
  /// One interval's funding then never costs more than a set multiple of what separates the two requirements. Source:
  /// dYdX v4, funding rate clamp.
  @inlinable public func bound(marginGap: Rate) -> Rate {
    if marginFactor == .zero { return cap }
    let byMargin = marginFactor.roundedDown(of: Money(max(0, marginGap.rawValue)))
    return byMargin < Money(cap.rawValue) ? Rate(Int64(byMargin.rawValue)) : cap
  }
}

/// The average of a perpetual's premium over one interval.
@frozen public struct PremiumAverage: BitwiseCopyable, Equatable, Sendable {
  public var sum: Int128 = 0
  public var count: Int64 = 0

  @inlinable public init() {}

  /// (mark − index)/index in parts per billion, rounded toward zero, at most ±100 %.
  @inlinable public static func premium(mark: Price, index: Price) -> Rate {
    precondition(index > Price(0))
    let difference = Int128(mark.rawValue - index.rawValue) * 1_000_000_000 / Int128(index.rawValue)
    return Rate(Int64(min(1_000_000_000, max(-1_000_000_000, difference))))
  }

  @inlinable public mutating func add(_ premium: Rate) {
    sum += Int128(premium.rawValue)
    count += 1
  }

  /// The mean, rounded toward zero; zero when nothing was sampled.
  @inlinable public var mean: Rate { count == 0 ? .zero : Rate(Int64(sum / Int128(count))) }
}

import Values

/// Parameters of a risk group: all instruments of one underlying. Set by the risk administrator.
@frozen public struct GroupParameters: BitwiseCopyable, Equatable, Sendable {
  /// The price scan range is never below this rate of the price.
  public var rangeFloor = Rate.zero
  /// Slot of the instrument whose volatility rate the range follows; zero: the floor alone.
  public var volatilityInstrument: UInt32 = 0
  /// v: relative change of implied volatilities in the scenarios, for options of 30 days.
  public var volatilityShock = Rate.zero
  /// Calendar charge on min(long, short) delta notional over expiries.
  public var spreadRate = Rate.zero
  /// Least requirement of one short option lot, mq.
  public var shortOptionMinimum = Money.zero
  /// im_mult ≥ 1: initial over maintenance requirement.
  public var initialMultiplier = Rate.one
  /// c_max < 1: most of its scan loss that a group is relieved of by other groups.
  public var creditCap = Rate.zero

  public init() {}
}

/// What the requirement of one group is made of: of the position as it is (S), or at the worst of all fills (W).
@frozen public struct GroupFigures: BitwiseCopyable, Equatable, Sendable {
  /// SL: loss of the worst scenario.
  public var scanLoss = Money.zero
  /// Calendar charge.
  public var spread = Money.zero
  /// Short option minimum of all short option lots.
  public var shortOptions = Money.zero
  /// Delta notional that is certain, signed: zero if fills can turn its sign.
  public var delta = Money.zero

  @inlinable public init() {}

  /// max(SL − credit + spread, short option minimum).
  @inlinable @inline(__always) public func requirement(credit: Money) -> Money {
    max(scanLoss - credit + spread, shortOptions)
  }

  /// What other groups relieve this one of: at most ⌊cap·SL⌋, with cap < 1, so never the whole scan loss.
  @inlinable @inline(__always) public func credit(_ legs: Money, cap: Rate) -> Money {
    legs <= .zero ? .zero : min(legs, cap.roundedDown(of: scanLoss))
  }
}

/// The delta notional that every outcome of an interval keeps: its end nearer to zero, or zero if it straddles zero.
@inlinable @inline(__always) public func guaranteedDelta(low: Money, high: Money) -> Money {
  low > .zero ? low : high < .zero ? high : .zero
}

/// Calendar charge: ⌈rate·min(long, short)⌉ of delta notional summed over the expiries that are long or short.
///
/// Longs of one expiry against shorts of another are hedged against the underlying, not against the time spread.
@inlinable @inline(__always) public func calendarCharge(long: Money, short: Money, rate: Rate) -> Money {
  let matched = min(long, short)
  return matched <= .zero ? .zero : rate.roundedUp(of: matched)
}

/// A relation between two risk groups: opposite deltas relieve both of part of their scan loss.
@frozen public struct GroupCredit: BitwiseCopyable, Equatable, Sendable {
  /// Slots of the groups, and of the next credit of each.
  public var first: UInt32
  public var second: UInt32
  public var nextOfFirst: UInt32 = 0
  public var nextOfSecond: UInt32 = 0
  /// c < 1: part of the matched scan range that is relieved.
  public var rate: Rate
  /// α: part of its own delta that each side gives to this relation. A group's shares sum to at most 1, so relations do
  /// not compete and no order among them matters.
  public var firstShare: Rate
  public var secondShare: Rate

  public init(first: UInt32, second: UInt32, rate: Rate, firstShare: Rate, secondShare: Rate) {
    self.first = first
    self.second = second
    self.rate = rate
    self.firstShare = firstShare
    self.secondShare = secondShare
  }

  /// k: delta notional of the two groups that is matched, zero unless the deltas are opposite.
  @inlinable @inline(__always) public func matched(_ first: Money, _ second: Money) -> Money {
    if first == .zero || second == .zero || (first < .zero) == (second < .zero) { return .zero }
    return min(
      firstShare.roundedDown(of: first < .zero ? -first : first),
      secondShare.roundedDown(of: second < .zero ? -second : second))
  }

  /// ⌊k·PSR%·c⌋: the leg of one group whose price scan range is `range`.
  @inlinable public func leg(of matched: Money, range: Rate) -> Money {
    let both = Int128(range.rawValue) * Int128(rate.rawValue)
    let (product, overflow) = matched.rawValue.multipliedReportingOverflow(by: both)
    if overflow { return rate.roundedDown(of: range.roundedDown(of: matched)) }
    return Money(product.dividedRoundingDown(by: 1_000_000_000_000_000_000))
  }
}

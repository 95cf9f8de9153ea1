import Values

/// I: what one quantum that was lent (or owed) at the beginning has become, in 10^-18 quanta.
///
/// A balance keeps the index it was last settled at; today it is b·I/I0, rounded down: assets down, debts to the larger
/// debt.
@frozen public struct InterestIndex: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: Int128

  @inlinable public init(rawValue: Int128) { self.rawValue = rawValue }

  /// 10^18: nothing has accrued.
  @inlinable public static var one: InterestIndex { InterestIndex(rawValue: 1_000_000_000_000_000_000) }
  /// The index stops at 10^27: a billion times the amount.
  @inlinable public static var bound: InterestIndex { InterestIndex(rawValue: 1_000_000_000_000_000_000_000_000_000) }
  /// Milliseconds of 365 days, what yearly rates refer to.
  @inlinable public static var year: Int64 { 31_536_000_000 }

  @inlinable public static func < (left: InterestIndex, right: InterestIndex) -> Bool {
    left.rawValue < right.rawValue
  }

  /// b_now = ⌊b·I/I0⌋ of an amount settled at `start`.
  @inlinable public func grown(_ amount: Int128, since start: InterestIndex) -> Int128 {
    if self == start || amount == 0 { return amount }
    return amount.scaledRoundingDown(by: rawValue, over: start.rawValue)
  }

  /// The borrowing index after `interval` milliseconds at a yearly `rate`, compounded and rounded up.
  public func compoundedUp(_ rate: Rate, interval: Int64) -> InterestIndex {
    let growth = Self.growth(rate, interval: interval).roundedUp
    return capped(rawValue + rawValue.scaledRoundingUp(by: growth, over: Self.one.rawValue))
  }

  /// The lending index after `interval` milliseconds at a yearly `rate`, compounded and rounded down.
  public func compoundedDown(_ rate: Rate, interval: Int64) -> InterestIndex {
    let growth = Self.growth(rate, interval: interval).roundedDown
    return capped(rawValue + rawValue.scaledRoundingDown(by: growth, over: Self.one.rawValue))
  }

  private func capped(_ value: Int128) -> InterestIndex { min(Self.bound, InterestIndex(rawValue: value)) }

  /// rate·interval/year in 10^-18.
  private static func growth(_ rate: Rate, interval: Int64) -> (roundedDown: Int128, roundedUp: Int128) {
    precondition(rate >= .zero && interval > 0)
    let product = Int128(rate.rawValue) * Int128(interval) * 1_000_000_000
    return (product.dividedRoundingDown(by: Int128(year)), product.dividedRoundingUp(by: Int128(year)))
  }
}

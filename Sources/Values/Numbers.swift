/// A price in whole price units of its instrument or asset.
///
/// One price unit is the smallest step the instrument can be quoted in; `0` is a legal price.
@frozen public struct Price: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: Int64

  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ units: Int64) { rawValue = units }

  @inlinable public static func < (left: Price, right: Price) -> Bool { left.rawValue < right.rawValue }
}

/// A number of lots. Signed where it is a position (long is positive), never negative where it is the size of an order.
@frozen public struct Quantity: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: Int64

  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ lots: Int64) { rawValue = lots }

  @inlinable public static var zero: Quantity { Quantity(0) }
  @inlinable public var magnitude: Quantity { Quantity(rawValue < 0 ? -rawValue : rawValue) }

  @inlinable public static func < (left: Quantity, right: Quantity) -> Bool { left.rawValue < right.rawValue }
  @inlinable public static func + (left: Quantity, right: Quantity) -> Quantity {
    Quantity(left.rawValue + right.rawValue)
  }
  @inlinable public static func - (left: Quantity, right: Quantity) -> Quantity {
    Quantity(left.rawValue - right.rawValue)
  }
  @inlinable public static prefix func - (value: Quantity) -> Quantity { Quantity(-value.rawValue) }
  @inlinable public static func += (left: inout Quantity, right: Quantity) { left.rawValue += right.rawValue }
  @inlinable public static func -= (left: inout Quantity, right: Quantity) { left.rawValue -= right.rawValue }
}

/// An amount of the settlement currency in money quanta (mq), or of another asset in that asset's quanta.
///
/// 128 bits wide, so that no sum over an account can overflow; on the wire and in stored balances it is 64 bits.
@frozen public struct Money: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: Int128

  @inlinable public init(rawValue: Int128) { self.rawValue = rawValue }
  @inlinable public init(_ quanta: Int128) { rawValue = quanta }
  @inlinable public init(_ quanta: Int64) { rawValue = Int128(quanta) }

  @inlinable public static var zero: Money { Money(Int128(0)) }

  /// The value as the wire carries it: clamped to the range of a 64-bit integer.
  ///
  /// The entry bounds (``Limits/balance``, ``Limits/notionalPerAccount``) keep real values far inside that range.
  @inlinable public var wireValue: Int64 { Int64(clamping: rawValue) }

  @inlinable public static func < (left: Money, right: Money) -> Bool { left.rawValue < right.rawValue }
  @inlinable public static func + (left: Money, right: Money) -> Money { Money(left.rawValue + right.rawValue) }
  @inlinable public static func - (left: Money, right: Money) -> Money { Money(left.rawValue - right.rawValue) }
  @inlinable public static prefix func - (value: Money) -> Money { Money(-value.rawValue) }
  @inlinable public static func += (left: inout Money, right: Money) { left.rawValue += right.rawValue }
  @inlinable public static func -= (left: inout Money, right: Money) { left.rawValue -= right.rawValue }
}

/// A rate in parts per billion: `Rate.one` is 100 %.
@frozen public struct Rate: RawRepresentable, BitwiseCopyable, Hashable, Comparable, Sendable {
  public var rawValue: Int64

  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ partsPerBillion: Int64) { rawValue = partsPerBillion }

  @inlinable public static var zero: Rate { Rate(0) }
  /// 100 %.
  @inlinable public static var one: Rate { Rate(1_000_000_000) }
  /// Requirements saturate at this rate (1,000 %).
  @inlinable public static var maximum: Rate { Rate(10_000_000_000) }

  @inlinable public static func < (left: Rate, right: Rate) -> Bool { left.rawValue < right.rawValue }

  /// `amount` × rate without rounding, in quanta × parts per billion. Traps where it leaves 128 bits.
  @inlinable @inline(__always) public func exact(of amount: Money) -> Int128 {
    if let narrow = Int64(exactly: amount.rawValue) { return Int128(narrow) &* Int128(rawValue) }
    return amount.rawValue * Int128(rawValue)
  }

  /// `amount` × rate, rounded up (toward positive infinity).
  ///
  /// Total: where the product would leave 128 bits (a mark that has risen beyond every entry bound) the amount is
  /// rounded up to whole billions first, so the result saturates upward, never down.
  @inlinable @inline(__always) public func roundedUp(of amount: Money) -> Money {
    guard let narrow = Int64(exactly: amount.rawValue) else { return wideRoundedUp(of: amount) }
    return Money((Int128(narrow) &* Int128(rawValue)).dividedByBillionRoundingUp)
  }

  @usableFromInline func wideRoundedUp(of amount: Money) -> Money {
    let (product, overflow) = amount.rawValue.multipliedReportingOverflow(by: Int128(rawValue))
    if overflow { return Money(amount.rawValue.dividedByBillionRoundingUp * Int128(rawValue)) }
    return Money(product.dividedByBillionRoundingUp)
  }

  /// `amount` × rate, rounded down (toward negative infinity); rounded down to whole billions first on overflow.
  @inlinable @inline(__always) public func roundedDown(of amount: Money) -> Money {
    if let narrow = Int64(exactly: amount.rawValue) {
      let product = Int128(narrow) &* Int128(rawValue)
      if product >= 0 && product < 1 << 72 {
        return Money(Int128(UInt64(truncatingIfNeeded: product &>> 9) / 1_953_125))
      }
    }
    return wideRoundedDown(of: amount)
  }

  @usableFromInline func wideRoundedDown(of amount: Money) -> Money {
    let (product, overflow) = amount.rawValue.multipliedReportingOverflow(by: Int128(rawValue))
    if overflow { return Money(amount.rawValue.dividedRoundingDown(by: 1_000_000_000) * Int128(rawValue)) }
    return Money(product.dividedRoundingDown(by: 1_000_000_000))
  }
}

extension Int128 {
  /// Quotient by 10^9 (what a rate is out of), rounded toward positive infinity.
  ///
  /// 10^9 is 2^9 × 1,953,125: values below 2^72 take a shift and a 64-bit division by a constant, which is a
  /// multiplication, where a 128-bit division would take ten times as long.
  @inlinable @inline(__always) public var dividedByBillionRoundingUp: Int128 {
    if self >= 0 && self < 1 << 72 {
      return Int128(UInt64(truncatingIfNeeded: (self &+ 999_999_999) &>> 9) / 1_953_125)
    }
    return wideDividedRoundingUp(by: 1_000_000_000)
  }

  /// Quotient rounded toward positive infinity; `divisor` > 0. Quick where both fit 64 bits.
  @inlinable @inline(__always) public func dividedRoundingUp(by divisor: Int128) -> Int128 {
    if let narrow = Int64(exactly: self), let narrowDivisor = Int64(exactly: divisor) {
      return Int128(narrow.dividedRoundingUp(by: narrowDivisor))
    }
    return wideDividedRoundingUp(by: divisor)
  }

  @usableFromInline func wideDividedRoundingUp(by divisor: Int128) -> Int128 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder > 0 ? quotient + 1 : quotient
  }
}

extension BinaryInteger {
  /// Quotient rounded toward negative infinity; `divisor` > 0.
  @inlinable public func dividedRoundingDown(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// Quotient rounded toward positive infinity; `divisor` > 0.
  @inlinable @inline(__always) public func dividedRoundingUp(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder > 0 ? quotient + 1 : quotient
  }
}

/// The smallest integer whose square is at least `value` (`value` ≥ 0, below 2^62). Integers only: no floating point.
///
/// Newton's iteration from above the root: it falls monotonically, so it stops at ⌊√value⌋. It starts on the tangent of
/// the root at 2, scaled: √m ≤ (m + 2) / (2·√2), at most 6 % too high for m in 1 ..< 4.
@inlinable public func squareRootRoundedUp(_ value: Int64) -> Int64 {
  precondition(value >= 0 && value < 1 << 62)
  if value < 2 { return value }
  let radicand = UInt64(value)
  let half = UInt64(63 - radicand.leadingZeroBitCount) / 2
  // m = radicand / 4^half; 23,171 is 2^16 / (2·√2), rounded up. Two more for what the shifts cut off.
  var root = ((radicand >> half) &* 23_171) >> 16 &+ ((2 << half) &* 23_171) >> 16 &+ 2
  while true {
    let next = (root + radicand / root) / 2
    if next >= root { break }
    root = next
  }
  return Int64(root * root == radicand ? root : root + 1)
}

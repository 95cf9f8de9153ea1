import Values

/// F: all funding that one long lot has paid since the instrument began, in mq × Fs (``scale``).
///
/// With Fs = 10^9 a full period's step, rate × index price × m, is whole: rates are in parts per billion. Longs pay when
/// it rises, shorts when it falls. A position keeps the index it was last settled at; what it has coming is
/// ``due(_:since:)``.
@frozen public struct FundingIndex: RawRepresentable, BitwiseCopyable, Hashable, Sendable {
  public var rawValue: Int128

  @inlinable public init(rawValue: Int128) { self.rawValue = rawValue }

  @inlinable public static var zero: FundingIndex { FundingIndex(rawValue: 0) }
  /// Fs.
  @inlinable public static var scale: Int128 { 1_000_000_000 }
  /// The index stops at ± this (2^81: 2.4·10^15 mq per lot), so that lots × a difference of two fits 128 bits.
  @inlinable public static var bound: Int128 { 1 << 81 }

  /// fundingDue = ⌊−q·(F − F0)/Fs⌋: what a position of `quantity` lots, settled at `start`, receives (negative: pays).
  @inlinable public func due(_ quantity: Quantity, since start: FundingIndex) -> Money {
    let paid = Int128(quantity.rawValue) * (rawValue - start.rawValue)
    return Money((-paid).dividedRoundingDown(by: Self.scale))
  }

  /// The index after `interval` of a `period` for which `rate` is quoted, in the same unit of time.
  ///
  /// The step is rate·price·m·interval/period, rounded toward zero: both sides use the same index, so neither gains.
  /// - Parameter lotValue: index price × m, mq per lot; not negative.
  public func advanced(by rate: Rate, lotValue: Money, interval: Int64, period: Int64) -> FundingIndex {
    precondition(interval > 0 && period > 0 && lotValue >= .zero)
    // Beyond the bound in one step: it stops there whatever the exact product is.
    let most = Self.bound * 2
    let wanted = UInt128(lotValue.rawValue).multipliedFullWidth(
      by: UInt128(rate.rawValue.magnitude) * UInt128(interval))
    var step = most
    if wanted.high < UInt128(period) {
      let quotient = UInt128(period).dividingFullWidth(wanted).quotient
      if quotient < UInt128(most) { step = Int128(quotient) }
    }
    let moved = rawValue + (rate < .zero ? -step : step)
    return FundingIndex(rawValue: min(Self.bound, max(-Self.bound, moved)))
  }
}

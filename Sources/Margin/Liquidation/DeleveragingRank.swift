import Values

/// Place of a position in the queue for auto-deleveraging: an exact fraction, compared in 256 bits.
///
/// Profit per entry value times leverage (N/E) for a position in profit, profit per entry value divided by leverage for
/// one in loss: U·N/(N_entry·E) or U·E/(N_entry·N). Who has gained most with least is first.
/// Source: BitMEX, "Auto-Deleveraging", with leverage = position value over equity.
@frozen public struct DeleveragingRank: BitwiseCopyable, Equatable, Sendable {
  @usableFromInline let isNegative: Bool
  @usableFromInline let numerator: UInt128
  @usableFromInline let denominator: UInt128

  /// `nil` where the account has no equity or the position no entry value: it is not ranked.
  ///
  /// Each figure is below 2^64 inside the entry bounds; a mark beyond all bounds saturates it.
  @inlinable public init?(profit: Money, notional: Money, entryNotional: Money, equity: Money) {
    guard equity > .zero, entryNotional > .zero, notional > .zero else { return nil }
    func narrow(_ money: Money) -> UInt128 { UInt128(UInt64(clamping: money.rawValue.magnitude)) }
    isNegative = profit < .zero
    let isGain = profit > .zero
    numerator = narrow(profit) * narrow(isGain ? notional : equity)
    denominator = narrow(entryNotional) * narrow(isGain ? equity : notional)
  }

  /// Whether this position comes before `other`.
  @inlinable public func isAbove(_ other: DeleveragingRank) -> Bool {
    if isNegative != other.isNegative { return other.isNegative }
    let mine = numerator.multipliedFullWidth(by: other.denominator)
    let theirs = other.numerator.multipliedFullWidth(by: denominator)
    if mine.high == theirs.high && mine.low == theirs.low { return false }
    let isLarger = (mine.high, mine.low) > (theirs.high, theirs.low)
    return isNegative ? !isLarger : isLarger
  }
}

/// Which fifth of a queue of `count` (≥ 1) the place `index` (from 0, the front) is in: 5 is the front.
@inlinable public func deleveragingQuintile(index: Int, of count: Int) -> Int { 5 - 5 * index / count }

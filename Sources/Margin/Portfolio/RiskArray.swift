import Values

/// What one lot of an instrument gains or loses in each scenario, in mq.
///
/// The change of value is rounded down for long lots and up for short ones, so the contribution of q lots,
/// c(q) = q·low for q ≥ 0 and q·high for q < 0, is never better than the exact change, and it is concave in q: between
/// two positions it is nowhere below the worse of the two, scenario by scenario. That is what makes one vector bound
/// every partial fill of every open order.
///
/// Vectors are of 64-bit lanes. A sum of lots × ``reach`` up to ``narrow`` keeps every lane, every delta and every sum of
/// them within ±2^62. Inside the entry bounds that always holds while twice the price scan range is below 460 % of the
/// price: an account's Σ notional is at most 10^18 there. A mark that has risen far beyond is reckoned with 128 bits
/// instead, by the same formulas.
@frozen public struct RiskArray: BitwiseCopyable, Sendable {
  /// Value change of one long lot, rounded down.
  public var low = ScanVector(repeating: 0)
  /// Value change of one lot, rounded up; a short lot changes by its negative.
  public var high = ScanVector(repeating: 0)
  /// Delta notional of one lot: what it gains per 100 % of the underlying's price.
  public var delta: Int64 = 0
  /// At least the magnitude of every figure of one lot; above ``narrow`` the vectors are empty.
  public var reach: Int128 = 0

  @inlinable public init() {}

  /// Largest Σ lots × reach of a group whose vectors are kept.
  @inlinable public static var narrow: Int128 { (1 << 62) - 1 }

  /// The array of a linear instrument: its value moves in proportion to the underlying.
  /// - Parameters:
  ///   - lotValue: P·m, mq.
  ///   - range: price scan range as a rate of the price.
  public init(linear lotValue: Money, range: Rate) {
    let extreme = Self.linearChange(of: lotValue, range: range, thirds: 6).high
    reach = max(extreme.rawValue, lotValue.rawValue)
    if reach > Self.narrow { return }
    delta = Int64(lotValue.rawValue)
    for scenario in 0..<Scenarios.count {
      let change = Self.linearChange(of: lotValue, range: range, thirds: Scenarios.thirds[scenario])
      low[scenario] = Int64(change.low.rawValue)
      high[scenario] = Int64(change.high.rawValue)
    }
  }

  /// ⌊V·range·k/3⌋ and ⌈V·range·k/3⌉ of one linear lot for a move of k thirds of the range.
  ///
  /// Total: where the product would leave 128 bits it saturates against the account, long or short.
  public static func linearChange(of lotValue: Money, range: Rate, thirds: Int64) -> (low: Money, high: Money) {
    let third: Int128 = 3_000_000_000
    let moved = Int128(range.rawValue) * Int128(thirds.magnitude)
    let (product, overflow) = lotValue.rawValue.multipliedReportingOverflow(by: moved)
    let (down, up) =
      overflow
      ? (lotValue.rawValue.dividedRoundingDown(by: third), lotValue.rawValue.dividedRoundingUp(by: third))
      : (product.dividedRoundingDown(by: third), product.dividedRoundingUp(by: third))
    let (smaller, larger) = overflow ? (down * moved, up * moved) : (down, up)
    return thirds < 0 ? (Money(-larger), Money(-smaller)) : (Money(smaller), Money(larger))
  }

  /// c(q): what `lots` gain or lose in each scenario.
  @inlinable @inline(__always) public func contribution(of lots: Int64) -> ScanVector {
    (lots < 0 ? high : low) &* lots
  }

  /// min(c(x+), c(x−)): the worst that any fill of the open orders can make of the position, scenario by scenario.
  @inlinable @inline(__always) public func worstContribution(long: Int64, short: Int64) -> ScanVector {
    let worst = contribution(of: long)
    return long == short ? worst : worst.lower(contribution(of: short))
  }

  /// Upper bound of the magnitude of everything that `long` or `short` lots add to a group.
  @inlinable @inline(__always) public func reach(long: Int64, short: Int64) -> Int128 {
    reach &* Int128(max(long.magnitude, short.magnitude))
  }
}

import Values

/// Market impact of closing a position, by size: piecewise linear and never falling (the λ of the formulas).
@frozen public struct ImpactCurve: BitwiseCopyable {
  public let count: Int
  @usableFromInline let lots: InlineArray<16, Int64>
  @usableFromInline let rates: InlineArray<16, Int64>

  /// No liquidity term.
  public init() {
    count = 0
    lots = .init(repeating: 0)
    rates = .init(repeating: 0)
  }

  /// A curve through `knots` that ``firstFault(in:)`` finds no fault with.
  public init(knots: some Collection<(Quantity, Rate)>) {
    precondition(knots.count <= Limits.scheduleRows)
    var lots = InlineArray<16, Int64>(repeating: 0)
    var rates = InlineArray<16, Int64>(repeating: 0)
    for (index, knot) in knots.enumerated() {
      lots[index] = knot.0.rawValue
      rates[index] = knot.1.rawValue
    }
    count = knots.count
    self.lots = lots
    self.rates = rates
  }

  /// The first knot that is out of range or does not rise, or `nil`.
  public static func firstFault(in knots: some Collection<(Quantity, Rate)>) -> Int? {
    var previous: (Quantity, Rate) = (.zero, .zero)
    for (index, knot) in knots.enumerated() {
      if knot.0 <= previous.0 || knot.0.rawValue > Limits.quantity || knot.1 < previous.1 || knot.1 > .one {
        return index
      }
      previous = knot
    }
    return nil
  }

  /// Knot `index` (below ``count``).
  public func knot(_ index: Int) -> (Quantity, Rate) { (Quantity(lots[index]), Rate(rates[index])) }

  /// Impact of `size` ≥ 0 lots, rounded up; beyond the last knot it grows in proportion, up to 100 %.
  @inlinable @inline(__always) public func rate(_ size: Quantity) -> Rate {
    let size = size.rawValue
    if count == 0 || size == 0 { return .zero }
    // Read through spans because every subscript of an inline array copies the whole array first (Swift 6.3).
    let lots = lots.span
    let rates = rates.span
    if size <= lots[0] { return Rate(rates[0]) }
    for index in 1..<max(count, 1) where size <= lots[index] {
      let rise = Int128(rates[index] - rates[index - 1]) &* Int128(size - lots[index - 1])
      return Rate(rates[index - 1] + Int64(rise.dividedRoundingUp(by: Int128(lots[index] - lots[index - 1]))))
    }
    let last = rates[count - 1]
    let extended = (Int128(last) &* Int128(size)).dividedRoundingUp(by: Int128(lots[count - 1]))
    return Rate(max(last, Int64(min(1_000_000_000, extended))))
  }
}

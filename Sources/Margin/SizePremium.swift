import Values

/// The rate for holding `lots` (magnitude) of an instrument, growing with the square root of the size.
///
/// r_size = max(base, ⌈4·base/5⌉ + ⌈factor·√units⌉) with units of the underlying, so that it does not depend on the lot
/// size; √ is taken of millionths of a unit, rounded up. Source: the size premium of Drift's initial margin fraction.
/// - Parameters:
///   - factor: ppb per square root of one unit; zero switches the term off.
///   - lotSize: one lot in 10^-12 units of the underlying.
@inlinable @inline(__always) public func sizePremium(base: Rate, factor: Rate, lots: Int64, lotSize: Int64) -> Rate {
  if factor == .zero { return base }
  let millionths = (Int128(lots.magnitude) &* Int128(lotSize)).dividedRoundingUp(by: 1_000_000)
  let root =
    millionths < 1 << 62 ? Int128(squareRootRoundedUp(Int64(millionths))) : wideSquareRootRoundedUp(millionths)
  let premium = (root &* Int128(factor.rawValue)).dividedRoundingUp(by: 1000)
  let floor = (base.rawValue * 4).dividedRoundingUp(by: 5)
  return min(.maximum, max(base, Rate(Int64(min(Int128(Rate.maximum.rawValue), Int128(floor) + premium)))))
}

/// The smallest integer whose square is at least `value` < 2^90: positions of trillions of units.
@usableFromInline func wideSquareRootRoundedUp(_ value: Int128) -> Int128 {
  var low: Int128 = 0
  var high: Int128 = 1 << 45
  while low < high {
    let middle = (low + high) / 2
    if middle * middle >= value { high = middle } else { low = middle + 1 }
  }
  return low
}

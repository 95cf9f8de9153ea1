/// A signed 256-bit integer, just large enough for sums of 128-bit products: the model never clips.
struct Wide: Equatable {
  private var high: Int128
  private var low: UInt128

  static let zero = Wide(0)

  init(_ value: Int128) {
    high = value < 0 ? -1 : 0
    low = UInt128(truncatingIfNeeded: value)
  }

  init(_ left: Int128, times right: Int128) {
    let product = left.multipliedFullWidth(by: right)
    high = product.high
    low = product.low
  }

  var isNegative: Bool { high < 0 }

  static func + (left: Wide, right: Wide) -> Wide {
    var sum = left
    let (low, carry) = left.low.addingReportingOverflow(right.low)
    sum.low = low
    sum.high = left.high + right.high + (carry ? 1 : 0)
    return sum
  }

  static prefix func - (value: Wide) -> Wide {
    var negated = value
    negated.low = ~value.low &+ 1
    negated.high = ~value.high &+ (negated.low == 0 ? 1 : 0)
    return negated
  }

  static func - (left: Wide, right: Wide) -> Wide { left + -right }

  static func += (left: inout Wide, right: Wide) { left = left + right }

  /// Quotient rounded down, and whether anything was left. `divisor` > 0; the quotient must fit 128 bits.
  private func divided(by divisor: Int128) -> (quotient: Int128, exact: Bool) {
    let magnitude = isNegative ? -self : self
    let unsigned = UInt128(divisor)
    precondition(UInt128(magnitude.high) < unsigned, "the quotient does not fit")
    let (quotient, remainder) = unsigned.dividingFullWidth((UInt128(magnitude.high), magnitude.low))
    let exact = remainder == 0
    if !isNegative { return (Int128(quotient), exact) }
    return (-Int128(quotient) - (exact ? 0 : 1), exact)
  }

  func dividedRoundingDown(by divisor: Int128) -> Int128 { divided(by: divisor).quotient }

  func dividedRoundingUp(by divisor: Int128) -> Int128 {
    let (quotient, exact) = divided(by: divisor)
    return exact ? quotient : quotient + 1
  }
}

/// ⌊left × right / divisor⌋.
func productDown(_ left: Int128, _ right: Int128, dividedBy divisor: Int128) -> Int128 {
  let (product, overflow) = left.multipliedReportingOverflow(by: right)
  if overflow { return Wide(left, times: right).dividedRoundingDown(by: divisor) }
  let quotient = product / divisor
  return product % divisor < 0 ? quotient - 1 : quotient
}

/// ⌈left × right / divisor⌉.
func productUp(_ left: Int128, _ right: Int128, dividedBy divisor: Int128) -> Int128 {
  -productDown(-left, right, dividedBy: divisor)
}

/// The smallest integer whose square is at least `value`.
func rootUp(_ value: Int128) -> Int128 {
  var low: Int128 = 0
  var high: Int128 = 1 << 62
  while low < high {
    let middle = (low + high) / 2
    if middle * middle >= value { high = middle } else { low = middle + 1 }
  }
  return low
}

func power(of ten: Int) -> Int128 { (0..<ten).reduce(Int128(1)) { product, _ in product * 10 } }

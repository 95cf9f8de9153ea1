import Values

// Products of two 128-bit numbers, exact in 256 bits.

/// ⌊left·right/divisor⌋ for `divisor` > 0, exact; saturates at the ends of 128 bits.
@usableFromInline func productOverRoundedDown(_ left: Int128, _ right: Int128, _ divisor: Int128) -> Int128 {
  precondition(divisor > 0)
  let (product, overflow) = left.multipliedReportingOverflow(by: right)
  if !overflow { return product.dividedRoundingDown(by: divisor) }
  let isNegative = (left < 0) != (right < 0)
  let wide = left.magnitude.multipliedFullWidth(by: right.magnitude)
  if wide.high >= divisor.magnitude { return isNegative ? .min : .max }
  let (quotient, remainder) = divisor.magnitude.dividingFullWidth(wide)
  if quotient >= UInt128(Int128.max) { return isNegative ? .min : .max }
  return isNegative ? -Int128(quotient) - (remainder > 0 ? 1 : 0) : Int128(quotient)
}

/// Whether left·leftFactor > right·rightFactor, exact; the factors are not negative.
@usableFromInline func isProduct(
  _ left: Int128, _ leftFactor: Int128, above right: Int128, _ rightFactor: Int128
) -> Bool {
  let (one, oneOverflows) = left.multipliedReportingOverflow(by: leftFactor)
  let (other, otherOverflows) = right.multipliedReportingOverflow(by: rightFactor)
  if !oneOverflows && !otherOverflows { return one > other }
  let (leftIsNegative, rightIsNegative) = (left < 0, right < 0)
  if leftIsNegative != rightIsNegative { return rightIsNegative }
  let wide = left.magnitude.multipliedFullWidth(by: leftFactor.magnitude)
  let otherWide = right.magnitude.multipliedFullWidth(by: rightFactor.magnitude)
  let isLarger = (wide.high, wide.low) > (otherWide.high, otherWide.low)
  let isSmaller = (wide.high, wide.low) < (otherWide.high, otherWide.low)
  return leftIsNegative ? isSmaller : isLarger
}

import Values

extension Int128 {
  /// self × numerator / denominator, rounded toward negative infinity; exact however large the product.
  ///
  /// `numerator` ≥ 0, `denominator` > 0; the result must fit 128 bits.
  @inlinable public func scaledRoundingDown(by numerator: Int128, over denominator: Int128) -> Int128 {
    let (product, overflow) = multipliedReportingOverflow(by: numerator)
    if !overflow { return product.dividedRoundingDown(by: denominator) }
    return wideScaled(by: numerator, over: denominator, roundsUp: false)
  }

  /// self × numerator / denominator, rounded toward positive infinity.
  @inlinable public func scaledRoundingUp(by numerator: Int128, over denominator: Int128) -> Int128 {
    let (product, overflow) = multipliedReportingOverflow(by: numerator)
    if !overflow { return product.dividedRoundingUp(by: denominator) }
    return wideScaled(by: numerator, over: denominator, roundsUp: true)
  }

  /// The same over a product of 256 bits.
  @usableFromInline func wideScaled(by numerator: Int128, over denominator: Int128, roundsUp: Bool) -> Int128 {
    precondition(numerator >= 0 && denominator > 0)
    let product = magnitude.multipliedFullWidth(by: UInt128(numerator))
    precondition(product.high < UInt128(denominator), "a proportion leaves 128 bits")
    let (quotient, remainder) = UInt128(denominator).dividingFullWidth(product)
    let away = remainder > 0 && (self < 0) != roundsUp
    let magnitude = Int128(quotient) + (away ? 1 : 0)
    return self < 0 ? -magnitude : magnitude
  }
}

extension PortableMath {
  /// Natural logarithm of x ≥ 0, within 0.76 units in the last place; −infinity at 0.
  ///
  /// Source: x = 2^k·(1 + f), √½ < 1 + f < √2, and the polynomial in s = f / (2 + f) of fdlibm's `e_log.c` (Sun, 1993).
  public static func log(_ x: Double) -> Double {
    precondition(x >= 0, "the logarithm of a negative number")
    if x == 0 || x == .infinity { return x == 0 ? -.infinity : x }
    var k = x.exponent
    var mantissa = x.significand
    if mantissa > 1.414_213_562_373_095_1 {
      mantissa *= 0.5
      k += 1
    }
    let f = mantissa - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let odd =
      w * (3.999_999_999_940_941_908e-01 + w * (2.222_219_843_214_978_396e-01 + w * 1.531_383_769_920_937_332e-01))
    let even =
      z
      * (6.666_666_666_666_735_130e-01 + w
        * (2.857_142_874_366_239_149e-01 + w
          * (1.818_357_216_161_805_012e-01 + w * 1.479_819_860_511_658_591e-01)))
    let halfSquare = 0.5 * f * f
    return Double(k) * logTwoHigh
      - ((halfSquare - (s * (halfSquare + (odd + even)) + Double(k) * logTwoLow)) - f)
  }

  /// x^exponent for x > 0, as e^(exponent·ln x).
  public static func power(_ x: Double, _ exponent: Double) -> Double { exp(exponent * log(x)) }
}

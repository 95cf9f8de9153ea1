extension PortableMath {
  /// e^x, within 0.82 units in the last place. Above 709.78: infinity; below −745.13: 0.
  ///
  /// Source: the reduction x = k·ln 2 + r and the rational approximation of fdlibm's `e_exp.c` (Sun, 1993).
  public static func exp(_ x: Double) -> Double {
    if x > 709.782712893384 { return .infinity }
    if x < -745.1332191019411 { return 0 }
    let k = Int(x * 1.442_695_040_888_963_387_00 + (x < 0 ? -0.5 : 0.5))
    let high = x - Double(k) * logTwoHigh
    let low = Double(k) * logTwoLow
    let r = high - low
    let t = r * r
    let c =
      r - t
      * (1.666_666_666_666_660_190_37e-01 + t
        * (-2.777_777_777_701_559_338_42e-03 + t
          * (6.613_756_321_437_934_361_17e-05 + t
            * (-1.653_390_220_546_525_153_90e-06 + t * 4.138_136_797_057_238_460_39e-08))))
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    if k > 1023 { return y * 2 * powerOfTwo(1023) }
    if k >= -1021 { return y * powerOfTwo(k) }
    // Subnormal results: one rounding, in the last multiplication.
    return y * powerOfTwo(k + 1000) * powerOfTwo(-1000)
  }
}

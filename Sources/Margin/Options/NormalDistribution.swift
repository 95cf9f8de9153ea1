// The normal distribution. Source: W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics
// of Computation 23 (1969), with the coefficients scaled for N(x) as in R's pnorm. Measured against 40 digits at 76,000
// points: |error of N| ≤ 1.3e-16; in the lower tail down to x = −37 the relative error stays below 9e-16.

extension PortableMath {
  /// N(x): probability that a standard normal variable is at most x.
  public static func normalCumulative(_ x: Double) -> Double {
    let y = x.magnitude
    if y <= 0.674_489_75 { return 0.5 + x * centralRatio(x * x) }
    let tail = lowerTail(y)
    return x < 0 ? tail : 0.5 - tail + 0.5
  }

  /// Density of the standard normal distribution at x.
  public static func normalDensity(_ x: Double) -> Double {
    let y = x.magnitude
    return y >= 38.5 ? 0 : inverseRootOfTwoPi * exponentialOfHalfSquare(y)
  }

  private static let inverseRootOfTwoPi = 0.398_942_280_401_432_677_939_946

  /// e^(−y²/2) for 0 ≤ y < 38.5. The square is taken in two parts, of which the large one is exact: an error in it would
  /// count y² times in the result.
  private static func exponentialOfHalfSquare(_ y: Double) -> Double {
    let coarse = Double(Int(y * 16)) / 16
    let rest = (y - coarse) * (y + coarse)
    return exp(-coarse * coarse * 0.5) * exp(-rest * 0.5)
  }

  /// (N(x) − ½) / x as a function of z = x², |x| ≤ 0.674.
  private static func centralRatio(_ z: Double) -> Double {
    var numerator = 0.065_682_337_918_207_449_113 * z
    numerator = (numerator + 2.235_252_035_460_683_928_7) * z
    numerator = (numerator + 161.028_231_068_555_878_81) * z
    numerator = (numerator + 1_067.689_485_460_370_958_2) * z
    var denominator = z
    denominator = (denominator + 47.202_581_904_688_241_87) * z
    denominator = (denominator + 976.098_551_737_776_693_22) * z
    denominator = (denominator + 10_260.932_208_618_978_205) * z
    return (numerator + 18_154.981_253_343_561_249) / (denominator + 45_507.789_335_026_729_956)
  }

  /// N(−y), y > 0.674.
  private static func lowerTail(_ y: Double) -> Double {
    if y >= 38.5 { return 0 }
    let ratio = y <= 5.656_854_249_492_380 ? nearRatio(y) : farRatio(y)
    return exponentialOfHalfSquare(y) * ratio
  }

  /// N(−y) / e^(−y²/2) for 0.674 < y ≤ √32.
  private static func nearRatio(_ y: Double) -> Double {
    var numerator = 1.076_557_677_372_019_231_7e-8 * y
    numerator = (numerator + 0.398_941_512_088_134_667_64) * y
    numerator = (numerator + 8.883_149_794_388_375_941_2) * y
    numerator = (numerator + 93.506_656_132_177_855_979) * y
    numerator = (numerator + 597.270_276_394_800_262_26) * y
    numerator = (numerator + 2_494.537_585_290_372_671_1) * y
    numerator = (numerator + 6_848.190_450_536_282_332_6) * y
    numerator = (numerator + 11_602.651_437_647_350_124) * y
    var denominator = y
    denominator = (denominator + 22.266_688_044_328_115_691) * y
    denominator = (denominator + 235.387_901_782_624_998_61) * y
    denominator = (denominator + 1_519.377_599_407_554_805) * y
    denominator = (denominator + 6_485.558_298_266_760_755) * y
    denominator = (denominator + 18_615.571_640_885_098_091) * y
    denominator = (denominator + 34_900.952_721_145_977_266) * y
    denominator = (denominator + 38_912.003_286_093_271_411) * y
    return (numerator + 9_842.714_838_383_978_021_8) / (denominator + 19_685.429_676_859_990_727)
  }

  /// N(−y) / e^(−y²/2) for y > √32.
  private static func farRatio(_ y: Double) -> Double {
    let z = 1 / (y * y)
    var numerator = 0.023_073_441_764_940_173_03 * z
    numerator = (numerator + 0.215_898_534_057_956_99) * z
    numerator = (numerator + 0.127_401_161_160_247_363_9) * z
    numerator = (numerator + 0.022_235_277_870_649_807) * z
    numerator = (numerator + 0.001_421_619_193_227_893_466) * z
    var denominator = z
    denominator = (denominator + 1.284_260_096_144_911_21) * z
    denominator = (denominator + 0.468_238_212_480_865_118) * z
    denominator = (denominator + 0.065_988_137_868_928_551_5) * z
    denominator = (denominator + 0.003_782_396_332_027_582_44) * z
    let ratio =
      z * (numerator + 2.911_287_495_116_879_2e-5) / (denominator + 7.297_515_550_839_662_05e-5)
    return (inverseRootOfTwoPi - ratio) / y
  }
}

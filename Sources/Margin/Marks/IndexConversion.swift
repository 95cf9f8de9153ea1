import Values

/// How an asset's index price (mq per quantum of the asset, in units of 10^-e) reads in the price units of an instrument
/// on that asset: an exact fraction, in lowest terms.
///
/// One unit of the asset is 10^d quanta, so it is worth 10^d·p/10^e mq; one price unit is priceUnit·10^(D−12) mq per unit
/// of the asset (priceUnit in 10^-12 of the settlement currency, whose quantum is 10^-D). So
/// P = p · 10^(d − e + 12 − D) / priceUnit.
@frozen public struct IndexConversion: BitwiseCopyable, Equatable, Sendable {
  public let numerator: Int64
  public let denominator: Int64

  /// A fraction that has been made before.
  public init(numerator: Int64, denominator: Int64) {
    precondition(numerator > 0 && denominator > 0)
    self.numerator = numerator
    self.denominator = denominator
  }

  /// `nil`: a term of the fraction does not fit 10^18; no index price that an asset can have would make a usable mark.
  public init?(assetDigits: UInt8, priceScale: UInt8, moneyDigits: UInt8, priceUnit: Int64) {
    precondition(priceUnit > 0)
    var (numerator, denominator): (Int128, Int128) = (1, Int128(priceUnit))
    var exponent = Int(assetDigits) - Int(priceScale) + 12 - Int(moneyDigits)
    let highest: Int128 = 1_000_000_000_000_000_000
    while exponent > 0 {
      // At most 18 + 12 times, so the numerator stays inside its type.
      if denominator % 10 == 0 { denominator /= 10 } else { numerator *= 10 }
      exponent -= 1
    }
    while exponent < 0 {
      guard denominator <= highest else { return nil }
      denominator *= 10
      exponent += 1
    }
    for factor: Int128 in [2, 5] {
      while numerator % factor == 0 && denominator % factor == 0 {
        numerator /= factor
        denominator /= factor
      }
    }
    guard numerator <= highest, denominator <= highest else { return nil }
    self.numerator = Int64(numerator)
    self.denominator = Int64(denominator)
  }

  /// The price in price units, to the nearest one; halfway: up. A mark favours neither longs nor shorts, so it is not
  /// rounded against anybody.
  public func roundedToNearest(_ price: Price) -> Int128 {
    let doubled = 2 * Int128(price.rawValue) * Int128(numerator) + Int128(denominator)
    return doubled.dividedRoundingDown(by: 2 * Int128(denominator))
  }

  /// The price in price units, rounded toward negative infinity.
  public func roundedDown(_ price: Price) -> Int128 {
    (Int128(price.rawValue) * Int128(numerator)).dividedRoundingDown(by: Int128(denominator))
  }

  /// The price in price units, rounded toward positive infinity.
  public func roundedUp(_ price: Price) -> Int128 {
    (Int128(price.rawValue) * Int128(numerator)).dividedRoundingUp(by: Int128(denominator))
  }
}

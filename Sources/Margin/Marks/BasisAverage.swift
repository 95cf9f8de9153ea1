import Values

/// Exponential moving average of the basis: how far the book trades from the index, in price units.
///
/// Kept in units of 10^-9 price units. Each sample moves it by weight · (sample − average), rounded toward zero: it never
/// oversteps, and stops at most 1/weight of its unit short of a constant sample.
@frozen public struct BasisAverage: BitwiseCopyable, Equatable, Sendable {
  /// In 10^-9 price units.
  public var billionths: Int128

  public init(billionths: Int128 = 0) { self.billionths = billionths }

  /// Takes in one sample.
  /// - Parameters:
  ///   - basis: book mid less index, in price units.
  ///   - weight: of this sample, in 0 … 1; the average forgets half of the past in about 0.69/weight samples.
  public mutating func add(_ basis: Int64, weight: Rate) {
    billionths += (Int128(basis) * 1_000_000_000 - billionths) * Int128(weight.rawValue) / 1_000_000_000
  }

  /// The average in whole price units, rounded toward zero: toward the index.
  public var rounded: Int64 { Int64(clamping: billionths / 1_000_000_000) }
}

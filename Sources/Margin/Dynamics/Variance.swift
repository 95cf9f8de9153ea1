import Values

/// The return from `previous` to `price` in ppb, its magnitude rounded up and at most 100 %.
///
/// Both prices are positive and at most ``Limits/price``.
@inlinable public func priceReturn(from previous: Price, to price: Price) -> Int64 {
  precondition(previous > Price(0) && price > Price(0))
  let move = Int128(price.rawValue) - Int128(previous.rawValue)
  let magnitude = (Int128(move.magnitude) * 1_000_000_000).dividedRoundingUp(by: Int128(previous.rawValue))
  let clamped = Int64(min(magnitude, 1_000_000_000))
  return move < 0 ? -clamped : clamped
}

/// Exponentially weighted variance of the returns per interval, in ppb².
///
/// v moves by (r² − v)/2^k: away from zero when it rises, toward zero when it falls, so it is never rounded for the
/// account. With |r| ≤ 10^9 it stays within 10^18, inside 64 bits.
@frozen public struct Variance: BitwiseCopyable, Equatable, Sendable {
  /// ppb², 0 … 10^18.
  public private(set) var rawValue: Int64

  /// The largest variance: every interval moves by 100 %.
  @inlinable public static var maximum: Int64 { 1_000_000_000_000_000_000 }

  /// A variance of 0 … ``maximum`` ppb².
  public init(_ squaredPartsPerBillion: Int64) {
    precondition((0...Variance.maximum).contains(squaredPartsPerBillion))
    rawValue = squaredPartsPerBillion
  }

  /// The variance whose standard deviation per interval is `deviation` (at most 100 %).
  public init(deviation: Rate) {
    precondition(deviation >= .zero && deviation <= .one)
    rawValue = deviation.rawValue * deviation.rawValue
  }

  /// One interval with a return of `move` ppb (|move| ≤ 10^9) and a decay of 2^−`decay`.
  public mutating func add(_ move: Int64, decay: UInt8) {
    precondition(move.magnitude <= 1_000_000_000 && decay < 63)
    // ⌈(r² − v) / 2^k⌉ is both: away from zero when positive, toward zero when negative.
    rawValue += -((rawValue - move * move) >> Int64(decay))
  }

  /// The same variance per time for intervals `new` instead of `old` long, rounded up, at most ``maximum``.
  public func scaled(from old: Int64, to new: Int64) -> Variance {
    precondition(old > 0 && new > 0)
    let scaled = (Int128(rawValue) * Int128(new)).dividedRoundingUp(by: Int128(old))
    return Variance(Int64(min(scaled, Int128(Variance.maximum))))
  }

  /// ⌈√(v·h)⌉: standard deviation over `horizon` intervals in ppb, not bounded by 100 %.
  public func deviation(over horizon: UInt32) -> Int64 {
    Int64(squareRootRoundedUp(UInt128(rawValue) * UInt128(horizon)))
  }
}

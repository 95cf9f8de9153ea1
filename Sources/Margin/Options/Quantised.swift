/// A value in whole quanta, rounded both ways: down for who holds it, up for who owes it.
@frozen public struct Quantised: BitwiseCopyable, Hashable, Sendable {
  /// ⌊value⌋.
  public let low: Int64
  /// ⌈value⌉.
  public let high: Int64

  /// Clamped to ±2^62, which no amount inside the entry bounds reaches.
  public init(_ value: Double) {
    let bound = 4.611_686_018_427_387_904e18
    guard value > -bound else {
      low = -1 << 62
      high = -1 << 62
      return
    }
    guard value < bound else {
      low = 1 << 62
      high = 1 << 62
      return
    }
    let truncated = Int64(value)
    low = Double(truncated) > value ? truncated - 1 : truncated
    high = Double(truncated) < value ? truncated + 1 : truncated
  }

  /// The nearest whole number; halves up.
  public static func nearest(_ value: Double) -> Int64 { Quantised(value + 0.5).low }
}

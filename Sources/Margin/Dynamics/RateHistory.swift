import Values

/// The last 64 initial volatility rates of an instrument, one per interval.
@frozen public struct RateHistory: BitwiseCopyable, Equatable, Sendable {
  @usableFromInline var rates: InlineArray<64, Int64>
  @usableFromInline var newest: UInt8 = 0

  /// How far back it reaches: the newest rate and 63 before it.
  public static var depth: Int { 64 }

  /// A history in which the rate has always been `rate`.
  public init(_ rate: Rate) { rates = .init(repeating: rate.rawValue) }

  /// The rate `intervals` (0 … 63) before the newest one.
  public func rate(_ intervals: Int) -> Rate {
    precondition(intervals >= 0 && intervals < Self.depth)
    return Rate(rates.span[(Int(newest) - intervals) & 63])
  }

  public mutating func append(_ rate: Rate) {
    newest = (newest + 1) & 63
    var span = rates.mutableSpan
    span[Int(newest)] = rate.rawValue
  }

  public static func == (left: RateHistory, right: RateHistory) -> Bool {
    (0..<depth).allSatisfy { left.rate($0) == right.rate($0) }
  }
}

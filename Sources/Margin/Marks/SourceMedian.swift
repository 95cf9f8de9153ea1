import Values

/// Up to eight numbers, kept sorted: the prices that the sources of one index name.
@frozen public struct SourceMedian: BitwiseCopyable {
  @inlinable public static var capacity: Int { 8 }

  public private(set) var count = 0
  private var sorted = InlineArray<8, Int64>(repeating: 0)

  public init() {}

  /// Adds a number; there must be room. O(count).
  public mutating func insert(_ value: Int64) {
    precondition(count < Self.capacity, "more sources than an index can have")
    var index = count
    while index > 0 && sorted[index - 1] > value {
      sorted[index] = sorted[index - 1]
      index -= 1
    }
    sorted[index] = value
    count += 1
  }

  /// The middle one; of an even number the mean of the two in the middle, rounded down. `nil`: there is none.
  ///
  /// With n sources fewer than n/2 of them, say what they may, leave it between two numbers that honest ones named.
  public var median: Int64? {
    if count == 0 { return nil }
    let (low, high) = (sorted[(count - 1) / 2], sorted[count / 2])
    return Int64((Int128(low) + Int128(high)).dividedRoundingDown(by: 2))
  }
}

/// The middle one of three.
@inlinable public func median3(_ first: Int64, _ second: Int64, _ third: Int64) -> Int64 {
  max(min(first, second), min(max(first, second), third))
}

import Values

/// The time-weighted average of an index over the window before an expiry, sample by sample.
///
/// Samples stand at equal distances, so the plain mean is the time-weighted one.
@frozen public struct SettlementAverage: BitwiseCopyable, Equatable, Sendable {
  public var sum: Int128 = 0
  public var count: Int64 = 0

  @inlinable public init() {}

  @inlinable public mutating func add(_ price: Price) {
    sum += Int128(price.rawValue)
    count += 1
  }

  /// ⌊Σ/n⌋; `nil` when nothing was sampled.
  @inlinable public var price: Price? {
    count == 0 ? nil : Price(Int64(sum.dividedRoundingDown(by: Int128(count))))
  }

  /// Where the settlement price would be if the rest of `samples` samples were `price`: the fixed share plus the variable
  /// one, rounded down. What a mark is worth inside the window.
  @inlinable public func forward(at price: Price, of samples: Int64) -> Price {
    if count >= samples { return self.price ?? price }
    let rest = Int128(price.rawValue) * Int128(samples - count)
    return Price(Int64((sum + rest).dividedRoundingDown(by: Int128(samples))))
  }
}

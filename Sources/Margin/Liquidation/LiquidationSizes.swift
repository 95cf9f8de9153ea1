import Values

/// The parts of a position that a liquidation step considers: an eighth, a quarter, a half, all; rounded up, each once.
@frozen public struct LiquidationSizes: Sequence, IteratorProtocol {
  @usableFromInline let whole: Int64
  @usableFromInline let most: Int64
  @usableFromInline var divisor: Int64 = 8
  @usableFromInline var last: Int64 = 0

  /// Parts of `lots` > 0, none above `most`: what the market can take.
  @inlinable public init(of lots: Int64, atMost most: Int64) {
    whole = lots
    self.most = most
  }

  @inlinable public mutating func next() -> Int64? {
    while divisor >= 1 {
      let lots = Swift.min(whole.dividedRoundingUp(by: divisor), most)
      divisor /= 2
      if lots > last {
        last = lots
        return lots
      }
    }
    return nil
  }
}

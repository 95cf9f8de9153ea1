import Values

/// What a mark price is made of, in price units of the instrument.
@frozen public struct MarkFormula: BitwiseCopyable, Equatable, Sendable {
  /// The index price, at least 1.
  public var index: Int64
  /// The index with the average basis, what a fair market would trade at.
  public var fair: Int64
  /// Middle of the best bid and offer, rounded down; `nil` when a side is empty, or both stand crossed.
  public var mid: Int64?
  /// Price of the last trade; `nil` before the first one.
  public var last: Int64?
  /// How far the mark may be from the index: ⌊index·band⌋.
  public var width: Int64

  /// - Parameters:
  ///   - index: at least 1, at most 2^54.
  ///   - band: in 0 … 1.
  public init(index: Int64, basis: BasisAverage, bid: Price?, ask: Price?, last: Price?, band: Rate) {
    precondition(index >= 1)
    self.index = index
    fair = index + basis.rounded
    mid = Self.mid(bid: bid, ask: ask)
    self.last = last?.rawValue
    width = Int64(band.roundedDown(of: Money(index)).rawValue)
  }

  /// clamp(median of fair, mid and last, index ± width), at least 1. A missing mid or last is replaced by the fair price.
  public var mark: Price {
    let middle = median3(fair, mid ?? fair, last ?? fair)
    return Price(max(1, min(max(middle, index - width), index + width)))
  }

  /// What this moment adds to the average basis: mid less index, no further than the band; `nil` without a mid.
  public var basisSample: Int64? { mid.map { min(max($0 - index, -width), width) } }

  /// A bid of 0 is no interest to buy. A book that stands crossed (closed to matching) has no middle.
  static func mid(bid: Price?, ask: Price?) -> Int64? {
    guard let bid, let ask, bid > Price(0), bid < ask else { return nil }
    return (bid.rawValue + ask.rawValue).dividedRoundingDown(by: 2)
  }
}

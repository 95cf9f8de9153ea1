import Values

/// Walks one side of a book, best order first, and measures what closing each of eight sizes would cost.
///
/// impact_k = mean distance of the first x_k lots from the mark, against whoever closes, as a rate of the mark, rounded
/// up. A lot at the mark or better costs 0 (not |price − mark|: a bid far above the mark would count as expensive, and
/// taking it away would make the book look *deeper*). A lot further away than the cap costs the cap, like one that is
/// not there. So every lot that leaves the book makes impacts higher or leaves them as they are.
public struct DepthWalk: ~Copyable {
  private let side: Side
  private let mark: UInt128
  private let sizes: DepthValues
  private let cap: UInt128
  /// Size that is being filled, lots walked so far, and Σ lots × distance in price units × 10^9.
  ///
  /// Lots ≤ 2^44, distance ≤ mark ≤ 2^53, 10^9 < 2^30: the sum stays below 2^127.
  private var index = 0
  private var walked: Int64 = 0
  private var distance: UInt128 = 0
  private var impacts = DepthValues(repeating: 0)

  /// The bids of a book are what longs close into, the asks what shorts close into.
  public init(_ side: Side, mark: Price, sizes: DepthValues, cap: Rate) {
    precondition(mark > Price(0) && cap >= .zero && cap <= .one)
    self.side = side
    self.mark = UInt128(mark.rawValue)
    self.sizes = sizes
    self.cap = UInt128(cap.rawValue)
  }

  /// Takes the next order. `false`: every size is filled, or this and all worse orders cost the cap.
  public mutating func add(_ lots: Quantity, at price: Price) -> Bool {
    let away = side == .buy ? Int64(mark) - price.rawValue : price.rawValue - Int64(mark)
    let cost = min(UInt128(max(0, away)) * 1_000_000_000, cap * mark)
    if cost == cap * mark { return false }
    take(lots.rawValue, at: cost)
    return index < 8
  }

  /// The impacts, when nothing more is to come: what is not there costs the cap.
  public consuming func finish() -> DepthValues {
    if index < 8 { take(sizes.at(7) - walked, at: cap * mark) }
    return impacts
  }

  private mutating func take(_ lots: Int64, at cost: UInt128) {
    var left = lots
    while index < 8 && left > 0 {
      let part = min(left, sizes.at(index) - walked)
      walked += part
      left -= part
      distance += UInt128(part) * cost
      while index < 8 && walked == sizes.at(index) {
        let (quotient, remainder) = distance.quotientAndRemainder(dividingBy: mark * UInt128(walked))
        impacts.set(index, to: Int64(quotient) + (remainder > 0 ? 1 : 0))
        index += 1
      }
    }
  }
}

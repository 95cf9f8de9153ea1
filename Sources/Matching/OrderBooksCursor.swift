import Values

// Reading the books: from the best order outward, by order or by level. Nothing here changes anything.
//
// Always inlined, not for the call but for its argument: a call of a function that does not mutate copies the whole
// struct onto the stack when it is made from one that does (Swift 6.3).
extension OrderBooks {
  /// The first order in priority, or 0 when the side is empty. O(1).
  @inlinable @inline(__always) public func best(_ side: Side, in book: UInt32) -> OrderSlot {
    let level = bestLevel(side, in: book)
    return level == 0 ? 0 : prices.levels[level].head
  }

  /// The best price, or `nil` when the side is empty. O(1).
  @inlinable @inline(__always) public func bestPrice(_ side: Side, in book: UInt32) -> Price? {
    let level = bestLevel(side, in: book)
    return level == 0 ? nil : prices.levels[level].price
  }

  /// The order that follows `slot` in priority on the same side, across levels, or 0. O(1).
  ///
  /// To walk while removing, ask before the removal; a fill that refreshes an iceberg changes what follows it.
  @inlinable @inline(__always) public func next(after slot: OrderSlot, in book: UInt32) -> OrderSlot {
    let level = checkedLevel(of: slot, in: book)
    if orders[slot].next != 0 { return orders[slot].next }
    let worse = prices.levels[level].worse
    return worse == 0 ? 0 : prices.levels[worse].head
  }

  /// The level in which an order rests. O(1).
  @inlinable @inline(__always) public func level(of slot: OrderSlot) -> BookLevel { self[level: orders[slot].level] }

  /// The level at a price, or `nil` when no order rests there. At most 11 steps.
  @inlinable @inline(__always) public func level(at price: Price, _ side: Side, in book: UInt32) -> BookLevel? {
    let level = prices.find(price, side, in: book)
    return level == 0 ? nil : self[level: level]
  }

  /// The best level, or 0 when the side is empty; the start of a walk over levels. O(1).
  @inlinable @inline(__always) public func bestLevel(_ side: Side, in book: UInt32) -> LevelSlot {
    prices.sides[PriceLevels.bookSide(side, of: book)].best
  }

  /// The next worse level of the same side, or 0. O(1).
  @inlinable @inline(__always) public func nextLevel(after level: LevelSlot) -> LevelSlot { prices.levels[level].worse }

  /// The first order in a level's queue. O(1).
  @inlinable @inline(__always) public func firstOrder(of level: LevelSlot) -> OrderSlot { prices.levels[level].head }

  /// What a level shows. O(1).
  @inlinable public subscript(level level: LevelSlot) -> BookLevel {
    @inline(__always) get {
      BookLevel(
        price: prices.levels[level].price,
        visible: Quantity(Int64(clamping: prices.levels[level].visible)),
        orderCount: Int(prices.levels[level].orderCount))
    }
  }
}

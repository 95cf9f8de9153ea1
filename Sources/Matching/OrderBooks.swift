import Values

/// The price-time order books of all instruments.
///
/// A cursor, not an engine: the caller asks for the best opposite order, decides, and calls ``fill(_:_:in:)`` or
/// ``remove(_:from:)``. Nothing is called back. The two sides of a book are independent, so it may stand crossed. Any
/// 64-bit price works, and gaps between prices cost nothing. All books share the pools, which are mapped at once and
/// touched as they fill. What the books answer depends on the orders and their priority only, never on slot numbers: a
/// restored book has other slots and behaves the same.
@frozen public struct OrderBooks: ~Copyable {
  @usableFromInline let inPlace = InPlace()
  @usableFromInline var orders: Pool<Order>
  @usableFromInline var names: NameIndex
  @usableFromInline var prices: PriceLevels

  /// Room for `orders` resting orders in all books together and for `instruments` books. The other tables are sized so
  /// that the orders always run out first.
  ///
  /// `seed` varies how names are hashed. A venue open to strangers gives a secret number, so that nobody can choose
  /// request ids that collide; it changes no result.
  public init(orders: Int, instruments: Int, seed: UInt64 = 0) {
    self.orders = Pool(capacity: orders)
    names = NameIndex(capacity: orders, seed: seed)
    prices = PriceLevels(levels: orders, books: instruments)
  }

  /// Adds an empty book and returns its number: 0, 1, 2 … Traps when there are as many as instruments.
  public mutating func addBook() -> UInt32 { prices.addBook() }

  /// Resting orders of all books.
  @inlinable public var orderCount: Int { orders.count }
  /// Whether the next ``rest(_:in:)`` would trap.
  @inlinable public var isFull: Bool { orders.isFull }

  /// The order in `slot`. While it rests, its price, side, name and quantities are changed by the book's functions only;
  /// everything else may be written through here. O(1).
  @inlinable public subscript(slot: OrderSlot) -> Order {
    @inline(__always) _read { yield orders[slot] }
    @inline(__always) _modify { yield &orders[slot] }
  }

  /// The resting order of that name, or 0. Expected O(1).
  @inlinable @inline(__always) public func find(_ name: OrderName) -> OrderSlot {
    names.find(name, in: orders)
  }

  /// Puts an order at the back of the queue of its price; an iceberg shows its peak.
  ///
  /// The books must not be full, the name not in use, `open` positive. O(1) where the level exists or near it, at most
  /// 11 steps anywhere.
  @inlinable public mutating func rest(_ order: Order, in book: UInt32) -> OrderSlot {
    precondition(order.open > .zero && order.display >= .zero, "an order rests with open lots")
    return enter(order, visible: order.peak, in: book)
  }

  /// Puts an order of a snapshot back: as ``rest(_:in:)``, but what an iceberg shows stays as it was.
  ///
  /// Orders of one price must come in their priority order. Owner links are the caller's to rebuild.
  public mutating func restore(_ order: Order, in book: UInt32) -> OrderSlot {
    precondition(order.visible > .zero && order.visible <= order.peak, "a resting order shows something")
    return enter(order, visible: order.visible, in: book)
  }

  @inlinable mutating func enter(_ order: Order, visible: Quantity, in book: UInt32) -> OrderSlot {
    precondition(!orders.isFull, "the order pool is full")
    var entered = order
    entered.visible = visible
    let slot = orders.insert(entered)
    names.insert(order.name, slot, in: orders)
    append(slot, to: prices.findOrInsert(order.price, order.side, in: book))
    return slot
  }

  /// Takes an order out whole: queue, name, slot. Its slot is free afterwards and may be handed out again. O(1).
  @inlinable public mutating func remove(_ slot: OrderSlot, from book: UInt32) {
    let level = checkedLevel(of: slot, in: book)
    names.remove(orders[slot].name, slot)
    unlink(slot, from: level)
    if prices.levels[level].orderCount == 0 { prices.remove(level) }
    orders[slot].level = 0
    orders.remove(slot)
  }

  /// Fills `lots` of a resting order: positive, at most what it shows. O(1).
  ///
  /// When an iceberg's shown lots are used up and hidden ones are left, it shows its peak again and goes to the back of
  /// its level; the result is then `true`. When nothing is left open the order stays where it is with `open` 0, so that
  /// it can be reported: the caller must ``remove(_:from:)`` it before it asks for the best order again.
  @inlinable public mutating func fill(_ slot: OrderSlot, _ lots: Quantity, in book: UInt32) -> Bool {
    let level = checkedLevel(of: slot, in: book)
    precondition(lots > .zero && lots <= orders[slot].visible, "a fill takes shown lots")
    orders[slot].open -= lots
    orders[slot].visible -= lots
    orders[slot].filled += lots
    guard orders[slot].visible == .zero, orders[slot].open > .zero else {
      prices.levels[level].visible &-= Int128(lots.rawValue)
      return false
    }
    prices.levels[level].visible &-= Int128(lots.rawValue)
    unlink(slot, from: level)
    orders[slot].visible = orders[slot].peak
    append(slot, to: level)
    return true
  }

  /// Lowers an order's open lots to `open` (positive, at most what is open now); it keeps its time priority, and shows
  /// no more than before. An iceberg's display quantity is at most `open` afterwards. O(1).
  @inlinable public mutating func reduce(_ slot: OrderSlot, to open: Quantity, in book: UInt32) {
    let level = checkedLevel(of: slot, in: book)
    precondition(open > .zero && open <= orders[slot].open, "a reduction leaves some lots and adds none")
    let visible = min(orders[slot].visible, open)
    prices.levels[level].visible &-= Int128((orders[slot].visible - visible).rawValue)
    orders[slot].open = open
    orders[slot].display = min(orders[slot].display, open)
    orders[slot].visible = visible
  }

  /// Moves a resting order to the back of the queue of another price, side or book; its name and slot stay. As cheap as
  /// ``rest(_:in:)``.
  public mutating func move(_ slot: OrderSlot, from book: UInt32, to other: UInt32, _ side: Side, at price: Price) {
    let level = checkedLevel(of: slot, in: book)
    unlink(slot, from: level)
    if prices.levels[level].orderCount == 0 { prices.remove(level) }
    orders[slot].side = side
    orders[slot].price = price
    append(slot, to: prices.findOrInsert(price, side, in: other))
  }

  /// The level of an order that rests in `book`. Traps for an order that rests elsewhere or nowhere.
  @inlinable @inline(__always) func checkedLevel(of slot: OrderSlot, in book: UInt32) -> LevelSlot {
    let level = orders[slot].level
    precondition(
      level != 0 && prices.levels[level].bookSide == PriceLevels.bookSide(orders[slot].side, of: book),
      "the order does not rest in this book")
    return level
  }

  @inlinable mutating func append(_ slot: OrderSlot, to level: LevelSlot) {
    let tail = prices.levels[level].tail
    orders[slot].level = level
    orders[slot].previous = tail
    orders[slot].next = 0
    if tail == 0 {
      prices.levels[level].head = slot
    } else {
      orders[tail].next = slot
    }
    prices.levels[level].tail = slot
    prices.levels[level].orderCount += 1
    prices.levels[level].visible &+= Int128(orders[slot].visible.rawValue)
  }

  @inlinable mutating func unlink(_ slot: OrderSlot, from level: LevelSlot) {
    let next = orders[slot].next
    let previous = orders[slot].previous
    if previous == 0 { prices.levels[level].head = next } else { orders[previous].next = next }
    if next == 0 { prices.levels[level].tail = previous } else { orders[next].previous = previous }
    prices.levels[level].orderCount -= 1
    prices.levels[level].visible &-= Int128(orders[slot].visible.rawValue)
  }
}

// The books of the generator: right and simple, not fast. Nothing of the project's own engine is used, so that a workload
// can find the engine wrong.

/// An order as the generator knows it; ids of other orders link it into the queue of its price.
struct ModelOrder {
  var price: Int
  var quantity: Int
  let symbol: Int
  let side: Int
  let account: Int
  var previous = 0
  var next = 0
  /// Where the order stands in the list of live orders of its side.
  var place = 0
}

/// The orders of one price, in order of their time.
struct ModelLevel {
  var head = 0
  var tail = 0
  var orders = 0
  var quantity = 0
}

/// One side of one book: a level per price of a window, and which of them hold orders.
struct ModelSide {
  /// Prices stay within this window: the middle price is held in a band around 32,000.
  static let lowest = 28_000
  static let prices = 8192

  var levels = [ModelLevel](repeating: ModelLevel(), count: prices)
  var occupied = [UInt64](repeating: 0, count: prices / 64)
  /// Ids of the live orders, in an order that only the random draws know.
  var live: [Int] = []

  var isEmpty: Bool { live.isEmpty }
  /// The lowest price with orders; there must be one.
  var first: Int { nextPrice(from: Self.lowest)! }
  /// The highest price with orders; there must be one.
  var last: Int { previousPrice(from: Self.lowest + Self.prices - 1)! }

  /// The lowest price with orders that is not below `price`.
  func nextPrice(from price: Int) -> Int? {
    let start = price - Self.lowest
    if start >= Self.prices { return nil }
    var word = start / 64
    var bits = occupied[word] & (~0 << UInt64(start % 64))
    while bits == 0 {
      word += 1
      if word == occupied.count { return nil }
      bits = occupied[word]
    }
    return Self.lowest + word * 64 + bits.trailingZeroBitCount
  }

  /// The highest price with orders that is not above `price`.
  func previousPrice(from price: Int) -> Int? {
    let start = price - Self.lowest
    if start < 0 { return nil }
    var word = start / 64
    var bits = occupied[word] & (~0 >> UInt64(63 - start % 64))
    while bits == 0 {
      word -= 1
      if word < 0 { return nil }
      bits = occupied[word]
    }
    return Self.lowest + word * 64 + 63 - bits.leadingZeroBitCount
  }
}

/// All books and orders of the generator.
struct ModelBooks {
  /// By id; nothing stands at 0.
  var orders = [ModelOrder(price: 0, quantity: 0, symbol: 0, side: 0, account: 0)]
  /// Two a symbol: buy, sell.
  var sides: [ModelSide]

  init(symbols: Int) { sides = [ModelSide](repeating: ModelSide(), count: symbols * 2) }

  func side(of id: Int) -> Int { orders[id].symbol * 2 + orders[id].side }

  /// Puts an order at the back of the queue of its price.
  mutating func rest(_ id: Int) {
    let (side, level) = (side(of: id), orders[id].price - ModelSide.lowest)
    let tail = sides[side].levels[level].tail
    orders[id].previous = tail
    orders[id].next = 0
    if tail == 0 { sides[side].levels[level].head = id } else { orders[tail].next = id }
    sides[side].levels[level].tail = id
    sides[side].levels[level].orders += 1
    sides[side].levels[level].quantity += orders[id].quantity
    sides[side].occupied[level / 64] |= 1 << UInt64(level % 64)
  }

  /// Takes an order out of its queue.
  mutating func unrest(_ id: Int) {
    let (side, level) = (side(of: id), orders[id].price - ModelSide.lowest)
    let (previous, next) = (orders[id].previous, orders[id].next)
    if previous == 0 { sides[side].levels[level].head = next } else { orders[previous].next = next }
    if next == 0 { sides[side].levels[level].tail = previous } else { orders[next].previous = previous }
    sides[side].levels[level].orders -= 1
    sides[side].levels[level].quantity -= orders[id].quantity
    if sides[side].levels[level].orders == 0 { sides[side].occupied[level / 64] &= ~(1 << UInt64(level % 64)) }
  }

  mutating func addLive(_ id: Int) {
    let side = side(of: id)
    orders[id].place = sides[side].live.count
    sides[side].live.append(id)
  }

  mutating func removeLive(_ id: Int) {
    let (side, place) = (side(of: id), orders[id].place)
    let last = sides[side].live[sides[side].live.count - 1]
    sides[side].live[place] = last
    orders[last].place = place
    sides[side].live.removeLast()
  }
}

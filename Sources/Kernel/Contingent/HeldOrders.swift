import Matching
import Values

/// What a held order will be, besides what the container's record says.
struct HeldTerms: BitwiseCopyable {
  /// Limit, or protection price, of the order that is released.
  var limit = Price(0)
  /// Zero: all of the position (close position).
  var quantity = Quantity.zero
  var display = Quantity.zero
  var side = Side.buy
  var type = OrderType.limit
  var source = TriggerSource.mark
  var condition = TriggerCondition.stop
  /// The order of the same key that goes when this one is released; 0: none.
  var partner: UInt64 = 0
  /// Whether the trigger price follows the best price, and how far behind.
  var trailing = TrailingUnit.none
  var distance: Int64 = 0
  /// The price that makes a trailing order active; 0: it is from the start.
  var activation = Price(0)
}

/// Neighbours in the queue of reached trailing orders.
struct ReachedLink: BitwiseCopyable {
  var previous: UInt32
  var next: UInt32
}

/// Contingent orders until they are released: beside the books, seen by nobody, without margin.
///
/// The container is itself a set of books, one for each instrument and price source, whose "prices" are triggers; trailing
/// orders have books of their own (HeldTrailing.swift). Orders that are released by a fall stand on its buy side, those
/// released by a rise on its sell side, so that the best order is the one that a move comes to first, and orders of one
/// trigger price keep their time.
struct HeldOrders: ~Copyable {
  var books: OrderBooks
  var terms: ZeroedArray<HeldTerms>
  /// When they end.
  private(set) var expiries: OrderExpiries
  /// First and last held order of each account, in order of entry, and how many there are.
  private var firsts: ZeroedArray<UInt32>
  private var lasts: ZeroedArray<UInt32>
  private var counts: ZeroedArray<UInt32>
  /// By book: the lowest and highest price since something there was found crossed. Of use while it is.
  private var lows: ZeroedArray<Int64>
  private var highs: ZeroedArray<Int64>
  /// Instruments with an order that its price has reached.
  private(set) var crossed: SlotSet
  private var bookCount = 0

  var trailing: TrailingOrders
  var stages: ZeroedArray<TrailingStage>
  /// Of the trees of those that follow a price: by instrument, source and direction.
  var roots: ZeroedArray<UInt32>
  /// By instrument: how many there are, and the queue of those reached.
  var trailingCounts: ZeroedArray<UInt32>
  var reachedLinks: ZeroedArray<ReachedLink>
  var firstsReached: ZeroedArray<UInt32>
  var lastsReached: ZeroedArray<UInt32>
  var reachedInstruments: SlotSet

  init(orders: Int, instruments: Int, accounts: Int) {
    let bookLimit = Int(Self.booksPerInstrument) * instruments
    books = OrderBooks(orders: orders, instruments: bookLimit)
    terms = ZeroedArray(count: orders + 1)
    expiries = OrderExpiries(orders: orders)
    firsts = ZeroedArray(count: accounts + 1)
    lasts = ZeroedArray(count: accounts + 1)
    counts = ZeroedArray(count: accounts + 1)
    lows = ZeroedArray(count: bookLimit)
    highs = ZeroedArray(count: bookLimit)
    crossed = SlotSet(highest: instruments)
    trailing = TrailingOrders(orders: orders)
    stages = ZeroedArray(count: orders + 1)
    roots = ZeroedArray(count: 2 * TriggerSource.allCases.count * instruments + 1)
    trailingCounts = ZeroedArray(count: instruments + 1)
    reachedLinks = ZeroedArray(count: orders + 1)
    firstsReached = ZeroedArray(count: instruments + 1)
    lastsReached = ZeroedArray(count: instruments + 1)
    reachedInstruments = SlotSet(highest: instruments)
  }

  func hasBook(_ book: UInt32) -> Bool { Int(book) < bookCount }
  /// Whether there has ever been one: prices are looked at from then on.
  var isActive: Bool { bookCount > 0 }
  var isEmpty: Bool { books.orderCount == 0 }

  /// Held orders of an account.
  func count(of account: UInt32) -> Int { Int(counts[account]) }
  func first(of account: UInt32) -> OrderSlot { firsts[account] }

  /// One of triggers and one of activation prices for each source, and one for the other trailing orders.
  static var booksPerInstrument: UInt32 { 2 * UInt32(TriggerSource.allCases.count) + 1 }

  static func book(_ instrument: UInt32, _ source: TriggerSource) -> UInt32 {
    (instrument - 1) * booksPerInstrument + UInt32(source.rawValue)
  }

  /// The first instrument from `first` on with an order that has been reached, or 0.
  func firstReached(from first: UInt32 = 1) -> UInt32 {
    let (plain, trailing) = (crossed.first(from: first), reachedInstruments.first(from: first))
    return plain == 0 || trailing == 0 ? max(plain, trailing) : min(plain, trailing)
  }

  /// Whether a rise releases the order: a stop that buys, or a sale that takes its profit.
  static func rises(_ terms: HeldTerms) -> Bool { (terms.side == .buy) == (terms.condition == .stop) }

  // MARK: In and out

  /// Holds an order whose `price` is its trigger and whose side is the container's. `expiry` 0: it does not end. A
  /// trailing order waits for its activation price, or follows from the price `best`.
  @discardableResult mutating func insert(
    _ order: Order, _ terms: HeldTerms, until expiry: Timestamp, instrument: UInt32,
    stage: TrailingStage = .waits, best: Price = Price(0)
  ) -> OrderSlot {
    // All of the instrument's at once: what one has seen while the other is crossed must not be lost.
    makeBooks(upTo: Self.trailingBook(instrument))
    let slot =
      terms.trailing == .none
      ? books.rest(order, in: Self.book(instrument, terms.source))
      : insertTrailing(order, terms, instrument: instrument, stage: stage, best: best)
    self.terms[slot] = terms
    link(slot, account: order.account)
    end(slot, at: expiry)
    return slot
  }

  /// Gives an order another end; 0: none.
  mutating func end(_ slot: OrderSlot, at expiry: Timestamp) {
    if books[slot].expiry != 0 { expiries.remove(slot, in: &books) }
    if expiry != Timestamp(0) { expiries.insert(slot, due: expiry, in: &books) }
  }

  /// Books are made as they are needed, and have seen no price.
  mutating func makeBooks(upTo book: UInt32) {
    while bookCount <= Int(book) {
      _ = books.addBook()
      lows[bookCount] = .max
      highs[bookCount] = .min
      bookCount += 1
    }
  }

  mutating func link(_ slot: OrderSlot, account: UInt32) {
    let last = lasts[account]
    books[slot].ownerPrevious = last
    books[slot].ownerNext = 0
    if last == 0 { firsts[account] = slot } else { books[last].ownerNext = slot }
    lasts[account] = slot
    counts[account] += 1
  }

  mutating func remove(_ slot: OrderSlot, instrument: UInt32) {
    end(slot, at: Timestamp(0))
    unlink(slot)
    if terms[slot].trailing != .none { return removeTrailing(slot, instrument: instrument) }
    books.remove(slot, from: Self.book(instrument, terms[slot].source))
  }

  mutating func unlink(_ slot: OrderSlot) {
    let order = books[slot]
    let (previous, next) = (order.ownerPrevious, order.ownerNext)
    if previous == 0 { firsts[order.account] = next } else { books[previous].ownerNext = next }
    if next == 0 { lasts[order.account] = previous } else { books[next].ownerPrevious = previous }
    counts[order.account] -= 1
  }

  // MARK: Prices

  /// A price has been seen. O(1) where no order trails it.
  mutating func note(_ price: Int64, of source: TriggerSource, instrument: UInt32) {
    let book = Self.book(instrument, source)
    guard Int(book) < bookCount else { return }
    if trailingCounts[instrument] > 0 { noteTrailing(Price(price), of: source, instrument: instrument) }
    let isCrossed = crossed.contains(instrument)
    let low = isCrossed ? min(lows[Int(book)], price) : price
    let high = isCrossed ? max(highs[Int(book)], price) : price
    if !isCrossed && !isReached(book, low: low, high: high) { return }
    if !isCrossed { forgetPrices(of: instrument) }
    lows[Int(book)] = low
    highs[Int(book)] = high
    crossed.insert(instrument)
  }

  private func isReached(_ book: UInt32, low: Int64, high: Int64) -> Bool {
    if let trigger = books.bestPrice(.buy, in: book), low <= trigger.rawValue { return true }
    if let trigger = books.bestPrice(.sell, in: book), high >= trigger.rawValue { return true }
    return false
  }

  private mutating func forgetPrices(of instrument: UInt32) {
    for source in TriggerSource.allCases where Int(Self.book(instrument, source)) < bookCount {
      lows[Int(Self.book(instrument, source))] = .max
      highs[Int(Self.book(instrument, source))] = .min
    }
  }

  /// The order of an instrument that is released next: trailing orders as they were reached, then by source, falls before
  /// rises, the nearest first. 0: none is reached; the prices seen are forgotten.
  mutating func nextReleased(of instrument: UInt32) -> OrderSlot {
    if firstsReached[instrument] != 0 { return firstsReached[instrument] }
    guard crossed.contains(instrument) else { return 0 }
    for source in TriggerSource.allCases {
      let book = Self.book(instrument, source)
      guard Int(book) < bookCount else { continue }
      if let trigger = books.bestPrice(.buy, in: book), lows[Int(book)] <= trigger.rawValue {
        return books.best(.buy, in: book)
      }
      if let trigger = books.bestPrice(.sell, in: book), highs[Int(book)] >= trigger.rawValue {
        return books.best(.sell, in: book)
      }
    }
    crossed.remove(instrument)
    return 0
  }

  // MARK: State

  func prices(of instrument: UInt32, _ source: TriggerSource) -> (low: Int64, high: Int64) {
    let book = Int(Self.book(instrument, source))
    return book < bookCount ? (lows[book], highs[book]) : (.max, .min)
  }

  mutating func restorePrices(of instrument: UInt32, _ source: TriggerSource, low: Int64, high: Int64) {
    makeBooks(upTo: Self.book(instrument, source))
    let book = Int(Self.book(instrument, source))
    lows[book] = low
    highs[book] = high
    crossed.insert(instrument)
  }
}

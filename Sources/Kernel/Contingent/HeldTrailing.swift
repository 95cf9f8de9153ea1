import Matching
import Values

// Trailing orders among the held ones: they wait for their activation price, follow the best price since, and are reached
// when the price falls short of it by their distance. All are in books too, so that they have names and slots.

/// Where a trailing order stands.
enum TrailingStage: UInt8, BitwiseCopyable {
  /// For its activation price; its container's book has that as its price.
  case waits
  case follows
  /// It is released next, in the order of being reached.
  case reached
}

extension HeldOrders {
  /// Trailing orders that wait for an activation price: one whose price must rise to it stands on the sell side.
  static func activationBook(_ instrument: UInt32, _ source: TriggerSource) -> UInt32 {
    book(instrument, source) + UInt32(TriggerSource.allCases.count)
  }

  /// The other trailing orders of an instrument: a list, no more.
  static func trailingBook(_ instrument: UInt32) -> UInt32 { instrument * booksPerInstrument - 1 }

  /// A price as the trees have it.
  static func signed(_ price: Price, _ side: Side) -> Int64 { side == .buy ? price.rawValue : -price.rawValue }

  static func tree(_ instrument: UInt32, _ source: TriggerSource, _ side: Side) -> Int {
    (Int(instrument - 1) * TriggerSource.allCases.count + Int(source.rawValue)) * 2 + Int(side.rawValue)
  }

  func stage(of slot: OrderSlot) -> TrailingStage { stages[slot] }

  /// The side of the container's that an order belongs to once it follows its price: buy where a fall releases it.
  private func side(of slot: OrderSlot) -> Side { Self.rises(terms[slot]) ? .sell : .buy }

  /// The best price since a trailing order became active; 0: it has not.
  func best(of slot: OrderSlot, instrument: UInt32) -> Price {
    switch stages[slot] {
    case .waits: return Price(0)
    case .follows:
      let root = roots[Self.tree(instrument, terms[slot].source, side(of: slot))]
      return Price(Int64(trailing.best(of: slot, below: root).magnitude))
    case .reached: return Price(Int64(trailing.lastBest(of: slot).magnitude))
    }
  }

  /// The price that releases a held order; of a trailing order as it is now, 0: none yet, or none that can be.
  func trigger(of slot: OrderSlot, instrument: UInt32) -> Price {
    let terms = self.terms[slot]
    if terms.trailing == .none { return books[slot].price }
    let best = best(of: slot, instrument: instrument).rawValue
    if best == 0 { return Price(0) }
    let isTicks = terms.trailing == .ticks
    let distance = isTicks ? terms.distance : TrailingOrders.distance(of: best, parts: terms.distance)
    return Price(max(0, Self.rises(terms) ? best + distance : best - distance))
  }

  // MARK: In and out

  /// Puts a trailing order into its book: it waits for its activation price, follows from `best`, or does nothing yet.
  mutating func insertTrailing(
    _ order: Order, _ terms: HeldTerms, instrument: UInt32, stage: TrailingStage, best: Price
  ) -> OrderSlot {
    let waits = stage == .waits
    var resting = order
    resting.side = waits ? order.side.opposite : order.side
    resting.price = waits ? terms.activation : Price(1)
    let book = waits ? Self.activationBook(instrument, terms.source) : Self.trailingBook(instrument)
    let slot = books.rest(resting, in: book)
    self.terms[slot] = terms
    stages[slot] = stage
    trailingCounts[instrument] += 1
    if stage == .follows { follow(slot, from: best, instrument: instrument) }
    return slot
  }

  /// A trailing order becomes active at a price.
  mutating func follow(_ slot: OrderSlot, from best: Price, instrument: UInt32) {
    let terms = self.terms[slot]
    let side = side(of: slot)
    stages[slot] = .follows
    trailing.append(
      slot, to: &roots[Self.tree(instrument, terms.source, side)], best: Self.signed(best, side), terms.trailing,
      terms.distance)
  }

  /// Whether an order may follow a price behind those that are in its tree: their best prices do not rise.
  func mayFollow(_ slot: OrderSlot, _ stage: TrailingStage, best: Price, instrument: UInt32) -> Bool {
    let side = side(of: slot)
    let root = roots[Self.tree(instrument, terms[slot].source, side)]
    return stage == .reached || Self.signed(best, side) <= trailing.lowestBest(below: root)
  }

  /// Puts an order of a snapshot, which was inserted as reached, back into its place; they come in their order.
  mutating func restoreTrailing(_ slot: OrderSlot, _ stage: TrailingStage, best: Price, instrument: UInt32) {
    if stage == .follows { return follow(slot, from: best, instrument: instrument) }
    trailing.setLastBest(of: slot, to: Self.signed(best, side(of: slot)))
    reach(slot, instrument: instrument)
  }

  /// A trailing order whose trigger the price has reached: it follows no longer.
  mutating func reach(_ slot: OrderSlot, instrument: UInt32) {
    stages[slot] = .reached
    let last = lastsReached[instrument]
    reachedLinks[slot] = ReachedLink(previous: last, next: 0)
    if last == 0 { firstsReached[instrument] = slot } else { reachedLinks[last].next = slot }
    lastsReached[instrument] = slot
    reachedInstruments.insert(instrument)
  }

  /// Takes a trailing order out of all but its account's list.
  mutating func removeTrailing(_ slot: OrderSlot, instrument: UInt32) {
    trailingCounts[instrument] -= 1
    switch stages[slot] {
    case .waits: return books.remove(slot, from: Self.activationBook(instrument, terms[slot].source))
    case .follows: trailing.remove(slot, from: &roots[Self.tree(instrument, terms[slot].source, side(of: slot))])
    case .reached:
      let link = reachedLinks[slot]
      if link.previous == 0 {
        firstsReached[instrument] = link.next
      } else {
        reachedLinks[link.previous].next = link.next
      }
      if link.next == 0 {
        lastsReached[instrument] = link.previous
      } else {
        reachedLinks[link.next].previous = link.previous
      }
      if firstsReached[instrument] == 0 { reachedInstruments.remove(instrument) }
    }
    books.remove(slot, from: Self.trailingBook(instrument))
  }

  /// Gives a trailing order that follows its price another distance, and what else a replace changes.
  mutating func amendTrailing(
    _ slot: OrderSlot, to terms: HeldTerms, entry: UInt64, until expiry: Timestamp, instrument: UInt32
  ) {
    trailing.change(
      slot, below: roots[Self.tree(instrument, terms.source, side(of: slot))], terms.trailing, terms.distance)
    self.terms[slot] = terms
    books[slot].entry = entry
    unlink(slot)
    link(slot, account: books[slot].account)
    end(slot, at: expiry)
  }

  // MARK: Prices

  /// Trailing orders see a price: those that are active follow it or are reached, then others become active.
  ///
  /// O(log orders), and as much for each order that is reached or becomes active, which happens to it once: at most
  /// ``Limits/trailingOrders`` of an instrument.
  mutating func noteTrailing(_ price: Price, of source: TriggerSource, instrument: UInt32) {
    for side in Side.allCases {
      let tree = Self.tree(instrument, source, side)
      let signed = Self.signed(price, side)
      trailing.follow(signed, below: roots[tree])
      while case let slot = trailing.reached(by: signed, below: roots[tree]), slot != 0 {
        trailing.remove(slot, from: &roots[tree])
        reach(slot, instrument: instrument)
      }
    }
    let book = Self.activationBook(instrument, source)
    while let level = books.bestPrice(.buy, in: book), price <= level {
      activate(books.best(.buy, in: book), at: price, instrument: instrument)
    }
    while let level = books.bestPrice(.sell, in: book), price >= level {
      activate(books.best(.sell, in: book), at: price, instrument: instrument)
    }
  }

  private mutating func activate(_ slot: OrderSlot, at price: Price, instrument: UInt32) {
    let book = Self.activationBook(instrument, terms[slot].source)
    books.move(slot, from: book, to: Self.trailingBook(instrument), side(of: slot), at: Price(1))
    follow(slot, from: price, instrument: instrument)
  }
}

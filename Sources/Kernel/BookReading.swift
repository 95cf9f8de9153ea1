import Margin
import Matching
import Values

// Looking at books from outside, for the full books that start a market-data feed. Changes nothing.

extension Kernel {
  public borrowing func hasInstrument(_ id: InstrumentId) -> Bool { ledger.find(id) != 0 }

  /// The instrument's phase; halted when there is no such instrument.
  public borrowing func phase(of id: InstrumentId) -> Phase {
    let instrument = ledger.find(id)
    return instrument == 0 ? .halted : ledger.instruments[instrument].phase
  }

  /// Calls `body` with side, anonymous id, price and shown lots of every resting order: bids best first, then asks, each
  /// in priority order.
  public borrowing func forEachVisibleOrder(of id: InstrumentId, _ body: (Side, UInt64, Price, Quantity) -> Void) {
    let instrument = ledger.find(id)
    guard instrument != 0 else { return }
    let book = ledger.instruments[instrument].book
    for side in Side.allCases {
      var slot = books.best(side, in: book)
      while slot != 0 {
        body(side, books[slot].id, books[slot].price, books[slot].visible)
        slot = books.next(after: slot, in: book)
      }
    }
  }

  /// Calls `body` with side, price, shown lots and number of orders of every level: bids best first, then asks.
  public borrowing func forEachLevel(of id: InstrumentId, _ body: (Side, Price, Quantity, Int) -> Void) {
    let instrument = ledger.find(id)
    guard instrument != 0 else { return }
    let book = ledger.instruments[instrument].book
    for side in Side.allCases {
      var slot = books.bestLevel(side, in: book)
      while slot != 0 {
        let level = books[level: slot]
        body(side, level.price, level.visible, level.orderCount)
        slot = books.nextLevel(after: slot)
      }
    }
  }

  /// The best price of a side and the lots shown there; `nil`: the side is empty or there is no such instrument. O(1).
  public borrowing func best(_ side: Side, of id: InstrumentId) -> (price: Price, quantity: Quantity)? {
    let instrument = ledger.find(id)
    guard instrument != 0 else { return nil }
    let slot = books.bestLevel(side, in: ledger.instruments[instrument].book)
    if slot == 0 { return nil }
    return (books[level: slot].price, books[level: slot].visible)
  }

  // MARK: Counts, for status displays

  public var accountCount: Int { ledger.accounts.count }
  public var instrumentCount: Int { ledger.instruments.count }
  public var orderCount: Int { books.orderCount }
  public var positionCount: Int { ledger.positions.count }
}

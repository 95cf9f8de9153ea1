import Margin
import Matching
import Values

// Between an order in the book and what the margin rules count of it.

extension Order {
  /// Fees due in all for `accrued` mq·ppb, rounded up.
  @inline(__always) static func fees(for accrued: Int128) -> Money {
    Money(accrued.dividedByBillionRoundingUp)
  }

  /// Charges a fill of `value` at `rate`; the fee is the rise of the cumulative amount.
  mutating func chargeFee(on value: Money, at rate: Rate) -> Money {
    let before = Order.fees(for: feeAccrued)
    feeAccrued += rate.exact(of: value)
    return Order.fees(for: feeAccrued) - before
  }
}

extension Kernel {
  /// What must be set aside for the fees of what is open of `order` at `price` and `rate` ≥ 0.
  func provision(_ order: Order, at price: Price, rate: Rate, instrument: UInt32) -> Money {
    let open = min(
      ledger.instruments[instrument].value(order.open, at: price), Money(Limits.provisionNotional))
    if order.feeAccrued == 0 { return rate.roundedUp(of: open) }
    let total = Order.fees(for: order.feeAccrued + rate.exact(of: open))
    return max(.zero, total - Order.fees(for: order.feeAccrued))
  }

  /// A resting order as the margin rules see it.
  func openLots(_ order: Order, instrument: UInt32) -> OpenLots {
    OpenLots(
      side: order.side, reduceOnly: order.flags.contains(.reduceOnly), lots: order.open, limit: order.price,
      provision: provision(
        order, at: order.price, rate: ledger.restingFee(of: order.account, in: instrument), instrument: instrument))
  }

  // MARK: The list of a position's orders, by entry

  mutating func link(_ slot: OrderSlot) {
    let position = books[slot].position
    let last = ledger.positions[position].lastOrder
    books[slot].ownerPrevious = last
    books[slot].ownerNext = 0
    if last == 0 { ledger.positions[position].firstOrder = slot } else { books[last].ownerNext = slot }
    ledger.positions[position].lastOrder = slot
    ledger.accounts[books[slot].account].openOrders += 1
  }

  mutating func unlink(_ slot: OrderSlot) {
    let (previous, next) = (books[slot].ownerPrevious, books[slot].ownerNext)
    let position = books[slot].position
    if previous == 0 { ledger.positions[position].firstOrder = next } else { books[previous].ownerNext = next }
    if next == 0 { ledger.positions[position].lastOrder = previous } else { books[next].ownerPrevious = previous }
    ledger.accounts[books[slot].account].openOrders -= 1
  }

  // MARK: Entering and leaving the book

  /// Puts an order into its book and its owner's list. Its open lots are counted already.
  mutating func rest(_ order: Order, until expiry: Timestamp, in book: UInt32, output: inout Output) {
    let slot = books.rest(order, in: book)
    link(slot)
    if order.flags.contains(.quote) { quotes.enter(order, slot) }
    if expiry != Timestamp(0) { expiries.insert(slot, due: expiry, in: &books) }
    event(.orderAdded, books[slot], level: books.level(of: slot), output: &output)
  }

  /// Takes an order out of its book and its owner's list; its open lots are the caller's to settle.
  mutating func takeOut(_ slot: OrderSlot, in book: UInt32, output: inout Output) {
    let order = books[slot]
    unlink(slot)
    if order.flags.contains(.quote) { quotes.leave(order) }
    if order.expiry != 0 { expiries.remove(slot, in: &books) }
    books.remove(slot, from: book)
    event(.orderRemoved, order, level: books.level(at: order.price, order.side, in: book), output: &output)
  }

  /// Takes lots out of a resting order, which keeps its place in the queue: always allowed, like a partial cancel.
  mutating func shrink(_ slot: OrderSlot, to open: Quantity, output: inout Output) {
    let old = books[slot]
    let instrument = ledger.positions[old.position].instrument
    let before = openLots(old, instrument: instrument)
    ledger.touch(old.account)
    reduceInBook(slot, to: open, output: &output)
    ledger.changeOpen(before, to: openLots(books[slot], instrument: instrument), in: old.position, keepingWorst: true)
    ledger.touch(old.account)
  }

  /// Takes lots out of a resting order; its open lots are the caller's to settle.
  mutating func reduceInBook(_ slot: OrderSlot, to open: Quantity, output: inout Output) {
    let old = books[slot]
    let instrument = ledger.positions[old.position].instrument
    books.reduce(slot, to: open, in: ledger.instruments[instrument].book)
    if books[slot].visible != old.visible {
      event(.orderChanged, books[slot], level: books.level(of: slot), output: &output)
    }
  }

  /// Cancels a resting order whole and reports it.
  mutating func cancelResting(_ slot: OrderSlot, reason: CancelReason, _ command: Command, output: inout Output) {
    let order = books[slot]
    let instrument = ledger.positions[order.position].instrument
    ledger.touch(order.account)
    takeOut(slot, in: ledger.instruments[instrument].book, output: &output)
    ledger.removeOpen(openLots(order, instrument: instrument), from: order.position)
    ledger.touch(order.account)
    reportGone(order, reason: reason, command, output: &output)
  }
}

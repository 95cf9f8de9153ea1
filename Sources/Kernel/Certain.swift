import Margin
import Matching
import Values

extension Kernel {
  /// Lots that an entering order is certain to trade at once, counted up to `most`, and what they are worth: what decides
  /// fill-or-kill, minimum quantity and budget.
  ///
  /// The same walk as matching, without changing anything but caches. Makers whose margin or balance would have to be
  /// judged fill by fill are not certain and do not count.
  mutating func certainLots(for entering: Entering, upTo most: Quantity) -> (lots: Quantity, value: Money) {
    let order = entering.order
    var wanted = most
    if order.flags.contains(.reduceOnly) {
      wanted = min(wanted, Quantity(ledger.positions[order.position].reducible(by: order.side)))
    }
    var counted = Quantity.zero
    var value = Money.zero
    var fills = 0
    var skipped = 0
    var slot = books.best(order.side.opposite, in: entering.book)
    while slot != 0 && counted < wanted {
      guard order.side.crosses(limit: order.price, resting: books[slot].price) else { break }
      if gatingReason(of: slot) != nil {
        skipped += 1
      } else if isSelfTrade(order, with: books[slot]) {
        if order.prevention != .cancelOldest { break }
        skipped += 1
      } else {
        let lots = certainLots(of: slot)
        if lots > .zero {
          fills += slices(of: books[slot])
          if fills > Limits.fillsPerCommand { break }
          value += ledger.instruments[entering.instrument].value(min(lots, wanted - counted), at: books[slot].price)
          counted += lots
        } else {
          skipped += 1
        }
      }
      if skipped > Limits.cancelsPerCommand { break }
      slot = books.next(after: slot, in: entering.book)
    }
    return (min(counted, wanted), value)
  }

  /// All that a resting order is certain to give, hidden lots included; zero when it might be cancelled instead.
  private mutating func certainLots(of slot: OrderSlot) -> Quantity {
    let order = books[slot]
    guard isBalanceSufficient(order), hasStanding(order.account) else { return .zero }
    guard order.flags.contains(.reduceOnly) else {
      count(order.open, of: order)
      return order.open
    }
    let position = order.position
    let already = ledger.positions[position].countedCommand == walk ? ledger.positions[position].countedLots : 0
    let reached = ledger.positions[position].quantity.rawValue + already
    let reducible = order.side == .buy ? max(0, -reached) : max(0, reached)
    let lots = min(order.open, Quantity(reducible))
    count(lots, of: order)
    return lots
  }

  /// Remembers, per position, the change that lots counted so far would make.
  private mutating func count(_ lots: Quantity, of order: Order) {
    let position = order.position
    if ledger.positions[position].countedCommand != walk {
      ledger.positions[position].countedCommand = walk
      ledger.positions[position].countedLots = 0
    }
    ledger.positions[position].countedLots += order.side == .buy ? lots.rawValue : -lots.rawValue
  }

  /// Most fills a resting order can take part in.
  private func slices(of order: Order) -> Int {
    if order.display == .zero { return 1 }
    let hidden = order.open.rawValue - order.visible.rawValue
    return 1 + Int(min(hidden.dividedRoundingUp(by: order.display.rawValue), Int64(Limits.fillsPerCommand)))
  }
}

import Values
import Wire

// What market makers do.

extension CommandStream {
  /// Bids and asks around fair prices in a few instruments; often a little better or smaller than those that stand.
  mutating func quote() {
    let key =
      random.chance(20) ? trader() : random.pick([StreamCast.traders[2], StreamCast.traders[5], StreamCast.traders[7]])
    let account = account(of: key)
    let count = random.chance(8) ? random.pick([0, 24, 25]) : Int(random.number(1...5))
    let isPulled = random.chance(60)
    let rows = (0..<count).map { _ in quoted(account, isPulled: isPulled) }
    let message = MassQuote(
      requestId: 0, account: AccountId(account), isPostOnly: random.chance(400),
      selfTradePrevention: random.pick([.allow, .cancelNewest, .cancelOldest, .cancelBoth, .decrement]))
    queue.append((key, frameBytes(message, rows: rows)))
  }

  private mutating func quoted(_ account: UInt32, isPulled: Bool) -> MassQuote.Row {
    let instrument = account == 13 && !random.chance(50) ? 1 : instrument()
    var row = MassQuote.Row(
      bidPrice: Price(price(instrument, within: 6)), bidQuantity: Quantity(lots(account, instrument, .buy)),
      askPrice: .init(price(instrument, within: 6)), askQuantity: Quantity(lots(account, instrument, .sell)),
      instrument: InstrumentId(instrument))
    if row.askPrice <= row.bidPrice && random.chance(950) {
      (row.bidPrice, row.askPrice) = (row.askPrice, Price(row.bidPrice.rawValue + 1))
    }
    for order in model.accounts.first(where: { $0.id.rawValue == account })?.orders ?? []
    where order.instrument.rawValue == instrument && order.flags.contains(.quote) && random.chance(500) {
      let open = Quantity(random.number(1...max(1, Int64(order.open) + 1)))
      if order.side == .buy { (row.bidPrice, row.bidQuantity) = (Price(Int64(order.price)), open) }
      if order.side == .sell { (row.askPrice, row.askQuantity) = (Price(Int64(order.price)), open) }
    }
    if isPulled || random.chance(60) { row.bidQuantity = .zero }
    if isPulled || random.chance(60) { row.askQuantity = .zero }
    if random.chance(6) { row.bidQuantity = Quantity(random.pick(Self.extremes)) }
    if random.chance(6) { row.askPrice = Price(random.pick(Self.extremes)) }
    return row
  }
}

import Values
import Wire

/// Orders and cancels on every instrument that has a mark, around it, at sizes that strain the accounts.
struct OrderFlow: Flow {
  var weight: Int { 60 }
  private var orders: [(key: KeyId, request: UInt64)] = []

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    if random.chance(250), !orders.isEmpty {
      let order = orders.remove(at: Int(random.next() % UInt64(orders.count)))
      venue.send(
        CancelOrder(requestId: 0, orderRequestId: order.request, orderKey: .venue), from: order.key)
      return
    }
    let account = random.pick(Cast.accounts)
    let instrument = random.pick(venue.instruments)
    let mark = venue.mark(of: instrument) ?? Cast.startingPrice(instrument)
    let side: Side = random.chance(500) ? .buy : .sell
    let distance = mark * random.number(-15...25) / 1000
    let price = max(1, side == .buy ? mark - distance : mark + distance)
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: instrument, price: Price(price),
        quantity: Quantity(random.chance(100) ? random.number(1...4_000) : random.number(1...300)), display: .zero,
        side: side, orderType: .limit, timeInForce: random.chance(700) ? .goodTillCancel : .immediateOrCancel,
        flags: random.chance(80) && instrument != Cast.spot ? .reduceOnly : [],
        selfTradePrevention: random.chance(800) ? .cancelOldest : .allow), from: Cast.key(of: account))
    for accepted in venue.all(OrderAccepted.self) where accepted.timeInForce == .goodTillCancel {
      orders.append((Cast.key(of: account), accepted.orderRequestId))
    }
    if orders.count > 400 { orders.removeFirst(200) }
  }
}

import Values
import Wire

/// Stops and take-profit orders on all instruments, alone and in pairs, changed and cancelled.
struct ContingentFlow: Flow {
  var weight: Int { 8 }
  private var last: (key: KeyId, account: AccountId, request: UInt64, trailing: TrailingUnit)?

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    if let last, random.chance(250) {
      if random.chance(500) {
        venue.send(CancelOrder(requestId: 0, orderRequestId: last.request, orderKey: .venue), from: last.key)
      } else {
        venue.send(
          ReplaceContingentOrder(
            requestId: 0, orderRequestId: last.request, triggerPrice: Price(random.number(1...70_000)),
            price: Price(random.number(1...70_000)), quantity: Quantity(random.number(1...200)), display: .zero,
            orderKey: .venue, expiry: Timestamp(0),
            distance: last.trailing == .none ? 0 : UInt64(random.number(1...900))), from: last.key)
      }
      return
    }
    let account = random.pick(Cast.accounts)
    let instrument = random.pick(venue.instruments)
    let mark = venue.mark(of: instrument) ?? Cast.startingPrice(instrument)
    let closes = random.chance(200) && instrument != Cast.spot
    let isMarket = random.chance(500)
    let near = max(1, mark * random.number(985...1_015) / 1_000)
    let trailing = random.pick([.none, .none, .ticks, .partsPerMillion] as [TrailingUnit])
    // Orders that do not rest may wait for a while only.
    let ends = isMarket && random.chance(300)
    let isPartner = last?.account == AccountId(account) && random.chance(600)
    venue.send(
      NewContingentOrder(
        requestId: 0, account: AccountId(account), instrument: instrument,
        price: Price(max(1, mark * random.number(950...1_050) / 1_000)),
        quantity: closes ? .zero : Quantity(random.number(1...400)), display: .zero,
        side: random.chance(500) ? .buy : .sell, orderType: isMarket ? .market : .limit,
        timeInForce: isMarket ? .immediateOrCancel : .goodTillCancel,
        flags: closes ? [.reduceOnly, .closePosition] : [],
        selfTradePrevention: random.pick([.allow, .cancelOldest, .decrement]),
        source: random.pick(instrument == Cast.spot ? [.mark, .last] : [.mark, .last, .index]),
        condition: trailing != .none || random.chance(500) ? .stop : .takeProfit, trailing: trailing,
        triggerPrice: Price(trailing == .none || random.chance(300) ? near : 0), partner: isPartner ? last!.request : 0,
        expiry: ends ? Timestamp(venue.time + random.number(1...60_000_000_000)) : Timestamp(0),
        distance: trailing == .none ? 0 : UInt64(random.number(1...900))),
      from: Cast.key(of: account))
    if let held = venue.all(OrderHeld.self).first {
      last = (Cast.key(of: account), AccountId(account), held.orderRequestId, held.trailing!)
    }
  }
}

import Values
import Wire

// Orders that wait for a price.

extension CommandStream {
  mutating func contingent() {
    let key = trader()
    let account = account(of: key)
    let instrument = account == 13 && !random.chance(50) ? 1 : instrument()
    let timeInForce = random.pick(
      [
        .goodTillCancel, .goodTillCancel, .immediateOrCancel, .immediateOrCancel, .fillOrKill, .day, .goodTillDate,
      ] as [TimeInForce])
    var flags: OrderFlags = random.chance(300) ? .reduceOnly : []
    if random.chance(flags.isEmpty ? 3 : 400) { flags.insert(.closePosition) }
    if random.chance(40) { flags.insert(.postOnly) }
    let side: Side = random.chance(500) ? .buy : .sell
    let quantity = random.chance(6) ? random.pick(Self.extremes) : lots(account, instrument, side)
    let isMarket = timeInForce.rests ? random.chance(5) : random.chance(400)
    let source = random.pick([.mark, .mark, .last, .last, .index] as [TriggerSource])
    let trailing = random.chance(400) ? random.pick([.ticks, .partsPerMillion]) : TrailingUnit.none
    let isActive = trailing != .none && random.chance(500)
    let partner = model.held.filter { $0.name.key == key }.randomElement(&random)
    send(
      NewContingentOrder(
        requestId: 0, account: AccountId(account), instrument: InstrumentId(instrument),
        price: Price(random.chance(5) ? random.pick(Self.extremes) : price(instrument, within: 30)),
        quantity: flags.contains(.closePosition) && !random.chance(30) ? .zero : Quantity(quantity),
        display: timeInForce.rests && random.chance(100) ? Quantity(random.number(1...5)) : .zero, side: side,
        orderType: isMarket ? .market : random.chance(50) ? .marketToLimit : .limit,
        timeInForce: timeInForce, flags: flags,
        selfTradePrevention: random.pick([.allow, .cancelNewest, .cancelOldest, .decrement]),
        source: source,
        condition: random.chance(trailing == .none ? 500 : 10) ? .takeProfit : .stop, trailing: trailing,
        triggerPrice: Price(random.chance(8) ? random.pick(Self.extremes) : isActive ? 0 : near(source, instrument)),
        partner: partner != nil && random.chance(300) ? partner!.name.requestId : random.chance(5) ? 3 : 0,
        expiry: end(timeInForce), distance: distance(trailing, instrument)),
      key)
  }

  mutating func replaceContingent() {
    let key = trader()
    let mine = model.held.filter { $0.name.key == key }
    guard let order = (mine.isEmpty ? model.held : mine).randomElement(&random) else { return contingent() }
    let instrument = order.instrument.rawValue
    if random.chance(350) {
      return send(
        CancelOrder(
          requestId: 0, orderRequestId: order.name.requestId,
          orderKey: random.chance(300) ? order.name.key : .venue), key)
    }
    send(
      ReplaceContingentOrder(
        requestId: 0, orderRequestId: order.name.requestId,
        triggerPrice: Price(
          random.chance(10)
            ? 0
            : order.trailing != .none && random.chance(600)
              ? Int64(order.activation) : near(order.source, instrument)),
        price: Price(price(instrument, within: 30)),
        quantity: order.flags.contains(.closePosition) && random.chance(900)
          ? .zero : Quantity(random.number(1...60)), display: .zero,
        orderKey: random.chance(200) ? order.name.key : .venue, expiry: end(order.timeInForce),
        distance: distance(order.trailing, instrument)), key)
  }

  /// A trigger near the price that it waits for.
  private mutating func near(_ source: TriggerSource, _ instrument: UInt32) -> Int64 {
    guard source == .index, let definition = definition(instrument), let index = model.index(of: definition) else {
      return price(instrument, within: 12)
    }
    return max(0, Int64(index) + random.number(-30...30) * Int64(index) / 1_000)
  }

  /// Near enough to be reached soon.
  private mutating func distance(_ unit: TrailingUnit, _ instrument: UInt32) -> UInt64 {
    if random.chance(8) { return UInt64(bitPattern: random.pick(Self.extremes)) }
    switch unit {
    case .none: return 0
    case .ticks: return UInt64(max(1, fair(instrument) * random.number(0...15) / 1_000))
    case .partsPerMillion: return UInt64(random.number(1...15_000))
    }
  }

  /// Mostly right for the time in force; some end soon.
  private mutating func end(_ timeInForce: TimeInForce) -> Timestamp {
    let ends = timeInForce == .goodTillDate || (!timeInForce.rests && random.chance(200))
    if ends == random.chance(20) { return Timestamp(0) }
    return Timestamp(model.time.rawValue + random.number(-1_000_000...100_000_000))
  }
}

extension Array {
  /// One of the elements; `nil`: there is none.
  fileprivate func randomElement(_ random: inout Random) -> Element? { isEmpty ? nil : random.pick(self) }
}

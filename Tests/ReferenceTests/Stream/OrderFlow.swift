import Values
import Wire

// What traders do.

extension CommandStream {
  mutating func order() {
    let key = trader()
    let account = account(of: key)
    let instrument = account == 13 && !random.chance(50) ? 1 : instrument()
    let timeInForce = random.pick(
      [.goodTillCancel, .goodTillCancel, .goodTillDate, .immediateOrCancel, .fillOrKill, .day] as [TimeInForce])
    let isMarket = !timeInForce.rests && random.chance(300)
    let side: Side = random.chance(500) ? .buy : .sell
    var quantity = random.chance(6) ? random.pick(Self.extremes) : lots(account, instrument, side)
    var flags: OrderFlags = []
    if random.chance(90) { flags.insert(.postOnly) }
    if random.chance(flags.isEmpty ? 3 : 400) { flags.insert(.reprice) }
    if random.chance(60) { flags.insert(.reduceOnly) }
    if random.chance(flags.contains(.reduceOnly) ? 400 : 2) {
      flags.insert(.closePosition)
      if random.chance(950) { quantity = 0 }
    }
    let wide = random.chance(150)
    // Sometimes the same again.
    if let last = model.accounts.first(where: { $0.id.rawValue == account })?.lastOrder, random.chance(150) {
      return enter(
        key, account, last.order.instrument.rawValue, last.order.side, Int64(last.quantity), at: Int64(last.price),
        .goodTillCancel)
    }
    enter(
      key, account, instrument, side, quantity,
      at: random.chance(5) ? random.pick(Self.extremes) : price(instrument, within: wide ? 80 : 8),
      display: random.chance(timeInForce.rests ? 200 : 10)
        ? random.number(1...max(1, min(quantity, 20))) : 0, timeInForce,
      type: isMarket ? .market : random.chance(5) ? .market : random.chance(60) ? .marketToLimit : .limit, flags)
  }

  mutating func enter(
    _ key: KeyId, _ account: UInt32, _ instrument: UInt32, _ side: Side, _ quantity: Int64, at price: Int64,
    display: Int64 = 0, _ timeInForce: TimeInForce, type: OrderType = .limit, _ flags: OrderFlags = []
  ) {
    let value = Int128(max(1, quantity)) * Int128(max(1, price)) * (definition(instrument)?.multiplier ?? 1)
    let hasMinimum = timeInForce == .fillOrKill ? random.chance(5) : random.chance(60)
    let hasBudget = timeInForce == .fillOrKill ? random.chance(300) : random.chance(3)
    send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: InstrumentId(instrument), price: Price(price),
        quantity: Quantity(quantity), display: Quantity(display), side: side, orderType: type,
        timeInForce: timeInForce, flags: flags,
        selfTradePrevention: random.pick([.allow, .cancelNewest, .cancelOldest, .cancelBoth, .decrement, .allow]),
        minimumQuantity: hasMinimum ? Quantity(random.number(-1...max(2, min(quantity, 1 << 44) + 1))) : .zero,
        expiry: expiry(timeInForce),
        budget: hasBudget ? Money(Int64(clamping: value * random.wide(-1...1_100) / 1000)) : .zero),
      key)
  }

  /// Mostly what goes with the time in force: soon, so that it comes up.
  private mutating func expiry(_ timeInForce: TimeInForce) -> Timestamp {
    if random.chance(10) { return Timestamp(random.pick(Self.extremes)) }
    if timeInForce != .goodTillDate { return Timestamp(0) }
    let longest = random.pick([1_000, 1_000_000, 100_000_000] as [Int64])
    return Timestamp(model.time.rawValue + random.number(-100...longest))
  }

  /// Orders that close positions or repay debts: whole or in part, near the market or at any price.
  mutating func closeOrDistress() {
    var key = trader()
    var account = account(of: key)
    let strained = model.accounts.filter { state in
      let margin = model.margin(of: state)
      return margin.free < 0 && margin.cushion >= 0 && state.id.rawValue <= 13
    }
    if !strained.isEmpty && random.chance(600) {
      account = random.pick(strained).id.rawValue
      let master = StreamCast.masterOfAccount[account]!
      key = random.pick(StreamCast.traders.filter { StreamCast.master(of: $0) == master })
    }
    guard let state = model.accounts.first(where: { $0.id.rawValue == account }) else { return order() }
    let held = state.positions.filter { $0.value.lots != 0 }.sorted { $0.key < $1.key }
    let debts = state.balances.filter { $0.key != .settlement && $0.value < 0 }.sorted { $0.key < $1.key }
    let urgent = random.chance(400)
    let timeInForce: TimeInForce = random.pick([.goodTillCancel, .immediateOrCancel, .immediateOrCancel, .fillOrKill])
    if !held.isEmpty {
      let (id, position) = random.pick(held)
      let side: Side = position.lots > 0 ? .sell : .buy
      let size = min(Int64(abs(position.lots)), 1 << 44)
      let quantity = random.chance(500) ? size : random.number(1...(size + size / 4 + 1))
      let distance = fair(id.rawValue) * random.number(0...(urgent ? 150 : 10)) / 1000
      let price = fair(id.rawValue) + (side == .buy ? distance : -distance)
      enter(
        key, account, id.rawValue, side, quantity, at: price, timeInForce, random.chance(400) ? .reduceOnly : [])
    } else if let (asset, debt) = debts.first,
      let pair = StreamCast.spots.compactMap({ definition($0) }).first(where: { $0.base == asset })
    {
      let lots = max(1, Int64(-debt / pair.baseLot) + random.number(-1...1))
      enter(key, account, pair.id.rawValue, .buy, lots, at: price(pair.id.rawValue, within: 30), timeInForce)
    } else {
      order()
    }
  }

  /// A resting order of the key's master, as a name and its key; sometimes one that does not exist.
  private mutating func resting(_ key: KeyId) -> ModelOrder? {
    let master = MasterId(StreamCast.master(of: key))
    let orders = model.accounts.filter { $0.master == master }.flatMap(\.orders)
    return orders.isEmpty ? nil : random.pick(orders)
  }

  private mutating func named(_ order: ModelOrder, by key: KeyId) -> KeyId {
    order.name.key == key && random.chance(800) ? .venue : order.name.key
  }

  mutating func cancel() {
    let key = random.chance(12) ? StreamCast.staff : trader()
    guard let order = resting(key), !random.chance(40) else {
      return send(
        CancelOrder(
          requestId: 0, orderRequestId: UInt64(random.number(0...500)),
          orderKey: KeyId(random.pick([0, 0, 11, 12, 99]))),
        key)
    }
    send(CancelOrder(requestId: 0, orderRequestId: order.name.requestId, orderKey: named(order, by: key)), key)
  }

  mutating func replace() {
    let key = trader()
    guard let order = resting(key) else { return self.order() }
    let instrument = order.instrument.rawValue
    let open = Int64(order.open)
    let keeps = random.chance(350)
    let priceChanges = !keeps && random.chance(700)
    let quantity: Int64 =
      keeps
      ? random.number(1...max(1, open))
      : random.chance(10) ? random.pick(Self.extremes) : random.number(1...max(1, open * 2))
    let oldDisplay = Int64(order.display)
    let display =
      keeps || random.chance(700) ? random.chance(100) ? oldDisplay : min(oldDisplay, quantity) : random.number(0...30)
    let expected = random.chance(300) ? Quantity(Int64(order.filled) + (random.chance(150) ? 1 : 0)) : nil
    let timeInForce =
      keeps
      ? random.chance(900) ? order.timeInForce : .goodTillCancel
      : random.pick(
        [.goodTillCancel, .goodTillCancel, .goodTillDate, .day, .immediateOrCancel, .fillOrKill] as [TimeInForce])
    send(
      ReplaceOrder(
        requestId: 0, orderRequestId: random.chance(990) ? order.name.requestId : order.name.requestId + 1,
        price: Price(priceChanges ? price(instrument, within: random.chance(150) ? 80 : 8) : Int64(order.price)),
        quantity: Quantity(quantity),
        display: Quantity(display),
        expectedFilled: expected, orderKey: named(order, by: key),
        timeInForce: timeInForce, expiry: expiry(timeInForce)),
      key)
  }

  mutating func massCancel() {
    let key = random.chance(930) ? trader() : random.chance(500) ? StreamCast.firm : staff()
    let isOwn = random.chance(900)
    let firm = StreamCast.master(of: key)
    let picksInstrument = random.chance(400)
    send(
      MassCancel(
        requestId: 0, account: AccountId(random.chance(800) ? (isOwn ? account(of: key) : anyAccount()) : 0),
        instrument: InstrumentId(picksInstrument ? instrument() : 0), side: random.pick([.buy, .sell, .both, .both]),
        kinds: InstrumentKinds(rawValue: random.chance(picksInstrument ? 30 : 400) ? random.pick(0...16) : 0),
        underlying: AssetId(random.chance(picksInstrument ? 30 : 400) ? random.pick(0...7) : 0),
        master: MasterId(random.chance(200) ? (isOwn ? firm : random.pick(1...9)) : 0),
        orderKey: KeyId(random.chance(250) ? (isOwn ? key.rawValue : random.pick(1...20)) : 0),
        quotesOnly: random.chance(250)),
      key)
  }

  /// An account that may not borrow bids for coins with all it has, closes its perpetuals at a loss, and is hit.
  mutating func squeeze() {
    let account: UInt32 = random.pick([3, 6])
    let key = random.pick(
      StreamCast.traders.filter { StreamCast.master(of: $0) == StreamCast.masterOfAccount[account]! })
    guard let state = model.accounts.first(where: { $0.id.rawValue == account }), let pair = definition(4) else {
      return
    }
    let price = max(1, fair(4) * random.number(920...990) / 1000)
    let left = state.balance(.settlement) - (model.payableAndReceivable(state).payable[.settlement] ?? 0)
    let lots = max(1, Int64(clamping: left * random.wide(900...995) / 1000 / (Int128(price) * pair.multiplier)))
    enter(key, account, 4, .buy, lots, at: price, .goodTillCancel)
    for (id, position) in state.positions.sorted(by: { $0.key < $1.key }) where position.lots != 0 {
      let side: Side = position.lots > 0 ? .sell : .buy
      let worse = fair(id.rawValue) * (side == .buy ? 1_060 : 940) / 1000
      enter(key, account, id.rawValue, side, Int64(clamping: abs(position.lots)), at: worse, .immediateOrCancel)
    }
    let other = trader()
    enter(other, self.account(of: other), 4, .sell, random.number(1...lots), at: price, .immediateOrCancel)
  }

  /// The isolated account is brought to the edge of its maintenance margin, with an empty book but for one order at a
  /// price where a small part of closing it costs more than it frees.
  mutating func edge() {
    guard let state = model.accounts.first(where: { $0.id.rawValue == 13 }), let definition = definition(1),
      let mark = definition.mark, state.lots(definition.id) != 0
    else { return }
    let lots = state.lots(definition.id)
    let margin = model.margin(of: state)
    let value = abs(lots) * definition.multiplier
    let perUnit = margin.maintenanceMargin * one / (value * mark)
    // A long position that asks for its whole value has no edge: its price takes as much from the margin as from equity.
    let perPrice = one - perUnit * lots.signum()
    guard perPrice != 0 else { return }
    let room = (margin.cushion - margin.maintenanceMargin / 12) * one / (value * perPrice)
    let edge = mark - room * lots.signum()
    let price = edge - (edge * perUnit / one * 103 / 100 + 1) * lots.signum()
    guard price > 0, edge > 0, abs(room) < mark / 2 else { return }
    let side: Side = lots > 0 ? .sell : .buy
    send(SetKillSwitch(requestId: 0, target: 0, scope: .venue, engaged: true), StreamCast.staff)
    send(Tick(work: 1_000), .venue)
    send(SetKillSwitch(requestId: 0, target: 0, scope: .venue, engaged: false), StreamCast.staff)
    send(MarkPrice(requestId: 0, price: Price(Int64(edge)), instrument: definition.id), StreamCast.oracle)
    let whale = random.pick(StreamCast.whales)
    enter(KeyId(whale + 5), whale, 1, side.opposite, 1, at: Int64(price), .goodTillCancel)
    enter(KeyId(11), 13, 1, side, Int64(clamping: abs(lots)), at: Int64(price), .immediateOrCancel)
  }

  /// A venue-wide kill with many orders about, and more mass cancels than there is room for.
  mutating func jobFlood() {
    for _ in 0..<80 {
      let key = trader()
      let account = random.pick(StreamCast.accounts(of: StreamCast.master(of: key)))
      let side: Side = random.chance(500) ? .buy : .sell
      let price = fair(1) * (side == .buy ? 97 : 103) / 100
      enter(key, account, 1, side, random.number(1...5), at: price, .goodTillCancel)
    }
    send(SetKillSwitch(requestId: 0, target: 0, scope: .venue, engaged: true), StreamCast.staff)
    for _ in 0..<75 {
      let key = trader()
      let account = random.pick(StreamCast.accounts(of: StreamCast.master(of: key)))
      send(MassCancel(requestId: 0, account: AccountId(account), instrument: .none, side: .both), key)
    }
    session()
    for _ in 0..<6 { send(Tick(work: 40), .venue) }
    send(SetKillSwitch(requestId: 0, target: 0, scope: .venue, engaged: false), StreamCast.staff)
  }
}

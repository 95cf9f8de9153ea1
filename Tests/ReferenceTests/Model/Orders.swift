import Values
import Wire

// Sections 5 and 7 of the rules: checks of a new order, cancel, replace.

extension ReferenceVenue {
  /// `id`: of an order that was held.
  func enter(_ message: NewOrder, id: UInt64? = nil) throws(Reject) {
    typealias Field = NewOrder.Field
    guard let side = message.side else { throw Reject(.invalidField, Field.side) }
    guard let orderType = message.orderType else { throw Reject(.invalidField, Field.orderType) }
    guard let timeInForce = message.timeInForce else { throw Reject(.invalidField, Field.timeInForce) }
    try requireField(OrderFlags.all.isSuperset(of: message.flags), Field.flags)
    guard let prevention = message.selfTradePrevention else {
      throw Reject(.invalidField, Field.selfTradePrevention)
    }
    let index = try ownAccount(message.account)
    rejectedOrder.marginOf = index
    let account = accounts[index]
    let instrument = try instrument(message.instrument)
    try requireOpenMarket(
      instrument, isLimit: orderType == .limit && message.minimumQuantity.rawValue == 0, timeInForce)
    if let scope = engagedKillSwitch(account, key) { throw Reject(.killSwitchEngaged, scope.rawValue) }
    let rests = timeInForce.rests
    let isPostOnly = message.flags.contains(.postOnly)
    let isReduceOnly = message.flags.contains(.reduceOnly)
    let isImpossible =
      (orderType == .market && rests)
      || (isPostOnly && (orderType != .limit || !rests || message.minimumQuantity.rawValue != 0))
      || (isReduceOnly && instrument.kind == .spot) || (message.flags.contains(.reprice) && !isPostOnly)
      || (message.flags.contains(.closePosition) && !isReduceOnly)
    if isImpossible { throw Reject(.invalidCombination) }
    let expiry = try requireTerms(message, timeInForce)
    var order = ModelOrder(
      name: OrderName(key: key, requestId: message.requestId), id: id ?? sequence, instrument: instrument.id,
      side: side,
      price: Int128(message.price.rawValue), open: Int128(message.quantity.rawValue),
      display: Int128(message.display.rawValue), shown: 0, flags: message.flags, timeInForce: timeInForce,
      orderType: orderType, selfTradePrevention: prevention, entry: sequence, provisionRate: 0, provisionPrice: 0,
      expiry: expiry)
    if message.flags.contains(.closePosition) {
      if order.open != 0 { throw Reject(.invalidQuantity) }
      order.open = account.reducible(instrument.id, side)
      if order.open == 0 { throw Reject(.notReducing, account.lots(instrument.id)) }
    }
    try requireNumbers(order, instrument)
    if account.isolatedInstrument != .none && account.isolatedInstrument != instrument.id {
      throw Reject(.wrongInstrument, account.isolatedInstrument.rawValue)
    }
    if instrument.isPerpetual {
      if instrument.parameters == nil { throw Reject(.noMarginParameters) }
      if instrument.mark == nil { throw Reject(.noMark) }
    }
    if orderType == .marketToLimit {
      guard let best = instrument[side.opposite].first else { throw Reject(.noOppositeOrder) }
      order.price = side == .buy ? min(order.price, best.price) : max(order.price, best.price)
    }
    try requireBand(order, instrument)
    try requireRecords(order, account, instrument)
    if message.flags.contains(.reprice), instrument.phase == .continuous,
      let best = instrument[side.opposite].first, crosses(order, best.price)
    {
      order.price = side == .buy ? best.price - 1 : best.price + 1
      if !(0...instrument.maximumPrice).contains(order.price) { throw Reject(.postOnlyWouldCross, best.price) }
    }
    if isPostOnly { try requireNotCrossing(order, instrument) }
    try requireLimits(order, account, instrument, isNew: true)
    if isReduceOnly { try requireReducing(order, account) }
    provide(&order, instrument)
    var after = account
    after.add(order)
    try requireBounds(before: account, after: after, order, instrument)
    try requireCap(after, order, instrument)
    let mustFill = timeInForce == .fillOrKill ? order.open : Int128(message.minimumQuantity.rawValue)
    try requireAccepted(account, after, order, instrument, mustFill: mustFill)
    try requireCertain(order, index, after, mustFill, budget: message.budget.rawValue)
    accounts[index] = after
    if account.limits != nil {
      accounts[index].sentSeconds.append(second)
      accounts[index].lastOrder = (order, order.price, order.open, time.rawValue)
    }
    if instrument.kind == .spot {
      for asset in [instrument.base, instrument.quote] { accounts[index].balances[asset, default: 0] += 0 }
    }
    reportAccepted(order, index)
    run(order.name, index)
  }

  /// What an order asks for besides its limit; when it ends.
  private func requireTerms(_ message: NewOrder, _ timeInForce: TimeInForce) throws(Reject) -> Int64 {
    let kills = timeInForce == .fillOrKill
    if message.budget.rawValue != 0 && !kills { throw Reject(.invalidCombination) }
    try requireField(message.budget.rawValue >= 0, NewOrder.Field.budget)
    if message.minimumQuantity.rawValue != 0 && kills { throw Reject(.invalidCombination) }
    let (least, quantity) = (message.minimumQuantity.rawValue, message.quantity.rawValue)
    try requireField(least == 0 || least > 0 && least <= quantity, NewOrder.Field.minimumQuantity)
    return try requireExpiry(message.expiry, timeInForce)
  }

  func requireExpiry(_ expiry: Timestamp, _ timeInForce: TimeInForce) throws(Reject) -> Int64 {
    if timeInForce == .goodTillDate {
      if expiry <= time { throw Reject(.invalidExpiry, time.rawValue) }
      return expiry.rawValue
    }
    if expiry.rawValue != 0 { throw Reject(.invalidExpiry) }
    let day: Int64 = 24 * 60 * 60 * 1_000_000_000
    return timeInForce == .day ? time.rawValue - time.rawValue % day + day : 0
  }

  /// The provision of an order that may still take liquidity.
  func provide(_ order: inout ModelOrder, _ instrument: ModelInstrument) {
    order.provisionRate = instrument.highestFee
    order.provisionPrice = order.price
    if order.side == .sell, instrument.phase == .continuous, let best = instrument.bids.first {
      order.provisionPrice = max(order.price, best.price)
    }
  }

  func requireOpenMarket(
    _ instrument: ModelInstrument, isLimit: Bool, _ timeInForce: TimeInForce
  ) throws(Reject) {
    if instrument.phase == .halted { throw haltReason(instrument) }
    if instrument.phase == .closedToMatching && !(isLimit && timeInForce.rests) {
      throw Reject(.closedToMatching)
    }
  }

  func requireNumbers(_ order: ModelOrder, _ instrument: ModelInstrument) throws(Reject) {
    if !(0...instrument.maximumPrice).contains(order.price) { throw Reject(.invalidPrice, instrument.maximumPrice) }
    if !(1...instrument.maximumOrder).contains(order.open) { throw Reject(.invalidQuantity, instrument.maximumOrder) }
    let largestDisplay = order.timeInForce.rests ? order.open : 0
    if !(0...largestDisplay).contains(order.display) { throw Reject(.invalidDisplay, largestDisplay) }
  }

  func requireBand(_ order: ModelOrder, _ instrument: ModelInstrument) throws(Reject) {
    guard let mark = instrument.mark, instrument.priceBand > 0 else { return }
    let width = productDown(mark, instrument.priceBand, dividedBy: one)
    if order.side == .buy && order.price > mark + width { throw Reject(.priceBand, mark + width) }
    if order.side == .sell && order.price < mark - width { throw Reject(.priceBand, mark - width) }
  }

  private func requireRecords(
    _ order: ModelOrder, _ account: ModelAccount, _ instrument: ModelInstrument
  ) throws(Reject) {
    if order.timeInForce.rests {
      if account.orders.count >= Int(limits.ordersPerAccount) {
        throw Reject(.tooManyOpenOrders, limits.ordersPerAccount)
      }
      try requireRoom(restingOrders.count, limits.orders)
    }
    try requirePositionRoom(account, instrument)
  }

  func requirePositionRoom(_ account: ModelAccount, _ instrument: ModelInstrument) throws(Reject) {
    if account.positions[instrument.id] == nil { try requireRoom(positionRecords, limits.positions) }
    if instrument.kind == .spot {
      let missing = [instrument.base, instrument.quote].filter { account.balances[$0] == nil }.count
      if missing > 0 { try requireRoom(balanceRecords, limits.balances, adding: missing) }
    }
  }

  private func requireNotCrossing(_ order: ModelOrder, _ instrument: ModelInstrument) throws(Reject) {
    guard instrument.phase == .continuous, let best = instrument[order.side.opposite].first else { return }
    if crosses(order, best.price) { throw Reject(.postOnlyWouldCross, best.price) }
  }

  private func requireReducing(_ order: ModelOrder, _ account: ModelAccount) throws(Reject) {
    if account.reducible(order.instrument, order.side) == 0 {
      throw Reject(.notReducing, account.lots(order.instrument))
    }
  }

  var second: Int64 { time.rawValue / 1_000_000_000 }

  /// Controls before trading.
  private func requireLimits(
    _ order: ModelOrder, _ account: ModelAccount, _ instrument: ModelInstrument, isNew: Bool
  ) throws(Reject) {
    guard let limits = account.limits else { return }
    let most = limits.orderValue.rawValue
    if most > 0 && order.open * max(order.price, instrument.mark ?? 0) * instrument.multiplier > most {
      throw Reject(.orderValueLimit, most)
    }
    if !isNew { return }
    if order.timeInForce.rests && limits.openOrders > 0 && account.orders.count >= Int(limits.openOrders) {
      throw Reject(.tooManyOpenOrders, limits.openOrders)
    }
    let sent = account.sentSeconds.filter { $0 == second }.count
    if limits.ordersPerSecond > 0 && sent >= Int(limits.ordersPerSecond) {
      throw Reject(.orderRateLimit, limits.ordersPerSecond)
    }
    if let last = account.lastOrder, limits.duplicateWindow > 0, last.order.instrument == order.instrument,
      last.order.side == order.side, last.price == order.price, last.quantity == order.open,
      time.rawValue < last.time + Int64(limits.duplicateWindow) * 1_000_000
    {
      throw Reject(.duplicateOrder, last.order.name.requestId)
    }
  }

  /// The entry bounds.
  func requireBounds(
    before: ModelAccount, after: ModelAccount, _ order: ModelOrder, _ instrument: ModelInstrument
  ) throws(Reject) {
    let lots = after.lots(instrument.id)
    let open = ModelOpenOrders(after, instrument)
    if abs(lots) + open.lots > Int128(Limits.quantity) { throw Reject(.positionLimit, Limits.quantity) }
    let siblings = siblingLots(before, instrument)
    func worst(_ open: ModelOpenOrders) -> Int128 {
      order.side == .buy
        ? siblings.long + max(0, open.worstLong(lots)) : siblings.short + max(0, -open.worstShort(lots))
    }
    let grows = worst(open) > worst(ModelOpenOrders(before, instrument))
    if instrument.isPerpetual && grows && worst(open) > instrument.positionLimit {
      throw Reject(.positionLimit, instrument.positionLimit)
    }
    var gross = Wide.zero
    for (id, position) in after.positions {
      let other = instruments[id]!
      let mark = other.isPerpetual ? other.mark ?? 0 : 0
      var prices = [mark, position.worstBuy, position.worstSell]
      if id == instrument.id {
        // The side's worst limit before this order, and the highest price it can trade at.
        prices[order.side == .buy ? 1 : 2] = after.orders[after.index(order.name)].worstBefore ?? 0
        prices.append(instrument.isPerpetual ? order.price : order.provisionPrice)
      }
      let price = prices.max()!
      let lots = abs(position.lots) + ModelOpenOrders(after, other).lots
      gross += Wide(lots * price, times: other.multiplier)
    }
    if (Wide(Int128(Limits.notionalPerAccount)) - gross).isNegative {
      throw Reject(.notionalLimit, Limits.notionalPerAccount)
    }
    if instrument.kind != .spot { return }
    let (payable, receivable) = payableAndReceivable(after)
    for asset in [instrument.base, instrument.quote] {
      let highest = after.balance(asset) + (receivable[asset] ?? 0)
      let lowest = after.balance(asset) - (payable[asset] ?? 0)
      if highest > Int128(Limits.balance) || lowest < -Int128(Limits.balance) {
        throw Reject(.balanceLimit, Limits.balance)
      }
    }
  }

  func requireCap(
    _ after: ModelAccount, _ order: ModelOrder, _ instrument: ModelInstrument
  ) throws(Reject) {
    if after.mode == .fullyCollateralised && instrument.isPerpetual && order.side == .sell
      && instrument.maximumPriceGiven == 0
      && ModelOpenOrders(after, instrument).worstShort(after.lots(instrument.id)) < 0
    {
      throw Reject(.noPriceCap)
    }
  }

  /// Debts without a price, and the state of the account, which every new risk needs.
  func requireSound(_ before: ModelMargin, _ after: ModelMargin) throws(Reject) {
    let debts = [before.unpricedDebt, after.unpricedDebt].compactMap { $0 }
    if let asset = debts.min() { throw Reject(.noPrice, asset.rawValue) }
    if before.cushion < 0 { throw Reject(.belowMaintenance, before.cushion) }
  }

  func requireCovered(_ after: ModelAccount, _ instrument: ModelInstrument) throws(Reject) {
    let assets = instrument.kind == .spot ? [instrument.base, instrument.quote, .settlement] : [.settlement]
    if !after.mayBorrow, let missing = missingBalance(after, assets) { throw Reject(.insufficientBalance, missing) }
  }

  /// Counted with the order among the open orders, as it will be when it matches.
  private func requireCertain(
    _ order: ModelOrder, _ index: Int, _ after: ModelAccount, _ mustFill: Int128, budget: Int128 = 0
  ) throws(Reject) {
    if mustFill == 0 { return }
    let before = accounts[index]
    accounts[index] = after
    let certain = certainLots(order, index, upTo: mustFill)
    accounts[index] = before
    if certain.lots < mustFill {
      throw Reject(order.timeInForce == .fillOrKill ? .fillOrKill : .minimumQuantity, certain.lots)
    }
    if budget > 0 && (order.side == .buy ? certain.value > budget : certain.value < budget) {
      throw Reject(.budget, certain.value)
    }
  }

  /// The accept rule at entry.
  private func requireAccepted(
    _ account: ModelAccount, _ after: ModelAccount, _ order: ModelOrder, _ instrument: ModelInstrument,
    mustFill: Int128
  ) throws(Reject) {
    let before = margin(of: account)
    let withOrder = margin(of: after)
    try requireSound(before, withOrder)
    if before.free >= 0 {
      if withOrder.free < 0 { throw Reject(.insufficientMargin, withOrder.free) }
    } else {
      if mustFill > 0 || !reduces(order, account, instrument) {
        throw Reject(.insufficientMargin, before.free)
      }
      let fee = (order.open * order.price * instrument.multiplier * instrument.highestFee).dividedRoundingUp(by: one)
      var filled = account
      filled.trade(order.side == .buy ? order.open : -order.open, at: order.price, fee: fee, instrument)
      let afterFill = margin(of: filled)
      if !acceptable(before, afterFill) { throw Reject(.insufficientMargin, afterFill.free) }
    }
    try requireCovered(after, instrument)
  }

  /// Whether an order of an account without free margin only repays a debt or closes a position.
  private func reduces(_ order: ModelOrder, _ account: ModelAccount, _ instrument: ModelInstrument) -> Bool {
    let open = ModelOpenOrders(account, instrument)
    let lots = account.lots(instrument.id)
    switch (instrument.kind, order.side) {
    case (.spot, .buy): return order.open * instrument.baseLot <= -account.balance(instrument.base)
    case (.spot, .sell): return order.open * order.price * instrument.multiplier <= -account.balance(instrument.quote)
    case (_, .buy): return order.open + open.buys + open.reduceOnlyBuys <= -lots
    case (_, .sell): return order.open + open.sells + open.reduceOnlySells <= lots
    }
  }

  // MARK: Cancel and replace

  /// The account of a resting order of the key's master.
  private func owner(of name: OrderName) throws(Reject) -> Int {
    guard let index = restingOrders[name], accounts[index].master == master else { throw Reject(.unknownOrder) }
    return index
  }

  func cancel(_ message: CancelOrder) throws(Reject) {
    let name = OrderName(
      key: message.orderKey == .venue ? key : message.orderKey, requestId: message.orderRequestId)
    if try cancelHeld(name) { return }
    cancelResting(name, try owner(of: name), .requested)
    if name.key != key { accept() }
  }

  func replace(_ message: ReplaceOrder) throws(Reject) {
    guard let timeInForce = message.timeInForce else {
      throw Reject(.invalidField, ReplaceOrder.Field.timeInForce)
    }
    let name = OrderName(
      key: message.orderKey == .venue ? key : message.orderKey, requestId: message.orderRequestId)
    let index = try owner(of: name)
    let account = accounts[index]
    let old = account.orders[account.index(name)]
    if gate(old, index) != nil || hasEnded(old) { throw Reject(.unknownOrder) }
    rejectedOrder.account = account.id
    rejectedOrder.instrument = old.instrument
    rejectedOrder.marginOf = index
    let instrument = try instrument(old.instrument)
    try requireOpenMarket(instrument, isLimit: true, timeInForce)
    if let scope = engagedKillSwitch(account, key) { throw Reject(.killSwitchEngaged, scope.rawValue) }
    if old.flags.contains(.postOnly) && !timeInForce.rests { throw Reject(.invalidCombination) }
    var order = old
    order.expiry = try requireExpiry(message.expiry, timeInForce)
    order.price = Int128(message.price.rawValue)
    order.open = Int128(message.quantity.rawValue)
    order.display = Int128(message.display.rawValue)
    order.timeInForce = timeInForce
    try requireNumbers(order, instrument)
    if let expected = message.expectedFilled, Int128(expected.rawValue) != old.filled {
      throw Reject(.filledMeanwhile, old.filled)
    }
    try requireBand(order, instrument)
    let keepsPriority =
      order.price == old.price && order.display == min(old.display, order.open) && order.open <= old.open
      && timeInForce.rests
    if order.flags.contains(.postOnly) && !keepsPriority { try requireNotCrossing(order, instrument) }
    if order.isReduceOnly { try requireReducing(order, account) }
    if keepsPriority {
      order.shown = order.display == 0 ? order.open : min(old.shown, order.open)
      accounts[index].orders[account.index(name)] = order
      reportReplaced(order, index, keptPriority: true)
      if name.key != key { accept() }
      return
    }
    try requireLimits(order, account, instrument, isNew: false)
    order.entry = sequence
    provide(&order, instrument)
    var after = account
    after.remove(name)
    after.add(order)
    try requireBounds(before: account, after: after, order, instrument)
    try requireCap(after, order, instrument)
    let marginBefore = margin(of: account)
    let marginAfter = margin(of: after)
    try requireSound(marginBefore, marginAfter)
    if !acceptable(marginBefore, marginAfter) || (marginAfter.free < 0 && timeInForce == .fillOrKill) {
      throw Reject(.insufficientMargin, marginAfter.free)
    }
    try requireCovered(after, instrument)
    try requireCertain(order, index, after, timeInForce == .fillOrKill ? order.open : 0)
    takeFromBook(name, instrument.id, order.side)
    accounts[index] = after
    reportReplaced(order, index, keptPriority: false)
    if name.key != key { accept() }
    run(name, index)
  }
}

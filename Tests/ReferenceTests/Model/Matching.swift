import Values
import Wire

// Section 6 of the rules.

extension ReferenceVenue {
  func crosses(_ order: ModelOrder, _ price: Int128) -> Bool {
    order.side == .buy ? price <= order.price : price >= order.price
  }

  // MARK: The book

  /// Behind all orders of the same or a better price.
  private func putIntoBook(_ entry: ModelBookEntry, _ instrument: InstrumentId, _ side: Side) {
    let book = instruments[instrument]![side]
    let place = book.firstIndex { side == .buy ? $0.price < entry.price : $0.price > entry.price } ?? book.count
    instruments[instrument]![side].insert(entry, at: place)
    restingOrders[entry.name] = entry.account
  }

  func takeFromBook(_ name: OrderName, _ instrument: InstrumentId, _ side: Side) {
    instruments[instrument]![side].removeAll { $0.name == name }
    restingOrders[name] = nil
  }

  private func rest(_ name: OrderName, _ account: Int) {
    let index = accounts[account].index(name)
    let order = accounts[account].orders[index]
    accounts[account].orders[index].worstBefore = nil
    accounts[account].orders[index].provisionRate = max(0, instruments[order.instrument]!.makerFee)
    accounts[account].orders[index].provisionPrice = order.price
    show(name, account)
    putIntoBook(ModelBookEntry(name: name, account: account, price: order.price), order.instrument, order.side)
  }

  private func show(_ name: OrderName, _ account: Int) {
    let index = accounts[account].index(name)
    let order = accounts[account].orders[index]
    accounts[account].orders[index].shown = order.display == 0 ? order.open : min(order.display, order.open)
  }

  func cancelResting(_ name: OrderName, _ account: Int, _ reason: CancelReason) {
    let order = accounts[account].remove(name, loosely: fault == .looseWorstLimit)
    takeFromBook(name, order.instrument, order.side)
    if reason == .timeExpired { reportExpired(order, account, reason) } else { reportCancelled(order, account, reason) }
  }

  /// Both lose what the smaller one has open. Returns the incoming order; with nothing left to do it stays as it was.
  private func decrement(
    _ incoming: ModelOrder, _ taker: Int, _ entry: ModelBookEntry
  ) -> (order: ModelOrder, isDone: Bool) {
    let maker = accounts[entry.account].index(entry.name)
    let resting = accounts[entry.account].orders[maker]
    if resting.open <= incoming.open {
      cancelResting(entry.name, entry.account, .selfTrade)
    } else {
      var left = resting
      left.open -= incoming.open
      left.display = min(left.display, left.open)
      left.shown = min(left.shown, left.open)
      accounts[entry.account].orders[maker] = left
      reportReplaced(left, entry.account, keptPriority: true)
    }
    if resting.open >= incoming.open { return (incoming, true) }
    let mine = accounts[taker].index(incoming.name)
    accounts[taker].orders[mine].open -= resting.open
    let left = accounts[taker].orders[mine]
    reportReplaced(left, taker, keptPriority: true)
    return (left, false)
  }

  /// Whether self-trade prevention takes two accounts for one.
  private func countAsOne(_ one: ModelAccount, _ other: ModelAccount) -> Bool {
    if one.preventionGroup != other.preventionGroup { return false }
    return one.preventionGroup != 0 || one.master == other.master
  }

  /// The resting order an incoming one meets next.
  private func nextMaker(_ order: ModelOrder) -> ModelBookEntry? {
    let book = instruments[order.instrument]![order.side.opposite]
    guard let best = book.first, crosses(order, best.price) else { return nil }
    return fault == .lastInFirstOut ? book.last { $0.price == best.price } : best
  }

  // MARK: What a maker may do

  /// Whether the account had free margin when the command first came to it.
  private func isInGoodStanding(_ account: ModelAccount) -> Bool {
    if let known = standings[account.id] { return known }
    let margin = margin(of: account)
    standings[account.id] = margin.free >= 0 && margin.unpricedDebt == nil
    return standings[account.id]!
  }

  private func canDeliver(_ account: ModelAccount, _ order: ModelOrder) -> Bool {
    let instrument = instruments[order.instrument]!
    if account.mayBorrow || instrument.kind != .spot { return true }
    return missingBalance(account, [order.side == .sell ? instrument.base : instrument.quote]) == nil
  }

  private func mayFill(_ order: ModelOrder, _ account: ModelAccount, lots: Int128, price: Int128, rate: Int128) -> Bool
  {
    var after = account
    _ = after.fill(order.name, lots, at: price, rate: rate, instruments[order.instrument]!)
    return acceptable(margin(of: account), margin(of: after))
  }

  // MARK: The walk

  /// What happens to an order that has just been accepted or replaced.
  func run(_ name: OrderName, _ taker: Int) {
    let entered = accounts[taker].orders[accounts[taker].index(name)]
    if instruments[entered.instrument]!.phase == .closedToMatching {
      rest(name, taker)
      return
    }
    let (left, reason) = match(entered, taker)
    if left.open == 0 { return }
    if let reason {
      accounts[taker].remove(name)
      reportCancelled(left, taker, reason)
    } else if left.timeInForce.rests {
      rest(name, taker)
    } else {
      accounts[taker].remove(name)
      reportExpired(left, taker, .immediateOrCancel)
    }
  }

  /// Trades until nothing crosses. Returns the order and, when its rest must go, why.
  private func match(_ entered: ModelOrder, _ taker: Int) -> (ModelOrder, CancelReason?) {
    let instrument = instruments[entered.instrument]!
    let beganWithout = margin(of: accounts[taker]).free < 0
    var incoming = entered
    var fills = 0
    var cancels = 0
    while incoming.open > 0, let entry = nextMaker(incoming) {
      let maker = entry.account
      let resting = accounts[maker].orders[accounts[maker].index(entry.name)]
      if fills == Limits.fillsPerCommand { return (incoming, .matchLimit) }
      var reasonToCancel: CancelReason?
      var lots = min(incoming.open, resting.shown)
      let isOwn = countAsOne(accounts[maker], accounts[taker]) && incoming.selfTradePrevention != .allow
      let gatingJob = gate(resting, maker)
      if let gatingJob {
        reasonToCancel = jobs[gatingJob].reason
      } else if hasEnded(resting) {
        reasonToCancel = .timeExpired
      } else if isOwn {
        if incoming.selfTradePrevention == .decrement {
          if cancels == Limits.cancelsPerCommand { return (incoming, .matchLimit) }
          cancels += 1
          let result = decrement(incoming, taker, entry)
          if result.isDone { return (incoming, .selfTrade) }
          incoming = result.order
          continue
        }
        if incoming.selfTradePrevention == .cancelNewest { return (incoming, .selfTrade) }
        reasonToCancel = .selfTrade
      } else {
        if incoming.isReduceOnly {
          lots = min(lots, accounts[taker].reducible(instrument.id, incoming.side))
          if lots == 0 { return (incoming, .reduceOnly) }
        }
        if resting.isReduceOnly { lots = min(lots, accounts[maker].reducible(instrument.id, resting.side)) }
        if lots == 0 {
          reasonToCancel = .reduceOnly
        } else if !canDeliver(accounts[maker], resting) {
          reasonToCancel = .makerBalance
        } else if !isInGoodStanding(accounts[maker])
          && !mayFill(resting, accounts[maker], lots: lots, price: entry.price, rate: instrument.makerFee)
        {
          reasonToCancel = .makerMargin
        }
      }
      if let reasonToCancel {
        if cancels == Limits.cancelsPerCommand { return (incoming, .matchLimit) }
        cancels += 1
        if let gatingJob { jobs[gatingJob].count += 1 }
        cancelResting(entry.name, maker, reasonToCancel)
        if reasonToCancel == .selfTrade && incoming.selfTradePrevention == .cancelBoth { return (incoming, .selfTrade) }
        continue
      }
      if beganWithout
        && !mayFill(incoming, accounts[taker], lots: lots, price: entry.price, rate: instrument.takerFee)
      {
        return (incoming, .takerMargin)
      }
      fills += 1
      incoming = fill(incoming.name, taker, entry, lots, instrument)
    }
    return (incoming, nil)
  }

  /// One fill, in both accounts at once, and its two reports. Returns the incoming order afterwards.
  private func fill(
    _ name: OrderName, _ taker: Int, _ entry: ModelBookEntry, _ lots: Int128, _ instrument: ModelInstrument
  ) -> ModelOrder {
    let maker = entry.account
    trades += 1
    instruments[instrument.id]!.lastTrade = entry.price == 0 ? nil : entry.price
    note(entry.price, .last, instrument.id)
    let makerRate = fault == .lostFee ? 0 : instrument.makerFee
    let made = accounts[maker].fill(
      entry.name, lots, at: entry.price, rate: makerRate, instrument, fault: fault)
    let took = accounts[taker].fill(name, lots, at: entry.price, rate: instrument.takerFee, instrument)
    fees[instrument.quote, default: 0] += made.fee + took.fee
    if made.order.open == 0 {
      takeFromBook(entry.name, instrument.id, made.order.side)
    } else if made.order.shown == 0 {
      show(entry.name, maker)
      takeFromBook(entry.name, instrument.id, made.order.side)
      putIntoBook(entry, instrument.id, made.order.side)
    }
    reportFilled(made.order, maker, lots: lots, price: entry.price, fee: made.fee, .maker)
    reportFilled(took.order, taker, lots: lots, price: entry.price, fee: took.fee, .taker)
    if made.order.isReduceOnly && made.order.open > 0
      && accounts[maker].reducible(instrument.id, made.order.side) == 0
    {
      cancelResting(entry.name, maker, .reduceOnly)
    }
    return took.order
  }

  /// Lots that a fillOrKill order would trade whatever happens on the way.
  func certainLots(_ order: ModelOrder, _ taker: Int, upTo most: Int128) -> (lots: Int128, value: Int128) {
    let instrument = instruments[order.instrument]!
    let wanted = order.isReduceOnly ? min(most, accounts[taker].reducible(order.instrument, order.side)) : most
    var certain: Int128 = 0
    var value: Int128 = 0
    var fills: Int128 = 0
    var skipped = 0
    var counted: [Int: Int128] = [:]
    for entry in instruments[order.instrument]![order.side.opposite] where crosses(order, entry.price) {
      let account = accounts[entry.account]
      let resting = account.orders[account.index(entry.name)]
      let isGated = gate(resting, entry.account) != nil || hasEnded(resting)
      let isOwn = countAsOne(account, accounts[taker]) && order.selfTradePrevention != .allow
      if isOwn && !isGated && order.selfTradePrevention != .cancelOldest { break }
      var lots = resting.open
      if resting.isReduceOnly {
        lots = min(lots, account.reducible(order.instrument, resting.side) - counted[entry.account, default: 0])
      }
      let isSkipped =
        isGated || isOwn || lots <= 0 || !canDeliver(account, resting) || !isInGoodStanding(account)
      if isSkipped {
        skipped += 1
        if skipped > Limits.cancelsPerCommand { break }
        continue
      }
      fills += resting.display == 0 ? 1 : 1 + (resting.open - resting.shown).dividedRoundingUp(by: resting.display)
      if fills > Int128(Limits.fillsPerCommand) { break }
      counted[entry.account, default: 0] += lots
      value += min(lots, wanted - certain) * entry.price * instrument.multiplier
      certain += lots
      if certain >= wanted { break }
    }
    return (min(certain, wanted), value)
  }
}

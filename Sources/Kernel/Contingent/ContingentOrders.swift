import Margin
import Matching
import Values
import Wire

// Contingent orders come, are changed and go: Protocol/rules.md §7a. What they become is an ordinary order.

extension Kernel {
  mutating func newContingentOrder(
    _ message: NewContingentOrder, _ command: inout Command, output: inout Output
  ) throws(Reject) {
    command.accountId = message.account
    command.instrumentId = message.instrument
    command.orderRequestId = message.requestId
    typealias Field = NewContingentOrder.Field

    // 1 codes
    guard let side = message.side else { throw .invalid(Field.side) }
    guard let type = message.orderType else { throw .invalid(Field.orderType) }
    guard let timeInForce = message.timeInForce else { throw .invalid(Field.timeInForce) }
    try require(message.flags.isSubset(of: .all), .invalid(Field.flags))
    guard let prevention = message.selfTradePrevention else { throw .invalid(Field.selfTradePrevention) }
    guard let source = message.source else { throw .invalid(Field.source) }
    guard let condition = message.condition else { throw .invalid(Field.condition) }
    guard let trailing = message.trailing else { throw .invalid(Field.trailing) }

    // 2 account and instrument, 3 market state
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    try require(isOwn(account, command), Reject(.notYourAccount))
    command.account = account
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(!ledger.instruments[instrument].isExpired, endReason(of: instrument))
    try checkKillSwitches(account, command)
    try checkLiquidation(of: account)

    // 4 combinations, 5 numbers
    let isSpot = ledger.instruments[instrument].kind == .spot
    try require(type != .market || !timeInForce.rests, Reject(.invalidCombination))
    try require(
      !message.flags.contains(.postOnly) || (type == .limit && timeInForce.rests), Reject(.invalidCombination))
    try require(!(isSpot && message.flags.contains(.reduceOnly)), Reject(.invalidCombination))
    try checkFlags(message.flags)
    // The index is worth settlement currency: a pair in another currency has none.
    let hasIndex = !isSpot || ledger.instruments[instrument].quoteAsset == 0
    try require(source != .index || hasIndex, Reject(.invalidCombination))
    try require(trailing == .none || condition == .stop, Reject(.invalidCombination))
    let expiry = try checkHeldExpiry(message.expiry, timeInForce)
    let isolated = ledger.accounts[account].isolatedInstrument
    try require(
      !ledger.accounts[account].isIsolated || isolated == message.instrument,
      Reject(.wrongInstrument, Int64(isolated.rawValue)))
    let closes = message.flags.contains(.closePosition)
    try checkDistance(message.distance, trailing, instrument: instrument, Field.distance)
    try checkHeldNumbers(
      trigger: message.triggerPrice, trailing, price: message.price, quantity: message.quantity,
      display: message.display, closes: closes, mayRest: timeInForce.rests, instrument: instrument)

    // 6 partner, 7 room
    let partner = message.partner == 0 ? 0 : held.books.find(OrderName(key: command.key, requestId: message.partner))
    if message.partner != 0 {
      try require(partner != 0 && held.books[partner].account == account, Reject(.unknownOrder))
      try require(held.terms[partner].partner == 0, Reject(.invalidCombination))
    }
    try require(
      held.count(of: account) < limits.ordersPerAccount, Reject(.tooManyOpenOrders, Int64(limits.ordersPerAccount)))
    try require(!held.books.isFull, Reject(.venueFull, Int64(limits.orders)))
    var best = Price(0)
    if trailing != .none {
      try require(
        held.trailingCounts[instrument] < Limits.trailingOrders, Reject(.venueFull, Int64(Limits.trailingOrders)))
      best = try startingPrice(of: source, activation: message.triggerPrice, instrument: instrument)
    }

    var terms = HeldTerms(
      limit: message.price, quantity: message.quantity, display: message.display, side: side, type: type,
      source: source, condition: condition, partner: message.partner)
    if trailing != .none {
      (terms.trailing, terms.distance, terms.activation) = (trailing, Int64(message.distance), message.triggerPrice)
    }
    if partner != 0 { held.terms[partner].partner = message.requestId }
    let order = Order(
      name: OrderName(key: command.key, requestId: message.requestId), id: sequence, entry: sequence,
      instrument: message.instrument, position: 0, account: account, side: HeldOrders.rises(terms) ? .sell : .buy,
      price: max(Price(1), message.triggerPrice), open: Quantity(1), timeInForce: timeInForce,
      flags: message.flags, prevention: prevention)
    let slot = held.insert(
      order, terms, until: expiry, instrument: instrument, stage: best > Price(0) ? .follows : .waits, best: best)
    reportHeld(slot, command, output: &output)
  }

  /// Where a trailing order starts that has no activation price.
  private func startingPrice(
    of source: TriggerSource, activation: Price, instrument: UInt32
  ) throws(Reject) -> Price {
    if activation > Price(0) { return Price(0) }
    let price = presentPrice(of: source, instrument: instrument)
    try require(price > Price(0), Reject(.noTriggerPrice))
    return price
  }

  private func checkDistance(
    _ distance: UInt64, _ unit: TrailingUnit, instrument: UInt32, _ field: Int64
  ) throws(Reject) {
    let isInRange =
      switch unit {
      case .none: distance == 0
      case .ticks: distance >= 1 && distance <= UInt64(ledger.instruments[instrument].maximumPrice.rawValue)
      case .partsPerMillion: (1...999_999).contains(distance)
      }
    try require(isInRange, .invalid(field))
  }

  /// When a held order ends, if it is held now; 0: never. Where what comes of it does not rest, the end is that of the
  /// waiting.
  private func checkHeldExpiry(_ expiry: Timestamp, _ timeInForce: TimeInForce) throws(Reject) -> Timestamp {
    if timeInForce.rests || expiry == Timestamp(0) { return try checkExpiry(expiry, timeInForce) }
    try require(expiry > time, Reject(.invalidExpiry, time.rawValue))
    return expiry
  }

  func checkHeldNumbers(
    trigger: Price, _ trailing: TrailingUnit, price: Price, quantity: Quantity, display: Quantity, closes: Bool,
    mayRest: Bool, instrument: UInt32
  ) throws(Reject) {
    let highest = ledger.instruments[instrument].maximumPrice
    let lowest = Price(trailing == .none ? 1 : 0)
    try require(trigger >= lowest && trigger <= highest, Reject(.invalidPrice, highest.rawValue))
    if closes {
      try require(quantity == .zero && display == .zero, Reject(.invalidQuantity))
      try require(price >= Price(0) && price <= highest, Reject(.invalidPrice, highest.rawValue))
    } else {
      try checkNumbers(
        price: price, quantity: quantity, display: display, mayRest: mayRest, instrument: instrument)
    }
  }

  /// Protocol/rules.md §7a.
  mutating func replaceContingentOrder(
    _ message: ReplaceContingentOrder, _ command: inout Command, output: inout Output
  ) throws(Reject) {
    command.orderRequestId = message.orderRequestId
    let slot = try findHeld(message.orderRequestId, key: message.orderKey, &command)
    let old = held.books[slot]
    var terms = held.terms[slot]
    let instrument = ledger.find(old.instrument)
    if gatingReason(ofHeld: slot) != nil {
      // As for an order that is not there: nothing of it is told.
      (command.account, command.accountId, command.instrumentId) = (0, .none, .none)
      throw Reject(.unknownOrder)
    }
    try checkKillSwitches(old.account, command)
    try checkLiquidation(of: old.account)
    try checkDistance(
      message.distance, terms.trailing, instrument: instrument, ReplaceContingentOrder.Field.distance)
    try checkHeldNumbers(
      trigger: message.triggerPrice, terms.trailing, price: message.price, quantity: message.quantity,
      display: message.display, closes: old.flags.contains(.closePosition), mayRest: old.timeInForce.rests,
      instrument: instrument)
    let expiry = try checkHeldExpiry(message.expiry, old.timeInForce)
    (terms.limit, terms.quantity, terms.display) = (message.price, message.quantity, message.display)
    terms.distance = Int64(message.distance)
    let replaced: OrderSlot
    if terms.trailing != .none, held.stage(of: slot) == .follows, message.triggerPrice == terms.activation {
      held.amendTrailing(slot, to: terms, entry: sequence, until: expiry, instrument: instrument)
      replaced = slot
    } else {
      var best = Price(0)
      if terms.trailing != .none {
        best = try startingPrice(of: terms.source, activation: message.triggerPrice, instrument: instrument)
        terms.activation = message.triggerPrice
      }
      held.remove(slot, instrument: instrument)
      var order = old
      order.side = HeldOrders.rises(terms) ? .sell : .buy
      order.price = max(Price(1), message.triggerPrice)
      (order.entry, order.expiry) = (sequence, 0)
      replaced = held.insert(
        order, terms, until: expiry, instrument: instrument, stage: best > Price(0) ? .follows : .waits, best: best)
    }
    reportHeld(replaced, command, output: &output)
    if old.name.key != command.key { acceptRequest(command, output: &output) }
  }

  /// The held order that a cancel or replace names, if its account is the key's.
  private func findHeld(_ requestId: UInt64, key: KeyId, _ command: inout Command) throws(Reject) -> OrderSlot {
    let slot = held.books.find(OrderName(key: key == .venue ? command.key : key, requestId: requestId))
    try require(slot != 0 && isOwn(held.books[slot].account, command), Reject(.unknownOrder))
    command.account = held.books[slot].account
    command.accountId = ledger.accounts[command.account].id
    command.instrumentId = held.books[slot].instrument
    return slot
  }

  /// Cancels a held order, if there is one of that name. False: there is none.
  mutating func cancelHeld(
    _ message: CancelOrder, _ command: inout Command, output: inout Output
  ) throws(Reject) -> Bool {
    let key = message.orderKey == .venue ? command.key : message.orderKey
    guard held.books.find(OrderName(key: key, requestId: message.orderRequestId)) != 0 else { return false }
    let slot = try findHeld(message.orderRequestId, key: message.orderKey, &command)
    dropHeld(slot, reason: .requested, command, output: &output)
    if key != command.key { acceptRequest(command, output: &output) }
    return true
  }

  /// Takes a held order out for good and tells its key. Its partner stays, alone.
  mutating func dropHeld(_ slot: OrderSlot, reason: CancelReason, _ command: Command, output: inout Output) {
    var order = held.books[slot]
    (order.side, order.open) = (held.terms[slot].side, held.terms[slot].quantity)
    unhold(slot)
    ledger.touch(order.account)
    reportGone(order, reason: reason, command, output: &output)
  }

  /// Takes a held order out of the table.
  mutating func unhold(_ slot: OrderSlot) {
    let (order, terms) = (held.books[slot], held.terms[slot])
    if terms.partner != 0 {
      let partner = held.books.find(OrderName(key: order.name.key, requestId: terms.partner))
      if partner != 0 { held.terms[partner].partner = 0 }
    }
    held.remove(slot, instrument: ledger.find(order.instrument))
  }

  /// An order has come to be held, or is held in another way: it sees the present price, and its key is told.
  private mutating func reportHeld(_ slot: OrderSlot, _ command: Command, output: inout Output) {
    let (order, terms) = (held.books[slot], held.terms[slot])
    let instrument = ledger.find(order.instrument)
    ledger.tracksMarks = true
    notePresentPrice(of: terms.source, instrument: instrument)
    let head = nextReport(for: order.name.key, command)
    output.append(
      OrderHeld(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: ledger.accounts[order.account].id, instrument: order.instrument,
        triggerPrice: held.trigger(of: slot, instrument: instrument), price: terms.limit, quantity: terms.quantity,
        display: terms.display,
        partner: terms.partner, side: terms.side, orderType: terms.type, timeInForce: order.timeInForce,
        flags: order.flags, source: terms.source, condition: terms.condition, trailing: terms.trailing,
        expiry: held.expiries.expiry(of: order),
        distance: UInt64(terms.distance), activationPrice: terms.activation,
        margin: ledger.currentMargin(of: order.account)), to: order.name.key)
  }
}

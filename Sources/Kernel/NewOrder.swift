import Margin
import Matching
import Values
import Wire

/// An order that has passed every check: it counts among its account's open orders and is about to meet the book.
struct AdmittedOrder {
  var entering: Entering
  let type: OrderType
  /// Records made for it; they go again when the order does not enter after all.
  let claim: PositionClaim
}

extension Kernel {
  mutating func newOrder(_ message: NewOrder, _ command: inout Command, output: inout Output) throws(Reject) {
    let order = try admit(message, &command)
    enter(order, command, output: &output)
  }

  /// An admitted order is reported and meets the book.
  mutating func enter(_ admitted: AdmittedOrder, _ command: Command, output: inout Output) {
    var entering = admitted.entering
    if ledger.accounts[entering.order.account].isLimited { countForLimits(entering.order) }
    reportAccepted(entering.order, type: admitted.type, until: entering.expiry, command, output: &output)
    run(&entering, command, output: &output)
  }

  /// Protocol/rules.md §5. Reads top to bottom like it; nothing changes before the last check has passed.
  mutating func admit(_ message: NewOrder, _ command: inout Command) throws(Reject) -> AdmittedOrder {
    command.accountId = message.account
    command.instrumentId = message.instrument
    command.orderRequestId = message.requestId

    // 1 codes
    guard let side = message.side else { throw .invalid(NewOrder.Field.side) }
    guard let type = message.orderType else { throw .invalid(NewOrder.Field.orderType) }
    guard let timeInForce = message.timeInForce else { throw .invalid(NewOrder.Field.timeInForce) }
    try require(message.flags.isSubset(of: .all), .invalid(NewOrder.Field.flags))
    guard let prevention = message.selfTradePrevention else { throw .invalid(NewOrder.Field.selfTradePrevention) }

    // 2 account and instrument
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    try require(isOwn(account, command), Reject(.notYourAccount))
    command.account = account
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))

    // 3, 4 market state
    let rests = timeInForce.rests
    let restsOrTrades = type == .limit && rests && message.minimumQuantity == .zero
    try checkPhase(of: instrument, admitsOnlyResting: restsOrTrades)
    try checkKillSwitches(account, command)
    try checkGuard(
      of: instrument, account: account, side: side, quantity: message.quantity, flags: message.flags)
    try checkLiquidation(of: account)

    // 5 combinations
    let isSpot = ledger.instruments[instrument].kind == .spot
    try require(type != .market || !rests, Reject(.invalidCombination))
    try require(
      !message.flags.contains(.postOnly) || restsOrTrades, Reject(.invalidCombination))
    try require(!(isSpot && message.flags.contains(.reduceOnly)), Reject(.invalidCombination))
    try checkFlags(message.flags)
    var terms = try checkTerms(message, timeInForce)
    var price = message.price
    var quantity = message.quantity
    if message.flags.contains(.closePosition) {
      try require(quantity == .zero, Reject(.invalidQuantity))
      quantity = try closingQuantity(account, side, instrument: instrument)
    }

    // 6–9 numbers
    try checkNumbers(
      price: price, quantity: quantity, display: message.display, mayRest: rests, instrument: instrument)
    if timeInForce == .fillOrKill { terms.mustFill = quantity }
    let isolated = ledger.accounts[account].isolatedInstrument
    try require(
      !ledger.accounts[account].isIsolated || isolated == message.instrument,
      Reject(.wrongInstrument, Int64(isolated.rawValue)))
    if !isSpot {
      try require(ledger.instruments[instrument].hasParameters, Reject(.noMarginParameters))
      try require(ledger.instruments[instrument].hasMark, Reject(.noMark))
      try checkRiskGroup(of: instrument, mode: ledger.accounts[account].mode)
    }
    if type == .marketToLimit { price = try marketLimit(price, side, instrument: instrument) }
    try checkPriceBand(price, side, instrument: instrument)

    // 10 room
    if rests {
      try require(
        Int(ledger.accounts[account].openOrders) < limits.ordersPerAccount,
        Reject(.tooManyOpenOrders, Int64(limits.ordersPerAccount)))
      try require(!books.isFull, Reject(.venueFull, Int64(limits.orders)))
    }
    if let full = ledger.roomForPosition(account: account, instrument: instrument) {
      throw Reject(.venueFull, Int64(full.capacity))
    }

    // 11 post-only
    if message.flags.contains(.reprice) {
      price = try priceThatRests(price, side, instrument: instrument)
    } else if message.flags.contains(.postOnly) {
      try checkPostOnly(price, side, instrument: instrument)
    }

    // From here on the position's record is needed; it goes again when the order is refused.
    let claim = ledger.claimPosition(account: account, instrument: instrument)
    let order = Order(
      name: OrderName(key: command.key, requestId: message.requestId), id: sequence, entry: sequence,
      instrument: message.instrument, position: claim.slot, account: account, side: side, price: price,
      open: quantity, display: message.display, timeInForce: timeInForce, flags: message.flags,
      prevention: prevention)
    do throws(Reject) {
      if ledger.accounts[account].isLimited { try checkAccountLimits(order, instrument: instrument, isNew: true) }
      // 12–16 position, bounds, margin, what must trade at once
      let entering = try enter(order, terms, instrument: instrument)
      return AdmittedOrder(entering: entering, type: type, claim: claim)
    } catch {
      ledger.release(claim)
      throw error
    }
  }

  /// Takes an admitted order back, which has not met the book: everything is as if it had never come.
  mutating func withdraw(_ admitted: AdmittedOrder) {
    uncount(admitted.entering)
    ledger.release(admitted.claim)
  }

  // MARK: What an order makes of its fields

  /// Flags that only go with another.
  func checkFlags(_ flags: OrderFlags) throws(Reject) {
    try require(!flags.contains(.reprice) || flags.contains(.postOnly), Reject(.invalidCombination))
    try require(!flags.contains(.closePosition) || flags.contains(.reduceOnly), Reject(.invalidCombination))
  }

  /// Expiry, minimum quantity and budget; what fill or kill must fill is not known yet.
  @inline(__always) private func checkTerms(
    _ message: NewOrder, _ timeInForce: TimeInForce
  ) throws(Reject) -> EntryTerms {
    let isPlain =
      message.minimumQuantity == .zero && message.budget == .zero && message.expiry == Timestamp(0)
      && timeInForce != .day && timeInForce != .goodTillDate
    return isPlain ? EntryTerms() : try checkSpecialTerms(message, timeInForce)
  }

  private func checkSpecialTerms(_ message: NewOrder, _ timeInForce: TimeInForce) throws(Reject) -> EntryTerms {
    let isFillOrKill = timeInForce == .fillOrKill
    try require(message.budget == .zero || isFillOrKill, Reject(.invalidCombination))
    try require(message.budget >= .zero, .invalid(NewOrder.Field.budget))
    try require(message.minimumQuantity == .zero || !isFillOrKill, Reject(.invalidCombination))
    try require(
      (0...max(0, message.quantity.rawValue)).contains(message.minimumQuantity.rawValue),
      .invalid(NewOrder.Field.minimumQuantity))
    return EntryTerms(
      expiry: try checkExpiry(message.expiry, timeInForce), mustFill: message.minimumQuantity, budget: message.budget)
  }

  /// All that a close-position order closes.
  private func closingQuantity(_ account: UInt32, _ side: Side, instrument: UInt32) throws(Reject) -> Quantity {
    let position = ledger.findPosition(account: account, instrument: instrument)
    guard position != 0 else { throw Reject(.notReducing) }
    let lots = ledger.positions[position].reducible(by: side)
    try require(lots > 0, Reject(.notReducing, ledger.positions[position].quantity.rawValue))
    return Quantity(lots)
  }

  /// The limit of a market-to-limit order: the best opposite price, if `protection` allows it.
  private func marketLimit(_ protection: Price, _ side: Side, instrument: UInt32) throws(Reject) -> Price {
    guard let best = books.bestPrice(side.opposite, in: ledger.instruments[instrument].book) else {
      throw Reject(.noOppositeOrder)
    }
    return side.crosses(limit: protection, resting: best) ? best : protection
  }

  /// The limit of a post-only order that moves its price rather than taking liquidity.
  private func priceThatRests(_ price: Price, _ side: Side, instrument: UInt32) throws(Reject) -> Price {
    guard ledger.instruments[instrument].phase == .continuous,
      let best = books.bestPrice(side.opposite, in: ledger.instruments[instrument].book),
      side.crosses(limit: price, resting: best)
    else { return price }
    let moved = Price(side == .buy ? best.rawValue - 1 : best.rawValue + 1)
    try require(
      moved >= Price(0) && moved <= ledger.instruments[instrument].maximumPrice,
      Reject(.postOnlyWouldCross, best.rawValue))
    return moved
  }

  // MARK: Checks shared with replace

  @inline(__always) func isOwn(_ account: UInt32, _ command: Command) -> Bool {
    command.isVenue || ledger.masters[ledger.accounts[account].master].id == command.master
  }

  func checkPhase(of instrument: UInt32, admitsOnlyResting: Bool) throws(Reject) {
    switch ledger.instruments[instrument].phase {
    case .halted: throw haltReason(of: instrument)
    case .expired: throw endReason(of: instrument)
    case .closedToMatching: try require(admitsOnlyResting, Reject(.closedToMatching))
    case .continuous: break
    }
  }

  /// Neither an account in liquidation nor the insurance fund sends orders.
  func checkLiquidation(of account: UInt32) throws(Reject) {
    guard desk.isOn else { return }
    try require(!isInLiquidation(account), Reject(.inLiquidation))
    try require(account != desk.fund, Reject(.notPermitted))
  }

  func checkNumbers(
    price: Price, quantity: Quantity, display: Quantity, mayRest: Bool, instrument: UInt32
  ) throws(Reject) {
    let highest = ledger.instruments[instrument].maximumPrice
    try require(price >= Price(0) && price <= highest, Reject(.invalidPrice, highest.rawValue))
    let largest = ledger.instruments[instrument].maximumOrder
    try require(quantity > .zero && quantity <= largest, Reject(.invalidQuantity, largest.rawValue))
    let shown = mayRest ? quantity : .zero
    try require(display >= .zero && display <= shown, Reject(.invalidDisplay, shown.rawValue))
  }

  func checkPriceBand(_ price: Price, _ side: Side, instrument: UInt32) throws(Reject) {
    let band = ledger.instruments[instrument].priceBand
    guard band > .zero, ledger.instruments[instrument].hasMark else { return }
    let mark = ledger.instruments[instrument].mark.rawValue
    let width = Int64(band.roundedDown(of: Money(mark)).rawValue)
    if side == .buy {
      try require(price.rawValue <= mark + width, Reject(.priceBand, mark + width))
    } else {
      try require(price.rawValue >= mark - width, Reject(.priceBand, mark - width))
    }
  }

  func checkPostOnly(_ price: Price, _ side: Side, instrument: UInt32) throws(Reject) {
    guard ledger.instruments[instrument].phase == .continuous else { return }
    guard let best = books.bestPrice(side.opposite, in: ledger.instruments[instrument].book) else { return }
    try require(!side.crosses(limit: price, resting: best), Reject(.postOnlyWouldCross, best.rawValue))
  }
}

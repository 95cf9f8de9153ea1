import Margin
import Matching
import Values
import Wire

extension Kernel {
  /// Protocol/rules.md §5. Reads top to bottom like it; nothing changes before the last check has passed.
  mutating func newOrder(_ message: NewOrder, _ command: inout Command, output: inout Output) throws(Reject) {
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
    let restsOrTrades = type == .limit && timeInForce == .goodTillCancel
    try checkPhase(of: instrument, admitsOnlyResting: restsOrTrades)
    try checkKillSwitches(account)

    // 5 combinations
    try require(type == .limit || timeInForce != .goodTillCancel, Reject(.invalidCombination))
    try require(
      !message.flags.contains(.postOnly) || restsOrTrades, Reject(.invalidCombination))
    let isSpot = ledger.instruments[instrument].kind == .spot
    try require(!(isSpot && message.flags.contains(.reduceOnly)), Reject(.invalidCombination))

    // 6–9 numbers
    try checkNumbers(
      price: message.price, quantity: message.quantity, display: message.display,
      mayRest: timeInForce == .goodTillCancel, instrument: instrument)
    let isolated = ledger.accounts[account].isolatedInstrument
    try require(
      !ledger.accounts[account].isIsolated || isolated == message.instrument,
      Reject(.wrongInstrument, Int64(isolated.rawValue)))
    if !isSpot {
      try require(ledger.instruments[instrument].hasParameters, Reject(.noMarginParameters))
      try require(ledger.instruments[instrument].hasMark, Reject(.noMark))
    }
    try checkPriceBand(message.price, side, instrument: instrument)

    // 10 room
    if timeInForce == .goodTillCancel {
      try require(
        Int(ledger.accounts[account].openOrders) < limits.ordersPerAccount,
        Reject(.tooManyOpenOrders, Int64(limits.ordersPerAccount)))
      try require(!books.isFull, Reject(.venueFull, Int64(limits.orders)))
    }
    if let full = ledger.roomForPosition(account: account, instrument: instrument) {
      throw Reject(.venueFull, Int64(full.capacity))
    }

    // 11 post-only
    if message.flags.contains(.postOnly) { try checkPostOnly(message.price, side, instrument: instrument) }

    // From here on the position's record is needed; it goes again when the order is refused.
    let claim = ledger.claimPosition(account: account, instrument: instrument)
    let order = Order(
      name: OrderName(key: command.key, requestId: message.requestId), id: sequence, entry: sequence,
      instrument: message.instrument, position: claim.slot, account: account, side: side, price: message.price,
      open: message.quantity, display: message.display, timeInForce: timeInForce, flags: message.flags,
      prevention: prevention)
    var entering: Entering
    do throws(Reject) {
      // 12–16 position, bounds, margin, fill or kill
      entering = try enter(order, instrument: instrument)
    } catch {
      ledger.release(claim)
      throw error
    }
    reportAccepted(order, type: type, command, output: &output)
    run(&entering, command, output: &output)
  }

  // MARK: Checks shared with replace

  @inline(__always) func isOwn(_ account: UInt32, _ command: Command) -> Bool {
    command.isVenue || ledger.masters[ledger.accounts[account].master].id == command.master
  }

  func checkPhase(of instrument: UInt32, admitsOnlyResting: Bool) throws(Reject) {
    switch ledger.instruments[instrument].phase {
    case .halted: throw Reject(.instrumentHalted)
    case .expired: throw Reject(.instrumentExpired)
    case .closedToMatching: try require(admitsOnlyResting, Reject(.closedToMatching))
    case .continuous: break
    }
  }

  func checkKillSwitches(_ account: UInt32) throws(Reject) {
    try require(!isKilled, Reject(.killSwitchEngaged, Int64(KillScope.venue.rawValue)))
    try require(
      !ledger.masters[ledger.accounts[account].master].killed,
      Reject(.killSwitchEngaged, Int64(KillScope.master.rawValue)))
    try require(
      !ledger.accounts[account].killed, Reject(.killSwitchEngaged, Int64(KillScope.account.rawValue)))
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

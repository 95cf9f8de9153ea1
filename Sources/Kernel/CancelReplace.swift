import Margin
import Matching
import Values
import Wire

extension Kernel {
  /// The order a cancel or replace names, if it is open and its account is the key's.
  private func findOwn(_ requestId: UInt64, key: KeyId, _ command: inout Command) throws(Reject) -> OrderSlot {
    let slot = books.find(OrderName(key: key == .venue ? command.key : key, requestId: requestId))
    try require(slot != 0 && isOwn(books[slot].account, command), Reject(.unknownOrder))
    command.account = books[slot].account
    command.accountId = ledger.accounts[books[slot].account].id
    command.instrumentId = books[slot].instrument
    return slot
  }

  /// Takes an order out; possible in every phase.
  mutating func cancelOrder(_ message: CancelOrder, _ command: inout Command, output: inout Output) throws(Reject) {
    command.orderRequestId = message.orderRequestId
    if !held.isEmpty, try cancelHeld(message, &command, output: &output) { return }
    let slot = try findOwn(message.orderRequestId, key: message.orderKey, &command)
    let owner = books[slot].name.key
    cancelResting(slot, reason: .requested, command, output: &output)
    answerForeignRequest(command, owner: owner, output: &output)
  }

  /// Reports go to the key that entered the order; another key of its master that changed it is told that it is done.
  private mutating func answerForeignRequest(_ command: Command, owner: KeyId, output: inout Output) {
    if owner != command.key { acceptRequest(command, output: &output) }
  }

  /// Protocol/rules.md §7.
  mutating func replaceOrder(_ message: ReplaceOrder, _ command: inout Command, output: inout Output) throws(Reject) {
    command.orderRequestId = message.orderRequestId
    guard let timeInForce = message.timeInForce else { throw .invalid(ReplaceOrder.Field.timeInForce) }
    let slot = try findOwn(message.orderRequestId, key: message.orderKey, &command)
    let old = books[slot]
    let instrument = ledger.positions[old.position].instrument
    let staysResting = timeInForce.rests
    do throws(Reject) {
      try require(gatingReason(of: slot) == nil, Reject(.unknownOrder))
    } catch {
      // As for an order that is not there: nothing of it is told.
      command.account = 0
      command.accountId = .none
      command.instrumentId = .none
      throw error
    }
    try checkPhase(of: instrument, admitsOnlyResting: staysResting)
    try checkKillSwitches(old.account, command)
    // A display above what is left open could not be named again: an iceberg may shrink below it.
    let keepsPriority =
      staysResting && message.price == old.price && message.quantity <= old.open
      && message.display == min(old.display, message.quantity)
    if !keepsPriority {
      try checkGuard(
        of: instrument, account: old.account, side: old.side, quantity: message.quantity, flags: old.flags,
        replacing: old.open)
    }
    try checkLiquidation(of: old.account)
    try require(!old.flags.contains(.postOnly) || staysResting, Reject(.invalidCombination))
    let expiry = try checkExpiry(message.expiry, timeInForce)
    try checkNumbers(
      price: message.price, quantity: message.quantity, display: message.display, mayRest: staysResting,
      instrument: instrument)
    if let expected = message.expectedFilled {
      try require(old.filled == expected, Reject(.filledMeanwhile, old.filled.rawValue))
    }
    try checkPriceBand(message.price, old.side, instrument: instrument)
    if old.flags.contains(.postOnly) && !keepsPriority {
      try checkPostOnly(message.price, old.side, instrument: instrument)
    }
    try checkReduceOnly(old)
    if keepsPriority {
      reduce(slot, to: message.quantity, timeInForce, until: expiry, command, output: &output)
      return
    }

    var order = old
    order.price = message.price
    order.open = message.quantity
    order.display = message.display
    order.timeInForce = timeInForce
    order.entry = sequence
    order.expiry = 0
    if ledger.accounts[order.account].isLimited {
      try checkAccountLimits(order, instrument: instrument, isNew: false)
    }
    var entering = try reenter(order, until: expiry, replacing: old, instrument: instrument)
    takeOut(slot, in: entering.book, output: &output)
    reportReplaced(order, until: expiry, keptPriority: false, command, output: &output)
    answerForeignRequest(command, owner: order.name.key, output: &output)
    run(&entering, command, output: &output)
  }

  /// Fewer lots, or another end, in the same place of the queue.
  private mutating func reduce(
    _ slot: OrderSlot, to open: Quantity, _ timeInForce: TimeInForce, until expiry: Timestamp, _ command: Command,
    output: inout Output
  ) {
    shrink(slot, to: open, output: &output)
    books[slot].timeInForce = timeInForce
    if books[slot].expiry != 0 { expiries.remove(slot, in: &books) }
    if expiry != Timestamp(0) { expiries.insert(slot, due: expiry, in: &books) }
    let order = books[slot]
    reportReplaced(order, until: expiry, keptPriority: true, command, output: &output)
    answerForeignRequest(command, owner: order.name.key, output: &output)
  }

  /// The checks of a replace that loses its priority: the old order is taken out of the open lots, the new one put in.
  /// On success the new one is counted; on a reject everything is as before.
  private mutating func reenter(
    _ order: Order, until expiry: Timestamp, replacing old: Order, instrument: UInt32
  ) throws(Reject) -> Entering {
    let position = order.position
    let before = ledger.currentMargin(of: order.account)
    let trial = ledger.beginTrial(on: position)
    ledger.removeOpen(openLots(old, instrument: instrument), from: position)
    ledger.touch(order.account)
    do throws(Reject) {
      try checkBounds(order, instrument: instrument)
      let counted = makeEntering(order, instrument: instrument, freeBefore: .zero)
      ledger.addOpen(counted.openLots, to: position)
      try checkBalanceBounds(of: position)
      try checkPriceCap(order, instrument: instrument)
      if let asset = ledger.unpricedDebt(of: order.account) { throw Reject(.noPrice, Int64(asset.rawValue)) }
      try require(before.cushion >= .zero, Reject(.belowMaintenance, before.cushion))
      let after = ledger.currentMargin(of: order.account)
      try require(
        AccountMargin.isAcceptable(before: before, after: after), Reject(.insufficientMargin, after.free))
      try require(
        after.free >= .zero || order.timeInForce != .fillOrKill, Reject(.insufficientMargin, after.free))
      if ledger.accounts[order.account].firstHolding != 0 {
        try checkWatchLists(order.account, before: before, after: after)
      }
      try checkCovered(order)
      try checkGuardedSpot(order, instrument: instrument)
      let entering = Entering(
        order: counted.order, instrument: counted.instrument, book: counted.book, provision: counted.provision,
        provisionPrice: counted.provisionPrice, isGuarded: after.free < .zero, worstBefore: counted.worstBefore,
        expiry: expiry)
      try checkCertain(entering, EntryTerms(mustFill: order.timeInForce == .fillOrKill ? order.open : .zero))
      return entering
    } catch {
      ledger.undo(trial, on: position)
      throw error
    }
  }
}

import Margin
import Values
import Wire

extension Kernel {
  /// A new order that enters only if its guards hold: margin compare-and-swap. Protocol/rules.md §5.
  ///
  /// The guards are looked at last, when the order would be accepted; what it would do is rehearsed first, so a limit on
  /// the margin afterwards is kept to the quantum.
  mutating func newGuardedOrder(
    _ message: NewGuardedOrder, _ command: inout Command, output: inout Output
  ) throws(Reject) {
    command.accountId = message.account
    command.instrumentId = message.instrument
    command.orderRequestId = message.requestId
    try require(message.guards.isSubset(of: .all), .invalid(NewGuardedOrder.Field.guards))
    let order = try admit(NewOrder(message), &command)
    let failed = failedGuards(message, order)
    if failed != [] {
      withdraw(order)
      throw Reject(.guardFailed, Int64(failed.rawValue))
    }
    enter(order, command, output: &output)
  }

  private mutating func failedGuards(_ message: NewGuardedOrder, _ order: AdmittedOrder) -> OrderGuards {
    let outcome = rehearse(order)
    let tags = tags(of: order, outcome)
    var failed = OrderGuards()
    if tags.account != message.accountTag { failed.insert(.account) }
    if tags.market != message.marketTag { failed.insert(.market) }
    if outcome.bookTag.value != message.bookTag { failed.insert(.book) }
    if outcome.after.initialMargin > message.maximumInitialMargin { failed.insert(.maximumInitialMargin) }
    if outcome.after.free < message.minimumFree { failed.insert(.minimumFree) }
    return failed.intersection(message.guards)
  }

  /// Tags of the account and of the market without the order, which is counted again afterwards.
  mutating func tags(of order: AdmittedOrder, _ outcome: Rehearsal) -> (account: UInt64, market: UInt64) {
    let entering = order.entering
    uncount(entering)
    let tags = (
      account: accountTag(entering.order.account, entering.instrument),
      market: marketTag(entering.order.account, entering.instrument)
    )
    ledger.addOpen(entering.openLots, to: entering.order.position)
    ledger.touch(entering.order.account)
    return tags
  }
}

extension NewOrder {
  /// The order of a guarded order.
  fileprivate init(_ guarded: NewGuardedOrder) {
    self.init(
      requestId: guarded.requestId, account: guarded.account, instrument: guarded.instrument, price: guarded.price,
      quantity: guarded.quantity, display: guarded.display, side: .buy, orderType: .limit,
      timeInForce: .goodTillCancel, flags: guarded.flags, selfTradePrevention: .allow,
      minimumQuantity: guarded.minimumQuantity, expiry: guarded.expiry, budget: guarded.budget)
    sideCode = guarded.sideCode
    orderTypeCode = guarded.orderTypeCode
    timeInForceCode = guarded.timeInForceCode
    selfTradePreventionCode = guarded.selfTradePreventionCode
  }

  /// The order that a preview asks about.
  init(_ preview: Preview) {
    self.init(
      requestId: 0, account: preview.account, instrument: preview.instrument, price: preview.price,
      quantity: preview.quantity, display: preview.display, side: .buy, orderType: .limit,
      timeInForce: .goodTillCancel, flags: preview.flags, selfTradePrevention: .allow,
      minimumQuantity: preview.minimumQuantity, expiry: preview.expiry, budget: preview.budget)
    sideCode = preview.sideCode
    orderTypeCode = preview.orderTypeCode
    timeInForceCode = preview.timeInForceCode
    selfTradePreventionCode = preview.selfTradePreventionCode
  }
}

import Values
import Wire

extension Client {
  /// Sends a limit (or market-to-limit) order and returns its request id, which is also the order's name in all reports.
  ///
  /// - Parameters:
  ///   - price: The limit, in price units of the instrument.
  ///   - quantity: Lots.
  ///   - display: Lots shown at a time (iceberg); zero: all.
  ///   - minimumQuantity: Lots that must trade at once, or the order is refused; zero: none.
  ///   - expiry: When a good-till-date order ends.
  ///   - budget: Fill or kill: what a buy may cost, or a sell must bring, in quote quanta; zero: anything.
  @discardableResult
  public func newOrder(
    account: AccountId, instrument: InstrumentId, side: Side, price: Price, quantity: Quantity,
    display: Quantity = .zero, type: OrderType = .limit, timeInForce: TimeInForce = .goodTillCancel,
    flags: OrderFlags = [], selfTradePrevention: SelfTradePrevention = .cancelOldest, minimumQuantity: Quantity = .zero,
    expiry: Timestamp = Timestamp(0), budget: Money = .zero
  ) throws(ClientError) -> UInt64 {
    try send(
      NewOrder(
        requestId: 0, account: account, instrument: instrument, price: price, quantity: quantity, display: display,
        side: side, orderType: type, timeInForce: timeInForce, flags: flags, selfTradePrevention: selfTradePrevention,
        minimumQuantity: minimumQuantity, expiry: expiry, budget: budget))
  }

  /// Sends a market order: trades at once, never worse than `protection`, never rests. Returns its request id.
  @discardableResult
  public func marketOrder(
    account: AccountId, instrument: InstrumentId, side: Side, protection: Price, quantity: Quantity,
    flags: OrderFlags = [], selfTradePrevention: SelfTradePrevention = .cancelOldest
  ) throws(ClientError) -> UInt64 {
    try send(
      NewOrder(
        requestId: 0, account: account, instrument: instrument, price: protection, quantity: quantity, display: .zero,
        side: side, orderType: .market, timeInForce: .immediateOrCancel, flags: flags,
        selfTradePrevention: selfTradePrevention))
  }

  /// Holds an order until its trigger price is reached: a stop or take-profit order. Returns its request id, by which it
  /// can be cancelled, and replaced until then.
  ///
  /// - Parameters:
  ///   - price: The limit or protection price of the order that comes of it.
  ///   - quantity: Lots; with the flag ``OrderFlags/closePosition`` zero.
  ///   - partner: A held order of this key and account that goes when this one is released, and the other way round.
  ///   - expiry: With ``TimeInForce/goodTillDate`` when it ends, held or resting; with ``TimeInForce/immediateOrCancel``
  ///     and ``TimeInForce/fillOrKill`` when the waiting ends, 0: never. Otherwise 0.
  @discardableResult
  public func contingentOrder(
    account: AccountId, instrument: InstrumentId, side: Side, when source: TriggerSource = .mark,
    _ condition: TriggerCondition, at triggerPrice: Price, price: Price, quantity: Quantity,
    type: OrderType = .limit, timeInForce: TimeInForce = .goodTillCancel, flags: OrderFlags = [],
    selfTradePrevention: SelfTradePrevention = .cancelOldest, partner: UInt64 = 0, expiry: Timestamp = Timestamp(0)
  ) throws(ClientError) -> UInt64 {
    try send(
      NewContingentOrder(
        requestId: 0, account: account, instrument: instrument, price: price, quantity: quantity, display: .zero,
        side: side, orderType: type, timeInForce: timeInForce, flags: flags, selfTradePrevention: selfTradePrevention,
        source: source, condition: condition, trailing: .none, triggerPrice: triggerPrice, partner: partner,
        expiry: expiry, distance: 0))
  }

  /// Holds a stop that follows the best price there is once it is active, at a distance, and becomes an order when the
  /// price has come back by that. Returns its request id, by which it can be cancelled, and replaced until then.
  ///
  /// - Parameters:
  ///   - unit: What the distance is in: price units, or parts per million of the best price.
  ///   - activationPrice: It becomes active when the price comes to this from the other side; 0: at once.
  ///   - price: The limit or protection price of the order that comes of it.
  ///   - quantity: Lots; with the flag ``OrderFlags/closePosition`` zero.
  @discardableResult
  public func trailingStop(
    account: AccountId, instrument: InstrumentId, side: Side, behind source: TriggerSource = .mark, by distance: UInt64,
    _ unit: TrailingUnit, from activationPrice: Price = Price(0), price: Price, quantity: Quantity,
    type: OrderType = .limit, timeInForce: TimeInForce = .goodTillCancel, flags: OrderFlags = [],
    selfTradePrevention: SelfTradePrevention = .cancelOldest, partner: UInt64 = 0, expiry: Timestamp = Timestamp(0)
  ) throws(ClientError) -> UInt64 {
    try send(
      NewContingentOrder(
        requestId: 0, account: account, instrument: instrument, price: price, quantity: quantity, display: .zero,
        side: side, orderType: type, timeInForce: timeInForce, flags: flags, selfTradePrevention: selfTradePrevention,
        source: source, condition: .stop, trailing: unit, triggerPrice: activationPrice, partner: partner,
        expiry: expiry, distance: distance))
  }

  /// Sends an order that enters only while the chosen parts of a preview still hold (margin compare-and-swap); otherwise
  /// it is refused `guardFailed` and changes nothing. Returns its request id.
  ///
  /// - Parameters:
  ///   - order: What the preview was asked about; its request id is filled in.
  ///   - preview: The answer.
  ///   - guards: What must hold: tags of the preview, or limits on the margin after the order.
  ///   - maximumInitialMargin: For the guard of that name; the preview's own figure if not given.
  ///   - minimumFree: For the guard of that name; the preview's own figure if not given.
  @discardableResult
  public func newOrder(
    _ order: Preview, guardedBy preview: PreviewReport, _ guards: OrderGuards, maximumInitialMargin: Money? = nil,
    minimumFree: Money? = nil
  ) throws(ClientError) -> UInt64 {
    var guarded = NewGuardedOrder(
      requestId: 0, account: order.account, instrument: order.instrument, price: order.price,
      quantity: order.quantity, display: order.display, side: .buy, orderType: .limit, timeInForce: .goodTillCancel,
      flags: order.flags, selfTradePrevention: .allow, guards: guards, accountTag: preview.accountTag,
      marketTag: preview.marketTag, bookTag: preview.bookTag,
      maximumInitialMargin: maximumInitialMargin ?? preview.after.initialMargin,
      minimumFree: minimumFree ?? preview.after.free, minimumQuantity: order.minimumQuantity, expiry: order.expiry,
      budget: order.budget)
    guarded.sideCode = order.sideCode
    guarded.orderTypeCode = order.orderTypeCode
    guarded.timeInForceCode = order.timeInForceCode
    guarded.selfTradePreventionCode = order.selfTradePreventionCode
    return try send(guarded)
  }

  /// Cancels what is left of an order. `orderKey`: the key that entered it, when that was another key of the same
  /// master.
  @discardableResult
  public func cancel(order: UInt64, orderKey: KeyId = .venue) throws(ClientError) -> UInt64 {
    try send(CancelOrder(requestId: 0, orderRequestId: order, orderKey: orderKey))
  }

  /// Changes price, open lots, display, time in force and expiry of an order. Keeps its priority when its price stays and
  /// no lots are added.
  ///
  /// - Parameters:
  ///   - quantity: Lots that shall be open afterwards; what is filled already does not count.
  ///   - expectedFilled: If given and other than the lots filled so far, the request is refused `filledMeanwhile`.
  @discardableResult
  public func replace(
    order: UInt64, price: Price, quantity: Quantity, display: Quantity = .zero, expectedFilled: Quantity? = nil,
    timeInForce: TimeInForce = .goodTillCancel, expiry: Timestamp = Timestamp(0), orderKey: KeyId = .venue
  ) throws(ClientError) -> UInt64 {
    try send(
      ReplaceOrder(
        requestId: 0, orderRequestId: order, price: price, quantity: quantity, display: display,
        expectedFilled: expectedFilled, orderKey: orderKey, timeInForce: timeInForce, expiry: expiry))
  }

  /// Cancels all orders that everything given here matches. `massCancelDone` tells when all are gone.
  ///
  /// - Parameters:
  ///   - account: `none`: all accounts that the key may act for.
  ///   - kinds: Kinds of instruments; empty: all. With an instrument: empty.
  ///   - underlying: The base asset; `settlement`: whatever it is. With an instrument: `settlement`.
  ///   - orderKey: The key that entered the orders; `venue`: any.
  ///   - master: The firm; `none`: the key's own, or for the venue's operator all.
  ///   - quotesOnly: Orders that are no quotes stay.
  @discardableResult
  public func massCancel(
    account: AccountId = .none, instrument: InstrumentId = .none, side: SideScope = .both, kinds: InstrumentKinds = [],
    underlying: AssetId = .settlement, orderKey: KeyId = .venue, master: MasterId = .none,
    quotesOnly: Bool = false
  ) throws(ClientError) -> UInt64 {
    try send(
      MassCancel(
        requestId: 0, account: account, instrument: instrument, side: side, kinds: kinds, underlying: underlying,
        master: master, orderKey: orderKey, quotesOnly: quotesOnly))
  }
}

import Values

// The fields that plain orders leave at zero, left out.

extension NewOrder {
  /// An order without minimum quantity, expiry and budget.
  @inlinable @inline(__always) public init(
    requestId: UInt64, account: AccountId, instrument: InstrumentId, price: Price, quantity: Quantity,
    display: Quantity, side: Side, orderType: OrderType, timeInForce: TimeInForce, flags: OrderFlags,
    selfTradePrevention: SelfTradePrevention
  ) {
    self.init(
      requestId: requestId, account: account, instrument: instrument, price: price, quantity: quantity,
      display: display, side: side, orderType: orderType, timeInForce: timeInForce, flags: flags,
      selfTradePrevention: selfTradePrevention, minimumQuantity: .zero, expiry: Timestamp(0), budget: .zero)
  }
}

extension MassCancel {
  /// All orders of an account, or those of one instrument or side, or its quotes alone.
  @inlinable public init(
    requestId: UInt64, account: AccountId, instrument: InstrumentId, side: SideScope, quotesOnly: Bool = false
  ) {
    self.init(
      requestId: requestId, account: account, instrument: instrument, side: side, kinds: [], underlying: .settlement,
      master: .none, orderKey: .venue, quotesOnly: quotesOnly)
  }
}

extension Preview {
  /// A question about an order without minimum quantity, expiry and budget.
  @inlinable public init(
    queryId: UInt64, account: AccountId, instrument: InstrumentId, price: Price, quantity: Quantity, display: Quantity,
    side: Side, orderType: OrderType, timeInForce: TimeInForce, flags: OrderFlags,
    selfTradePrevention: SelfTradePrevention
  ) {
    self.init(
      queryId: queryId, account: account, instrument: instrument, price: price, quantity: quantity, display: display,
      side: side, orderType: orderType, timeInForce: timeInForce, flags: flags,
      selfTradePrevention: selfTradePrevention, minimumQuantity: .zero, expiry: Timestamp(0), budget: .zero)
  }
}

extension ReplaceOrder {
  /// A replace without an expiry.
  @inlinable @inline(__always) public init(
    requestId: UInt64, orderRequestId: UInt64, price: Price, quantity: Quantity, display: Quantity,
    expectedFilled: Quantity?, orderKey: KeyId, timeInForce: TimeInForce
  ) {
    self.init(
      requestId: requestId, orderRequestId: orderRequestId, price: price, quantity: quantity, display: display,
      expectedFilled: expectedFilled, orderKey: orderKey, timeInForce: timeInForce, expiry: Timestamp(0))
  }
}

import Values
import Wire

extension ReferenceVenue {
  func emit<M: MessageWithRows>(_ message: M, rows: [M.Row], to key: KeyId) {
    reports.append(Report(key: key, bytes: frameBytes(message, rows: rows)))
  }

  func emit<M: Message>(_ message: M, to key: KeyId) {
    let bytes = [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
      message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = M.frameLength
    }
    reports.append(Report(key: key, bytes: bytes))
  }

  /// The next report number of a key; the venue's own reports are not numbered.
  func nextReportNumber(_ key: KeyId) -> UInt64 {
    guard let index = keys.firstIndex(where: { $0.id == key }) else { return 0 }
    keys[index].lastReport += 1
    return keys[index].lastReport
  }

  /// The command's request id in reports to the command's own key.
  func requestId(for key: KeyId) -> UInt64 { key == self.key ? requestId : 0 }

  func reportedMargin(_ account: Int) -> AccountMargin { margin(of: accounts[account]).reported }

  /// What an `OrderRejected` says before the message's own checks have found anything.
  func nameRejectedOrder(_ frame: Frame) {
    switch frame.template {
    case .newOrder:
      let message = frame.decode(NewOrder.self)
      rejectedOrder = RejectedOrder(
        orderRequestId: message.requestId, account: message.account, instrument: message.instrument)
    case .newContingentOrder:
      let message = frame.decode(NewContingentOrder.self)
      rejectedOrder = RejectedOrder(
        orderRequestId: message.requestId, account: message.account, instrument: message.instrument)
    case .replaceContingentOrder:
      rejectedOrder.orderRequestId = frame.decode(ReplaceContingentOrder.self).orderRequestId
    case .cancelOrder: rejectedOrder.orderRequestId = frame.decode(CancelOrder.self).orderRequestId
    case .replaceOrder: rejectedOrder.orderRequestId = frame.decode(ReplaceOrder.self).orderRequestId
    default: break
    }
  }

  func report(_ reject: Reject) {
    let number = reject.isNumbered ? nextReportNumber(key) : 0
    let detail = Int64(clamping: reject.detail)
    switch template {
    case .newOrder, .cancelOrder, .replaceOrder, .newContingentOrder, .replaceContingentOrder:
      emit(
        OrderRejected(
          reportNumber: number, requestId: requestId, sequence: sequence, time: time,
          orderRequestId: rejectedOrder.orderRequestId, account: rejectedOrder.account,
          instrument: rejectedOrder.instrument, detail: detail, reason: reject.reason, template: template.rawValue,
          margin: rejectedOrder.marginOf.map(reportedMargin) ?? AccountMargin()),
        to: key)
    default:
      emit(
        RequestRejected(
          reportNumber: number, requestId: requestId, sequence: sequence, time: time, detail: detail,
          reason: reject.reason, template: template.rawValue),
        to: key)
    }
  }

  func accept(value: Int64 = 0) {
    emit(
      RequestAccepted(
        reportNumber: nextReportNumber(key), requestId: requestId, sequence: sequence, time: time, value: value,
        template: template.rawValue),
      to: key)
  }

  func reportBalance(_ account: Int, _ asset: AssetId, change: Int128) {
    emit(
      BalanceChanged(
        reportNumber: nextReportNumber(key), requestId: requestId, sequence: sequence, time: time,
        amount: Money(change), balance: Money(accounts[account].balance(asset)), account: accounts[account].id,
        asset: asset, margin: reportedMargin(account)),
      to: key)
  }

  func reportAccepted(_ order: ModelOrder, _ account: Int) {
    let key = order.name.key
    emit(
      OrderAccepted(
        reportNumber: nextReportNumber(key), requestId: requestId(for: key), sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: accounts[account].id, instrument: order.instrument,
        orderId: order.id, price: Price(Int64(order.price)), quantity: Quantity(Int64(order.open)),
        display: Quantity(Int64(order.display)), side: order.side, orderType: order.orderType,
        timeInForce: order.timeInForce, flags: order.flags, expiry: Timestamp(order.expiry),
        margin: reportedMargin(account)),
      to: key)
  }

  func reportReplaced(_ order: ModelOrder, _ account: Int, keptPriority: Bool) {
    let key = order.name.key
    emit(
      OrderReplaced(
        reportNumber: nextReportNumber(key), requestId: requestId(for: key), sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: accounts[account].id, instrument: order.instrument,
        price: Price(Int64(order.price)), quantity: Quantity(Int64(order.open)),
        display: Quantity(Int64(order.display)), filled: Quantity(Int64(order.filled)),
        timeInForce: order.timeInForce, keptPriority: keptPriority, expiry: Timestamp(order.expiry),
        margin: reportedMargin(account)),
      to: key)
  }

  /// `order` is as it was when it left; it is no longer among the account's orders.
  func reportCancelled(_ order: ModelOrder, _ account: Int, _ reason: CancelReason) {
    let key = order.name.key
    emit(
      OrderCancelled(
        reportNumber: nextReportNumber(key), requestId: requestId(for: key), sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: accounts[account].id, instrument: order.instrument,
        quantity: Quantity(Int64(order.open)), filled: Quantity(Int64(order.filled)), reason: reason,
        side: order.side, margin: reportedMargin(account)),
      to: key)
  }

  func reportExpired(_ order: ModelOrder, _ account: Int, _ reason: CancelReason) {
    let key = order.name.key
    emit(
      OrderExpired(
        reportNumber: nextReportNumber(key), requestId: requestId(for: key), sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: accounts[account].id, instrument: order.instrument,
        quantity: Quantity(Int64(order.open)), filled: Quantity(Int64(order.filled)), reason: reason,
        margin: reportedMargin(account)),
      to: key)
  }

  func reportFilled(
    _ order: ModelOrder, _ account: Int, lots: Int128, price: Int128, fee: Int128, _ liquidity: Liquidity
  ) {
    let key = order.name.key
    let isPerpetual = instruments[order.instrument]!.isPerpetual
    var shown = accounts[account]
    if fault == .staleMargin { shown.orders = [] }
    emit(
      OrderFilled(
        reportNumber: nextReportNumber(key), requestId: requestId(for: key), sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: shown.id, instrument: order.instrument, tradeId: trades,
        price: Price(Int64(price)), quantity: Quantity(Int64(lots)), open: Quantity(Int64(order.open)),
        filled: Quantity(Int64(order.filled)), fee: Money(fee),
        position: Quantity(isPerpetual ? Int64(shown.lots(order.instrument)) : 0), side: order.side,
        liquidity: liquidity, margin: margin(of: shown).reported),
      to: key)
  }
}

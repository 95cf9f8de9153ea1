import Margin
import Matching
import Values
import Wire

// Writing reports. Every report is numbered here, and nowhere else.

/// The first four fields of every report.
struct ReportHead {
  let reportNumber: UInt64
  let requestId: UInt64
}

extension Kernel {
  /// Takes the next report number of `key`. The request id is told to the key whose command it is.
  mutating func nextReport(for key: KeyId, _ command: Command) -> ReportHead {
    let slot = key == command.key ? command.keySlot : keys.find(key)
    let requestId = key == command.key && !command.isVenue ? command.requestId : 0
    if slot == 0 { return ReportHead(reportNumber: 0, requestId: requestId) }
    keys.records[slot].lastReport += 1
    return ReportHead(reportNumber: keys.records[slot].lastReport, requestId: requestId)
  }

  mutating func acceptRequest(_ command: Command, value: Int64 = 0, output: inout Output) {
    let head = nextReport(for: command.key, command)
    output.append(
      RequestAccepted(
        reportNumber: head.reportNumber, requestId: command.requestId, sequence: sequence, time: time, value: value,
        template: command.template.rawValue), to: command.key)
  }

  /// Tells the sender why its request was refused.
  mutating func refuse(_ reject: Reject, _ command: Command, output: inout Output) {
    // Whoever has a role is known: then it is another key that is not.
    let isNumbered = reject.reason != .duplicateRequest && (reject.reason != .unknownKey || command.roles != [])
    let number = isNumbered ? nextReport(for: command.key, command).reportNumber : 0
    if command.template.isOrderRequest {
      let margin = command.account == 0 ? AccountMargin() : ledger.currentMargin(of: command.account)
      output.append(
        OrderRejected(
          reportNumber: number, requestId: command.requestId, sequence: sequence, time: time,
          orderRequestId: command.orderRequestId, account: command.accountId, instrument: command.instrumentId,
          detail: reject.detail, reason: reject.reason, template: command.template.rawValue, margin: margin),
        to: command.key)
    } else {
      output.append(
        RequestRejected(
          reportNumber: number, requestId: command.requestId, sequence: sequence, time: time, detail: reject.detail,
          reason: reject.reason, template: command.template.rawValue), to: command.key)
    }
  }

  mutating func reportAccepted(
    _ order: Order, type: OrderType, until expiry: Timestamp, _ command: Command, output: inout Output
  ) {
    let head = nextReport(for: order.name.key, command)
    output.append(
      OrderAccepted(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: ledger.accounts[order.account].id, instrument: order.instrument,
        orderId: order.id, price: order.price, quantity: order.open, display: order.display, side: order.side,
        orderType: type, timeInForce: order.timeInForce, flags: order.flags, expiry: expiry,
        margin: ledger.margin(of: order.account)), to: order.name.key)
  }

  mutating func reportReplaced(
    _ order: Order, until expiry: Timestamp, keptPriority: Bool, _ command: Command, output: inout Output
  ) {
    let head = nextReport(for: order.name.key, command)
    output.append(
      OrderReplaced(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: ledger.accounts[order.account].id, instrument: order.instrument,
        price: order.price, quantity: order.open, display: order.display, filled: order.filled,
        timeInForce: order.timeInForce, keptPriority: keptPriority, expiry: expiry,
        margin: ledger.margin(of: order.account)), to: order.name.key)
  }

  /// `order` as it is after the fill.
  mutating func reportFilled(
    _ order: Order, lots: Quantity, price: Price, fee: Money, liquidity: Liquidity, _ command: Command,
    output: inout Output
  ) {
    let head = nextReport(for: order.name.key, command)
    output.append(
      OrderFilled(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time,
        orderRequestId: order.name.requestId, account: ledger.accounts[order.account].id, instrument: order.instrument,
        tradeId: trades, price: price, quantity: lots, open: order.open, filled: order.filled, fee: fee,
        position: ledger.positions[order.position].quantity, side: order.side, liquidity: liquidity,
        margin: ledger.margin(of: order.account)), to: order.name.key)
  }

  /// Tells that what was open of `order` is gone; immediate orders that found nothing more expire, and those whose time
  /// has ended.
  mutating func reportGone(_ order: Order, reason: CancelReason, _ command: Command, output: inout Output) {
    let head = nextReport(for: order.name.key, command)
    let account = ledger.accounts[order.account].id
    let margin = ledger.margin(of: order.account)
    if reason == .immediateOrCancel || reason == .timeExpired {
      output.append(
        OrderExpired(
          reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time,
          orderRequestId: order.name.requestId, account: account, instrument: order.instrument, quantity: order.open,
          filled: order.filled, reason: reason, margin: margin), to: order.name.key)
    } else {
      output.append(
        OrderCancelled(
          reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time,
          orderRequestId: order.name.requestId, account: account, instrument: order.instrument, quantity: order.open,
          filled: order.filled, reason: reason, side: order.side, margin: margin),
        to: order.name.key)
    }
  }

  mutating func reportBalance(
    _ account: UInt32, asset: UInt32, change: Money, _ command: Command, output: inout Output
  ) {
    let head = nextReport(for: command.key, command)
    output.append(
      BalanceChanged(
        reportNumber: head.reportNumber, requestId: command.requestId, sequence: sequence, time: time, amount: change,
        balance: ledger.holding(account: account, asset: asset).amount, account: ledger.accounts[account].id,
        asset: asset == 0 ? .settlement : ledger.assets[asset].id, margin: ledger.currentMargin(of: account)),
      to: command.key)
  }

  /// Reports an event of `account` to every key of its master that may trade, keys in order of creation. O(keys of the
  /// master).
  mutating func reportToOwners<M: Message>(
    of account: UInt32, _ command: Command, output: inout Output, _ message: (ReportHead) -> M
  ) {
    let master = ledger.accounts[account].master
    var slot = keys.first(of: ledger.masters[master].id)
    while slot != 0 {
      if keys.records[slot].roles.contains(.trader) {
        let key = keys.records[slot].id
        output.append(message(nextReport(for: key, command)), to: key)
      }
      slot = keys.next(after: slot)
    }
  }

  // MARK: Book events

  /// An order came, changed or went; `level` is its level now, `nil` when it is gone.
  func event(_ kind: BookEvent.Kind, _ order: Order, level: Matching.BookLevel?, output: inout Output) {
    output.events.append(
      BookEvent(
        kind: kind, side: order.side, phase: .continuous, listing: .active, instrument: order.instrument,
        orderId: order.id,
        otherOrderId: 0, price: order.price, quantity: order.visible, tradeId: 0,
        levelQuantity: level?.visible ?? .zero, levelOrders: UInt32(level?.orderCount ?? 0)))
  }

  func tradeEvent(maker: Order, taker: Order, lots: Quantity, output: inout Output) {
    output.events.append(
      BookEvent(
        kind: .trade, side: taker.side, phase: .continuous, listing: .active, instrument: maker.instrument,
        orderId: maker.id,
        otherOrderId: taker.id, price: maker.price, quantity: lots, tradeId: trades, levelQuantity: .zero,
        levelOrders: 0))
  }

  func statusEvent(_ instrument: UInt32, output: inout Output) {
    output.events.append(
      BookEvent(
        kind: .status, side: .buy, phase: ledger.instruments[instrument].phase,
        listing: ledger.instruments[instrument].listing,
        instrument: ledger.instruments[instrument].id, orderId: 0, otherOrderId: 0, price: Price(0), quantity: .zero,
        tradeId: 0, levelQuantity: .zero, levelOrders: 0))
  }
}

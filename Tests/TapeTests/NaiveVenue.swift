import Client
import Values
import Wire

@testable import Tape

/// A venue without margin, slow and obvious: one sorted list of orders. Reports are delivered when the tool asks for
/// them, as over a network, or at once.
final class NaiveVenue: VenueLink {
  struct Resting {
    let key: KeyId
    let requestId: UInt64
    let account: AccountId
    let side: Side
    let isPostOnly: Bool
    var price: Int64
    var open: Int64
    var shown: Int64
    var display: Int64
    var filled: Int64 = 0
  }

  let isImmediate: Bool
  let publicKey = Bytes32()
  var onReport: ((KeyId, Event) throws -> Void)?
  /// In priority order within a price; entry order otherwise.
  private(set) var orders: [Resting] = []
  private(set) var phase = Phase.halted
  private(set) var commands: [Template: Int] = [:]
  private var waiting: [(KeyId, Event)] = []
  private var tradeCount: UInt64 = 0
  private var sequence: UInt64 = 0

  init(isImmediate: Bool) { self.isImmediate = isImmediate }

  func open(_ key: KeyId) {}
  func close() {}

  func receive(wait: Bool) throws {
    let reports = waiting
    waiting = []
    for (key, event) in reports { try onReport?(key, event) }
  }

  func send(_ bytes: UnsafeRawBufferPointer, key: KeyId, time: Int64) throws {
    let frame = Frame(bytes)
    sequence += 1
    commands[frame.template, default: 0] += 1
    switch frame.template {
    case .newOrder: enter(frame.decode(NewOrder.self), key)
    case .replaceOrder: replace(frame.decode(ReplaceOrder.self), key)
    case .cancelOrder: cancel(frame.decode(CancelOrder.self), key)
    case .setPhase:
      phase = frame.decode(SetPhase.self).phase!
      accept(frame.decode(SetPhase.self).requestId, key)
    case .defineKey: accept(frame.decode(DefineKey.self).requestId, key)
    case .createAccount: accept(frame.decode(CreateAccount.self).requestId, key)
    case .deposit: accept(frame.decode(Deposit.self).requestId, key)
    default: preconditionFailure("not expected")
    }
    if isImmediate { try receive(wait: false) }
  }

  private func enter(_ order: NewOrder, _ key: KeyId) {
    let side = order.side!
    if order.flags.contains(.postOnly), phase == .continuous, best(against: side, price: order.price.rawValue) != nil {
      return reject(order.requestId, order.requestId, .newOrder, .postOnlyWouldCross, key)
    }
    report(
      OrderAccepted(
        reportNumber: 0, requestId: order.requestId, sequence: sequence, time: Timestamp(0),
        orderRequestId: order.requestId, account: order.account, instrument: order.instrument, orderId: 0,
        price: order.price, quantity: order.quantity, display: order.display, side: side, orderType: .limit,
        timeInForce: order.timeInForce!, flags: order.flags, expiry: Timestamp(0), margin: AccountMargin()), key)
    let resting = Resting(
      key: key, requestId: order.requestId, account: order.account, side: side,
      isPostOnly: order.flags.contains(.postOnly), price: order.price.rawValue, open: order.quantity.rawValue, shown: 0,
      display: order.display.rawValue)
    match(resting, order.timeInForce!, cause: order.requestId)
  }

  private func replace(_ request: ReplaceOrder, _ key: KeyId) {
    guard let index = index(key, request.orderRequestId) else {
      return reject(request.requestId, request.orderRequestId, .replaceOrder, .unknownOrder, key)
    }
    var order = orders[index]
    let keeps =
      order.price == request.price.rawValue && request.display.rawValue == min(order.display, request.quantity.rawValue)
      && request.quantity.rawValue <= order.open && request.timeInForce! == .goodTillCancel
    order.price = request.price.rawValue
    order.open = request.quantity.rawValue
    order.display = request.display.rawValue
    report(
      OrderReplaced(
        reportNumber: 0, requestId: request.requestId, sequence: sequence, time: Timestamp(0),
        orderRequestId: request.orderRequestId, account: order.account, instrument: TapeWorld.instrument,
        price: request.price, quantity: request.quantity, display: request.display, filled: Quantity(order.filled),
        timeInForce: request.timeInForce!, keptPriority: keeps, expiry: Timestamp(0), margin: AccountMargin()), key)
    if keeps {
      order.shown = min(order.shown, order.open)
      orders[index] = order
    } else {
      orders.remove(at: index)
      match(order, request.timeInForce!, cause: request.requestId)
    }
  }

  private func cancel(_ request: CancelOrder, _ key: KeyId) {
    guard let index = index(key, request.orderRequestId) else {
      return reject(request.requestId, request.orderRequestId, .cancelOrder, .unknownOrder, key)
    }
    let order = orders.remove(at: index)
    report(
      OrderCancelled(
        reportNumber: 0, requestId: request.requestId, sequence: sequence, time: Timestamp(0),
        orderRequestId: request.orderRequestId, account: order.account, instrument: TapeWorld.instrument,
        quantity: Quantity(order.open), filled: Quantity(order.filled), reason: .requested,
        side: order.side, margin: AccountMargin()), key)
  }

  private func match(_ incoming: Resting, _ timeInForce: TimeInForce, cause: UInt64) {
    var order = incoming
    while phase == .continuous, order.open > 0, let index = best(against: order.side, price: order.price) {
      let lots = min(order.open, orders[index].shown)
      tradeCount += 1
      fill(
        &orders[index], lots: lots, price: orders[index].price, .maker,
        cause: orders[index].key == order.key ? cause : 0)
      fill(&order, lots: lots, price: orders[index].price, .taker, cause: cause)
      var maker = orders[index]
      if maker.open == 0 {
        orders.remove(at: index)
      } else if maker.shown == 0 {
        orders.remove(at: index)
        maker.shown = min(maker.display, maker.open)
        orders.append(maker)
      }
    }
    if order.open > 0 && timeInForce == .goodTillCancel {
      order.shown = order.display > 0 ? min(order.display, order.open) : order.open
      orders.append(order)
    } else if order.open > 0 {
      report(
        OrderExpired(
          reportNumber: 0, requestId: cause, sequence: sequence, time: Timestamp(0), orderRequestId: order.requestId,
          account: order.account, instrument: TapeWorld.instrument, quantity: Quantity(order.open),
          filled: Quantity(order.filled), reason: .immediateOrCancel, margin: AccountMargin()), order.key)
    }
  }

  private func fill(_ order: inout Resting, lots: Int64, price: Int64, _ liquidity: Liquidity, cause: UInt64) {
    order.open -= lots
    order.filled += lots
    if liquidity == .maker { order.shown -= lots }
    report(
      OrderFilled(
        reportNumber: 0, requestId: cause, sequence: sequence, time: Timestamp(0), orderRequestId: order.requestId,
        account: order.account, instrument: TapeWorld.instrument, tradeId: tradeCount, price: Price(price),
        quantity: Quantity(lots), open: Quantity(order.open), filled: Quantity(order.filled), fee: .zero,
        position: .zero, side: order.side, liquidity: liquidity, margin: AccountMargin()), order.key)
  }

  /// The best order of the other side that an order at `price` trades with.
  private func best(against side: Side, price: Int64) -> Int? {
    var best: Int?
    for (index, order) in orders.enumerated() where order.side != side {
      guard side == .buy ? order.price <= price : order.price >= price else { continue }
      if let found = best, side == .buy ? orders[found].price <= order.price : orders[found].price >= order.price {
        continue
      }
      best = index
    }
    return best
  }

  private func index(_ key: KeyId, _ requestId: UInt64) -> Int? {
    orders.firstIndex { $0.key == key && $0.requestId == requestId }
  }

  private func accept(_ requestId: UInt64, _ key: KeyId) {
    report(
      RequestAccepted(
        reportNumber: 0, requestId: requestId, sequence: sequence, time: Timestamp(0), value: 0, template: 0), key)
  }

  private func reject(
    _ requestId: UInt64, _ orderRequestId: UInt64, _ template: Template, _ reason: RejectReason, _ key: KeyId
  ) {
    report(
      OrderRejected(
        reportNumber: 0, requestId: requestId, sequence: sequence, time: Timestamp(0), orderRequestId: orderRequestId,
        account: .none, instrument: .none, detail: 0, reason: reason, template: template.rawValue,
        margin: AccountMargin()), key)
  }

  private func report(_ message: some Message, _ key: KeyId) {
    waiting.append((key, message.withFrame { Event(Frame($0))! }))
  }
}

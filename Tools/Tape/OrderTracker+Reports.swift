import Client
import Values
import Wire

extension OrderTracker {
  /// Takes one report in.
  ///
  /// Throws when it tells of an order that was never sent: the venue is not the one that was started for the tape.
  mutating func take(_ event: Event, for key: KeyId) throws {
    switch event {
    case .accepted(let report):
      answer(report.requestId, key, isLast: false)
    case .filled(let report):
      try take(report, key)
    case .replaced(let report):
      let order = try self.order(report.orderRequestId, key)
      answer(report.requestId, key, isLast: false)
      endReplace(of: order, open: report.quantity.rawValue)
      update(order) {
        $0.price = report.price.rawValue
        $0.display = report.display.rawValue
      }
    case .cancelled(let report):
      answer(report.requestId, key, isLast: false)
      if report.reasonCode == CancelReason.matchLimit.rawValue { matchLimitCount += 1 }
      finish(try order(report.orderRequestId, key))
    case .expired(let report):
      answer(report.requestId, key, isLast: false)
      finish(try order(report.orderRequestId, key))
    case .rejected(let report):
      try take(report, key)
    case .requestAccepted, .balanceChanged:
      answer(event.requestId, key, isLast: true)
    case .requestRejected(let report):
      refusedRequest = refusedRequest ?? report
      answer(report.requestId, key, isLast: true)
    default:
      break
    }
  }

  private mutating func take(_ report: OrderFilled, _ key: KeyId) throws {
    let index = try order(report.orderRequestId, key)
    answer(report.requestId, key, isLast: false)
    let (price, lots) = (report.price.rawValue, report.quantity.rawValue)
    let side = orders[index].side
    pool.update(orders[index].account) { $0.fill(side, price: price, lots: lots) }
    update(index) { $0.open = report.open.rawValue }
    if report.open == .zero { finish(index) } else { release(index) }
    let row = report.liquidity == .taker ? request(report.requestId, key)?.row ?? -1 : -1
    record(report.tradeId, isTaker: report.liquidity == .taker, order: index, row: row, price: price, lots: lots)
  }

  private mutating func take(_ report: OrderRejected, _ key: KeyId) throws {
    guard let request = request(report.requestId, key) else {
      throw TapeError("the venue refused a request \(report.requestId) of key \(key.rawValue) that was never sent")
    }
    if request.order >= 0 && report.template == Template.newOrder.rawValue { finish(Int(request.order)) }
    if request.order >= 0 && report.template == Template.replaceOrder.rawValue {
      endReplace(of: Int(request.order), open: orders[Int(request.order)].open)
    }
    if request.row >= 0 { count(report, row: Int(request.row)) }
    answer(report.requestId, key, isLast: true)
  }

  /// A replace was answered: `open` lots are open now.
  private mutating func endReplace(of index: Int, open: Int64) {
    update(index) {
      $0.replacesUnderWay -= 1
      $0.open = open
    }
    release(index)
  }

  /// The order is gone.
  private mutating func finish(_ index: Int) {
    update(index) {
      $0.isDone = true
      $0.open = 0
    }
    release(index)
  }

  /// Lots that can no longer become open are taken off the account.
  private mutating func release(_ index: Int) {
    let order = orders[index]
    guard order.isDone || order.replacesUnderWay == 0 else { return }
    let open = order.isDone ? 0 : order.open
    pool.update(order.account) { $0.reserve(order.side, price: order.price, lots: open - order.reserved) }
    update(index) { $0.reserved = open }
  }

  /// A command was answered: with `isLast` in full, else more reports of it may follow. Reports of one key come in the
  /// order of its commands, so everything before it was answered in full.
  private mutating func answer(_ requestId: UInt64, _ key: KeyId, isLast: Bool) {
    guard let request = request(requestId, key) else { return }
    settle(through: isLast ? request.command : request.command - 1)
  }

  /// The request of that id; `nil`: none (id 0: the report was caused by another key's command).
  private func request(_ requestId: UInt64, _ key: KeyId) -> Request? {
    guard Int(key.rawValue) < lanes.count else { return nil }
    let requests = lanes[Int(key.rawValue)].requests
    return requestId >= 1 && requestId <= UInt64(requests.count) ? requests[Int(requestId) - 1] : nil
  }

  /// The order of that name.
  private func order(_ requestId: UInt64, _ key: KeyId) throws -> Int {
    guard let index = request(requestId, key)?.order, index >= 0 else {
      throw TapeError("the venue reports on an order \(requestId) of key \(key.rawValue) that was never sent")
    }
    return Int(index)
  }

  private mutating func update(_ index: Int, _ change: (inout TapeOrder) -> Void) { change(&orders[index]) }

  /// One side of a trade.
  private mutating func record(
    _ tradeId: UInt64, isTaker: Bool, order: Int, row: Int32, price: Int64, lots: Int64
  ) {
    let index = Int(tradeId) - 1
    while trades.count <= index { trades.append(Trade()) }
    trades[index].price = price
    trades[index].lots = lots
    if isTaker {
      trades[index].taker = Int32(order)
      trades[index].row = row
    } else {
      trades[index].maker = Int32(order)
    }
  }

  /// Unknown orders of cancels and post-only orders that would trade are the tape's own; everything else is told.
  private mutating func count(_ report: OrderRejected, row: Int) {
    rejects[report.reasonCode, default: 0] += 1
    let isCancel = report.template == Template.cancelOrder.rawValue
    if isCancel && report.reasonCode == RejectReason.unknownOrder.rawValue { return }
    if report.reasonCode == RejectReason.postOnlyWouldCross.rawValue { return }
    refusalCount += 1
    firstRefusal = firstRefusal ?? Refusal(row: row, reason: report.reasonCode, detail: report.detail)
  }
}

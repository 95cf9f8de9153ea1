import Values
import Wire

/// Feeds the rows of a tape to a venue: decides for each row which commands it is, on which account, in which phase.
///
/// Commands go out as fast as the venue takes them; only a row that depends on whether an order still rests waits for
/// the answers, and only when something on its way could decide it.
final class TapeDriver {
  /// Commands that may be unanswered at one time.
  private static let window: UInt64 = 4096
  /// Reports are looked for after so many commands.
  private static let receiveInterval: UInt64 = 64

  private let link: any VenueLink
  let scale: TapeScale
  private(set) var tracker = OrderTracker()
  private var phase = Phase.halted
  private var activeKey = TapeWorld.operatorKey
  private var keys: [KeyId] = [TapeWorld.operatorKey]
  private var row = -1
  private var time: Int64 = 0
  private var commandsUntilReceive = TapeDriver.receiveInterval
  /// How often a row had to wait for the answers.
  private(set) var barrierCount = 0

  /// A driver for a venue made by ``TapeWorld/genesis(publicKey:capacity:)``.
  init(link: any VenueLink, scale: TapeScale) {
    self.link = link
    self.scale = scale
    link.onReport = { [unowned self] key, event in try tracker.take(event, for: key) }
  }

  /// Feeds all rows and waits for the last answer. `progress` is told how many rows have been fed.
  func run(_ rows: [TapeRow], progress: (Int) -> Void = { _ in }) throws {
    for (index, row) in rows.enumerated() {
      self.row = index
      time = row.time
      try feed(row)
      if index & 1023 == 0 { progress(index) }
    }
    row = -1
    try drain()
    progress(rows.count)
  }

  /// What was traded, in the tape's ids and units, in the order of execution.
  func fills(of rows: [TapeRow]) -> [TapeFill] {
    tracker.trades.map { trade in
      TapeFill(
        sequence: trade.row < 0 ? 0 : rows[Int(trade.row)].sequence,
        takerId: trade.taker < 0 ? 0 : tracker.orders[Int(trade.taker)].tapeId,
        makerId: trade.maker < 0 ? 0 : tracker.orders[Int(trade.maker)].tapeId,
        price: scale.tapePrice(trade.price), size: scale.tapeSize(trade.lots))
    }
  }

  private func feed(_ row: TapeRow) throws {
    if row.kind.needsContinuousTrading { try enter(.continuous) }
    if row.kind.needsClosedMarket { try enter(.closedToMatching) }
    switch row.kind {
    case .resting, .limit, .postOnly: try add(row, .goodTillCancel)
    case .immediate: try add(row, .immediateOrCancel)
    case .cancel: try cancel(row)
    case .modify, .revision: try change(row, .goodTillCancel)
    case .modifyImmediate: try change(row, .immediateOrCancel)
    }
  }

  // MARK: Rows

  /// A new order, in as many parts as its size needs.
  private func add(_ row: TapeRow, _ timeInForce: TimeInForce) throws {
    let price = scale.price(row.price)
    let isIceberg = row.display > 0 && timeInForce == .goodTillCancel
    let display = isIceberg ? min(scale.lots(row.display), scale.lots(row.quantity)) : 0
    let largest = AccountPool.largestOrder(at: price)
    var left = scale.lots(row.quantity)
    guard !isIceberg || left <= largest else {
      throw TapeError(
        "command \(row.sequence): an iceberg of \(row.quantity) at \(row.price) is more than one account may hold"
          + " (\(scale.tapeSize(largest))), and it would not be one order any more if it were split")
    }
    var previousPart: Int?
    repeat {
      let lots = min(left, largest)
      let account = try account(row.side, price: price, lots: lots)
      try use(tracker.pool.key(of: account))
      let index = tracker.newOrder(
        row: self.row, tapeId: row.orderId, account: account, side: row.side, price: price, lots: lots,
        display: display, isPostOnly: row.kind == .postOnly, previousPart: previousPart)
      try send(
        NewOrder(
          requestId: tracker.orders[index].requestId, account: tracker.pool.accounts[account].account,
          instrument: TapeWorld.instrument, price: Price(price), quantity: Quantity(lots), display: Quantity(display),
          side: row.side, orderType: .limit, timeInForce: timeInForce,
          flags: row.kind == .postOnly ? .postOnly : [], selfTradePrevention: .allow))
      previousPart = index
      left -= lots
    } while left > 0
  }

  /// Cancels what may still be open; the venue refuses what is not.
  private func cancel(_ row: TapeRow) throws {
    let parts = tracker.parts(of: row.orderId)
    let open = parts.filter { tracker.standing(of: $0) != .done }
    for part in open.isEmpty ? Array(parts.suffix(1)) : open { try cancel(part: part) }
    if parts.isEmpty {
      let request = tracker.request(key: activeKey, row: self.row, order: -1)
      // No order has the name of a cancel: the venue refuses it as unknown, as the tape's venue did.
      try send(CancelOrder(requestId: request.id, orderRequestId: request.id, orderKey: .venue))
    }
  }

  private func cancel(part: Int) throws {
    try use(tracker.orders[part].key)
    let request = tracker.cancel(part, row: row)
    try send(CancelOrder(requestId: request, orderRequestId: tracker.orders[part].requestId, orderKey: .venue))
  }

  /// A change of price and size; what is not there (any more) is added.
  private func change(_ row: TapeRow, _ timeInForce: TimeInForce) throws {
    guard row.quantity > 0 else { return try cancel(row) }
    var parts = tracker.parts(of: row.orderId)
    if parts.contains(where: { tracker.standing(of: $0) == .uncertain }) {
      barrierCount += 1
      try drain()
    }
    parts.removeAll { tracker.standing(of: $0) == .done }
    guard let first = parts.first else { return try add(row, timeInForce) }
    let order = tracker.orders[first]
    let (price, lots) = (scale.price(row.price), scale.lots(row.quantity))
    let isIceberg = row.display > 0 && timeInForce == .goodTillCancel
    let display = isIceberg ? min(scale.lots(row.display), lots) : 0
    let open = parts.reduce(0) { $0 + tracker.orders[$1].open }
    let isSameSide = order.side == row.side
    if isSameSide && order.price == price && display == min(order.display, lots) && lots <= open
      && timeInForce == .goodTillCancel
    {
      return try reduce(parts, to: lots, price: price, display: display)
    }
    if isSameSide && parts.count == 1 && !order.isPostOnly && lots <= AccountPool.largestOrder(at: price)
      && tracker.pool.admitsReplace(order.account, order.side, oldLots: order.reserved, price: price, lots: lots)
    {
      return try replace(first, price: price, lots: lots, display: display, timeInForce)
    }
    // A cancel and a new order have the same effect where priority is lost: on an account that has room, in other parts,
    // or without the post-only flag that the old order would keep.
    for part in parts { try cancel(part: part) }
    try add(row, timeInForce)
  }

  /// Less at the same price keeps its priority: the last parts go first.
  private func reduce(_ parts: [Int], to lots: Int64, price: Int64, display: Int64) throws {
    var left = lots
    for part in parts {
      let open = tracker.orders[part].open
      if left == 0 {
        try cancel(part: part)
      } else if open > left || parts.count == 1 {
        try replace(part, price: price, lots: left, display: display, .goodTillCancel)
      }
      left -= min(left, open)
    }
  }

  private func replace(
    _ part: Int, price: Int64, lots: Int64, display: Int64, _ timeInForce: TimeInForce
  ) throws {
    try use(tracker.orders[part].key)
    let request = tracker.replace(part, row: row, price: price, lots: lots)
    try send(
      ReplaceOrder(
        requestId: request, orderRequestId: tracker.orders[part].requestId, price: Price(price),
        quantity: Quantity(lots), display: Quantity(display), expectedFilled: nil, orderKey: .venue,
        timeInForce: timeInForce))
  }

  // MARK: The venue

  /// An account that takes the order; new ones are funded when none does.
  private func account(_ side: Side, price: Int64, lots: Int64) throws -> Int {
    if let account = tracker.pool.place(side, price: price, lots: lots) { return account }
    for _ in 0..<tracker.pool.missingAccounts(price: price, lots: lots) {
      let (account, keyIsNew) = tracker.pool.add(side, price: price, lots: lots)
      let key = tracker.pool.key(of: account)
      let id = tracker.pool.accounts[account].account
      if keyIsNew {
        try control { id in
          DefineKey(
            requestId: id, key: key, master: MasterId(key.rawValue), publicKey: self.link.publicKey, roles: .trader)
        }
        try link.open(key)
        keys.append(key)
      }
      try control { request in
        CreateAccount(
          requestId: request, account: id, master: MasterId(key.rawValue), parent: .none, isolatedInstrument: .none,
          multiplier: .one, leverageCap: 0, mode: .standard, flags: [])
      }
      try control { request in
        Deposit(requestId: request, account: id, asset: .settlement, amount: Money(TapeAccount.funding))
      }
    }
    guard let account = tracker.pool.place(side, price: price, lots: lots) else {
      throw TapeError("no account takes an order of \(lots) lots at \(price)")
    }
    return account
  }

  private func enter(_ phase: Phase) throws {
    guard self.phase != phase else { return }
    try control { SetPhase(requestId: $0, instrument: TapeWorld.instrument, phase: phase) }
    self.phase = phase
  }

  /// A request of the operator, once everything before it is answered; waits for its answer.
  private func control(_ message: (UInt64) -> some Message) throws {
    try use(TapeWorld.operatorKey)
    let request = tracker.request(key: TapeWorld.operatorKey, row: -1, order: -1)
    try send(message(request.id))
    try wait(for: request.command)
    if let refused = tracker.refusedRequest {
      throw TapeError(
        "the venue refused a request of the tool itself: template \(refused.template), "
          + "\(reasonName(refused.reasonCode)), detail \(refused.detail)")
    }
  }

  /// Commands of another key may go out only when the venue has taken those of the last one.
  private func use(_ key: KeyId) throws {
    guard key != activeKey else { return }
    try probe(activeKey)
    activeKey = key
  }

  /// Waits until every report of every command has come.
  private func drain() throws {
    try probe(activeKey)
    // Reports on resting orders of other keys come on sessions of their own.
    if !link.isImmediate {
      for key in keys where key != activeKey { try probe(key, always: true) }
    }
  }

  /// Waits until everything that `key` has sent is answered: a cancel of nothing is refused behind all other reports.
  private func probe(_ key: KeyId, always: Bool = false) throws {
    if !always && tracker.settled == tracker.commandCount { return }
    let request = tracker.request(key: key, row: -1, order: -1)
    try CancelOrder(requestId: request.id, orderRequestId: request.id, orderKey: .venue).withFrame {
      try link.send($0, key: key, time: time)
    }
    try wait(for: request.command)
  }

  private func wait(for command: UInt64) throws {
    if link.isImmediate { tracker.settle(through: command) }
    while tracker.settled < command { try link.receive(wait: true) }
  }

  private func send(_ message: some Message) throws {
    try message.withFrame { try link.send($0, key: activeKey, time: time) }
    if link.isImmediate { return tracker.settle(through: tracker.commandCount) }
    commandsUntilReceive -= 1
    if commandsUntilReceive == 0 {
      commandsUntilReceive = TapeDriver.receiveInterval
      try link.receive(wait: false)
      while tracker.commandCount - tracker.settled > TapeDriver.window { try link.receive(wait: true) }
    }
  }
}

/// The name of a reject reason, or its number.
func reasonName(_ code: UInt16) -> String {
  RejectReason(rawValue: code).map { "\($0)" } ?? "reason \(code)"
}

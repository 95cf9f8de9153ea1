import Values
import Wire

// Section 7a of the rules: orders that wait for a price.

struct ModelHeld {
  var name: OrderName
  var id: UInt64
  var entry: UInt64
  var account: Int
  var instrument: InstrumentId
  var trigger: Int128
  var price: Int128
  var quantity: Int128
  var display: Int128
  var side: Side
  var type: OrderType
  var timeInForce: TimeInForce
  var flags: OrderFlags
  var prevention: SelfTradePrevention
  var source: TriggerSource
  var condition: TriggerCondition
  var partner: UInt64
  /// When it ends, in nanoseconds; 0: never.
  var expiry: Int64
  var trailing: TrailingUnit
  var distance: Int128
  /// Of a trailing order: the price that makes it active, 0: none; the best one since; when it became active and when it
  /// was reached, in numbers that rise.
  var activation: Int128
  var best: Int128?
  var activeNumber = 0
  var reachedNumber = 0

  /// What releases it now, if anything can.
  var triggerNow: Int128? {
    if trailing == .none { return trigger }
    guard let best else { return nil }
    let behind = trailing == .ticks ? distance : max(1, best * distance / 1_000_000)
    return rises ? best + behind : best - behind
  }

  /// Whether a rise of the price releases it.
  var rises: Bool { side == .buy ? condition == .stop : condition == .takeProfit }
}

extension ReferenceVenue {
  func hold(_ message: NewContingentOrder) throws(Reject) {
    typealias Field = NewContingentOrder.Field
    guard let side = message.side else { throw Reject(.invalidField, Field.side) }
    guard let type = message.orderType else { throw Reject(.invalidField, Field.orderType) }
    guard let timeInForce = message.timeInForce else { throw Reject(.invalidField, Field.timeInForce) }
    try requireField(OrderFlags.all.isSuperset(of: message.flags), Field.flags)
    guard let prevention = message.selfTradePrevention else { throw Reject(.invalidField, Field.selfTradePrevention) }
    guard let source = message.source else { throw Reject(.invalidField, Field.source) }
    guard let condition = message.condition else { throw Reject(.invalidField, Field.condition) }
    guard let trailing = message.trailing else { throw Reject(.invalidField, Field.trailing) }
    let index = try ownAccount(message.account)
    rejectedOrder.marginOf = index
    let account = accounts[index]
    let instrument = try instrument(message.instrument)
    if let scope = engagedKillSwitch(account, key) { throw Reject(.killSwitchEngaged, scope.rawValue) }
    let flags = message.flags
    let isImpossible =
      (type == .market && timeInForce.rests)
      || (flags.contains(.postOnly) && (type != .limit || !timeInForce.rests))
      || (flags.contains(.reduceOnly) && instrument.kind == .spot)
      || (flags.contains(.reprice) && !flags.contains(.postOnly))
      || (flags.contains(.closePosition) && !flags.contains(.reduceOnly))
      || (source == .index && instrument.kind == .spot && instrument.quote != .settlement)
      || (trailing != .none && condition == .takeProfit)
    if isImpossible { throw Reject(.invalidCombination) }
    let expiry = try requireHeldExpiry(message.expiry, timeInForce)
    if account.isolatedInstrument != .none && account.isolatedInstrument != instrument.id {
      throw Reject(.wrongInstrument, account.isolatedInstrument.rawValue)
    }
    var order = ModelHeld(
      name: OrderName(key: key, requestId: message.requestId), id: sequence, entry: sequence, account: index,
      instrument: instrument.id, trigger: Int128(message.triggerPrice.rawValue), price: Int128(message.price.rawValue),
      quantity: Int128(message.quantity.rawValue), display: Int128(message.display.rawValue), side: side, type: type,
      timeInForce: timeInForce, flags: flags, prevention: prevention, source: source, condition: condition, partner: 0,
      expiry: expiry, trailing: trailing, distance: Int128(message.distance),
      activation: trailing == .none ? 0 : Int128(message.triggerPrice.rawValue))
    try requireDistance(order, instrument, Field.distance)
    try requireHeldNumbers(order, instrument)
    if message.partner != 0 {
      let name = OrderName(key: key, requestId: message.partner)
      guard let partner = held.firstIndex(where: { $0.name == name && $0.account == index }) else {
        throw Reject(.unknownOrder)
      }
      if held[partner].partner != 0 { throw Reject(.invalidCombination) }
      order.partner = message.partner
    }
    if held.filter({ $0.account == index }).count >= Int(limits.ordersPerAccount) {
      throw Reject(.tooManyOpenOrders, limits.ordersPerAccount)
    }
    try requireRoom(held.count, limits.orders)
    if trailing != .none {
      let others = held.filter { $0.instrument == instrument.id && $0.trailing != .none }
      try requireRoom(others.count, UInt32(Limits.trailingOrders))
      try start(&order)
    }
    if order.partner != 0 {
      held[held.firstIndex { $0.name == OrderName(key: key, requestId: order.partner) }!].partner = message.requestId
    }
    insert(order)
  }

  private func requireDistance(_ order: ModelHeld, _ instrument: ModelInstrument, _ field: Int64) throws(Reject) {
    let range: ClosedRange<Int128> =
      switch order.trailing {
      case .none: 0...0
      case .ticks: 1...instrument.maximumPrice
      case .partsPerMillion: 1...999_999
      }
    try requireField(range.contains(order.distance), field)
  }

  /// Without an activation price a trailing order starts from the price there is.
  private func start(_ order: inout ModelHeld) throws(Reject) {
    (order.best, order.reachedNumber) = (nil, 0)
    if order.activation != 0 { return }
    guard let price = presentPrice(order.source, instruments[order.instrument]!) else { throw Reject(.noTriggerPrice) }
    order.best = price
    order.activeNumber = nextTrailingNumber()
  }

  private func nextTrailingNumber() -> Int {
    trailingNumber += 1
    return trailingNumber
  }

  /// What does not rest may end its waiting at any time.
  private func requireHeldExpiry(_ expiry: Timestamp, _ timeInForce: TimeInForce) throws(Reject) -> Int64 {
    if (timeInForce == .immediateOrCancel || timeInForce == .fillOrKill) && expiry.rawValue != 0 {
      if expiry <= time { throw Reject(.invalidExpiry, time.rawValue) }
      return expiry.rawValue
    }
    return try requireExpiry(expiry, timeInForce)
  }

  func hasEnded(_ order: ModelHeld) -> Bool { order.expiry != 0 && order.expiry <= time.rawValue }

  private func requireHeldNumbers(_ order: ModelHeld, _ instrument: ModelInstrument) throws(Reject) {
    let highest = instrument.maximumPrice
    if !((order.trailing == .none ? 1 : 0)...highest).contains(order.trigger) { throw Reject(.invalidPrice, highest) }
    if order.flags.contains(.closePosition) {
      if order.quantity != 0 || order.display != 0 { throw Reject(.invalidQuantity) }
      if !(0...highest).contains(order.price) { throw Reject(.invalidPrice, highest) }
      return
    }
    if !(0...highest).contains(order.price) { throw Reject(.invalidPrice, highest) }
    if !(1...instrument.maximumOrder).contains(order.quantity) {
      throw Reject(.invalidQuantity, instrument.maximumOrder)
    }
    let largest = order.timeInForce.rests ? order.quantity : 0
    if !(0...largest).contains(order.display) { throw Reject(.invalidDisplay, largest) }
  }

  /// Behind all others by entry; its price may have been reached already.
  private func insert(_ order: ModelHeld) {
    held.append(order)
    if let price = presentPrice(order.source, instruments[order.instrument]!) {
      note(price, order.source, order.instrument)
    }
    reportHeld(held.last!)
  }

  func replace(_ message: ReplaceContingentOrder) throws(Reject) {
    let name = OrderName(key: message.orderKey == .venue ? key : message.orderKey, requestId: message.orderRequestId)
    guard let index = held.firstIndex(where: { $0.name == name }), accounts[held[index].account].master == master,
      !jobs.contains(where: { covers($0, held[index]) }), !hasEnded(held[index])
    else { throw Reject(.unknownOrder) }
    var order = held[index]
    rejectedOrder.account = accounts[order.account].id
    rejectedOrder.instrument = order.instrument
    rejectedOrder.marginOf = order.account
    if let scope = engagedKillSwitch(accounts[order.account], key) { throw Reject(.killSwitchEngaged, scope.rawValue) }
    order.trigger = Int128(message.triggerPrice.rawValue)
    order.distance = Int128(message.distance)
    try requireDistance(order, instruments[order.instrument]!, ReplaceContingentOrder.Field.distance)
    order.price = Int128(message.price.rawValue)
    order.quantity = Int128(message.quantity.rawValue)
    order.display = Int128(message.display.rawValue)
    try requireHeldNumbers(order, instruments[order.instrument]!)
    order.expiry = try requireHeldExpiry(message.expiry, order.timeInForce)
    if order.trailing != .none {
      let staysActive = order.best != nil && order.reachedNumber == 0 && order.trigger == order.activation
      order.activation = order.trigger
      if !staysActive { try start(&order) }
    }
    order.entry = sequence
    held.remove(at: index)
    insert(order)
    if name.key != key { accept() }
  }

  /// Cancels a held order of that name; false: there is none.
  func cancelHeld(_ name: OrderName) throws(Reject) -> Bool {
    guard let order = held.first(where: { $0.name == name }) else { return false }
    if accounts[order.account].master != master { throw Reject(.unknownOrder) }
    drop(order, .requested)
    if name.key != key { accept() }
    return true
  }

  func drop(_ order: ModelHeld, _ reason: CancelReason) {
    take(order)
    if reason == .timeExpired {
      return emit(
        OrderExpired(
          reportNumber: nextReportNumber(order.name.key), requestId: requestId(for: order.name.key),
          sequence: sequence, time: time, orderRequestId: order.name.requestId, account: accounts[order.account].id,
          instrument: order.instrument, quantity: Quantity(Int64(order.quantity)), filled: .zero, reason: reason,
          margin: reportedMargin(order.account)),
        to: order.name.key)
    }
    emit(
      OrderCancelled(
        reportNumber: nextReportNumber(order.name.key), requestId: requestId(for: order.name.key), sequence: sequence,
        time: time, orderRequestId: order.name.requestId, account: accounts[order.account].id,
        instrument: order.instrument, quantity: Quantity(Int64(order.quantity)), filled: .zero, reason: reason,
        side: order.side, margin: reportedMargin(order.account)),
      to: order.name.key)
  }

  /// Takes an order out; its partner stays, alone.
  private func take(_ order: ModelHeld) {
    held.removeAll { $0.name == order.name }
    let partner = OrderName(key: order.name.key, requestId: order.partner)
    if let index = held.firstIndex(where: { $0.name == partner }) { held[index].partner = 0 }
  }

  // MARK: Prices

  private func isReached(_ order: ModelHeld, low: Int128, high: Int128) -> Bool {
    order.rises ? high >= order.trigger : low <= order.trigger
  }

  /// A price has been seen. What was seen is remembered from the first price that reaches an order.
  func note(_ price: Int128, _ source: TriggerSource, _ instrument: InstrumentId) {
    noteTrailing(price, source, instrument)
    if var seen = crossed[instrument] {
      let before = seen[source] ?? (price, price)
      seen[source] = (min(before.low, price), max(before.high, price))
      crossed[instrument] = seen
    } else if held.contains(where: {
      $0.trailing == .none && $0.instrument == instrument && $0.source == source
        && isReached($0, low: price, high: price)
    }) {
      crossed[instrument] = [source: (price, price)]
    }
  }

  /// Active trailing orders follow the price; it reaches some; it makes others active.
  private func noteTrailing(_ price: Int128, _ source: TriggerSource, _ instrument: InstrumentId) {
    func trailing(_ isMeant: (ModelHeld) -> Bool) -> [Int] {
      held.indices.filter {
        held[$0].trailing != .none && held[$0].instrument == instrument && held[$0].source == source
          && held[$0].reachedNumber == 0 && isMeant(held[$0])
      }
    }
    for rises in [false, true] {
      for index in trailing({ $0.rises == rises && $0.best != nil }) {
        held[index].best = rises ? min(held[index].best!, price) : max(held[index].best!, price)
      }
      let reached = trailing {
        $0.rises == rises && $0.best != nil && (rises ? price >= $0.triggerNow! : price <= $0.triggerNow!)
      }
      let inOrder = reached.sorted {
        let (one, other) = (held[$0], held[$1])
        if one.triggerNow! != other.triggerNow! { return rises == (one.triggerNow! < other.triggerNow!) }
        return one.activeNumber < other.activeNumber
      }
      for index in inOrder { held[index].reachedNumber = nextTrailingNumber() }
    }
    // Buyers' wait for a fall, sellers' for a rise; the nearest first, then by entry, which is their place in the list.
    for rises in [true, false] {
      let activated = trailing {
        $0.rises == rises && $0.best == nil && (rises ? price <= $0.activation : price >= $0.activation)
      }
      let inOrder = activated.sorted {
        let (one, other) = (held[$0], held[$1])
        if one.activation != other.activation { return rises == (one.activation > other.activation) }
        return one.entry < other.entry
      }
      for index in inOrder {
        held[index].best = price
        held[index].activeNumber = nextTrailingNumber()
      }
    }
  }

  private func presentPrice(_ source: TriggerSource, _ instrument: ModelInstrument) -> Int128? {
    switch source {
    case .mark: instrument.mark
    case .last: instrument.lastTrade
    case .index: index(of: instrument)
    }
  }

  /// The index of the base asset in price units of the instrument, rounded down; none when that is 0.
  func index(of instrument: ModelInstrument) -> Int128? {
    guard let asset = assets[instrument.base], let price = asset.price else { return nil }
    // A unit of the asset is worth price·10^digits / scale mq, a price unit is priceUnit·10^-12·10^(money digits) mq.
    let (worth, quanta) = (power(of: asset.digits + 12), asset.scale * power(of: Int(limits.moneyDigits)))
    // Both are powers of ten. What is beyond 128 bits is beyond every maximum price.
    let (scaled, overflow) = price.multipliedReportingOverflow(by: max(1, worth / quanta))
    let units = overflow ? instrument.maximumPrice : scaled / max(1, quanta / worth) / instrument.priceUnit
    return units == 0 ? nil : min(units, instrument.maximumPrice)
  }

  /// An index price has been set.
  func noteIndex(_ asset: AssetId) {
    for id in instruments.keys.sorted() where instruments[id]!.base == asset {
      if let price = index(of: instruments[id]!) { note(price, .index, id) }
    }
  }

  /// Marks count as they are at the end of a command.
  func noteMarks() {
    for id in instruments.keys.sorted() where instruments[id]!.hasMoved {
      instruments[id]!.hasMoved = false
      note(instruments[id]!.mark!, .mark, id)
    }
  }

  var hasReleases: Bool { !releasing.isEmpty }

  /// Instruments that trade and have something reached, in order of definition.
  private var releasing: [InstrumentId] {
    let reached = Set(held.filter { $0.reachedNumber > 0 }.map(\.instrument)).union(crossed.keys)
    return reached.filter { instruments[$0]!.phase == .continuous }
      .sorted { instruments[$0]!.number < instruments[$1]!.number }
  }

  /// One order a Tick.
  func releaseNext(_ units: inout Int) {
    if units == 0 { return }
    while let id = releasing.first {
      guard let order = nextReleased(id) else {
        crossed[id] = nil
        continue
      }
      units -= 1
      release(order)
      if nextReleased(id) == nil { crossed[id] = nil }
      return
    }
  }

  /// Trailing orders as they were reached; triggers on the mark, the last trade, the index; falls before rises, the
  /// nearest first, then by entry.
  private func nextReleased(_ id: InstrumentId) -> ModelHeld? {
    let trailing = held.filter { $0.instrument == id && $0.reachedNumber > 0 }
    if let first = trailing.min(by: { $0.reachedNumber < $1.reachedNumber }) { return first }
    guard let prices = crossed[id] else { return nil }
    for source in TriggerSource.allCases {
      guard let seen = prices[source] else { continue }
      for rises in [false, true] {
        let reached = held.filter {
          $0.trailing == .none && $0.instrument == id && $0.source == source && $0.rises == rises
            && isReached($0, low: seen.low, high: seen.high)
        }
        let first = reached.min {
          $0.trigger != $1.trigger ? rises == ($0.trigger < $1.trigger) : $0.entry < $1.entry
        }
        if let first { return first }
      }
    }
    return nil
  }

  private func release(_ order: ModelHeld) {
    if let job = jobs.firstIndex(where: { covers($0, order) }) {
      jobs[job].count += 1
      return drop(order, jobs[job].reason)
    }
    if hasEnded(order) { return drop(order, .timeExpired) }
    let partner = held.first { $0.name == OrderName(key: order.name.key, requestId: order.partner) }
    take(order)
    if let partner { drop(partner, .partnerReleased) }
    (key, requestId, template) = (order.name.key, 0, .newContingentOrder)
    rejectedOrder = RejectedOrder(
      orderRequestId: order.name.requestId, account: accounts[order.account].id, instrument: order.instrument,
      marginOf: order.account)
    do throws(Reject) {
      if !roles.contains(.trader) { throw Reject(.notPermitted, Roles.trader.rawValue) }
      try enter(
        NewOrder(
          requestId: order.name.requestId, account: accounts[order.account].id, instrument: order.instrument,
          price: Price(Int64(order.price)), quantity: Quantity(Int64(order.quantity)),
          display: Quantity(Int64(order.display)), side: order.side, orderType: order.type,
          timeInForce: order.timeInForce, flags: order.flags, selfTradePrevention: order.prevention,
          minimumQuantity: .zero, expiry: Timestamp(order.timeInForce == .goodTillDate ? order.expiry : 0),
          budget: .zero), id: order.id)
    } catch {
      report(error)
    }
    (key, template) = (.venue, .tick)
  }

  private func reportHeld(_ order: ModelHeld) {
    emit(
      OrderHeld(
        reportNumber: nextReportNumber(order.name.key), requestId: requestId(for: order.name.key), sequence: sequence,
        time: time, orderRequestId: order.name.requestId, account: accounts[order.account].id,
        instrument: order.instrument, triggerPrice: Price(Int64(max(0, order.triggerNow ?? 0))),
        price: Price(Int64(order.price)),
        quantity: Quantity(Int64(order.quantity)), display: Quantity(Int64(order.display)), partner: order.partner,
        side: order.side, orderType: order.type, timeInForce: order.timeInForce, flags: order.flags,
        source: order.source, condition: order.condition, trailing: order.trailing, expiry: Timestamp(order.expiry),
        distance: UInt64(order.distance), activationPrice: Price(Int64(order.activation)),
        margin: reportedMargin(order.account)),
      to: order.name.key)
  }
}

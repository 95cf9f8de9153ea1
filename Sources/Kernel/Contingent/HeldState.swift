import Margin
import Matching
import Values

// Held orders in the canonical bytes of the state.

extension Kernel {
  /// Per instrument: by source and side those with a trigger, in its order; the trailing ones that wait, in the order of
  /// their activation prices; those that follow a price, in order of becoming active; then those reached, in their order.
  /// Last the prices seen by what is about to be released.
  borrowing func writeHeldOrders(to sink: inout StateChunk) {
    sink.put(UInt32(held.books.orderCount))
    for instrument in 1..<UInt32(ledger.instruments.count + 1) where !held.isEmpty {
      for source in TriggerSource.allCases { writeBook(HeldOrders.book(instrument, source), instrument, to: &sink) }
      for source in TriggerSource.allCases {
        writeBook(HeldOrders.activationBook(instrument, source), instrument, to: &sink)
      }
      for source in TriggerSource.allCases {
        for side in Side.allCases { writeFollowers(instrument, source, side, to: &sink) }
      }
      var slot = held.firstsReached[instrument]
      while slot != 0 {
        writeHeldOrder(slot, instrument, to: &sink)
        slot = held.reachedLinks[slot].next
      }
      sink.put(UInt8(0))
    }
    sink.put(UInt32(held.crossed.count))
    var instrument = held.crossed.first()
    while instrument != 0 {
      sink.put(instrument)
      for source in TriggerSource.allCases {
        let prices = held.prices(of: instrument, source)
        sink.put(prices.low)
        sink.put(prices.high)
      }
      instrument = held.crossed.first(from: instrument + 1)
    }
  }

  private borrowing func writeBook(_ book: UInt32, _ instrument: UInt32, to sink: inout StateChunk) {
    for side in Side.allCases {
      var slot = held.hasBook(book) ? held.books.best(side, in: book) : 0
      while slot != 0 {
        writeHeldOrder(slot, instrument, to: &sink)
        slot = held.books.next(after: slot, in: book)
      }
      sink.put(UInt8(0))
    }
  }

  private borrowing func writeFollowers(
    _ instrument: UInt32, _ source: TriggerSource, _ side: Side, to sink: inout StateChunk
  ) {
    let root = held.roots[HeldOrders.tree(instrument, source, side)]
    var slot = held.trailing.next(after: 0, below: root)
    while slot != 0 {
      writeHeldOrder(slot, instrument, to: &sink)
      slot = held.trailing.next(after: slot, below: root)
    }
    sink.put(UInt8(0))
  }

  private borrowing func writeHeldOrder(_ slot: OrderSlot, _ instrument: UInt32, to sink: inout StateChunk) {
    let (order, terms) = (held.books[slot], held.terms[slot])
    sink.put(UInt8(1))
    sink.put(order.name.key.rawValue)
    sink.put(order.name.requestId)
    sink.put(order.id)
    sink.put(order.entry)
    sink.put(order.account)
    sink.put(terms.source.rawValue)
    sink.put((terms.trailing == .none ? order.price : terms.activation).rawValue)
    sink.put(terms.limit.rawValue)
    sink.put(terms.quantity.rawValue)
    sink.put(terms.display.rawValue)
    sink.put(terms.side.rawValue)
    sink.put(terms.type.rawValue)
    sink.put(order.timeInForce.rawValue)
    sink.put(order.flags.rawValue)
    sink.put(order.prevention.rawValue)
    sink.put(terms.partner)
    sink.put(held.expiries.expiry(of: order).rawValue)
    sink.put(terms.trailing.rawValue)
    sink.put(terms.distance)
    sink.put(terms.trailing == .none ? 0 : held.best(of: slot, instrument: instrument).rawValue)
  }

  mutating func readHeldOrders(from reader: inout StateReader) throws(StateError) {
    let count = try reader.count("held orders", atMost: limits.orders)
    var found: [HeldRecord] = []
    for instrument in 1..<UInt32(ledger.instruments.count + 1) where count > 0 {
      for stage in [nil, TrailingStage.waits, .follows] {
        for source in TriggerSource.allCases {
          for side in Side.allCases {
            while try reader.flag("held order") {
              found.append(try readHeldOrder(instrument, (source, side), stage, from: &reader))
            }
          }
        }
      }
      while try reader.flag("held order") {
        found.append(try readHeldOrder(instrument, nil, .reached, from: &reader))
      }
    }
    guard found.count == count else { throw .invalid("number of held orders") }
    // In order of entry, as they came: the lists of the accounts, and the time of equal triggers.
    for record in found.sorted(by: { $0.order.entry < $1.order.entry }) {
      guard held.books.find(record.order.name) == 0 else { throw .invalid("two held orders of one name") }
      held.insert(
        record.order, record.terms, until: record.expiry, instrument: record.instrument,
        stage: record.stage == .waits ? .waits : .reached)
    }
    for record in found where record.stage == .follows || record.stage == .reached {
      let slot = held.books.find(record.order.name)
      guard held.mayFollow(slot, record.stage!, best: record.best, instrument: record.instrument) else {
        throw .invalid("best prices of trailing orders")
      }
      held.restoreTrailing(slot, record.stage!, best: record.best, instrument: record.instrument)
    }
    for record in found where record.terms.partner != 0 { try checkPartner(of: record) }
    for _ in 0..<(try reader.count("instruments with releases", atMost: ledger.instruments.count)) {
      let instrument = try reader.get(UInt32.self)
      guard instrument >= 1, instrument <= UInt32(ledger.instruments.count), !held.crossed.contains(instrument) else {
        throw .invalid("instrument with releases")
      }
      for source in TriggerSource.allCases {
        held.restorePrices(of: instrument, source, low: try reader.get(), high: try reader.get())
      }
    }
    ledger.tracksMarks = held.isActive
  }

  private struct HeldRecord {
    let order: Order
    let terms: HeldTerms
    let expiry: Timestamp
    let instrument: UInt32
    /// `nil`: not trailing.
    let stage: TrailingStage?
    let best: Price
  }

  /// `list`: source and side of the container's list that it is in.
  private func readHeldOrder(
    _ instrument: UInt32, _ list: (source: TriggerSource, side: Side)?, _ stage: TrailingStage?,
    from reader: inout StateReader
  ) throws(StateError) -> HeldRecord {
    let name = OrderName(key: KeyId(try reader.get()), requestId: try reader.get())
    let (id, entry) = (try reader.get(UInt64.self), try reader.get(UInt64.self))
    let account = try reader.get(UInt32.self)
    var terms = HeldTerms()
    terms.source = try reader.code("trigger source", TriggerSource.self)
    let trigger = try reader.price()
    terms.limit = try reader.price()
    terms.quantity = try reader.quantity()
    terms.display = try reader.quantity()
    terms.side = try reader.code("side", Side.self)
    terms.type = try reader.code("order type", OrderType.self)
    let timeInForce = try reader.code("time in force", TimeInForce.self)
    let flags = OrderFlags(rawValue: try reader.get())
    let prevention = try reader.code("self-trade prevention", SelfTradePrevention.self)
    terms.partner = try reader.get()
    let expiry = Timestamp(try reader.get())
    terms.trailing = try reader.code("trailing unit", TrailingUnit.self)
    terms.distance = try reader.get()
    let best = try reader.price()
    if stage != nil { terms.activation = trigger }
    // What is held by a fall that buys, or by a rise that sells, takes a profit; trailing orders do not.
    let takesProfit = stage == nil && (terms.side == .buy) != (list?.side == .sell)
    terms.condition = takesProfit ? .takeProfit : .stop
    let container: Side = HeldOrders.rises(terms) ? .sell : .buy
    let highest = ledger.instruments[instrument].maximumPrice
    let isTrailing = stage != nil
    let lowest = Price(stage == .follows || stage == .reached ? 0 : 1)
    guard account >= 1, account <= UInt32(ledger.accounts.count), (lowest...highest).contains(trigger),
      (Price(0)...highest).contains(terms.limit), (0...Limits.quantity).contains(terms.quantity.rawValue),
      (0...terms.quantity.rawValue).contains(terms.display.rawValue), flags.isSubset(of: .all),
      (terms.quantity == .zero) == flags.contains(.closePosition), entry <= sequence, id <= entry,
      mayEnd(timeInForce, at: expiry), keys.find(name.key) != 0,
      isTrailing == (terms.trailing != .none), (isTrailing ? 1...Limits.price : 0...0).contains(terms.distance),
      // An index may be above the highest price of the instrument.
      (lowest == Price(0) ? Price(1)...Price(Limits.price) : Price(0)...Price(0)).contains(best),
      list.map({ $0.source == terms.source && $0.side == (stage == .waits ? container.opposite : container) }) ?? true
    else { throw .invalid("held order \(name.requestId) of key \(name.key.rawValue)") }
    return HeldRecord(
      order: Order(
        name: name, id: id, entry: entry, instrument: ledger.instruments[instrument].id, position: 0, account: account,
        side: container, price: max(Price(1), trigger), open: Quantity(1), timeInForce: timeInForce, flags: flags,
        prevention: prevention), terms: terms, expiry: expiry, instrument: instrument, stage: stage, best: best)
  }

  private func mayEnd(_ timeInForce: TimeInForce, at expiry: Timestamp) -> Bool {
    switch timeInForce {
    case .goodTillCancel: expiry == Timestamp(0)
    case .day, .goodTillDate: expiry > Timestamp(0)
    case .immediateOrCancel, .fillOrKill: expiry >= Timestamp(0)
    }
  }

  /// Partners name each other.
  private func checkPartner(of record: HeldRecord) throws(StateError) {
    let partner = held.books.find(OrderName(key: record.order.name.key, requestId: record.terms.partner))
    guard partner != 0, held.terms[partner].partner == record.order.name.requestId,
      held.books[partner].account == record.order.account
    else { throw .invalid("partner of a held order") }
  }
}

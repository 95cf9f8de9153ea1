import Margin
import Matching
import Values

// Held orders in the canonical bytes of the state.

extension Kernel {
  /// Per instrument, source and side, in the order of their triggers; then the prices seen by what is about to be released.
  borrowing func writeHeldOrders(to sink: inout StateChunk) {
    sink.put(UInt32(held.books.orderCount))
    for instrument in 1..<UInt32(ledger.instruments.count + 1) where !held.isEmpty {
      for source in TriggerSource.allCases { writeHeldOrders(instrument, source, to: &sink) }
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

  private borrowing func writeHeldOrders(
    _ instrument: UInt32, _ source: TriggerSource, to sink: inout StateChunk
  ) {
    for side in Side.allCases {
      var slot = held.firstHeld(instrument, source, side)
      while slot != 0 {
        let (order, terms) = (held.books[slot], held.terms[slot])
        sink.put(UInt8(1))
        sink.put(order.name.key.rawValue)
        sink.put(order.name.requestId)
        sink.put(order.id)
        sink.put(order.entry)
        sink.put(order.account)
        sink.put(order.price.rawValue)
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
        slot = held.books.next(after: slot, in: HeldOrders.book(instrument, source))
      }
      sink.put(UInt8(0))
    }
  }

  mutating func readHeldOrders(from reader: inout StateReader) throws(StateError) {
    let count = try reader.count("held orders", atMost: limits.orders)
    var found: [HeldRecord] = []
    for instrument in 1..<UInt32(ledger.instruments.count + 1) where count > 0 {
      for source in TriggerSource.allCases {
        for side in Side.allCases {
          while try reader.flag("held order") {
            found.append(try readHeldOrder(instrument, source, side, from: &reader))
          }
        }
      }
    }
    guard found.count == count else { throw .invalid("number of held orders") }
    // In order of entry, as they came: the lists of the accounts, and the time of equal triggers.
    found.sort { $0.order.entry < $1.order.entry }
    for record in found { held.insert(record.order, record.terms, until: record.expiry, instrument: record.instrument) }
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
  }

  private func readHeldOrder(
    _ instrument: UInt32, _ source: TriggerSource, _ container: Side, from reader: inout StateReader
  ) throws(StateError) -> HeldRecord {
    let name = OrderName(key: KeyId(try reader.get()), requestId: try reader.get())
    let (id, entry) = (try reader.get(UInt64.self), try reader.get(UInt64.self))
    let account = try reader.get(UInt32.self)
    let trigger = try reader.price()
    var terms = HeldTerms()
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
    terms.source = source
    // What is held by a fall that buys, or by a rise that sells, takes a profit.
    terms.condition = (terms.side == .buy) == (container == .sell) ? .stop : .takeProfit
    let highest = ledger.instruments[instrument].maximumPrice
    guard account >= 1, account <= UInt32(ledger.accounts.count), (Price(1)...highest).contains(trigger),
      (Price(0)...highest).contains(terms.limit), (0...Limits.quantity).contains(terms.quantity.rawValue),
      (0...terms.quantity.rawValue).contains(terms.display.rawValue), flags.isSubset(of: .all),
      (terms.quantity == .zero) == flags.contains(.closePosition), entry <= sequence, id <= entry,
      mayEnd(timeInForce, at: expiry), keys.find(name.key) != 0, held.books.find(name) == 0
    else { throw .invalid("held order \(name.requestId) of key \(name.key.rawValue)") }
    return HeldRecord(
      order: Order(
        name: name, id: id, entry: entry, instrument: ledger.instruments[instrument].id, position: 0, account: account,
        side: container, price: trigger, open: max(Quantity(1), terms.quantity), timeInForce: timeInForce,
        flags: flags, prevention: prevention), terms: terms, expiry: expiry, instrument: instrument)
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

extension HeldOrders {
  /// The first held order of a container book's side, or 0.
  func firstHeld(_ instrument: UInt32, _ source: TriggerSource, _ side: Side) -> OrderSlot {
    let book = HeldOrders.book(instrument, source)
    return hasBook(book) ? books.best(side, in: book) : 0
  }
}

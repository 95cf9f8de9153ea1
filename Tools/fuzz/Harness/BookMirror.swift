import Kernel
import MarketData
import Values
import Wire

/// A message that changes a client's book or tells of a trade or phase.
enum BookChange {
  case order(id: UInt64, side: Side, price: Price, quantity: Quantity)
  case orderChanged(id: UInt64, price: Price, quantity: Quantity)
  case orderRemoved(id: UInt64, price: Price)
  case level(side: Side, price: Price, quantity: Quantity, orders: UInt32)
  /// A message that changes no book: trades, phases, best prices, statistics, definitions.
  case other
}

/// One message of a feed, or one row of a full book.
struct BookIncrement {
  /// Number in the feed; 0: a row of a full book.
  let number: UInt64
  let feed: FeedId
  let change: BookChange

  /// Reads a feed message; `nil` when a code in it is wrong or it is no such message.
  init?(_ frame: Frame) {
    switch frame.template {
    case .bookOrder:
      let message = frame.decode(BookOrder.self)
      guard let side = message.side else { return nil }
      number = message.feedSequence
      feed = FeedId(instrument: message.instrument, kind: .orders)
      change = .order(id: message.orderId, side: side, price: message.price, quantity: message.quantity)
    case .bookOrderChanged:
      let message = frame.decode(BookOrderChanged.self)
      number = message.feedSequence
      feed = FeedId(instrument: message.instrument, kind: .orders)
      change = .orderChanged(id: message.orderId, price: message.price, quantity: message.quantity)
    case .bookOrderRemoved:
      let message = frame.decode(BookOrderRemoved.self)
      number = message.feedSequence
      feed = FeedId(instrument: message.instrument, kind: .orders)
      change = .orderRemoved(id: message.orderId, price: message.price)
    case .bookLevel:
      let message = frame.decode(BookLevel.self)
      guard let side = message.side else { return nil }
      number = message.feedSequence
      feed = FeedId(instrument: message.instrument, kind: .levels)
      change = .level(side: side, price: message.price, quantity: message.quantity, orders: message.orders)
    case .trade:
      let message = frame.decode(Trade.self)
      guard message.takerSide != nil, let kind = message.feed else { return nil }
      (number, change) = (message.feedSequence, .other)
      feed = FeedId(instrument: message.allInstruments == true ? .none : message.instrument, kind: kind)
    case .instrumentStatus:
      let message = frame.decode(InstrumentStatus.self)
      guard message.phase != nil, let kind = message.feed else { return nil }
      (number, change) = (message.feedSequence, .other)
      feed = FeedId(instrument: kind == .instruments ? .none : message.instrument, kind: kind)
    case .bestPrice:
      let message = frame.decode(BestPrice.self)
      (number, change) = (message.feedSequence, .other)
      feed = FeedId(instrument: message.allInstruments == true ? .none : message.instrument, kind: .best)
    case .statistics:
      let message = frame.decode(Statistics.self)
      (number, change) = (message.feedSequence, .other)
      feed = FeedId(instrument: message.allInstruments == true ? .none : message.instrument, kind: .statistics)
    case .instrumentDefinition:
      (number, change) = (frame.decode(InstrumentDefinition.self).feedSequence, .other)
      feed = FeedId(instrument: .none, kind: .instruments)
    default: return nil
    }
  }
}

/// A book as a subscriber makes it from a feed.
struct BookMirror {
  struct Row: Equatable {
    var id: UInt64
    var side: Side
    var price: Price
    var quantity: Quantity
    var orders: UInt32
  }

  private var nextNumber: UInt64
  private var rowsMissing: UInt32
  /// In order of arrival, which is priority within a price.
  private(set) var rows: [Row] = []

  init(_ snapshot: BookSnapshot) {
    nextNumber = snapshot.feedSequence + 1
    rowsMissing = snapshot.rows
  }

  /// Takes one message of its feed; returns what is wrong with it.
  mutating func take(_ increment: BookIncrement) -> String? {
    if rowsMissing > 0 {
      rowsMissing -= 1
      if increment.number != 0 { return "increment \(increment.number) within a full book" }
    } else {
      if increment.number == 0 { return "more rows than the full book has" }
      if increment.number != nextNumber {
        return "feed message \(increment.number) where \(nextNumber) was due"
      }
      nextNumber = increment.number + 1
    }
    return apply(increment.change)
  }

  private mutating func apply(_ change: BookChange) -> String? {
    switch change {
    case .order(let id, let side, let price, let quantity):
      if rows.contains(where: { $0.id == id }) { return "order \(id) is added twice" }
      if quantity <= .zero { return "order \(id) shows nothing" }
      rows.append(Row(id: id, side: side, price: price, quantity: quantity, orders: 1))
    case .orderChanged(let id, let price, let quantity):
      guard let index = rows.firstIndex(where: { $0.id == id }) else { return "unknown order \(id) changes" }
      if rows[index].price != price { return "order \(id) changes its price" }
      if quantity <= .zero { return "order \(id) shows nothing" }
      rows[index].quantity = quantity
    case .orderRemoved(let id, let price):
      guard let index = rows.firstIndex(where: { $0.id == id }) else { return "unknown order \(id) goes" }
      if rows[index].price != price { return "order \(id) goes at another price" }
      rows.remove(at: index)
    case .level(let side, let price, let quantity, let orders):
      rows.removeAll { $0.side == side && $0.price == price }
      if quantity.rawValue < 0 || (quantity == .zero) != (orders == 0) { return "a level of \(orders) orders is odd" }
      if orders > 0 { rows.append(Row(id: 0, side: side, price: price, quantity: quantity, orders: orders)) }
    case .other: break
    }
    return nil
  }

  /// What differs between this book and the kernel's.
  func difference(from kernel: borrowing Kernel, _ instrument: InstrumentId, _ kind: FeedKind) -> String? {
    if rowsMissing > 0 { return "\(rowsMissing) rows of the full book of \(instrument.rawValue) are missing" }
    var actual: [Row] = []
    switch kind {
    case .orders:
      kernel.forEachVisibleOrder(of: instrument) { side, id, price, quantity in
        actual.append(Row(id: id, side: side, price: price, quantity: quantity, orders: 1))
      }
    case .levels:
      kernel.forEachLevel(of: instrument) { side, price, quantity, orders in
        actual.append(Row(id: 0, side: side, price: price, quantity: quantity, orders: UInt32(orders)))
      }
    default: break
    }
    let mine = rows.enumerated().sorted { left, right in
      let (one, other) = (left.element, right.element)
      if one.side != other.side { return one.side == .buy }
      if one.price != other.price { return (one.price > other.price) == (one.side == .buy) }
      return left.offset < right.offset
    }.map(\.element)
    if mine == actual { return nil }
    return "the \(kind) book of instrument \(instrument.rawValue) is \(actual), a subscriber has \(mine)"
  }
}

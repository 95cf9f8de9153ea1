import Values

/// One change of a book: enough to drive order-by-order and level feeds without looking at the book again.
@frozen public struct BookEvent: BitwiseCopyable, Sendable {
  @frozen public enum Kind: UInt8, BitwiseCopyable, Sendable {
    case orderAdded
    /// Shown lots changed; the order kept its place.
    case orderChanged
    case orderRemoved
    case trade
    /// The instrument's phase or listing changed.
    case status
  }

  public var kind: Kind
  /// Side of the order; for a trade, of the taker.
  public var side: Side
  public var phase: Phase
  public var listing: Listing
  public var instrument: InstrumentId
  /// Anonymous id of the order; for a trade, of the maker.
  public var orderId: UInt64
  /// Trade: the taker's order.
  public var otherOrderId: UInt64
  public var price: Price
  /// Lots shown now, or traded.
  public var quantity: Quantity
  public var tradeId: UInt64
  /// The order's price level after the event; zero when it is gone.
  public var levelQuantity: Quantity
  public var levelOrders: UInt32
}

/// The book events of one command, in a buffer that is reused.
public struct BookEvents: ~Copyable {
  private var base: UnsafeMutablePointer<BookEvent>
  private var capacity: Int
  public private(set) var count = 0

  public init() {
    capacity = 256
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  public subscript(index: Int) -> BookEvent {
    precondition(index >= 0 && index < count)
    return base[index]
  }

  mutating func append(_ event: BookEvent) {
    if count == capacity {
      let larger = UnsafeMutablePointer<BookEvent>.allocate(capacity: capacity * 2)
      larger.initialize(from: base, count: count)
      base.deallocate()
      base = larger
      capacity *= 2
    }
    base[count] = event
    count += 1
  }

  mutating func clear() { count = 0 }
}

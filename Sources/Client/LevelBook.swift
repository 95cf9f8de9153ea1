import Values
import Wire

/// The price levels of one instrument, kept up to date from a `levels` subscription.
public struct LevelBook: Sendable {
  /// A price with the lots and orders shown there.
  public struct Level: Equatable, Sendable {
    public var price: Price
    public var quantity: Quantity
    public var orders: UInt32
  }

  public let instrument: InstrumentId
  /// Best first.
  public private(set) var bids: [Level] = []
  /// Best first.
  public private(set) var asks: [Level] = []
  public private(set) var phase = Phase.halted
  public private(set) var lastTrade: Trade?
  /// Of the last message taken in.
  public private(set) var feedSequence: UInt64 = 0

  public init(instrument: InstrumentId) {
    self.instrument = instrument
  }

  /// Takes in an event; events of other instruments and kinds are ignored. O(log levels + levels behind the changed one).
  public mutating func apply(_ event: Event) {
    switch event {
    case .bookSnapshot(let snapshot) where snapshot.instrument == instrument && snapshot.feed == .levels:
      bids.removeAll(keepingCapacity: true)
      asks.removeAll(keepingCapacity: true)
      phase = snapshot.phase ?? phase
      feedSequence = snapshot.feedSequence
    case .bookLevel(let level) where level.instrument == instrument:
      if level.feedSequence != 0 { feedSequence = level.feedSequence }
      let row = Level(price: level.price, quantity: level.quantity, orders: level.orders)
      if level.side == .buy { Self.put(row, in: &bids) { $0 > $1 } } else { Self.put(row, in: &asks) { $0 < $1 } }
    case .trade(let trade) where trade.instrument == instrument && trade.feed == .levels:
      lastTrade = trade
    case .instrumentStatus(let status) where status.instrument == instrument && status.feed == .levels:
      phase = status.phase ?? phase
    default: break
    }
  }

  private static func put(_ row: Level, in levels: inout [Level], better: (Price, Price) -> Bool) {
    var low = 0
    var high = levels.count
    while low < high {
      let middle = (low + high) / 2
      if better(levels[middle].price, row.price) { low = middle + 1 } else { high = middle }
    }
    let exists = low < levels.count && levels[low].price == row.price
    if row.quantity == .zero {
      if exists { levels.remove(at: low) }
    } else if exists {
      levels[low] = row
    } else {
      levels.insert(row, at: low)
    }
  }
}

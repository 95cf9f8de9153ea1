import Values
import Wire

/// The feeds of one instrument, or of all of them, and what an instrument's feeds have said last.
final class InstrumentFeeds {
  let instrument: InstrumentId
  private let feeds: [Feed]
  /// Top of the book as the subscribers know it.
  var top = TopOfBook()
  var statistics = DayStatistics()
  /// Whether the command being published has changed its book or its statistics.
  var isTouched = false
  /// Whether its statistics are to be told.
  var hasNewStatistics = false

  init(_ instrument: InstrumentId) {
    self.instrument = instrument
    feeds = FeedKind.allCases.map { Feed(id: FeedId(instrument: instrument, kind: $0)) }
  }

  subscript(kind: FeedKind) -> Feed { feeds[Int(kind.rawValue)] }
}

/// Best bid and ask with the lots shown there.
struct TopOfBook: Equatable {
  var bidPrice: Price?
  var bidQuantity = Quantity.zero
  var askPrice: Price?
  var askQuantity = Quantity.zero
}

/// What was traded in one instrument since the day's beginning.
struct DayStatistics {
  private(set) var open: Price?
  private(set) var high: Price?
  private(set) var low: Price?
  /// Newest price, also of an earlier day.
  private(set) var last: Price?
  private var lots: Int128 = 0
  private var amount: Int128 = 0
  private(set) var trades: UInt64 = 0

  var volume: Quantity { Quantity(Int64(clamping: lots)) }
  /// Quanta of the quote asset, at most what the wire carries.
  var notional: Money { Money(Int64(clamping: amount)) }

  /// Counts a trade; `multiplier` is what one lot and price unit are worth in quanta of the quote asset.
  mutating func add(price: Price, quantity: Quantity, multiplier: Money) {
    open = open ?? price
    high = max(high ?? price, price)
    low = min(low ?? price, price)
    last = price
    lots = DayStatistics.sum(lots, Int128(quantity.rawValue))
    let (value, overflow) = (Int128(price.rawValue) * Int128(quantity.rawValue)).multipliedReportingOverflow(
      by: multiplier.rawValue)
    amount = DayStatistics.sum(amount, overflow ? Int128(Int64.max) : value)
    trades += 1
  }

  /// Begins a new day.
  mutating func begin() {
    let last = last
    self = DayStatistics()
    self.last = last
  }

  /// The sum, at most what 64 bits hold; terms are not negative.
  private static func sum(_ left: Int128, _ right: Int128) -> Int128 {
    min(left, Int128(Int64.max)) + min(right, Int128(Int64.max))
  }
}

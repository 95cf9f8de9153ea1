import Values

/// How the numbers of a tape become price units and lots of the venue's instrument, and back.
public struct TapeScale: Equatable, Sendable {
  /// One price unit in the tape's units: the greatest common divisor of its prices.
  public var priceUnit: Int64
  /// One lot in the tape's units: 1, or the greatest common divisor of its sizes where lots of 1 would leave the
  /// venue's bounds.
  public var lot: Int64

  public init(priceUnit: Int64, lot: Int64) {
    precondition(priceUnit > 0 && lot > 0)
    self.priceUnit = priceUnit
    self.lot = lot
  }

  /// The scale of a tape. O(rows).
  ///
  /// Larger lots are taken only when they must be: when some order, or all orders of one side that could rest at one
  /// time, would be more than 2^44 lots, or when an order would be worth more than one account may hold (10^18 mq).
  public init(of rows: [TapeRow]) {
    var prices: Int64 = 0
    var sizes: Int64 = 0
    var notional: Int128 = 0
    var load = RestingLoad()
    for row in rows {
      if row.kind != .cancel {
        prices = greatestCommonDivisor(prices, row.price)
        sizes = greatestCommonDivisor(greatestCommonDivisor(sizes, row.size), row.hidden)
        if row.display > 0 { sizes = greatestCommonDivisor(sizes, row.display) }
        notional = max(notional, Int128(row.price) * Int128(row.quantity))
      }
      load.take(row)
    }
    let priceUnit = max(prices, 1)
    let needsLargeLots =
      max(load.largestOrder, load.peak) > Int128(Limits.quantity)
      || notional / Int128(priceUnit) > Int128(Limits.notionalPerAccount)
    self.init(priceUnit: priceUnit, lot: needsLargeLots ? max(sizes, 1) : 1)
  }

  /// In price units. Exact for every price of the tape that the scale was made of.
  public func price(_ tapePrice: Int64) -> Int64 { tapePrice / priceUnit }
  /// In lots.
  public func lots(_ tapeSize: Int64) -> Int64 { tapeSize / lot }
  /// In the tape's units.
  public func tapePrice(_ price: Int64) -> Int64 { price &* priceUnit }
  /// In the tape's units.
  public func tapeSize(_ lots: Int64) -> Int64 { lots &* lot }
}

/// An upper bound of what rests at one time, fills left out of account.
private struct RestingLoad {
  private var resting: [UInt64: (side: Side, size: Int64)] = [:]
  private var sums: (buy: Int128, sell: Int128) = (0, 0)
  private(set) var peak: Int128 = 0
  private(set) var largestOrder: Int128 = 0

  mutating func take(_ row: TapeRow) {
    if row.kind == .cancel || row.kind == .modify || row.kind == .modifyImmediate || row.kind == .revision,
      let old = resting.removeValue(forKey: row.orderId)
    {
      add(-Int128(old.size), old.side)
    }
    guard row.kind != .cancel else { return }
    largestOrder = max(largestOrder, Int128(row.quantity))
    guard row.kind != .immediate && row.kind != .modifyImmediate else { return }
    resting[row.orderId] = (row.side, row.quantity)
    add(Int128(row.quantity), row.side)
  }

  private mutating func add(_ size: Int128, _ side: Side) {
    if side == .buy { sums.buy += size } else { sums.sell += size }
    peak = max(peak, sums.buy, sums.sell)
  }
}

/// Of two numbers that are not negative; 0 counts as divisible by everything.
func greatestCommonDivisor(_ first: Int64, _ second: Int64) -> Int64 {
  var (larger, smaller) = (first, second)
  while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
  return larger
}

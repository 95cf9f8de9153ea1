import Values

@testable import Margin

/// An open order of a test, with its cumulative fees.
struct TestOrder {
  var account: UInt32
  var position: UInt32
  var side: Side
  var reduceOnly: Bool
  var open: Int64
  var limit: Int64
  /// Σ filled value · rate, in mq·ppb.
  var accrued: Int128 = 0
}

/// A ledger with accounts and an order list, driven by chance.
struct RandomVenue: ~Copyable {
  var ledger = Ledger()
  var generator: SeededGenerator
  var accounts: [UInt32] = []
  var perpetuals: [UInt32] = []
  var spots: [UInt32] = []
  var orders: [TestOrder] = []

  init(seed: Int) { generator = SeededGenerator(seed) }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
  mutating func chance(_ percent: Int64) -> Bool { number(1...100) <= percent }

  /// Adds a perpetual with every term on, or some of them.
  mutating func addPerpetual(_ id: UInt32) {
    var parameters = MarginParameters()
    if chance(70) {
      let rows: [(Money, Rate)] = [
        (.zero, Rate(number(0...30_000_000))), (Money(number(1...50_000)), Rate(number(30_000_000...100_000_000))),
        (Money(number(50_001...500_000)), Rate(number(100_000_000...900_000_000))),
      ]
      parameters.initialTiers = ledger.addSchedule(UInt16(100 + id), rows)
      parameters.maintenanceTiers = parameters.initialTiers
    }
    parameters.maintenanceBase = Rate(number(0...50_000_000))
    parameters.initialBase = Rate(parameters.maintenanceBase.rawValue + number(0...50_000_000))
    if chance(70) { parameters.sizeFactor = Rate(number(0...20_000_000)) }
    parameters.maintenanceVolatility = Rate(number(0...80_000_000))
    parameters.initialVolatility = Rate(number(0...100_000_000))
    parameters.profitWeight = Rate(number(0...1_000_000_000))
    let fee = Rate(number(-100_000...500_000))
    let instrument = ledger.addPerpetual(
      id, multiplier: number(1...50), lotSize: 1_000_000_000 * number(1...2000), maximumPrice: Price(100_000),
      parameters: parameters, fees: (fee, Rate(max(fee.rawValue, 1_000_000))), mark: number(50...2000))
    if chance(70) {
      ledger.setCurve(
        of: instrument, closingLongs: chance(50),
        to: ImpactCurve(knots: [
          (Quantity(number(1...50)), Rate(number(0...5_000_000))),
          (Quantity(number(51...300)), Rate(number(5_000_000...90_000_000))),
        ]))
    }
    perpetuals.append(instrument)
  }

  mutating func addAccount(_ id: UInt32) {
    let multiplier = chance(30) ? Rate(1_000_000_000 + number(0...1_000_000_000)) : .one
    accounts.append(
      ledger.addAccount(
        id, master: id % 3 + 1, mode: chance(20) ? .fullyCollateralised : .standard, multiplier: multiplier,
        leverageCap: chance(30) ? UInt16(number(1...50)) : 0, cash: Money(number(0...1_000_000))))
  }

  func rate(of order: TestOrder) -> Int128 {
    Int128(max(0, ledger.instruments[ledger.positions[order.position].instrument].makerFee.rawValue))
  }

  func fees(_ accrued: Int128) -> Int128 { roundUp(accrued, 1_000_000_000) }

  func value(_ order: TestOrder, lots: Int64) -> Int128 {
    ledger.instruments[ledger.positions[order.position].instrument].value(Quantity(lots), at: Price(order.limit))
      .rawValue
  }

  func openLots(_ order: TestOrder) -> OpenLots {
    let total = order.accrued + value(order, lots: order.open) * rate(of: order)
    return OpenLots(
      side: order.side, reduceOnly: order.reduceOnly, lots: Quantity(order.open), limit: Price(order.limit),
      provision: Money(max(0, fees(total) - fees(order.accrued))))
  }

  /// A new resting order near the mark.
  mutating func rest(_ instrument: UInt32, near price: Int64) {
    let account = accounts[Int(number(0...Int64(accounts.count - 1)))]
    let position = ledger.position(account: account, instrument: instrument)
    let isSpot = ledger.instruments[instrument].kind == .spot
    let order = TestOrder(
      account: account, position: position, side: chance(50) ? .buy : .sell, reduceOnly: !isSpot && chance(30),
      open: number(1...100), limit: max(1, price + number(-price / 5...price / 5)))
    ledger.touch(account)
    ledger.addOpen(openLots(order), to: position)
    orders.append(order)
  }

  mutating func cancel(_ index: Int) {
    let order = orders.remove(at: index)
    ledger.touch(order.account)
    ledger.removeOpen(openLots(order), from: order.position)
  }

  /// Lots of an order that may fill now.
  func fillable(_ order: TestOrder) -> Int64 {
    order.reduceOnly ? min(order.open, ledger.positions[order.position].reducible(by: order.side)) : order.open
  }

  /// Fills lots of one order at its limit, with its maker fee.
  mutating func fill(_ index: Int, lots: Int64) {
    let before = openLots(orders[index])
    var order = orders[index]
    let fee = Int128(
      ledger.instruments[ledger.positions[order.position].instrument].makerFee.rawValue)
    let accrued = order.accrued + value(order, lots: lots) * fee
    let charged = fees(accrued) - fees(order.accrued)
    order.accrued = accrued
    order.open -= lots
    ledger.touch(order.account)
    ledger.fill(
      before, lots: Quantity(lots), price: Price(order.limit), fee: Money(charged),
      remainingProvision: openLots(order).provision, in: order.position)
    orders[index] = order
    if order.open == 0 { orders.remove(at: index) }
  }

  /// Whether cached sums agree with caches made anew.
  mutating func agreesWithFreshCaches(_ account: UInt32) -> Bool {
    let cached = ledger.currentMargin(of: account)
    ledger.invalidate(account)
    return ledger.currentMargin(of: account) == cached
  }
}

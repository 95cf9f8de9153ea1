import Testing
import Values
import Wire

/// Dated futures: the example of Sources/Margin/README.md, "Expiry", and what happens around it.
@Suite("Dated futures") struct FutureTests {
  static let id = InstrumentId(50)
  let desk = MoneyDesk()
  let expiry: Int64

  init() {
    expiry = desk.venue.time + 10_000_000_000
    desk.venue.send(
      DefineFuture(
        requestId: 0, instrument: Self.id, base: Cast.bitcoin, symbol: "BTC-DEC", priceUnit: 1_000_000_000_000,
        lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero, maximumOrder: .zero, positionLimit: .zero,
        makerFee: .zero, takerFee: .zero, expiry: Timestamp(expiry), settlementWindow: 4_000,
        settlementInterval: 1_000), from: Cast.staff)
    desk.venue.send(
      SetMarginParameters(
        requestId: 0, instrument: Self.id, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(50_000_000), initialBase: Rate(100_000_000), sizeFactor: .zero,
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: Rate(500_000_000), liquidationFee: .zero, maximumSlippage: .zero), from: Cast.staff)
    desk.mark(60_000, of: Self.id)
    desk.venue.send(SetPhase(requestId: 0, instrument: Self.id, phase: .continuous), from: Cast.staff)
  }

  /// Index samples of 60,000.00, 60,100.00, 60,200.00 and 60,301.01 at the four seconds before the expiry.
  private func sampled() {
    for (second, cents) in [(3, 6_000_000), (2, 6_010_000), (1, 6_020_000), (0, 6_030_101)] as [(Int64, Int64)] {
      desk.index(cents)
      desk.wait(until: expiry - second * 1_000_000_000)
    }
  }

  @Test("100 lots bought at 60,000 are settled at 60,150, the average index rounded down")
  func settlement() throws {
    desk.trade(100, at: 60_000, in: Self.id)
    #expect(desk.margin(11).initialMargin == Money(Int64(60_000_000_000)), "10 % of 0.1 BTC")
    desk.order(11, .buy, 7, at: 59_000, in: Self.id)
    sampled()
    #expect(desk.position(11, in: Self.id) == 0 && desk.position(12, in: Self.id) == 0)
    #expect(desk.balance(11) == Int128(MoneyDesk.cash) + 1_500_000_000, "0.1 · 150")
    #expect(desk.balance(12) == Int128(MoneyDesk.cash) - 1_500_000_000)
    #expect(desk.margin(11).initialMargin == .zero)
    #expect(desk.venue.finding == nil)
    #expect(desk.venue.reported[.settlementPriceSet] == 1)
    #expect(desk.venue.reported[.positionSettled] == 2)
    #expect(desk.order(11, .buy, 1, at: 60_000, in: Self.id) == .instrumentExpired)
    desk.mark(61_000, of: Self.id)
    #expect(desk.venue.all(RequestRejected.self).first?.reason == .instrumentExpired)
    desk.venue.send(SetPhase(requestId: 0, instrument: Self.id, phase: .continuous), from: Cast.staff)
    #expect(desk.venue.all(RequestRejected.self).first?.reason == .instrumentExpired)
    desk.venue.send(SetPhase(requestId: 0, instrument: .none, phase: .halted), from: Cast.staff)
    #expect(desk.venue.all(RequestAccepted.self).first?.value == 3, "the perpetuals and the pair, not the future")
  }

  @Test("Equity and margin are the same before and after a holder's turn, one unit of work at a time")
  func slices() throws {
    desk.trade(100, at: 60_000, in: Self.id)
    desk.order(11, .buy, 7, at: 59_000, in: Self.id)
    desk.order(12, .sell, 7, at: 61_000, in: Self.id)
    for (second, cents) in [(3, 6_000_000), (2, 6_010_000), (1, 6_020_000)] as [(Int64, Int64)] {
      desk.index(cents)
      desk.wait(until: expiry - second * 1_000_000_000)
    }
    desk.index(6_030_101)
    var settled: [PositionSettled] = []
    var cancelled: [OrderCancelled] = []
    desk.venue.settle(after: 1_000_000_000, work: 2, limit: 1)
    let price = try #require(desk.venue.all(SettlementPriceSet.self).first)
    #expect(price.price == Price(60_150) && price.samples == 4 && price.openInterest == Quantity(100))
    let expected = (desk.margin(11), desk.margin(12))
    #expect(expected.0.equity == Money(MoneyDesk.cash + 1_500_000_000) && expected.0.initialEquity == expected.0.equity)
    #expect(expected.0.initialMargin == .zero && expected.0.maintenanceMargin == .zero)
    while desk.venue.kernel.nextDue != .never {
      try desk.venue.restart()
      desk.venue.settle(work: 1, limit: 1)
      settled += desk.venue.all(PositionSettled.self)
      cancelled += desk.venue.all(OrderCancelled.self)
      #expect((desk.margin(11), desk.margin(12)) == expected)
    }
    #expect(settled.map(\.amount) == [Money(Int64(1_500_000_000)), Money(Int64(-1_500_000_000))])
    #expect(settled.map(\.position) == [Quantity(100), Quantity(-100)])
    #expect(settled.map(\.margin) == [expected.0, expected.1])
    #expect(cancelled.map(\.reason) == [.instrumentExpired, .instrumentExpired])
    #expect(desk.venue.kernel.nextDue == .never && desk.venue.finding == nil)
  }

  @Test("Without a single sample the last mark stands in; samples missed in a pause are taken when it ends")
  func pause() throws {
    desk.trade(10, at: 60_000, in: Self.id)
    desk.index(6_100_000)
    desk.wait(until: expiry + 3_600_000_000_000)
    #expect(desk.balance(11) == Int128(MoneyDesk.cash) + 1_000_000_000, "all four at 61,000")
    #expect(desk.venue.finding == nil)
  }

  @Test(
    "An expiry that has passed, and windows that do not go with their intervals, are refused",
    arguments: [
      (-1, 4_000, 1_000, DefineFuture.Field.expiry), (1, 0, 1_000, DefineFuture.Field.settlementWindow),
      (1, 86_400_001, 1, DefineFuture.Field.settlementWindow), (1, 4_000, 0, DefineFuture.Field.settlementInterval),
      (1, 4_000, 3_000, DefineFuture.Field.settlementInterval), (1, 10_001, 1, DefineFuture.Field.settlementInterval),
    ] as [(Int64, UInt32, UInt32, Int64)])
  func ranges(future: (seconds: Int64, window: UInt32, interval: UInt32, field: Int64)) {
    desk.venue.send(
      DefineFuture(
        requestId: 0, instrument: InstrumentId(51), base: Cast.bitcoin, symbol: "BTC-DEC",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero,
        expiry: Timestamp(desk.venue.time + future.seconds * 1_000_000_000), settlementWindow: future.window,
        settlementInterval: future.interval), from: Cast.staff)
    let refusal = desk.venue.all(RequestRejected.self).first
    #expect(refusal?.reason == .parameterOutOfRange && refusal?.detail == future.field)
  }
}

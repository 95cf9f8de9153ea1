import Testing
import Values
import Wire

/// QueryGreeks: rows that a pencil can check, ten seconds before an expiry.
@Suite("Greeks of an account") struct GreeksQueryTests {
  static let call = InstrumentId(60)
  let desk = MoneyDesk()

  init() {
    desk.venue.send(
      DefineOption(
        requestId: 0, instrument: Self.call, base: Cast.bitcoin, optionType: .call, symbol: "BTC-58",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero,
        expiry: Timestamp(desk.venue.time + 10_000_000_000), settlementWindow: 4_000, settlementInterval: 1_000,
        strike: Price(58_000)), from: Cast.staff)
    desk.venue.send(
      SetOptionParameters(
        requestId: 0, instrument: Self.call, repricingInterval: 3_000, maximumRate: Rate(150_000_000),
        minimumRate: Rate(100_000_000), maintenanceRate: Rate(75_000_000), repricingMove: .zero), from: Cast.staff)
    desk.venue.send(SetPhase(requestId: 0, instrument: Self.call, phase: .continuous), from: Cast.staff)
    desk.venue.send(
      SetImpliedVolatility(
        requestId: 0, instrument: Self.call, asset: .settlement, volatility: Rate(800_000_000)), from: Cast.oracle)
  }

  private func greeks(_ account: UInt32) -> [GreeksReport] {
    DynamicVenue.all(
      GreeksReport.self, in: desk.venue.answer(QueryGreeks(queryId: 9, account: AccountId(account)), for: Cast.staff))
  }

  @Test("0.2 BTC of calls deep in the money, 0.1 BTC short of the perpetual, 0.05 BTC of collateral: 0.15 BTC in all")
  func sums() throws {
    desk.trade(200, at: 2_000, in: Self.call)
    desk.trade(100, at: 60_000, in: Cast.perpetuals[0])
    desk.deposit(5_000_000, to: 12, asset: Cast.bitcoin)
    let rows = greeks(12)
    #expect(rows.map(\.scope) == [.position, .position, .balance, .underlying, .account])
    #expect(rows.map(\.instrument.rawValue) == [1, 60, 0, 1, 0])
    #expect(rows.map(\.delta) == [-100_000_000, -200_000_000, 50_000_000, -250_000_000, 0])
    #expect(rows.map(\.lots.rawValue) == [-100, -200, 0, 250, 0], "buy 250 lots of the perpetual")
    let dollar = Int64(100_000_000)
    #expect(
      rows.map(\.deltaValue)
        == [-6_000, -12_000, 3_000, -15_000, -15_000].map { Money($0 * dollar) })
    // 0.2 · (60,000 − 58,000) is owed; the perpetual has neither gained nor lost.
    #expect(rows.map(\.value) == [0, -400, 3_000, 2_600, 2_600].map { Money($0 * dollar) })
    #expect(rows[1].vega == .zero && rows[1].gamma == 0, "seven deviations in the money")
    #expect(greeks(11).last?.deltaValue == Money(18_000 * dollar))
    #expect(desk.venue.finding == nil)
  }

  @Test("At the money the holder gains by volatility and pays for it by the day; the writer the opposite") func signs()
  {
    desk.index(5_800_000)
    desk.trade(100, at: 30, in: Self.call)
    let (long, short) = (greeks(11)[0], greeks(12)[0])
    #expect(long.delta > 49_000_000 && long.delta < 51_000_000 && long.gamma > 0)
    #expect(long.vega > .zero && long.theta < .zero && long.rho > .zero)
    #expect(short.delta == -long.delta && short.vega == -long.vega && short.theta == -long.theta)
    #expect(greeks(11)[1].lots == Quantity(-50), "half of 100 lots")
  }

  @Test("A stranger is not told, and a question changes nothing") func access() {
    desk.trade(10, at: 2_000, in: Self.call)
    let before = desk.venue.stateBytes()
    let answer = desk.venue.answer(QueryGreeks(queryId: 9, account: AccountId(11)), for: KeyId(112))
    let end = DynamicVenue.all(QueryEnd.self, in: answer).first
    #expect(end?.reason == .notYourAccount && answer.count == 1)
    _ = greeks(11)
    #expect(desk.venue.stateBytes() == before)
  }
}

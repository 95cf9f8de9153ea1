import Testing
import Values
import Wire

@Suite("Hedges") struct HedgeTests {
  private let desk = MoneyDesk()
  private let perpetual = Cast.perpetuals[0]

  private func hedges(_ account: UInt32) -> [HedgeReport] {
    let state = desk.venue.stateBytes()
    let answer = desk.venue.answer(QueryHedge(queryId: 1, account: AccountId(account)), for: Cast.staff)
    #expect(desk.venue.stateBytes() == state, "a question has changed the state")
    return DynamicVenue.all(HedgeReport.self, in: answer)
  }

  /// Initial margin after `account` has traded `lots` of the perpetual at the mark, from a preview.
  private func previewed(_ account: UInt32, _ side: Side, _ lots: Int64, at price: Int64) throws -> AccountMargin {
    let preview = Preview(
      queryId: 1, account: AccountId(account), instrument: perpetual, price: Price(price), quantity: Quantity(lots),
      display: .zero, side: side, orderType: .limit, timeInForce: .immediateOrCancel, flags: [],
      selfTradePrevention: .allow)
    let answer = DynamicVenue.all(PreviewReport.self, in: desk.venue.answer(preview, for: KeyId(100 + account)))
    let report = try #require(answer.first)
    #expect(report.filled == Quantity(lots), "\(report)")
    return report.after
  }

  @Test("Alone, a position is hedged by closing it, at the price of its fee")
  func closing() throws {
    desk.mark(60_000, of: perpetual)
    desk.trade(100, at: 60_000, in: perpetual)
    let hedge = try #require(hedges(11).first)
    #expect(hedge.instrument == perpetual && hedge.side == .sell && hedge.quantity == Quantity(100))
    #expect(hedge.delta == 100_000_000 && hedge.after.initialMargin == .zero)
    desk.order(12, .buy, 100, at: 60_000, in: perpetual)
    #expect(try previewed(11, .sell, 100, at: 60_000) == hedge.after)
    desk.order(11, .sell, 100, at: 60_000, in: perpetual)
    #expect(desk.margin(11) == hedge.after && hedges(11).isEmpty)
  }

  @Test("Of a portfolio with options, no number of lots asks for less", arguments: [40, 130])
  func portfolio(calls: Int64) throws {
    let id = InstrumentId(60)
    desk.index(6_000_000)
    desk.mark(60_000, of: perpetual)
    desk.venue.send(
      DefineOption(
        requestId: 0, instrument: id, base: Cast.bitcoin, optionType: .call, symbol: "BTC-58",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero,
        expiry: Timestamp(desk.venue.time + 30 * 86_400_000_000_000), settlementWindow: 4_000,
        settlementInterval: 1_000,
        strike: Price(58_000)), from: Cast.staff)
    desk.venue.send(
      SetOptionParameters(
        requestId: 0, instrument: id, repricingInterval: 3_000, maximumRate: Rate(150_000_000),
        minimumRate: Rate(100_000_000), maintenanceRate: Rate(75_000_000), repricingMove: Rate(2_500_000)),
      from: Cast.staff)
    desk.venue.send(SetPhase(requestId: 0, instrument: id, phase: .continuous), from: Cast.staff)
    desk.venue.send(
      SetImpliedVolatility(
        requestId: 0, instrument: .none, asset: Cast.bitcoin, volatility: Rate(800_000_000)), from: Cast.oracle)
    desk.venue.send(
      SetRiskGroup(
        requestId: 0, asset: Cast.bitcoin, volatilityInstrument: .none, rangeFloor: Rate(100_000_000),
        volatilityShock: Rate(250_000_000), spreadRate: Rate(10_000_000), shortOptionMinimum: Money(Int64(1_000_000)),
        initialMultiplier: Rate(1_300_000_000), creditCap: Rate(600_000_000)), from: Cast.staff)
    desk.venue.send(
      ChangeAccount(
        requestId: 0, account: AccountId(12), leverageCap: 0, mode: .portfolio, flags: .mayBorrow, multiplier: .one),
      from: Cast.staff)
    // Account 12 is short of calls.
    desk.trade(calls, at: 6_000, in: id)
    let hedge = try #require(hedges(12).first)
    #expect(hedge.instrument == perpetual && hedge.side == .buy && hedge.quantity > .zero)
    #expect(hedge.after.initialMargin < hedge.before.initialMargin && hedge.delta < 0)
    desk.order(11, .sell, 2 * calls, at: 60_000, in: perpetual)
    #expect(try previewed(12, .buy, hedge.quantity.rawValue, at: 60_000) == hedge.after)
    for lots in 1...(2 * calls) {
      let after = try previewed(12, .buy, lots, at: 60_000)
      #expect(after.initialMargin >= hedge.after.initialMargin, "\(lots) lots")
    }
    #expect(desk.venue.finding == nil)
  }
}

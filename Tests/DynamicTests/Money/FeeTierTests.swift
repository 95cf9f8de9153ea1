import Testing
import Values
import Wire

/// What accounts pay of the fees: the cast's perpetuals give makers 0.005 % and take 0.05 % from takers.
@Suite("Fee tiers") struct FeeTierTests {
  let desk = MoneyDesk()
  let perpetual = Cast.perpetuals[0]

  @discardableResult private func tier(_ account: UInt32, maker: Int64, taker: Int64) -> RejectReason? {
    desk.venue.send(
      SetFeeTier(
        requestId: 0, account: AccountId(account), makerMultiple: Rate(maker), takerMultiple: Rate(taker)),
      from: Cast.staff)
    return desk.venue.all(RequestRejected.self).first?.reason
  }

  private func fees(_ lots: Int64) -> [Money] {
    desk.trade(lots, at: 60_000, in: perpetual)
    return desk.venue.all(OrderFilled.self).map(\.fee)
  }

  @Test("The instrument's fees without a tier, and multiples of them with one, rounded against the account")
  func multiples() {
    #expect(fees(1) == [Money(Int64(-300_000)), Money(Int64(3_000_000))], "0.003 to the maker, 0.03 from the taker")
    #expect(tier(12, maker: 500_000_000, taker: 1_000_000_000) == nil)
    #expect(tier(11, maker: 1_000_000_000, taker: 600_000_000) == nil)
    #expect(fees(1) == [Money(Int64(-150_000)), Money(Int64(1_800_000))])
    #expect(tier(12, maker: -1_000_000_000, taker: 1_000_000_000) == nil, "a fee where others get a rebate")
    #expect(fees(1) == [Money(Int64(300_000)), Money(Int64(1_800_000))])
    #expect(tier(12, maker: 333_333_333, taker: 1_000_000_000) == nil)
    // 50,000 ppb · 0.333333333 = 16,666.66665 → 16,666 of rebate.
    #expect(fees(1) == [Money(Int64(-99_996)), Money(Int64(1_800_000))])
    #expect(desk.venue.finding == nil)
  }

  @Test("No pair of accounts may cost the venue money, whoever has the tier")
  func rebatesAreCovered() {
    #expect(tier(12, maker: 2_000_000_000, taker: 1_000_000_000) == nil, "0.01 % of rebate")
    #expect(tier(11, maker: 1_000_000_000, taker: 199_990_000) == .parameterOutOfRange, "less than that from a taker")
    #expect(tier(11, maker: 1_000_000_000, taker: 200_000_000) == nil)
    desk.venue.send(
      DefineInstrument(
        requestId: 0, instrument: InstrumentId(60), kind: .perpetual, base: Cast.bitcoin, quote: .settlement,
        symbol: "X", priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: Rate(-50_001), takerFee: Rate(500_000)),
      from: Cast.staff)
    let refusal = desk.venue.all(RequestRejected.self).first
    #expect(refusal?.reason == .parameterOutOfRange && refusal?.detail == DefineInstrument.Field.takerFee)
    #expect(tier(12, maker: 2_000_000_001, taker: 1_000_000_000) == .parameterOutOfRange)
    #expect(tier(99, maker: 1_000_000_000, taker: 1_000_000_000) == .unknownAccount)
  }

  @Test("An account with open orders keeps its tier; its provision follows the tier afterwards")
  func provisions() throws {
    #expect(tier(11, maker: -1_000_000_000, taker: 1_000_000_000) == nil)
    desk.order(11, .buy, 10, at: 50_000, in: perpetual)
    let answer = desk.venue.answer(QueryMargin(queryId: 0, account: AccountId(11)), for: Cast.staff)
    let term = try #require(DynamicVenue.all(MarginTerm.self, in: answer).first { $0.instrument == perpetual })
    #expect(term.feeProvision == Money(Int64(2_500_000)), "0.005 % of 500")
    #expect(tier(11, maker: 1_000_000_000, taker: 1_000_000_000) == .inUse)
    desk.venue.send(
      MassCancel(requestId: 0, account: AccountId(11), instrument: .none, side: .both), from: KeyId(111))
    #expect(tier(11, maker: 1_000_000_000, taker: 1_000_000_000) == nil)
    try desk.venue.restart()
    #expect(desk.venue.finding == nil)
  }
}

import Testing
import Values
import Wire

/// Options through the kernel: definition, volatility, premiums, exercise. A lot is 0.001 BTC, a price unit one dollar.
@Suite("Options") struct OptionTests {
  static let call = InstrumentId(60)
  static let put = InstrumentId(61)
  let desk = MoneyDesk()
  let expiry: Int64

  init() {
    expiry = desk.venue.time + 10_000_000_000
    for id in [Self.call, Self.put] {
      desk.venue.send(definition(of: id), from: Cast.staff)
      desk.venue.send(Self.parameters(of: id), from: Cast.staff)
      desk.venue.send(SetPhase(requestId: 0, instrument: id, phase: .continuous), from: Cast.staff)
    }
    desk.venue.send(
      SetImpliedVolatility(
        requestId: 0, instrument: .none, asset: Cast.bitcoin, volatility: Rate(800_000_000)), from: Cast.oracle)
  }

  private func definition(of id: InstrumentId, maximumPrice: Int64 = 0, strike: Int64 = 58_000) -> DefineOption {
    DefineOption(
      requestId: 0, instrument: id, base: Cast.bitcoin, optionType: id == Self.put ? .put : .call, symbol: "BTC-58",
      priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(maximumPrice), priceBand: .zero,
      maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero, expiry: Timestamp(expiry),
      settlementWindow: 4_000, settlementInterval: 1_000, strike: Price(strike))
  }

  private static func parameters(of id: InstrumentId) -> SetOptionParameters {
    SetOptionParameters(
      requestId: 0, instrument: id, repricingInterval: 3_000, maximumRate: Rate(150_000_000),
      minimumRate: Rate(100_000_000), maintenanceRate: Rate(75_000_000), repricingMove: Rate(2_500_000))
  }

  private func report(_ id: InstrumentId) -> InstrumentReport? {
    DynamicVenue.all(InstrumentReport.self, in: desk.venue.answer(QueryInstruments(queryId: 0), for: Cast.staff))
      .first { $0.instrument == id }
  }

  @Test("A flat volatility marks every option, and is published for each") func flat() {
    #expect(desk.venue.all(RequestAccepted.self).first?.value == 2)
    let published = desk.venue.all(ImpliedVolatilityChanged.self)
    #expect(published.map(\.instrument) == [Self.call, Self.put])
    #expect(published.map(\.mark) == [Price(2_000), Price(1)], "ten seconds before the expiry: the payoff")
    #expect(published.first?.underlying == Price(60_000) && published.first?.volatility == Rate(800_000_000))
    #expect(report(Self.put)?.strike == Price(58_000) && report(Self.put)?.optionType == .put)
    desk.venue.send(
      SetImpliedVolatility(requestId: 0, instrument: Self.put, asset: .settlement, volatility: .maximum),
      from: Cast.oracle)
    #expect(report(Self.put)?.volatility == .maximum && report(Self.call)?.volatility == Rate(800_000_000))
    desk.mark(70, of: Self.call)
    #expect(desk.venue.all(RequestRejected.self).first?.reason == .invalidField, "options mark themselves")
    #expect(desk.venue.finding == nil)
  }

  @Test("Premium, requirement, exercise at the average index: 200 calls struck at 58,000 pay 2,150 each")
  func exercise()
    throws
  {
    desk.trade(200, at: 2_010, in: Self.call)
    desk.trade(100, at: 3, in: Self.put)
    let premium: Int64 = 200 * 2_010 * 100_000 + 100 * 3 * 100_000
    #expect(desk.balance(11) == Int128(MoneyDesk.cash - premium))
    #expect(desk.margin(11).initialMargin == .zero)
    #expect(desk.margin(11).equity == Money(MoneyDesk.cash - premium + (200 * 2_000 + 100) * 100_000))
    // 300 lots short of 0.3 BTC: 15 % of the call's; the put is 2,000 out of the money.
    let call: Int64 = 200 * 9_000 * 100_000
    let put: Int64 = 100 * 7_000 * 100_000
    #expect(desk.margin(12).initialMargin == Money(call + put))
    #expect(desk.margin(12).maintenanceMargin == Money(Int64(300 * 4_500 * 100_000)))
    desk.order(11, .buy, 5, at: 1_900, in: Self.call)
    for (second, cents) in [(3, 6_000_000), (2, 6_010_000), (1, 6_020_000)] as [(Int64, Int64)] {
      desk.index(cents)
      desk.wait(until: expiry - second * 1_000_000_000)
    }
    desk.index(6_030_101)
    desk.venue.settle(after: 1_000_000_000, work: 1, limit: 1)
    while report(Self.put)?.phase != .expired { desk.venue.settle(work: 1, limit: 1) }
    let expected = (desk.margin(11).equity, desk.margin(12).equity)
    while desk.venue.kernel.nextDue != .never {
      try desk.venue.restart()
      desk.venue.settle(work: 1, limit: 1)
    }
    #expect((desk.margin(11).equity, desk.margin(12).equity) == expected)
    #expect(desk.balance(11) == Int128(MoneyDesk.cash - premium + 200 * 2_150 * 100_000))
    #expect(desk.balance(12) == Int128(MoneyDesk.cash + premium - 200 * 2_150 * 100_000))
    #expect(desk.position(11, in: Self.call) == 0 && desk.position(12, in: Self.put) == 0)
    #expect(desk.order(11, .buy, 1, at: 1, in: Self.call) == .instrumentExpired)
    #expect(desk.venue.finding == nil)
    desk.venue.send(Self.parameters(of: Self.call), from: Cast.staff)
    #expect(desk.venue.all(RequestRejected.self).first?.reason == .instrumentExpired)
  }

  @Test("Value decays by a timer, and a mark follows the index by more than 25 basis points") func marks() {
    let id = InstrumentId(64)
    desk.venue.send(definition(of: id, strike: 60_000), from: Cast.staff)
    desk.venue.send(Self.parameters(of: id), from: Cast.staff)
    desk.venue.send(
      SetImpliedVolatility(requestId: 0, instrument: id, asset: .settlement, volatility: .maximum), from: Cast.oracle)
    let first = report(id)?.mark?.rawValue ?? 0
    #expect(first == 135, "0.4 · 1,000 % · √(10 s) · 60,000")
    desk.index(6_010_000)
    #expect(report(id)?.mark?.rawValue == first, "17 basis points")
    desk.index(6_020_000)
    let second = report(id)?.mark?.rawValue ?? 0
    #expect(second > first + 100 && report(id)?.underlying == Price(60_200))
    desk.wait(until: desk.venue.time + 3_000_000_001)
    #expect((report(id)?.mark?.rawValue ?? 0) < second)
    #expect(desk.venue.finding == nil)
  }

  @Test("A guard on the market notices a move of the underlying that the mark does not show") func guarded() throws {
    func tag() throws -> UInt64 {
      let preview = Preview(
        queryId: 1, account: AccountId(12), instrument: Self.put, price: Price(1), quantity: Quantity(1),
        display: .zero, side: .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .allow)
      return try #require(
        DynamicVenue.all(PreviewReport.self, in: desk.venue.answer(preview, for: KeyId(112))).first
      ).marketTag
    }
    let before = try tag()
    #expect(try tag() == before)
    desk.index(6_020_000)
    #expect(report(Self.put)?.mark == Price(1) && report(Self.put)?.underlying == Price(60_200))
    #expect(try tag() != before)
  }

  @Test("Without the permission to borrow a bid's premium must be there, when it enters and when it fills")
  func covered() {
    let desk = MoneyDesk(mayBorrow: false)
    for id in [Self.call] {
      desk.venue.send(definition(of: id), from: Cast.staff)
      desk.venue.send(Self.parameters(of: id), from: Cast.staff)
      desk.venue.send(SetPhase(requestId: 0, instrument: id, phase: .continuous), from: Cast.staff)
    }
    desk.venue.send(
      SetImpliedVolatility(requestId: 0, instrument: Self.call, asset: .settlement, volatility: .one), from: Cast.oracle
    )
    let lots = MoneyDesk.cash / (2_000 * 100_000)
    #expect(desk.order(11, .buy, lots + 1, at: 2_000, in: Self.call) == .insufficientMargin)
    #expect(desk.order(11, .buy, lots, at: 2_000, in: Self.call) == nil)
    #expect(desk.withdraw(1, from: 11) == .insufficientBalance)
    #expect(desk.venue.finding == nil)
  }

  @Test("A fully collateralised account sells a call only under a cap, a put up to its strike") func collateralised() {
    let capped = InstrumentId(62)
    desk.venue.send(definition(of: capped, maximumPrice: 5_000), from: Cast.staff)
    desk.venue.send(Self.parameters(of: capped), from: Cast.staff)
    desk.venue.send(SetPhase(requestId: 0, instrument: capped, phase: .continuous), from: Cast.staff)
    for account: UInt32 in 11...12 {
      desk.venue.send(
        ChangeAccount(
          requestId: 0, account: AccountId(account), leverageCap: 0, mode: .fullyCollateralised, flags: [],
          multiplier: .one), from: Cast.staff)
    }
    #expect(desk.order(12, .sell, 1, at: 2_000, in: Self.call) == .noPriceCap)
    desk.trade(100, at: 2_000, in: capped)
    desk.trade(100, at: 10, in: Self.put)
    let worst = Int64(100 * (5_000 + 58_000 - 2_010)) * 100_000
    #expect(desk.margin(12).free == Money(MoneyDesk.cash - worst))
    #expect(desk.margin(11).free == Money(MoneyDesk.cash - 201_000 * 100_000))
    for cents: Int64 in [3_000_000, 9_000_000] {
      desk.index(cents)
      #expect(desk.margin(12).free == Money(MoneyDesk.cash - worst))
    }
    desk.wait(until: expiry + 1_000_000_000)
    // Settled at 90,000: the call pays its cap of 5,000, the put nothing.
    #expect(desk.balance(12) == Int128(MoneyDesk.cash + 100 * (2_010 - 5_000) * 100_000))
    #expect(desk.venue.finding == nil)
  }

  @Test("What makes no sense is refused with the field") func ranges() {
    func refusal<M: Message>(_ message: M, from key: KeyId = Cast.staff) -> (RejectReason?, Int64?) {
      desk.venue.send(message, from: key)
      let rejected = desk.venue.all(RequestRejected.self).first
      return (rejected?.reason, rejected?.detail)
    }
    let id = InstrumentId(63)
    #expect(
      refusal(definition(of: id, strike: 0)) == (.parameterOutOfRange, DefineOption.Field.strike))
    var put = definition(of: id, maximumPrice: 58_001)
    put.optionTypeCode = OptionType.put.rawValue
    #expect(refusal(put) == (.parameterOutOfRange, DefineOption.Field.maximumPrice))
    put.optionTypeCode = 7
    #expect(refusal(put) == (.invalidField, DefineOption.Field.optionType))
    var parameters = Self.parameters(of: Self.call)
    parameters.repricingInterval = 999
    #expect(refusal(parameters) == (.parameterOutOfRange, SetOptionParameters.Field.repricingInterval))
    parameters = Self.parameters(of: Self.call)
    parameters.maintenanceRate = Rate(100_000_001)
    #expect(refusal(parameters) == (.initialBelowMaintenance, 0))
    parameters = Self.parameters(of: Self.call)
    parameters.minimumRate = Rate(150_000_001)
    #expect(refusal(parameters) == (.parameterOutOfRange, SetOptionParameters.Field.maximumRate))
    parameters = Self.parameters(of: Cast.perpetuals[0])
    #expect(refusal(parameters) == (.invalidField, SetOptionParameters.Field.instrument))
    for volatility in [Rate.zero, Rate(Rate.maximum.rawValue + 1)] {
      let message = SetImpliedVolatility(
        requestId: 0, instrument: Self.call, asset: .settlement, volatility: volatility)
      #expect(refusal(message, from: Cast.oracle) == (.parameterOutOfRange, SetImpliedVolatility.Field.volatility))
    }
    let both = SetImpliedVolatility(
      requestId: 0, instrument: Self.call, asset: Cast.bitcoin, volatility: .one)
    #expect(refusal(both, from: Cast.oracle) == (.invalidField, SetImpliedVolatility.Field.asset))
  }
}

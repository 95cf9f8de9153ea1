import Testing
import Values
import Wire

/// One coordinate after the other calls an account that nothing else would look at.
@Suite("Bands") struct BandScenarios {
  private let desk = RateDesk()
  private var venue: DynamicVenue { desk.venue }

  /// Liquidation is on; account 6 has 3,100 in cash and a key.
  private func begin(mode: AccountMode = .standard, volatilityInstrument: InstrumentId = .none) {
    for (account, amount) in [(UInt32(6), Int64(3_100)), (9, 100_000)] {
      venue.send(
        CreateAccount(
          requestId: 0, account: AccountId(account), master: MasterId(account), parent: .none,
          isolatedInstrument: .none, multiplier: .one, leverageCap: 0, mode: .standard, flags: .mayBorrow),
        from: Cast.staff)
      venue.send(
        DefineKey(
          requestId: 0, key: KeyId(100 + account), master: MasterId(account), publicKey: Bytes32(), roles: .trader),
        from: .venue)
      venue.send(
        Deposit(requestId: 0, account: AccountId(account), asset: .settlement, amount: dollars(amount)),
        from: Cast.staff)
    }
    venue.send(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_667), fund: AccountId(9), interval: 100, staleTimeout: 0,
        attempts: 3), from: Cast.staff)
    setGroup(following: volatilityInstrument)
    venue.send(
      ChangeAccount(
        requestId: 0, account: AccountId(6), leverageCap: 0, mode: mode, flags: .mayBorrow, multiplier: .one),
      from: Cast.staff)
    venue.settle()
  }

  /// The range is 3 % as the volatility rate is; the group's own requirement is a third of it more for initial margin.
  private func setGroup(following instrument: InstrumentId) {
    venue.send(
      SetRiskGroup(
        requestId: 0, asset: Cast.bitcoin, volatilityInstrument: instrument, rangeFloor: Rate(30_000_000),
        volatilityShock: .zero, spreadRate: .zero, shortOptionMinimum: .zero, initialMultiplier: Rate(1_300_000_000),
        creditCap: .zero), from: Cast.staff)
  }

  /// Account 6 is long `lots` at 60,000.
  private func buy(_ lots: Int64) {
    desk.order(1, .sell, lots, at: 60_000)
    desk.order(6, .buy, lots, at: 60_000)
    #expect(!venue.all(OrderFilled.self).isEmpty)
  }

  /// Impact of closing a long position of up to 1,000 lots.
  private func setCurve(_ rate: Int64) {
    venue.send(
      SetImpactCurve(requestId: 0, instrument: RateDesk.perpetual, side: .buy),
      rows: [SetImpactCurve.Row(lots: Quantity(1_000), rate: Rate(rate))], from: Cast.staff)
    #expect(venue.all(RequestAccepted.self).count == 1, "\(venue.texts)")
  }

  /// The calls of account 6 that the next Ticks bring.
  private func calls(after nanoseconds: Int64 = 0) -> [MarginState] {
    var states: [MarginState] = []
    venue.settle(after: nanoseconds, limit: 0)
    for _ in 0..<200 where venue.kernel.hasPendingWork || venue.kernel.nextDue.rawValue <= venue.time {
      venue.tick(work: 5)
      states += venue.all(MarginCall.self).filter { $0.account == AccountId(6) }.compactMap(\.state)
    }
    #expect(venue.finding == nil)
    return states.filter { $0 >= .firstCall }
  }

  @Test("A mark that falls calls")
  func mark() {
    begin()
    buy(1_000)
    #expect(calls().isEmpty)
    desk.mark(59_200)
    #expect(calls().isEmpty, "1,776 of 2,300: 77 %")
    desk.mark(59_100)
    #expect(calls() == [.firstCall], "1,773 of 2,200: 81 %")
  }

  @Test("An impact curve with other sizes calls, by the look at all accounts")
  func otherSizes() {
    begin()
    buy(1_000)
    desk.mark(59_200)
    #expect(calls().isEmpty)
    setCurve(5_000_000)
    #expect(calls() == [.secondCall], "1,776 + 296 of 2,300: 90 %")
  }

  @Test("The same curve with higher rates calls, by its trigger")
  func higherCurve() {
    begin()
    setCurve(0)
    buy(1_000)
    desk.mark(59_200)
    _ = calls()
    setCurve(5_000_000)
    #expect(calls() == [.secondCall])
  }

  @Test("A volatility rate that rises calls", arguments: [AccountMode.standard, .portfolio])
  func volatility(mode: AccountMode) {
    begin(mode: mode, volatilityInstrument: RateDesk.perpetual)
    buy(1_000)
    desk.mark(59_200)
    #expect(calls().isEmpty)
    // Maintenance follows the ramp of 1 % a second by 60 %, two seconds later. The mark does not move.
    venue.send(RateDesk.volatility { $0.deviation = Rate(100_000_000) }, from: Cast.staff)
    var states: [MarginState] = []
    for _ in 0..<12 where states.isEmpty { states += calls(after: 1_000_000_000) }
    #expect(states.first == .firstCall || states.first == .secondCall, "\(states)")
  }

  @Test("A scan range that follows another instrument's volatility calls")
  func range() {
    let other = InstrumentId(2)
    begin(mode: .portfolio, volatilityInstrument: RateDesk.perpetual)
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: other, kind: .perpetual, base: Cast.bitcoin, quote: .settlement, symbol: "OTHER",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero), from: Cast.staff)
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: other, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(10_000_000), initialBase: Rate(20_000_000), sizeFactor: .zero,
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: .one, liquidationFee: .zero, maximumSlippage: .zero), from: Cast.staff)
    func mark(_ price: Int64) {
      venue.send(MarkPrice(requestId: 0, price: Price(price), instrument: other), from: Cast.staff)
    }
    mark(60_000)
    venue.send(SetPhase(requestId: 0, instrument: other, phase: .continuous), from: Cast.staff)
    for (account, side) in [(UInt32(1), Side.sell), (6, .buy)] {
      venue.send(
        NewOrder(
          requestId: 0, account: AccountId(account), instrument: other, price: Price(60_000),
          quantity: Quantity(1_000), display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel,
          flags: [], selfTradePrevention: .allow), from: KeyId(100 + account))
    }
    #expect(!venue.all(OrderFilled.self).isEmpty)
    mark(59_200)
    #expect(calls().isEmpty)
    venue.send(RateDesk.volatility { $0.deviation = Rate(100_000_000) }, from: Cast.staff)
    var states: [MarginState] = []
    for _ in 0..<12 where states.isEmpty { states += calls(after: 1_000_000_000) }
    #expect(!states.isEmpty)
  }

  @Test("The band of a range that follows nothing any more can still be asked for")
  func rangeThatFollowedAnInstrument() {
    begin(mode: .portfolio, volatilityInstrument: RateDesk.perpetual)
    buy(1_000)
    // The first move after a fill brings the look that sets the bands.
    desk.mark(59_200)
    #expect(calls().isEmpty)
    func bands() -> [BandReport] {
      let answer = venue.answer(QueryBands(queryId: 1, account: AccountId(6)), for: Cast.staff)
      return DynamicVenue.all(BandReport.self, in: answer).filter { $0.factor == .scanRange }
    }
    let before = bands()
    #expect(before.map(\.instrument) == [RateDesk.perpetual])
    setGroup(following: .none)
    #expect(bands().map(\.instrument) == [RateDesk.perpetual] && bands().allSatisfy { $0.holds == false })
  }

  @Test("A portfolio account is looked at again when the mark of what it has traded moves, and nothing else does")
  func unchecked() {
    begin(mode: .portfolio)
    buy(500)
    // It has room for 1,000; a larger position asks for a nearer band.
    #expect(calls().isEmpty)
    buy(500)
    desk.mark(59_100)
    #expect(calls() == [.firstCall])
  }
}

import Testing
import Values
import Wire

/// A portfolio account whose positions hedge each other, and the spread between them goes against it.
@Suite("Liquidation of hedged portfolios") struct HedgedLiquidationTests {
  private let desk = RateDesk()
  private var venue: DynamicVenue { desk.venue }
  private static let other = InstrumentId(2)
  private static let fund = AccountId(9)

  /// Account 6 is long 1,000 of the perpetual and short 1,000 of another on the same coin, with 5,000 in cash.
  private func begin() {
    for (account, amount) in [(UInt32(6), Int64(5_000)), (9, 100_000)] {
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
      DefineInstrument(
        requestId: 0, instrument: Self.other, kind: .perpetual, base: Cast.bitcoin, quote: .settlement, symbol: "OTHER",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero), from: Cast.staff)
    for instrument in [RateDesk.perpetual, Self.other] {
      venue.send(
        SetMarginParameters(
          requestId: 0, instrument: instrument, maintenanceTiers: .none, initialTiers: .none,
          maintenanceBase: Rate(10_000_000), initialBase: Rate(20_000_000), sizeFactor: Rate(10_000_000),
          maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
          profitWeight: .one, liquidationFee: Rate(500_000), maximumSlippage: Rate(500_000)), from: Cast.staff)
    }
    mark(60_000, Self.other)
    venue.send(SetPhase(requestId: 0, instrument: Self.other, phase: .continuous), from: Cast.staff)
    venue.send(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(100_000_000), fund: Self.fund, interval: 100, staleTimeout: 0,
        attempts: 3), from: Cast.staff)
    venue.send(
      SetRiskGroup(
        requestId: 0, asset: Cast.bitcoin, volatilityInstrument: .none, rangeFloor: Rate(100_000_000),
        volatilityShock: .zero, spreadRate: Rate(5_000_000), shortOptionMinimum: .zero,
        initialMultiplier: Rate(1_300_000_000), creditCap: .zero), from: Cast.staff)
    venue.send(
      ChangeAccount(
        requestId: 0, account: AccountId(6), leverageCap: 0, mode: .portfolio, flags: .mayBorrow, multiplier: .one),
      from: Cast.staff)
    // Small steps on both sides, so that the account never needs the margin of one leg alone.
    for _ in 0..<40 {
      order(1, .sell, 25, at: 60_000, RateDesk.perpetual)
      order(6, .buy, 25, at: 60_000, RateDesk.perpetual)
      order(1, .buy, 25, at: 60_000, Self.other)
      order(6, .sell, 25, at: 60_000, Self.other)
    }
    #expect(position(RateDesk.perpetual) == 1_000 && position(Self.other) == -1_000)
    venue.settle()
  }

  private func mark(_ price: Int64, _ instrument: InstrumentId) {
    venue.send(MarkPrice(requestId: 0, price: Price(price), instrument: instrument), from: Cast.staff)
  }

  private func order(_ account: UInt32, _ side: Side, _ lots: Int64, at price: Int64, _ instrument: InstrumentId) {
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: instrument, price: Price(price),
        quantity: Quantity(lots), display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel,
        flags: [], selfTradePrevention: .allow), from: KeyId(100 + account))
  }

  private func position(_ instrument: InstrumentId) -> Int64 {
    let answer = venue.answer(QueryPositions(queryId: 1, account: AccountId(6)), for: Cast.staff)
    return DynamicVenue.all(PositionReport.self, in: answer).first { $0.instrument == instrument }?.position.rawValue
      ?? 0
  }

  /// The venue goes on until nothing is left to do; margin of account 6 after each round in which it was touched.
  private func work() -> (margins: [AccountMargin], actions: [LiquidationAction]) {
    var margins: [AccountMargin] = []
    var actions: [LiquidationAction] = []
    for _ in 0..<60 {
      venue.settle(after: 100_000_000, limit: 0)
      for _ in 0..<50 where venue.kernel.hasPendingWork || venue.kernel.nextDue.rawValue <= venue.time {
        venue.tick(work: 20)
        let steps = venue.all(LiquidationStep.self).filter { $0.account == AccountId(6) }
        if !steps.isEmpty { margins.append(desk.margin(6).margin) }
        actions += steps.compactMap(\.action)
      }
    }
    #expect(venue.finding == nil)
    return (margins, actions)
  }

  @Test("Both legs are closed together, step by step, and each step raises the cushion")
  func pairs() {
    begin()
    // Both sides of both books, within the slippage of a twentieth of a per cent.
    for price in [57_590, 57_580] as [Int64] { order(1, .buy, 600, at: price, RateDesk.perpetual) }
    for price in [61_410, 61_420] as [Int64] { order(1, .sell, 600, at: price, Self.other) }
    mark(57_600, RateDesk.perpetual)
    mark(61_400, Self.other)
    let before = desk.margin(6).margin
    #expect(before.cushion < .zero, "\(before)")
    let (margins, actions) = work()
    #expect(actions.contains(.orderFilled) && !actions.contains(.accountTakeover), "\(actions)")
    #expect(desk.margin(6).margin.covers(Rate(1_100_000_000)))
    for (earlier, later) in zip([before] + margins, margins) { #expect(later.cushion > earlier.cushion) }
    let (long, short) = (position(RateDesk.perpetual), position(Self.other))
    #expect(long > 0 && long == -short, "\(long) \(short)")
  }

  @Test("Without a market for one leg the fund takes the whole account")
  func oneLeg() {
    begin()
    order(1, .buy, 2_000, at: 57_600, RateDesk.perpetual)
    mark(57_600, RateDesk.perpetual)
    mark(61_400, Self.other)
    let (_, actions) = work()
    #expect(actions.contains(.accountTakeover) && position(RateDesk.perpetual) == 0 && position(Self.other) == 0)
  }
}

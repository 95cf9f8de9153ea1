import Kernel
import Testing
import Values
import Wire

/// One branch of the liquidation procedure each, with numbers that a pencil can check. One mq is 10^-8 of the currency;
/// the perpetual's lot is worth its price: m = 10^8.
@Suite("Liquidation") struct LiquidationTests {
  /// A venue with one perpetual at 1,000, 5 % maintenance and 6 % initial margin, no fees, 1 % penalty and 2 % slippage.
  private final class Desk {
    let venue: DynamicVenue
    static let perpetual = InstrumentId(1)
    static let other = InstrumentId(2)
    static let fund = AccountId(90)

    init(attempts: UInt16 = 3, takeover: Int64 = 666_666_667, staleTimeout: UInt32 = 0, fundCash: Int64 = 0) {
      venue = DynamicVenue(Cast.definition)
      venue.send(
        DefineKey(
          requestId: 0, key: Cast.staff, master: .none, publicKey: Bytes32(),
          roles: .all.subtracting([.trader, .firmAdmin])),
        from: .venue)
      venue.send(
        DefineAsset(
          requestId: 0, asset: AssetId(1), symbol: "GOLD", digits: 8, priceScale: 0, haircutMaintenance: .none,
          haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero), from: Cast.staff)
      for instrument in [Self.perpetual, Self.other] { define(instrument) }
      account(90, cash: 0)
      venue.send(
        SetLiquidationParameters(
          requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
          target: Rate(1_100_000_000), takeover: Rate(takeover), fund: Self.fund, interval: 100,
          staleTimeout: staleTimeout, attempts: attempts), from: Cast.staff)
      if fundCash > 0 {
        venue.send(FundInsurance(requestId: 0, amount: Money(fundCash * 100_000_000)), from: Cast.staff)
      }
    }

    private func define(_ instrument: InstrumentId) {
      venue.send(
        DefineInstrument(
          requestId: 0, instrument: instrument, kind: .perpetual, base: AssetId(1), quote: .settlement,
          symbol: "GOLD-PERP", priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000_000, maximumPrice: Price(0),
          priceBand: .zero, maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero),
        from: Cast.staff)
      venue.send(
        SetMarginParameters(
          requestId: 0, instrument: instrument, maintenanceTiers: .none, initialTiers: .none,
          maintenanceBase: Rate(50_000_000), initialBase: Rate(60_000_000), sizeFactor: .zero,
          maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
          profitWeight: .one, liquidationFee: Rate(10_000_000), maximumSlippage: Rate(20_000_000)), from: Cast.staff)
      mark(1_000, of: instrument)
      venue.send(SetPhase(requestId: 0, instrument: instrument, phase: .continuous), from: Cast.staff)
    }

    func account(_ id: UInt32, cash: Int64) {
      venue.send(
        CreateAccount(
          requestId: 0, account: AccountId(id), master: MasterId(id), parent: .none, isolatedInstrument: .none,
          multiplier: .one, leverageCap: 0, mode: .standard, flags: .mayBorrow), from: Cast.staff)
      venue.send(
        DefineKey(requestId: 0, key: KeyId(100 + id), master: MasterId(id), publicKey: Bytes32(), roles: .trader),
        from: .venue)
      if cash > 0 {
        venue.send(
          Deposit(requestId: 0, account: AccountId(id), asset: .settlement, amount: Money(cash * 100_000_000)),
          from: Cast.staff)
      }
    }

    func mark(_ price: Int64, of instrument: InstrumentId = Desk.perpetual) {
      venue.send(MarkPrice(requestId: 0, price: Price(price), instrument: instrument), from: Cast.staff)
    }

    @discardableResult func order(
      _ id: UInt32, _ side: Side, _ lots: Int64, at price: Int64, _ instrument: InstrumentId = Desk.perpetual
    ) -> RejectReason? {
      venue.send(
        NewOrder(
          requestId: 0, account: AccountId(id), instrument: instrument, price: Price(price),
          quantity: Quantity(lots), display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel,
          flags: [], selfTradePrevention: .allow), from: KeyId(100 + id))
      return venue.all(OrderRejected.self).first?.reason
    }

    /// `long` buys from `short`.
    func trade(
      _ long: UInt32, _ short: UInt32, _ lots: Int64, at price: Int64, _ instrument: InstrumentId = Desk.perpetual
    ) {
      order(short, .sell, lots, at: price, instrument)
      order(long, .buy, lots, at: price, instrument)
    }

    /// Ticks until nothing is left to do at once; what they told.
    @discardableResult func settle(after milliseconds: Int64 = 0) -> Reports {
      var all = Reports()
      venue.settle(after: milliseconds * 1_000_000, limit: 0)
      for _ in 0..<1_000 where venue.hasWork {
        venue.tick(work: 5)
        all.calls += venue.all(MarginCall.self)
        all.steps += venue.all(LiquidationStep.self)
        all.events += venue.all(LiquidationEvent.self)
        all.cancels += venue.all(OrderCancelled.self)
        all.funding += venue.all(FundingSettled.self)
      }
      return all
    }

    struct Reports {
      var calls: [MarginCall] = []
      var steps: [LiquidationStep] = []
      var events: [LiquidationEvent] = []
      var cancels: [OrderCancelled] = []
      var funding: [FundingSettled] = []

      func steps(_ action: LiquidationAction, of id: UInt32) -> [LiquidationStep] {
        steps.filter { $0.action == action && $0.account == AccountId(id) }
      }
    }

    func position(_ id: UInt32) -> Int64 {
      DynamicVenue.all(
        PositionReport.self,
        in: venue.answer(QueryPositions(queryId: 1, account: AccountId(id)), for: Cast.staff)
      ).first?.position.rawValue ?? 0
    }

    /// Equity in whole units of the currency.
    func equity(_ id: UInt32) -> Int128 {
      DynamicVenue.all(
        MarginReport.self, in: venue.answer(QueryMargin(queryId: 1, account: AccountId(id)), for: Cast.staff)
      )[0].margin.equity.rawValue / 100_000_000
    }

    var insurance: InsuranceReport {
      DynamicVenue.all(InsuranceReport.self, in: venue.answer(QueryInsurance(queryId: 1), for: Cast.staff))[0]
    }
  }

  @Test("Funding that has come in is paid, and told, when a position is taken over and when it is deleveraged")
  func fundingOfTakeovers() throws {
    let desk = Desk(fundCash: 200)
    for id: UInt32 in 1...2 { desk.account(id, cash: 1_000) }
    desk.venue.send(
      IndexPrice(requestId: 0, price: Price(1_000), stablePrice: nil, asset: AssetId(1)), from: Cast.staff)
    desk.venue.send(
      SetFundingParameters(
        requestId: 0, instrument: Desk.perpetual, interval: 3_600_000, period: 28_800_000, sampling: 3_600_000,
        interest: Rate(100_000), clamp: Rate(500_000), cap: Rate(20_000_000), marginFactor: .zero,
        fixedRate: Rate(800_000), isFixed: true), from: Cast.staff)
    desk.trade(1, 2, 16, at: 1_000)
    desk.settle(after: 3_600_000)
    // 0.01 % of 16,000 an hour, from long to short.
    let due = Money(Int64(160_000_000))
    desk.mark(930)
    var reports = desk.settle(after: 1_000)
    for _ in 0..<20 where desk.position(90) == 0 { reports.funding += desk.settle(after: 1_000).funding }
    let taken = reports.funding.filter { $0.account == AccountId(1) }
    #expect(taken.map(\.amount) == [-due] && taken.map(\.position) == [Quantity(16)])
    #expect(desk.position(90) == 16 && desk.position(2) == -16)

    desk.settle(after: 3_600_000)
    desk.mark(800)
    var last = desk.settle(after: 1_000)
    for _ in 0..<40 where desk.position(90) != 0 {
      let more = desk.settle(after: 1_000)
      last.funding += more.funding
      last.steps += more.steps
    }
    #expect(!last.steps(.deleveraged, of: 2).isEmpty && desk.position(90) == 0)
    #expect(last.funding.filter { $0.account == AccountId(2) }.map(\.position) == [Quantity(-16)])
    #expect(last.funding.filter { $0.account == Desk.fund }.map(\.position) == [Quantity(16)])
    #expect(desk.venue.finding == nil)
  }

  @Test("Calls come at 80 % and 90 %, once each, and are lifted two points below")
  func calls() {
    let desk = Desk()
    desk.account(1, cash: 1_000)
    desk.account(2, cash: 100_000)
    desk.trade(1, 2, 10, at: 1_000)
    // Long 10 at 1,000: E = 1,000 − 10·d, MM = 0.05·10·(1,000 − d): 80 % at d = 40, 90 % at d = 47.06.
    desk.mark(960)
    #expect(desk.settle().calls.isEmpty)
    desk.mark(959)
    #expect(desk.settle().calls.map(\.state) == [.firstCall])
    desk.mark(960)
    #expect(desk.settle().calls.isEmpty)
    desk.mark(952)
    #expect(desk.settle().calls.map(\.state) == [.secondCall])
    desk.mark(1_000)
    desk.venue.send(
      Deposit(requestId: 0, account: AccountId(1), asset: .settlement, amount: Money(Int64(100_000_000))),
      from: Cast.staff)
    #expect(desk.venue.all(MarginCall.self).map(\.state) == [.normal])
  }

  @Test("A partial liquidation closes the smallest part that restores 110 %, takes the penalty, and stops")
  func partial() {
    let desk = Desk()
    desk.account(1, cash: 1_000)
    desk.account(2, cash: 100_000)
    desk.account(3, cash: 100_000)
    desk.trade(1, 2, 16, at: 1_000)
    desk.order(3, .buy, 100, at: 978)
    desk.order(1, .sell, 1, at: 1_100)
    // Long 16 at 1,000 and cash 1,000: at 980 E = 680, MM = 784.
    desk.mark(980)
    let reports = desk.settle()
    #expect(reports.cancels.contains { $0.account == AccountId(1) && $0.reason == .liquidation })
    // Worst price 961 (980 less 2 %): an eighth (2 lots) leaves E = 680 − 38 − 19.6, MM = 686; a quarter E = 564.8, MM = 588;
    // a half E = 449.6, MM = 392 · 1.1 = 431.2: eight lots.
    let fills = reports.steps(.orderFilled, of: 1)
    #expect(fills.map(\.quantity.rawValue) == [-8] && fills[0].price == Price(978))
    let penalties = reports.steps(.penalty, of: 1)
    #expect(penalties.map(\.value) == [Money(Int64(7_840_000_000))])
    #expect(desk.position(1) == 8)
    // 680 less 8 lots · 2 and 78.4.
    #expect(desk.equity(1) == 585)
    #expect(desk.insurance.penalties == Money(Int64(7_840_000_000)) && desk.insurance.inLiquidation == 0)
    #expect(reports.events.allSatisfy { $0.side == .sell } && !reports.events.isEmpty)
    #expect(reports.calls.filter { $0.account == AccountId(1) }.map(\.state) == [.liquidation, .normal])
  }

  @Test("While in liquidation an account sends no orders and takes nothing out; money may come in and ends it")
  func frozen() {
    let desk = Desk(attempts: 50)
    desk.account(1, cash: 1_000)
    desk.account(2, cash: 100_000)
    desk.trade(1, 2, 16, at: 1_000)
    desk.mark(980)
    desk.settle()
    #expect(desk.insurance.inLiquidation == 1)
    #expect(desk.order(1, .sell, 1, at: 980) == .inLiquidation)
    desk.venue.send(
      Withdraw(requestId: 0, account: AccountId(1), asset: .settlement, amount: Money(Int64(1))), from: Cast.staff)
    #expect(desk.venue.all(RequestRejected.self).first?.reason == .inLiquidation)
    desk.venue.send(
      Deposit(requestId: 0, account: AccountId(1), asset: .settlement, amount: Money(Int64(50_000_000_000))),
      from: Cast.staff)
    let reports = desk.settle(after: 150)
    #expect(reports.calls.map(\.state) == [.normal] && reports.steps.isEmpty)
    #expect(desk.position(1) == 16 && desk.insurance.inLiquidation == 0)
    #expect(desk.order(1, .sell, 1, at: 980) == nil)
  }

  @Test("Without a market the fund takes over at the bankruptcy price after so many rounds, and sells when it can")
  func takeover() {
    let desk = Desk(attempts: 2, fundCash: 1_000)
    desk.account(1, cash: 1_000)
    desk.account(2, cash: 100_000)
    desk.account(3, cash: 100_000)
    desk.trade(1, 2, 16, at: 1_000)
    desk.mark(980)
    var reports = desk.settle()
    #expect(reports.steps(.takeover, of: 1).isEmpty && desk.position(1) == 16)
    desk.settle(after: 150)
    reports = desk.settle(after: 150)
    // Worth 16·980 = 15,680 less the 680 that are left: 15,000.
    let takeovers = reports.steps(.takeover, of: 1)
    #expect(takeovers.map(\.value) == [Money(Int64(1_500_000_000_000))])
    #expect(desk.position(1) == 0 && desk.equity(1) == 0 && desk.position(90) == 16)
    #expect(desk.equity(90) == 1_680)
    desk.order(3, .buy, 100, at: 975)
    reports = desk.settle(after: 150)
    #expect(reports.steps(.unwound, of: 90).map(\.quantity.rawValue) == [-16])
    // Sold 5 below the mark.
    #expect(desk.position(90) == 0 && desk.equity(90) == 1_600)
    #expect(desk.insurance.takeovers == 1)
  }

  @Test("Below two thirds of the requirement the fund takes over at once, and pays what is missing")
  func bankrupt() {
    let desk = Desk(fundCash: 1_000)
    desk.account(1, cash: 1_000)
    desk.account(2, cash: 100_000)
    desk.trade(1, 2, 16, at: 1_000)
    desk.mark(900)
    let reports = desk.settle()
    // E = −600.
    #expect(reports.calls.first { $0.account == AccountId(1) }?.state == .bankrupt)
    #expect(reports.steps(.takeover, of: 1).count == 1)
    #expect(desk.equity(1) == 0 && desk.equity(90) == 400 && desk.position(90) == 16)
  }

  @Test("A hedged portfolio is ranked by what its spread earns, not by one leg")
  func deleveragingOfPortfolios() {
    let desk = Desk()
    for (id, cash) in [(1, 1_000), (2, 8_280), (3, 4_000), (4, 100_000)] as [(UInt32, Int64)] {
      desk.account(id, cash: cash)
    }
    desk.venue.send(
      SetRiskGroup(
        requestId: 0, asset: AssetId(1), volatilityInstrument: .none, rangeFloor: Rate(60_000_000),
        volatilityShock: .zero, spreadRate: .zero, shortOptionMinimum: .zero, initialMultiplier: .one,
        creditCap: .zero), from: Cast.staff)
    desk.venue.send(
      ChangeAccount(
        requestId: 0, account: AccountId(3), leverageCap: 0, mode: .portfolio, flags: .mayBorrow, multiplier: .one),
      from: Cast.staff)
    desk.trade(1, 2, 6, at: 1_000)
    desk.trade(1, 3, 4, at: 1_000)
    desk.trade(3, 4, 2, at: 1_000, Desk.other)
    desk.mark(880, of: Desk.other)
    desk.mark(880)
    desk.settle()
    let reports = desk.settle(after: 150)
    // Account 2: 720·5,280/(6,000·9,000) = 0.070. Account 3: 240·5,280/(6,000·4,240) = 0.050 of both legs; its short one
    // alone would be 480·3,520/(4,000·4,240) = 0.100.
    let trades = reports.steps.filter { $0.action == .deleveraged && $0.account != Desk.fund }
    #expect(trades.map(\.account) == [AccountId(2), AccountId(3)])
    #expect(trades.map(\.quantity.rawValue) == [6, 4])
  }

  @Test("A fund with less than nothing deleverages the best ranked on the other side")
  func deleveraging() {
    let desk = Desk()
    desk.account(1, cash: 1_000)
    desk.account(2, cash: 100_000)
    desk.account(3, cash: 4_000)
    desk.trade(1, 2, 6, at: 1_000)
    desk.trade(1, 3, 4, at: 1_000)
    desk.mark(880)
    desk.settle()
    let reports = desk.settle(after: 150)
    // E of account 1: 1,000 − 10·120 = −200; the fund has nothing. Account 3 has the higher leverage: it closes all of its
    // 4 lots, then account 2 the other 6, both at 900, where account 1 was bankrupt.
    let trades = reports.steps.filter { $0.action == .deleveraged && $0.account != Desk.fund }
    #expect(trades.map(\.account) == [AccountId(3), AccountId(2)])
    #expect(trades.map(\.quantity.rawValue) == [4, 6])
    #expect(trades.map(\.value) == [Money(Int64(360_000_000_000)), Money(Int64(540_000_000_000))])
    #expect(trades.map(\.quintile) == [5, 3])
    for id in [1, 2, 3, 90] as [UInt32] { #expect(desk.position(id) == 0) }
    #expect(desk.equity(3) == 4_400 && desk.equity(2) == 100_600 && desk.equity(90) == 0)
    #expect(desk.insurance.deleveragings == 2)
  }

  @Test("What nobody can stand in for is taken from open profits, in proportion")
  func socialisation() {
    let desk = Desk()
    for id in UInt32(2)...8 { desk.account(id, cash: 100_000) }
    desk.account(1, cash: 1_000)
    desk.trade(1, 2, 10, at: 1_000)
    // Account 2 hands its short to account 5 at 870, who will have no profit: nobody can be ranked.
    desk.trade(2, 5, 10, at: 870)
    // Profits of 300 and 100 in another instrument.
    desk.trade(3, 4, 30, at: 1_000, Desk.other)
    desk.trade(7, 8, 10, at: 1_000, Desk.other)
    desk.mark(1_010, of: Desk.other)
    desk.settle()
    desk.mark(880)
    desk.settle()
    #expect(desk.equity(90) == -200)
    let reports = desk.settle(after: 150)
    let shares = reports.steps.filter { $0.action == .lossShared }
    #expect(shares.map(\.account) == [AccountId(3), AccountId(7)])
    #expect(shares.map(\.value) == [Money(Int64(15_000_000_000)), Money(Int64(5_000_000_000))])
    #expect(desk.equity(90) == 0 && desk.position(90) == 10)
    #expect(desk.insurance.lossShared == Money(Int64(20_000_000_000)))
  }

  @Test("A halted market liquidates nobody, until the timeout, when the fund takes the whole account at the mark")
  func halted() {
    let desk = Desk(staleTimeout: 1_000, fundCash: 5_000)
    desk.account(1, cash: 1_000)
    desk.account(2, cash: 100_000)
    desk.trade(1, 2, 16, at: 1_000)
    desk.venue.send(SetPhase(requestId: 0, instrument: Desk.perpetual, phase: .halted), from: Cast.staff)
    desk.mark(980)
    #expect(desk.settle().steps.isEmpty)
    #expect(desk.settle(after: 500).steps.isEmpty && desk.position(1) == 16)
    let reports = desk.settle(after: 700)
    #expect(reports.steps(.accountTakeover, of: 1).count == 2)
    #expect(desk.position(1) == 0 && desk.equity(1) == 0 && desk.position(90) == 16 && desk.equity(90) == 5_680)
  }

  @Test("A kernel that is written down in the middle of a liquidation goes on as if it had not been", arguments: 1...6)
  func restart(rounds: Int) throws {
    func run(restarting: Bool) throws -> [[UInt8]] {
      let desk = Desk(attempts: 4)
      for id in UInt32(1)...12 {
        desk.account(id, cash: Int64(id) * 100)
        desk.account(20 + id, cash: 2_000)
        desk.trade(id, 20 + id, Int64(id), at: 1_000)
      }
      desk.account(50, cash: 500)
      desk.order(50, .buy, 3, at: 940)
      desk.mark(945)
      var told: [[UInt8]] = []
      for round in 0..<60 {
        if restarting && round % rounds == 0 { try desk.venue.restart() }
        desk.venue.tick(work: 3)
        told += desk.venue.reports.map(\.bytes)
        if !desk.venue.hasWork { desk.venue.settle(after: 100_000_000, limit: 0) }
        if round == 30 { desk.mark(700) }
      }
      return told
    }
    let (plain, restarted) = (try run(restarting: false), try run(restarting: true))
    #expect(plain == restarted && plain.count > 30)
  }

  @Test("Streams of crashes: every branch is taken, the bands miss nobody, and money is conserved")
  func streams() throws {
    var actions: [LiquidationAction: Int] = [:]
    var calls = 0
    for seed in UInt64(1)...4 {
      var random = Random(seed: seed)
      let venue = DynamicVenue(Cast.definition)
      Cast.setUp(venue, &random)
      var (orders, market, money, liquidation) = (OrderFlow(), MarketFlow(), MoneyFlow(), LiquidationFlow())
      liquidation.setUp(venue, &random)
      for step in 0..<600 where venue.finding == nil {
        if step % 2 == 0 { orders.step(venue, &random) } else { market.step(venue, &random) }
        liquidation.step(venue, &random)
        if step % 9 == 0 { money.step(venue, &random) }
        if step % 50 == 0 { try venue.restart() }
      }
      #expect(venue.finding == nil, "seed \(seed): \(venue.finding ?? "")")
      actions.merge(venue.actions, uniquingKeysWith: +)
      calls += venue.reported[.marginCall, default: 0]
    }
    #expect(calls > 50)
    for action in [LiquidationAction.orderFilled, .takeover, .unwound, .deleveraged] {
      #expect(actions[action, default: 0] > 0, "\(action) is not among \(actions)")
    }
  }

  @Test("Ten thousand units of trouble: a crash with many leveraged accounts ends, in Ticks of bounded work")
  func crash() {
    let desk = Desk(attempts: 2, fundCash: 100)
    for id in UInt32(1)...20 {
      desk.account(id, cash: 500)
      desk.account(20 + id, cash: 3_000)
      desk.trade(id, 20 + id, 4, at: 1_000)
    }
    desk.mark(700)
    var ticks = 0
    while desk.venue.finding == nil && ticks < 3_000 {
      if !desk.venue.hasWork { desk.venue.settle(after: 100_000_000, limit: 0) }
      desk.venue.tick(work: 5)
      ticks += 1
      #expect(desk.venue.reports.count < 200, "one Tick did too much")
      if desk.insurance.inLiquidation == 0 && !desk.venue.hasWork && desk.position(1) == 0 { break }
    }
    #expect(desk.insurance.inLiquidation == 0 && ticks < 3_000)
    for id in UInt32(1)...20 { #expect(desk.position(id) == 0) }
    #expect(desk.venue.finding == nil)
  }
}

extension DynamicVenue {
  /// Whether a Tick has something to do.
  fileprivate var hasWork: Bool { kernel.hasPendingWork || kernel.nextDue.rawValue <= time }
}

import Kernel
import Values
import Wire

/// A small venue that lives: a few accounts of every kind, perpetuals and spot pairs, positions, and orders in the books.
///
/// Its tables are so small that programs fill them.
public enum Fixture {
  /// Every role but trader's; no accounts.
  public static let staff = KeyId(1)
  /// Traders of masters 1, 2 and 3.
  public static let traders = [KeyId(2), KeyId(3), KeyId(4)]
  public static let observer = KeyId(5)
  /// Every role, and trader of master 1.
  public static let everything = KeyId(6)
  /// Without roles.
  public static let revoked = KeyId(7)
  public static let keys = [staff] + traders + [observer, everything, revoked]

  /// Accounts by number: 1 of master 1; 2 of master 2; 3 of master 3, which may not borrow, in portfolio mode; 4 isolated under 1;
  /// 5 fully collateralised, of master 3.
  public static let accounts = (1...5).map { AccountId($0) }
  /// Account of the insurance fund.
  public static let fund = AccountId(8)

  /// A perpetual in continuous trading.
  public static let perpetual = InstrumentId(1)
  /// Coin against the settlement currency, continuous.
  public static let spot = InstrumentId(2)
  /// Gem against coin, closed to matching. Gems have no price.
  public static let crossPair = InstrumentId(3)
  /// A perpetual with a price cap, tiers, an impact curve and a price band.
  public static let capped = InstrumentId(4)
  /// A perpetual without margin parameters, halted.
  public static let bare = InstrumentId(5)
  /// A perpetual of which one lot at one price unit is worth 10^15 quanta, with the highest fees: nobody has the money
  /// for it, but its numbers are as large as they may be.
  public static let huge = InstrumentId(6)
  /// A call on coin at the money, 90 days to its expiry, continuous.
  public static let option = InstrumentId(20)
  /// A future on coin, continuous, that expires within the time of one program.
  public static let future = InstrumentId(21)
  public static let instruments = [perpetual, spot, crossPair, capped, bare, huge]

  public static let coin = AssetId(1)
  public static let gem = AssetId(2)

  public static let definition = DefineVenue(
    requestId: 1, venueId: 77, name: "fuzz", assets: 4, schedules: 6, instruments: 10, accounts: 8, keys: 16,
    positions: 24, balances: 12, orders: 60, ordersPerAccount: 24, workPerTick: 3, auditInterval: 0, moneyDigits: 2)

  /// The same with a fraction of the tables, for ``smallState``.
  static let smallDefinition: DefineVenue = {
    var small = definition
    (small.accounts, small.positions, small.balances, small.orders, small.ordersPerAccount) = (4, 6, 6, 16, 8)
    return small
  }()

  /// The canonical bytes of the venue's state, from which each run starts.
  public static let state: StateBytes = {
    var venue = FixtureVenue(definition)
    venue.build()
    return StateBytes(of: venue.kernel)
  }()

  /// The state of a venue with all keys but only one perpetual, one spot pair and two accounts, without positions or orders: a
  /// run from here takes a fraction of the time, which sessions and frames do not notice.
  static let smallState: StateBytes = {
    var venue = FixtureVenue(smallDefinition)
    venue.buildSmall()
    return StateBytes(of: venue.kernel)
  }()

  /// The frames of key 0 that make the venue, without the orders and trades of its life so far.
  public static let genesis: [[UInt8]] = {
    var venue = FixtureVenue(definition)
    venue.build()
    return venue.genesis
  }()

  /// A kernel in one of those states.
  public static func kernel(isSmall: Bool = false) -> Kernel {
    do { return try (isSmall ? smallState : state).restored() } catch {
      fatalError("the fixture's state cannot be read: \(error)")
    }
  }
}

/// The venue while it is made.
private struct FixtureVenue: ~Copyable {
  let definition: DefineVenue
  var kernel: Kernel
  private(set) var genesis: [[UInt8]] = []
  private var output = Output()

  init(_ definition: DefineVenue) {
    self.definition = definition
    kernel = Kernel(venue: definition)
  }

  mutating func buildSmall() {
    send(definition)
    for key in Fixture.keys { define(key) }
    defineSchedules()
    defineAssets()
    for instrument in [Fixture.perpetual, Fixture.spot] {
      define(instrument)
      if instrument == Fixture.perpetual { parametrise(instrument) }
      send(MarkPrice(requestId: 1, price: Price(10_000), instrument: instrument))
      send(SetPhase(requestId: 1, instrument: instrument, phase: .continuous))
    }
    for account in Fixture.accounts.prefix(2) { create(account) }
  }

  mutating func build() {
    send(definition)
    for key in Fixture.keys { define(key) }
    defineSchedules()
    defineAssets()
    defineInstruments()
    defineGroups()
    for account in Fixture.accounts { create(account) }
    trade()
    insure()
  }

  /// Sends a frame, which must be accepted.
  private mutating func send(_ bytes: [UInt8], from key: KeyId) {
    if key == .venue { genesis.append(bytes) }
    output.clear()
    bytes.withUnsafeBytes {
      kernel.apply(Frame($0), key: key, time: Timestamp(kernel.time.rawValue + 1_000), output: &output)
    }
    output.forEachFrame { _, bytes in
      let report = Frame(bytes)
      if report.template == .requestRejected || report.template == .orderRejected {
        fatalError("the fixture is refused: \(FrameText.describe(report))")
      }
    }
  }

  private mutating func send(_ message: some Message, from key: KeyId = .venue) { send(frameBytes(message), from: key) }

  private func money(_ quanta: Int64) -> Money { Money(quanta) }

  private func next(_ key: KeyId) -> UInt64 { (kernel.keyRecord(key)?.lastRequest ?? 0) + 1 }

  private mutating func define(_ key: KeyId) {
    let roles: Roles =
      switch key {
      case Fixture.staff: .all.subtracting([.trader, .firmAdmin])
      case Fixture.observer: .observer
      case Fixture.everything: .all
      case Fixture.revoked: []
      default: .trader
      }
    let master: UInt32 =
      key == Fixture.everything ? 1 : UInt32((Fixture.traders.firstIndex(of: key) ?? -1) + 1)
    send(
      DefineKey(
        requestId: 1, key: key, master: MasterId(master), publicKey: SigningKey(key).publicKey, roles: roles))
  }

  private mutating func defineSchedules() {
    let tables: [[(Int64, Int64)]] = [
      [(0, 30_000_000), (500_000, 60_000_000)], [(0, 60_000_000), (300_000, 120_000_000)],
      [(0, 50_000_000), (1_000_000, 200_000_000)], [(0, 100_000_000), (1_000_000, 400_000_000)],
    ]
    for (index, rows) in tables.enumerated() {
      send(
        frameBytes(
          DefineSchedule(requestId: 1, schedule: ScheduleId(UInt16(index + 1))),
          rows: rows.map { DefineSchedule.Row(lower: Money($0.0), rate: Rate($0.1)) }), from: .venue)
    }
  }

  private mutating func defineAssets() {
    send(
      DefineAsset(
        requestId: 1, asset: Fixture.coin, symbol: "COIN", digits: 4, priceScale: 4, haircutMaintenance: ScheduleId(3),
        haircutInitial: ScheduleId(4), debtAddonMaintenance: Rate(50_000_000), debtAddonInitial: Rate(100_000_000)))
    send(
      SetOracleParameters(
        requestId: 1, deviation: .maximum, confidence: .maximum, riskAge: Limits.oracleAge,
        liquidationAge: Limits.oracleAge, asset: Fixture.coin, quorum: 1))
    send(
      DefineAsset(
        requestId: 1, asset: Fixture.gem, symbol: "GEM", digits: 2, priceScale: 2, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: Rate(0), debtAddonInitial: Rate(0)))
    send(IndexPrice(requestId: 1, price: Price(10_000), stablePrice: Price(9_900), asset: Fixture.coin))
  }

  private mutating func defineInstruments() {
    for instrument in Fixture.instruments { define(instrument) }
    for instrument in [Fixture.perpetual, Fixture.capped, Fixture.huge] { parametrise(instrument) }
    send(
      frameBytes(
        SetImpactCurve(requestId: 1, instrument: Fixture.capped, side: .buy),
        rows: [
          SetImpactCurve.Row(lots: Quantity(5), rate: Rate(1_000_000)),
          SetImpactCurve.Row(lots: Quantity(50), rate: Rate(20_000_000)),
        ]), from: .venue)
    measure(Fixture.huge)
    for instrument in [Fixture.perpetual, Fixture.spot, Fixture.capped, Fixture.huge] {
      send(MarkPrice(requestId: 1, price: Price(10_000), instrument: instrument))
      send(SetPhase(requestId: 1, instrument: instrument, phase: .continuous))
    }
    send(SetPhase(requestId: 1, instrument: Fixture.crossPair, phase: .closedToMatching))
    defineOption()
    defineFuture()
    charge()
  }

  /// By a key and not with the venue: as part of the genesis it would have expired at a server whose clock is right.
  private mutating func defineFuture() {
    let (staff, future) = (Fixture.staff, Fixture.future)
    send(
      DefineFuture(
        requestId: next(staff), instrument: future, base: Fixture.coin, symbol: "FUTURE", priceUnit: 10_000_000_000,
        lotSize: 1_000_000_000_000, maximumPrice: Price(0), priceBand: .zero, maximumOrder: .zero,
        positionLimit: .zero, makerFee: .zero, takerFee: Rate(300_000), expiry: Timestamp(300_000_000_000),
        settlementWindow: 60_000, settlementInterval: 20_000), from: staff)
    parametrise(future, from: staff)
    send(MarkPrice(requestId: next(staff), price: Price(10_100), instrument: future), from: staff)
    send(SetPhase(requestId: next(staff), instrument: future, phase: .continuous), from: staff)
  }

  /// Funding and interest, also within that time.
  private mutating func charge() {
    send(
      SetFundingParameters(
        requestId: 1, instrument: Fixture.perpetual, interval: 60_000, period: 60_000, sampling: 20_000,
        interest: Rate(100_000), clamp: Rate(500_000), cap: Rate(20_000_000), marginFactor: .zero, fixedRate: .zero,
        isFixed: false))
    for asset in [AssetId.settlement, Fixture.coin] {
      send(
        SetInterestParameters(
          requestId: 1, asset: asset, interval: 60_000, base: Rate(10_000_000), slope: Rate(100_000_000),
          steepSlope: Rate(1_000_000_000), kink: Rate(800_000_000), reserveFactor: Rate(100_000_000)))
    }
  }

  private mutating func defineOption() {
    send(
      DefineOption(
        requestId: 1, instrument: Fixture.option, base: Fixture.coin, optionType: .call, symbol: "CALL",
        priceUnit: 10_000_000_000, lotSize: 1_000_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: Rate(300_000),
        expiry: Timestamp(1 << 61), settlementWindow: 60_000, settlementInterval: 1_000,
        strike: Price(10_000)))
    send(
      SetOptionParameters(
        requestId: 1, instrument: Fixture.option, repricingInterval: 86_400_000, maximumRate: Rate(150_000_000),
        minimumRate: Rate(100_000_000), maintenanceRate: Rate(75_000_000), repricingMove: Rate(2_500_000)))
    send(
      SetImpliedVolatility(
        requestId: 1, instrument: .none, asset: Fixture.coin, volatility: Rate(800_000_000)))
    send(SetPhase(requestId: 1, instrument: Fixture.option, phase: .continuous))
  }

  /// Rates and curves that follow the market.
  private mutating func measure(_ instrument: InstrumentId) {
    send(
      SetVolatilityParameters(
        requestId: 1, instrument: instrument, interval: 1_000, quantile: 3_000, horizon: 60, decay: 3, notice: 5,
        floor: Rate(1_000_000), stress: Rate(100_000_000), up: Rate(20_000_000), down: Rate(1_000_000),
        maintenanceShare: Rate(600_000_000), cap: Rate(500_000_000), lowerOpenInterest: Money(rawValue: 1_000_000),
        upperOpenInterest: Money(rawValue: 1_000_000_000_000), deviation: .zero), from: .venue)
    send(
      frameBytes(
        SetLiquidityParameters(
          requestId: 1, instrument: instrument, interval: 500, window: 4, smoothing: 1, floor: Rate(1_000),
          cap: Rate(100_000_000), change: Rate(10_000_000)),
        rows: (1...8).map { SetLiquidityParameters.Row(lots: Quantity($0 * 50)) }), from: .venue)
  }

  /// Scenarios for both underlyings, and a relation between them.
  private mutating func defineGroups() {
    for asset in [Fixture.coin, Fixture.gem] {
      send(
        SetRiskGroup(
          requestId: 1, asset: asset, volatilityInstrument: asset == Fixture.coin ? Fixture.capped : .none,
          rangeFloor: Rate(150_000_000), volatilityShock: Rate(250_000_000), spreadRate: Rate(10_000_000),
          shortOptionMinimum: money(5), initialMultiplier: Rate(1_300_000_000), creditCap: Rate(600_000_000)))
    }
    send(
      SetGroupCredit(
        requestId: 1, first: Fixture.coin, second: Fixture.gem, rate: Rate(400_000_000), firstShare: .one,
        secondShare: Rate(500_000_000)))
  }

  private mutating func define(_ instrument: InstrumentId) {
    let isSpot = instrument == Fixture.spot || instrument == Fixture.crossPair
    let isCapped = instrument == Fixture.capped
    let isHuge = instrument == Fixture.huge
    let lot: Int64 = instrument == Fixture.crossPair ? 10_000_000_000 : 1_000_000_000_000
    send(
      DefineInstrument(
        requestId: 1, instrument: instrument, kind: isSpot ? .spot : .perpetual,
        base: instrument == Fixture.crossPair ? Fixture.gem : Fixture.coin,
        quote: instrument == Fixture.crossPair ? Fixture.coin : .settlement, symbol: "TEST",
        priceUnit: isHuge ? 5_000_000_000_000_000_000 : 10_000_000_000,
        lotSize: isHuge ? 2_000_000_000_000_000_000 : lot,
        maximumPrice: Price(isCapped ? 20_000 : 0), priceBand: Rate(isCapped ? 10_000_000 : 0),
        maximumOrder: Quantity(isCapped ? 100 : 0), positionLimit: Quantity(isCapped ? 150 : 0),
        makerFee: Rate(isHuge ? 100_000_000 : isCapped ? -50_000 : 100_000),
        takerFee: Rate(isHuge ? 100_000_000 : 300_000)))
  }

  private mutating func parametrise(_ instrument: InstrumentId, from key: KeyId = .venue) {
    let hasTiers = instrument == Fixture.capped
    send(
      SetMarginParameters(
        requestId: key == .venue ? 1 : next(key), instrument: instrument,
        maintenanceTiers: ScheduleId(hasTiers ? 1 : 0), initialTiers: ScheduleId(hasTiers ? 2 : 0),
        maintenanceBase: Rate(50_000_000), initialBase: Rate(100_000_000),
        sizeFactor: Rate(hasTiers ? 2_000_000 : 0), maintenanceVolatility: Rate(hasTiers ? 20_000_000 : 0),
        initialVolatility: Rate(hasTiers ? 30_000_000 : 0), volatilityRatio: Rate(1_500_000_000),
        profitWeight: Rate(800_000_000), liquidationFee: Rate(5_000_000), maximumSlippage: Rate(5_000_000)), from: key)
  }

  /// Margin calls and liquidation, with an insurance fund of its own.
  private mutating func insure() {
    send(
      CreateAccount(
        requestId: 1, account: Fixture.fund, master: MasterId(8), parent: .none, isolatedInstrument: .none,
        multiplier: .one, leverageCap: 0, mode: .standard, flags: []))
    send(
      SetLiquidationParameters(
        requestId: 1, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_667), fund: Fixture.fund, interval: 100,
        staleTimeout: 1_000,
        attempts: 3))
    send(FundInsurance(requestId: 1, amount: money(1_000)))
    send(SetPriceHistory(requestId: 1, interval: 1_000))
    // The look at every account that this brings: the fixture begins with nothing left to do.
    while kernel.hasPendingWork { send(Tick(work: 256)) }
  }

  private mutating func create(_ account: AccountId) {
    let isIsolated = account.rawValue == 4
    let master: UInt32 = isIsolated ? 1 : min(account.rawValue, 3)
    send(
      CreateAccount(
        requestId: 1, account: account, master: MasterId(master), parent: isIsolated ? AccountId(1) : .none,
        isolatedInstrument: isIsolated ? Fixture.perpetual : .none, multiplier: Rate(1_000_000_000),
        leverageCap: account.rawValue == 2 ? 20 : 0,
        mode: account.rawValue == 5 ? .fullyCollateralised : account.rawValue == 3 ? .portfolio : .standard,
        flags: account.rawValue <= 2 || isIsolated ? .mayBorrow : []))
    if isIsolated {
      send(
        Transfer(
          requestId: 1, source: AccountId(1), destination: account, asset: .settlement, amount: money(40_000)))
    } else {
      send(Deposit(requestId: 1, account: account, asset: .settlement, amount: money(200_000)))
      send(Deposit(requestId: 1, account: account, asset: Fixture.coin, amount: money(100_000)))
    }
    if account.rawValue == 2 {
      send(Deposit(requestId: 1, account: account, asset: Fixture.gem, amount: money(5_000)))
    }
  }

  /// Positions both ways, then a few orders on each side of each book.
  private mutating func trade() {
    for instrument in [Fixture.perpetual, Fixture.spot, Fixture.capped, Fixture.future] {
      order(0, .sell, 12, at: 10_000, instrument)
      order(1, .buy, 8, at: 10_000, instrument)
      order(2, .buy, 3, at: 10_000, instrument)
      for step: Int64 in 1...3 {
        order(Int(step) - 1, .buy, 4 + step, at: 9_995 - 10 * step, instrument, display: step == 2 ? 2 : 0)
        order(Int(step) - 1, .sell, 2 + step, at: 10_005 + 10 * step, instrument)
      }
    }
    order(1, .sell, 2, at: 10_050, Fixture.crossPair)
    order(0, .buy, 1, at: 10_060, Fixture.crossPair)
    hold(.sell, at: 9_800, .stop)
    hold(.buy, at: 10_200, .stop)
  }

  /// A held order of the first trader.
  private mutating func hold(_ side: Side, at trigger: Int64, _ condition: TriggerCondition) {
    let key = Fixture.traders[0]
    send(
      NewContingentOrder(
        requestId: next(key), account: AccountId(1), instrument: Fixture.perpetual, price: Price(10_000),
        quantity: Quantity(2), display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .allow, source: .mark, condition: condition, trailing: .none, triggerPrice: Price(trigger),
        partner: 0,
        expiry: Timestamp(0), distance: 0),
      from: key)
  }

  private mutating func order(
    _ trader: Int, _ side: Side, _ quantity: Int64, at price: Int64, _ instrument: InstrumentId, display: Int64 = 0
  ) {
    let key = Fixture.traders[trader]
    send(
      NewOrder(
        requestId: next(key), account: AccountId(UInt32(trader + 1)), instrument: instrument, price: Price(price),
        quantity: Quantity(quantity), display: Quantity(display), side: side, orderType: .limit,
        timeInForce: .goodTillCancel, flags: [], selfTradePrevention: .cancelNewest), from: key)
  }
}

import FuzzHarness
import Testing
import Values
import Wire

/// A request that the fixture's venue accepts.
struct Prototype: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]

  var template: Template { bytes.withUnsafeBytes { Frame($0).template } }
  var testDescription: String { name }

  /// The same with another request id.
  func with(requestId: UInt64) -> [UInt8] {
    var copy = bytes
    for index in 0..<8 { copy[FrameHeader.length + index] = UInt8(truncatingIfNeeded: requestId >> UInt64(8 * index)) }
    return copy
  }

  /// Whose key sends them: every role, trader of the master of account 1.
  static let sender = Fixture.everything

  private init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  private init(_ name: String, _ message: some Message) { self.init(name, frameBytes(message)) }

  /// At least one for every command that a client may send.
  static let all: [Prototype] = definitions + accounts + money + market + orders

  private static let definitions: [Prototype] = [
    Prototype(
      "schedule",
      frameBytes(
        DefineSchedule(requestId: 0, schedule: ScheduleId(5)),
        rows: [
          DefineSchedule.Row(lower: Money(rawValue: 0), rate: Rate(10_000_000)),
          DefineSchedule.Row(lower: Money(rawValue: 1_000), rate: Rate(20_000_000)),
        ])),
    Prototype(
      "asset",
      DefineAsset(
        requestId: 0, asset: AssetId(3), symbol: "NEW", digits: 3, priceScale: 3, haircutMaintenance: ScheduleId(3),
        haircutInitial: ScheduleId(4), debtAddonMaintenance: Rate(1), debtAddonInitial: Rate(2))),
    Prototype("perpetual", instrument(InstrumentId(7), .perpetual, quote: .settlement)),
    Prototype(
      "future",
      DefineFuture(
        requestId: 0, instrument: InstrumentId(9), base: Fixture.coin, symbol: "DATED", priceUnit: 10_000_000_000,
        lotSize: 1_000_000_000_000, maximumPrice: Price(50_000), priceBand: Rate(100_000_000),
        maximumOrder: Quantity(1_000), positionLimit: Quantity(10_000), makerFee: Rate(-1_000), takerFee: Rate(2_000),
        expiry: Timestamp(1 << 61), settlementWindow: 60_000, settlementInterval: 1_000)),
    Prototype(
      "option",
      DefineOption(
        requestId: 0, instrument: InstrumentId(10), base: Fixture.coin, optionType: .put, symbol: "PUT",
        priceUnit: 10_000_000_000, lotSize: 1_000_000_000_000, maximumPrice: Price(9_000),
        priceBand: Rate(100_000_000), maximumOrder: Quantity(1_000), positionLimit: Quantity(10_000),
        makerFee: Rate(-1_000), takerFee: Rate(2_000), expiry: Timestamp(1 << 61), settlementWindow: 60_000,
        settlementInterval: 1_000, strike: Price(9_500))),
    Prototype(
      "option parameters",
      SetOptionParameters(
        requestId: 0, instrument: Fixture.option, repricingInterval: 60_000, maximumRate: Rate(200_000_000),
        minimumRate: Rate(120_000_000), maintenanceRate: Rate(80_000_000), repricingMove: Rate(1_000_000))),
    Prototype(
      "funding parameters",
      SetFundingParameters(
        requestId: 0, instrument: Fixture.perpetual, interval: 3_600_000, period: 28_800_000, sampling: 60_000,
        interest: Rate(100_000), clamp: Rate(500_000), cap: Rate(20_000_000), marginFactor: Rate(500_000_000),
        fixedRate: Rate(0), isFixed: false)),
    Prototype(
      "interest parameters",
      SetInterestParameters(
        requestId: 0, asset: Fixture.coin, interval: 3_600_000, base: Rate(20_000_000), slope: Rate(100_000_000),
        steepSlope: Rate(1_000_000_000), kink: Rate(800_000_000), reserveFactor: Rate(100_000_000))),
    Prototype(
      "fee tier",
      SetFeeTier(
        requestId: 0, account: AccountId(5), makerMultiple: Rate(900_000_000), takerMultiple: Rate(800_000_000))),
    Prototype("prevention group", SetPreventionGroup(requestId: 0, account: AccountId(5), group: 3)),
    Prototype("spot pair", instrument(InstrumentId(8), .spot, quote: Fixture.gem)),
    Prototype(
      "margin parameters",
      SetMarginParameters(
        requestId: 0, instrument: Fixture.bare, maintenanceTiers: ScheduleId(1), initialTiers: ScheduleId(2),
        maintenanceBase: Rate(50_000_000), initialBase: Rate(100_000_000), sizeFactor: Rate(1_000_000),
        maintenanceVolatility: Rate(10_000_000), initialVolatility: Rate(20_000_000),
        volatilityRatio: Rate(1_200_000_000), profitWeight: Rate(500_000_000), liquidationFee: Rate(1_000_000),
        maximumSlippage: Rate(1_000_000))),
    Prototype(
      "impact curve",
      frameBytes(
        SetImpactCurve(requestId: 0, instrument: Fixture.perpetual, side: .sell),
        rows: [
          SetImpactCurve.Row(lots: Quantity(10), rate: Rate(1_000_000)),
          SetImpactCurve.Row(lots: Quantity(100), rate: Rate(5_000_000)),
        ])),
    Prototype(
      "volatility parameters",
      SetVolatilityParameters(
        requestId: 0, instrument: Fixture.perpetual, interval: 1_000, quantile: 3_000, horizon: 60, decay: 5, notice: 3,
        floor: Rate(20_000_000), stress: Rate(100_000_000), up: Rate(5_000_000), down: Rate(1_000_000),
        maintenanceShare: Rate(600_000_000), cap: Rate(400_000_000), lowerOpenInterest: Money(rawValue: 1_000),
        upperOpenInterest: Money(rawValue: 1_000_000), deviation: Rate(1_000_000))),
    Prototype(
      "asset parameters",
      SetAssetParameters(
        requestId: 0, asset: Fixture.coin, haircutMaintenance: ScheduleId(3), haircutInitial: ScheduleId(4),
        debtAddonMaintenance: Rate(10_000_000), debtAddonInitial: Rate(20_000_000))),
    Prototype(
      "instrument limits",
      SetInstrumentLimits(
        requestId: 0, instrument: Fixture.perpetual, priceBand: Rate(500_000_000), maximumOrder: Quantity(0),
        positionLimit: Quantity(100_000), makerFee: Rate(100_000), takerFee: Rate(300_000))),
    Prototype(
      "other rows",
      frameBytes(
        SetSchedule(requestId: 0, schedule: ScheduleId(1)),
        rows: [SetSchedule.Row(lower: Money(rawValue: 0), rate: Rate(20_000_000))])),
    Prototype(
      "liquidity parameters",
      frameBytes(
        SetLiquidityParameters(
          requestId: 0, instrument: Fixture.perpetual, interval: 1_000, window: 3, smoothing: 2, floor: Rate(1_000),
          cap: Rate(100_000_000), change: Rate(1_000_000)),
        rows: (1...8).map { SetLiquidityParameters.Row(lots: Quantity($0 * 10)) })),
    Prototype(
      "risk group",
      SetRiskGroup(
        requestId: 0, asset: Fixture.coin, volatilityInstrument: Fixture.perpetual, rangeFloor: Rate(100_000_000),
        volatilityShock: Rate(300_000_000), spreadRate: Rate(5_000_000), shortOptionMinimum: Money(rawValue: 10),
        initialMultiplier: Rate(1_200_000_000), creditCap: Rate(500_000_000))),
    Prototype(
      "group credit",
      SetGroupCredit(
        requestId: 0, first: Fixture.gem, second: Fixture.coin, rate: Rate(500_000_000), firstShare: Rate(1),
        secondShare: .one)),
    Prototype(
      "liquidation parameters",
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_667), fund: Fixture.fund, interval: 100,
        staleTimeout: 1_000, attempts: 3)),
    Prototype(
      "account limits",
      SetAccountLimits(
        requestId: 0, account: AccountId(5), openOrders: 100, orderValue: Money(Int64(1_000_000_000_000)),
        ordersPerSecond: 10, duplicateWindow: 50)),
    Prototype("price history", SetPriceHistory(requestId: 0, interval: 60_000)),
  ]

  private static func instrument(_ id: InstrumentId, _ kind: InstrumentKind, quote: AssetId) -> DefineInstrument {
    DefineInstrument(
      requestId: 0, instrument: id, kind: kind, base: Fixture.coin, quote: quote, symbol: "NEW",
      priceUnit: 10_000_000_000, lotSize: 1_000_000_000_000, maximumPrice: Price(50_000), priceBand: Rate(100_000_000),
      maximumOrder: Quantity(1_000), positionLimit: Quantity(10_000), makerFee: Rate(-1_000), takerFee: Rate(2_000))
  }

  private static let accounts: [Prototype] = [
    Prototype(
      "account",
      CreateAccount(
        requestId: 0, account: AccountId(6), master: MasterId(1), parent: .none, isolatedInstrument: .none,
        multiplier: Rate(1_500_000_000), leverageCap: 10, mode: .standard, flags: .mayBorrow)),
    Prototype(
      "isolated account",
      CreateAccount(
        requestId: 0, account: AccountId(6), master: MasterId(1), parent: AccountId(1),
        isolatedInstrument: Fixture.capped, multiplier: Rate(1_000_000_000), leverageCap: 0, mode: .standard, flags: [])
    ),
    Prototype(
      "account change",
      ChangeAccount(
        requestId: 0, account: AccountId(1), leverageCap: 12, mode: .standard, flags: .mayBorrow,
        multiplier: Rate(1_100_000_000))),
    Prototype(
      "key",
      DefineKey(
        requestId: 0, key: KeyId(40), master: MasterId(2), publicKey: SigningKey(KeyId(40)).publicKey, roles: .trader)),
    Prototype("key roles", ChangeKeyRoles(requestId: 0, key: Fixture.traders[1], roles: .observer)),
  ]

  private static let money: [Prototype] = [
    Prototype(
      "deposit", Deposit(requestId: 0, account: AccountId(1), asset: Fixture.coin, amount: Money(rawValue: 500))),
    Prototype(
      "withdrawal",
      Withdraw(requestId: 0, account: AccountId(2), asset: .settlement, amount: Money(rawValue: 500))),
    Prototype("insurance", FundInsurance(requestId: 0, amount: Money(rawValue: 700))),
    Prototype(
      "transfer",
      Transfer(
        requestId: 0, source: AccountId(1), destination: AccountId(2), asset: .settlement, amount: Money(rawValue: 500))
    ),
  ]

  private static let market: [Prototype] = [
    Prototype(
      "index price",
      IndexPrice(requestId: 0, price: Price(10_100), stablePrice: Price(10_000), asset: Fixture.coin)),
    Prototype(
      "oracle parameters",
      SetOracleParameters(
        requestId: 0, deviation: Rate(100_000_000), confidence: Rate(10_000_000), riskAge: 10_000,
        liquidationAge: 60_000, asset: Fixture.coin, quorum: 1)),
    Prototype(
      "mark parameters",
      SetMarkParameters(
        requestId: 0, minimumMove: Price(1), band: Rate(10_000_000), basisWeight: Rate(10_000_000),
        instrument: Fixture.capped, interval: 1000, minimumInterval: 100)),
    Prototype("mark price", MarkPrice(requestId: 0, price: Price(10_010), instrument: Fixture.perpetual)),
    Prototype(
      "implied volatility",
      SetImpliedVolatility(
        requestId: 0, instrument: Fixture.option, asset: .settlement, volatility: Rate(650_000_000))),
    Prototype(
      "flat volatility",
      SetImpliedVolatility(requestId: 0, instrument: .none, asset: Fixture.coin, volatility: Rate(650_000_000))),
    Prototype("phase", SetPhase(requestId: 0, instrument: Fixture.spot, phase: .closedToMatching)),
    Prototype("kill switch", SetKillSwitch(requestId: 0, target: 1, scope: .account, engaged: true)),
    Prototype(
      "kill switch of a key",
      SetKillSwitch(requestId: 0, target: Fixture.traders[1].rawValue, scope: .key, engaged: true)),
    Prototype(
      "delisting",
      SetListing(requestId: 0, instrument: InstrumentId(1), action: .delist, phase: .halted, time: Timestamp(0))),
    Prototype("countdown", SetCountdown(requestId: 0, milliseconds: 1_000, account: .none)),
    Prototype("kill switch of the venue", SetKillSwitch(requestId: 0, target: 0, scope: .venue, engaged: true)),
    Prototype("snapshot", TakeSnapshot(requestId: 0)),
  ]

  private static let orders: [Prototype] = [
    Prototype("resting order", order(.buy, 3, at: 9_950)),
    Prototype("iceberg", order(.buy, 3, at: 9_960, display: 1)),
    Prototype("order that trades", order(.buy, 5, at: 10_020, timeInForce: .immediateOrCancel)),
    Prototype("sweep", order(.sell, 10, at: 9_900, timeInForce: .fillOrKill)),
    Prototype("market order", order(.sell, 2, at: 9_900, type: .market, timeInForce: .immediateOrCancel)),
    Prototype("market-to-limit order", order(.buy, 3, at: 10_050, type: .marketToLimit, timeInForce: .day)),
    Prototype(
      "order with terms",
      NewOrder(
        requestId: 0, account: AccountId(1), instrument: Fixture.perpetual, price: Price(10_030), quantity: Quantity(6),
        display: .zero, side: .buy, orderType: .limit, timeInForce: .goodTillDate, flags: [],
        selfTradePrevention: .allow, minimumQuantity: Quantity(1), expiry: Timestamp(Int64.max - 1),
        budget: .zero)),
    Prototype("spot order", order(.buy, 1, at: 10_020, Fixture.spot)),
    Prototype("order at a band", order(.buy, 4, at: 10_100, Fixture.capped, timeInForce: .immediateOrCancel)),
    Prototype("reduce-only order", order(.buy, 2, at: 9_940, flags: .reduceOnly)),
    Prototype(
      "contingent order",
      NewContingentOrder(
        requestId: 0, account: AccountId(1), instrument: Fixture.perpetual, price: Price(9_900), quantity: Quantity(3),
        display: .zero, side: .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .allow, source: .last, condition: .stop, trailing: .partsPerMillion,
        triggerPrice: Price(9_950), partner: 0,
        expiry: Timestamp(0), distance: 5_000)),
    Prototype(
      "replace of a contingent order",
      ReplaceContingentOrder(
        requestId: 0, orderRequestId: 15, triggerPrice: Price(9_940), price: Price(9_900),
        quantity: Quantity(4), display: .zero, orderKey: Fixture.traders[0], expiry: Timestamp(0), distance: 0)),
    Prototype(
      "guarded order",
      NewGuardedOrder(
        requestId: 0, account: AccountId(1), instrument: Fixture.perpetual, price: Price(9_950), quantity: Quantity(3),
        display: .zero, side: .buy, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .cancelOldest, guards: .minimumFree, accountTag: 0, marketTag: 0, bookTag: 0,
        maximumInitialMargin: .zero, minimumFree: .zero, minimumQuantity: .zero, expiry: Timestamp(0), budget: .zero)),
    Prototype("cancel", CancelOrder(requestId: 0, orderRequestId: 2, orderKey: Fixture.traders[0])),
    Prototype(
      "replace",
      ReplaceOrder(
        requestId: 0, orderRequestId: 3, price: Price(10_030), quantity: Quantity(4), display: Quantity(1),
        expectedFilled: Quantity(0), orderKey: Fixture.traders[0], timeInForce: .goodTillCancel)),
    Prototype(
      "mass quote",
      frameBytes(
        MassQuote(requestId: 0, account: AccountId(1), isPostOnly: false, selfTradePrevention: .cancelNewest),
        rows: [
          MassQuote.Row(
            bidPrice: Price(9_900), bidQuantity: Quantity(3), askPrice: Price(10_100), askQuantity: Quantity(4),
            instrument: Fixture.perpetual)
        ])),
    Prototype("mass cancel", MassCancel(requestId: 0, account: AccountId(1), instrument: .none, side: .both)),
  ]

  private static func order(
    _ side: Side, _ quantity: Int64, at price: Int64, _ instrument: InstrumentId = Fixture.perpetual,
    display: Int64 = 0, type: OrderType = .limit, timeInForce: TimeInForce = .goodTillCancel, flags: OrderFlags = []
  ) -> NewOrder {
    NewOrder(
      requestId: 0, account: AccountId(1), instrument: instrument, price: Price(price), quantity: Quantity(quantity),
      display: Quantity(display), side: side, orderType: type, timeInForce: timeInForce, flags: flags,
      selfTradePrevention: .cancelOldest)
  }
}

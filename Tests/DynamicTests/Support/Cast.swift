import Values
import Wire

/// Who and what is at the venue before any flow adds to it: two underlyings, a stablecoin, perpetuals 1 and 2, a spot pair
/// 3, and accounts 1–10 of masters 1–8 (accounts 9 and 10 are sub-accounts of masters 1 and 2).
enum Cast {
  static let staff = KeyId(1)
  static let oracle = KeyId(2)
  static let bitcoin = AssetId(1)
  static let ether = AssetId(2)
  static let dollar = AssetId(3)
  static let perpetuals = [InstrumentId(1), InstrumentId(2)]
  static let spot = InstrumentId(3)
  static let accounts: [UInt32] = Array(1...10)

  static func master(of account: UInt32) -> MasterId { MasterId(account > 8 ? account - 8 : account) }
  static func key(of account: UInt32) -> KeyId { KeyId(100 + master(of: account).rawValue) }
  /// Where prices start, in price units.
  static func startingPrice(_ instrument: InstrumentId) -> Int64 { instrument == perpetuals[1] ? 2_500 : 60_000 }

  /// One mq is 10^-8 of the currency; sizes leave room for what flows define.
  static let definition = DefineVenue(
    requestId: 1, venueId: 7, name: "dynamic", assets: 8, schedules: 16, instruments: 64, accounts: 64, keys: 64,
    positions: 2048, balances: 512, orders: 4096, ordersPerAccount: 256, workPerTick: 7, auditInterval: 0,
    moneyDigits: 8)

  static func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      DefineKey(
        requestId: 0, key: staff, master: .none, publicKey: Bytes32(), roles: .all.subtracting([.trader, .firmAdmin])),
      from: .venue)
    venue.send(
      DefineKey(requestId: 0, key: oracle, master: .none, publicKey: Bytes32(), roles: [.oracle, .riskModel]),
      from: .venue)
    defineAssets(venue)
    for instrument in perpetuals { define(instrument, venue) }
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: spot, kind: .spot, base: bitcoin, quote: .settlement, symbol: "BTC",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: Rate(500_000)), from: staff)
    for instrument in perpetuals + [spot] {
      venue.send(
        MarkPrice(requestId: 0, price: Price(startingPrice(instrument)), instrument: instrument), from: oracle)
      venue.send(SetPhase(requestId: 0, instrument: instrument, phase: .continuous), from: staff)
    }
    for account in accounts { create(account, venue, &random) }
  }

  private static func defineAssets(_ venue: DynamicVenue) {
    let haircuts: [[(Int64, Int64)]] = [
      [(0, 50_000_000), (20_000_000_000_000, 100_000_000)], [(0, 100_000_000), (15_000_000_000_000, 300_000_000)],
    ]
    for (index, rows) in haircuts.enumerated() {
      venue.send(
        DefineSchedule(requestId: 0, schedule: ScheduleId(UInt16(index + 1))),
        rows: rows.map { DefineSchedule.Row(lower: Money($0.0), rate: Rate($0.1)) }, from: staff)
    }
    // Eight digits each; the price is in hundredths of the currency per unit.
    for (asset, price) in [(bitcoin, Int64(6_000_000)), (ether, 250_000), (dollar, 100)] {
      venue.send(
        DefineAsset(
          requestId: 0, asset: asset, symbol: "ASSET", digits: 8, priceScale: 2, haircutMaintenance: ScheduleId(1),
          haircutInitial: ScheduleId(2), debtAddonMaintenance: Rate(50_000_000), debtAddonInitial: Rate(100_000_000)),
        from: staff)
      venue.send(IndexPrice(requestId: 0, price: Price(price), stablePrice: nil, asset: asset), from: oracle)
    }
  }

  /// A perpetual of one unit per lot and price units of the currency: m = 10^8 mq; BTC lots are thousandths.
  private static func define(_ instrument: InstrumentId, _ venue: DynamicVenue) {
    let isBitcoin = instrument == perpetuals[0]
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: instrument, kind: .perpetual, base: isBitcoin ? bitcoin : ether, quote: .settlement,
        symbol: "PERP", priceUnit: 1_000_000_000_000, lotSize: isBitcoin ? 1_000_000_000 : 10_000_000_000,
        maximumPrice: Price(0), priceBand: .zero, maximumOrder: .zero, positionLimit: .zero, makerFee: Rate(-50_000),
        takerFee: Rate(500_000)), from: staff)
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: instrument, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(20_000_000), initialBase: Rate(40_000_000), sizeFactor: Rate(1_000_000),
        maintenanceVolatility: Rate(10_000_000), initialVolatility: Rate(20_000_000),
        volatilityRatio: Rate(1_100_000_000), profitWeight: Rate(900_000_000), liquidationFee: Rate(5_000_000),
        maximumSlippage: Rate(5_000_000)), from: staff)
  }

  private static func create(_ account: UInt32, _ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      CreateAccount(
        requestId: 0, account: AccountId(account), master: master(of: account), parent: .none,
        isolatedInstrument: .none, multiplier: .one, leverageCap: account == 4 ? 10 : 0, mode: .standard,
        flags: account.isMultiple(of: 3) ? [] : .mayBorrow), from: staff)
    if account <= 8 {
      venue.send(
        DefineKey(
          requestId: 0, key: key(of: account), master: master(of: account), publicKey: Bytes32(),
          roles: [.trader, .marketMaker]), from: .venue)
    }
    let cash = random.number(20_000...500_000) * 100_000_000
    venue.send(
      Deposit(requestId: 0, account: AccountId(account), asset: .settlement, amount: Money(cash)), from: staff)
    if random.chance(500) {
      venue.send(
        Deposit(
          requestId: 0, account: AccountId(account), asset: bitcoin, amount: Money(random.number(1...300_000_000))),
        from: staff)
    }
  }
}

import Values
import Wire

/// Who and what plays in a random stream, and how it is set up.
///
/// Accounts 1–12: 1–3 master 1, 4–5 master 2, 6–7 master 3, 8–9 master 4 (9 fully collateralised), 10 master 5, and two
/// whales, 11 and 12, with masters of their own. 13 is an isolated sub-account of 1. Perpetuals 1–3 and 7, spot pairs 4–6.
enum StreamCast {
  static let staff = KeyId(1)
  static let oracle = KeyId(2)
  static let clerk = KeyId(3)
  /// The administrator of master 1.
  static let firm = KeyId(19)
  static let traders: [KeyId] = (11...18).map { KeyId($0) }

  static let masterOfAccount: [UInt32: UInt32] = [
    1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3, 8: 4, 9: 4, 10: 5, 11: 6, 12: 7, 13: 1,
  ]
  static let whales: [UInt32] = [11, 12]
  static let perpetuals: [UInt32] = [1, 2, 3, 7]
  static let spots: [UInt32] = [4, 5, 6]
  static let unpricedAsset = AssetId(4)

  /// Master of each trader's key; master 1 has two.
  static func master(of key: KeyId) -> UInt32 { traders.dropLast().contains(key) ? key.rawValue - 10 : 1 }

  static func roles(of key: KeyId) -> Roles {
    switch key {
    case staff: .all.subtracting([.trader, .firmAdmin])
    case oracle: [.oracle, .observer]
    case clerk: [.registrar, .treasurer]
    case firm: .firmAdmin
    case traders[2], traders[5], traders[7]: [.trader, .marketMaker]
    default: .trader
    }
  }

  static func accounts(of master: UInt32) -> [UInt32] {
    masterOfAccount.filter { $0.value == master }.keys.sorted()
  }

  /// Where prices start.
  static func startingPrice(_ instrument: UInt32) -> Int64 {
    switch instrument {
    case 1: 10_000
    case 2: 250
    case 3: 5_000
    case 7: 1_000
    case 4: 10_000
    case 5: 10_000
    default: 500
    }
  }

  static func definition(_ seed: UInt64) -> DefineVenue {
    var random = Random(seed: seed ^ 0xCA57)
    return DefineVenue(
      requestId: 1, venueId: seed, name: "stream", assets: 6, schedules: 9, instruments: 9, accounts: 15, keys: 16,
      positions: UInt32(random.number(80...110)), balances: UInt32(random.number(46...64)),
      orders: UInt32(random.number(120...300)), ordersPerAccount: UInt32(random.number(8...30)),
      workPerTick: UInt32(random.number(1...6)), auditInterval: 64, moneyDigits: 8)
  }

  /// The commands that build the venue.
  static func setup(_ definition: DefineVenue, _ random: inout Random) -> [[UInt8]] {
    var frames = [frameBytes(definition)]
    for key in [staff, oracle, clerk, firm] + traders {
      let isOfFirm = !roles(of: key).isDisjoint(with: [.trader, .firmAdmin])
      let master = isOfFirm ? MasterId(master(of: key)) : .none
      frames.append(
        frameBytes(
          DefineKey(requestId: 0, key: key, master: master, publicKey: Bytes32(), roles: roles(of: key))))
    }
    frames += schedules() + assets(&random) + instruments(&random) + accounts(&random)
    return frames
  }

  private static func schedules() -> [[UInt8]] {
    let tables: [[(Int64, Int64)]] = [
      [(0, 10_000_000), (2_000_000_000, 20_000_000), (10_000_000_000, 50_000_000), (50_000_000_000, 125_000_000)],
      [(0, 20_000_000), (2_000_000_000, 50_000_000), (10_000_000_000, 100_000_000), (50_000_000_000, 250_000_000)],
      [(0, 50_000_000), (3_000_000_000, 150_000_000), (20_000_000_000, 600_000_000)],
      [(0, 100_000_000), (3_000_000_000, 300_000_000), (20_000_000_000, 1_000_000_000)],
      [(0, 20_000_000)],
    ]
    return tables.enumerated().map { index, table in
      frameBytes(
        DefineSchedule(requestId: 0, schedule: ScheduleId(UInt16(index + 1))),
        rows: table.map { DefineSchedule.Row(lower: Money($0.0), rate: Rate($0.1)) })
    }
  }

  private static func assets(_ random: inout Random) -> [[UInt8]] {
    // Digits, price scale, haircut schedules, add-ons.
    let rows: [(UInt8, UInt8, UInt16, UInt16, Int64, Int64)] = [
      (8, 2, 3, 4, 50_000_000, 100_000_000), (6, 1, 5, 5, 0, 10_000_000), (0, 0, 0, 4, 100_000_000, 100_000_000),
      (8, 3, 3, 4, 20_000_000, 30_000_000),
    ]
    return rows.enumerated().map { index, row in
      frameBytes(
        DefineAsset(
          requestId: 0, asset: AssetId(UInt16(index + 1)), symbol: "ASSET", digits: row.0, priceScale: row.1,
          haircutMaintenance: ScheduleId(row.2), haircutInitial: ScheduleId(row.3), debtAddonMaintenance: Rate(row.4),
          debtAddonInitial: Rate(row.5)))
    } + [
      frameBytes(IndexPrice(requestId: 0, price: Price(10_000), stablePrice: nil, asset: AssetId(1))),
      frameBytes(IndexPrice(requestId: 0, price: Price(1_000), stablePrice: Price(990), asset: AssetId(2))),
      frameBytes(IndexPrice(requestId: 0, price: Price(50_000), stablePrice: nil, asset: AssetId(3))),
    ]
  }

  private static func instruments(_ random: inout Random) -> [[UInt8]] {
    // Id, kind, base, quote, price unit, lot, highest price, band, largest order, position limit, fees.
    typealias Row = (UInt32, InstrumentKind, UInt16, UInt16, Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64)
    let milli: Int64 = 1_000_000_000
    let rows: [Row] = [
      (1, .perpetual, 1, 0, 10 * milli, milli, 0, 0, 0, 6_000, 200_000, 500_000),
      (2, .perpetual, 2, 0, 100 * milli, 100 * milli, 1_000, 0, 5_000, 0, -100_000, 300_000),
      (3, .perpetual, 3, 0, milli, 10 * milli, 0, 30_000_000, 0, 0, 100_000, -50_000),
      (7, .perpetual, 1, 0, 10 * milli, 10 * milli, 0, 0, 0, 0, 0, 1_000),
      (4, .spot, 1, 0, 10 * milli, 10 * milli, 0, 100_000_000, 0, 0, 100_000, 1_000_000),
      (5, .spot, 2, 1, 1_000_000, 1_000 * milli, 0, 0, 10_000, 0, 0, 0),
      (6, .spot, 4, 0, 100 * milli, 10 * milli, 0, 0, 0, 4_000, -10_000, 20_000),
    ]
    var frames = rows.map { row in
      frameBytes(
        DefineInstrument(
          requestId: 0, instrument: InstrumentId(row.0), kind: row.1, base: AssetId(row.2), quote: AssetId(row.3),
          symbol: "PAIR", priceUnit: row.4, lotSize: row.5, maximumPrice: Price(row.6), priceBand: Rate(row.7),
          maximumOrder: Quantity(row.8), positionLimit: Quantity(row.9), makerFee: Rate(row.10), takerFee: Rate(row.11))
      )
    }
    for id in perpetuals where id != 7 { frames.append(frameBytes(parameters(id, &random))) }
    for id in [1, 2, 3, 4, 5] as [UInt32] {
      frames.append(frameBytes(MarkPrice(requestId: 0, price: Price(startingPrice(id)), instrument: InstrumentId(id))))
    }
    for id in [1, 2, 3, 4, 5, 6] as [UInt32] {
      frames.append(frameBytes(SetPhase(requestId: 0, instrument: InstrumentId(id), phase: .continuous)))
    }
    for (side, shift) in [(Side.buy, 0), (.sell, 1)] as [(Side, Int64)] {
      frames.append(
        frameBytes(
          SetImpactCurve(requestId: 0, instrument: InstrumentId(2), side: side),
          rows: [(100, 0), (500, 4_000_000), (2_000, 30_000_000)].map {
            SetImpactCurve.Row(lots: Quantity($0.0 + shift * 37), rate: Rate($0.1))
          }))
    }
    return frames
  }

  static func parameters(_ instrument: UInt32, _ random: inout Random) -> SetMarginParameters {
    let tiered = random.chance(700)
    let base = random.pick([0, 5_000_000, 20_000_000, 50_000_000] as [Int64])
    return SetMarginParameters(
      requestId: 0, instrument: InstrumentId(instrument), maintenanceTiers: ScheduleId(tiered ? 1 : 0),
      initialTiers: ScheduleId(tiered || random.chance(300) ? 2 : 0), maintenanceBase: Rate(base),
      initialBase: Rate(base + random.pick([0, 10_000_000, 50_000_000])),
      sizeFactor: Rate(random.pick([0, 0, 3_000_000, 40_000_000])),
      maintenanceVolatility: Rate(random.pick([0, 10_000_000, 33_333_333])),
      initialVolatility: Rate(random.pick([0, 30_000_000, 60_000_001])),
      volatilityRatio: Rate(random.pick([1_100_000_000, 1_333_333_333, 2_000_000_000])),
      profitWeight: Rate(random.pick([0, 500_000_000, 777_777_777, 1_000_000_000])), liquidationFee: Rate(1_000_000),
      maximumSlippage: Rate(random.pick([0, 3_000_000])))
  }

  private static func accounts(_ random: inout Random) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    for (id, master) in masterOfAccount.sorted(by: { $0.key < $1.key }) {
      let isIsolated = id == 13
      let isCollateralised = id == 9
      frames.append(
        frameBytes(
          CreateAccount(
            requestId: 0, account: AccountId(id), master: MasterId(master), parent: AccountId(isIsolated ? 1 : 0),
            isolatedInstrument: InstrumentId(isIsolated ? 1 : 0),
            multiplier: Rate(id % 4 == 2 ? 1_250_000_000 : 1_000_000_000), leverageCap: id % 5 == 0 ? 20 : 0,
            mode: isCollateralised ? .fullyCollateralised : .standard,
            flags: isCollateralised || id % 3 == 0 ? [] : .mayBorrow)))
      if isIsolated { continue }
      let isWhale = whales.contains(id)
      let cash: Int64 = isWhale ? 900_000_000_000_000_000 : random.number(500_000_000...4_000_000_000)
      frames.append(
        frameBytes(Deposit(requestId: 0, account: AccountId(id), asset: .settlement, amount: Money(cash))))
      for asset in [1, 2, 3, 4] as [UInt16] where random.chance(500) || isWhale {
        let largest: Int64 = [0, 30_000_000, 2_000_000, 20_000, 400_000][Int(asset)]
        frames.append(
          frameBytes(
            Deposit(
              requestId: 0, account: AccountId(id), asset: AssetId(asset), amount: Money(random.number(1...largest)))))
      }
    }
    return frames
  }
}

import Client
import Kernel
import Values
import Wire

/// The venue that the suite measures: perpetuals with ten margin tiers, size premium, volatility rates, impact curves
/// and fees, and funded accounts that each have a master and a key of their own.
///
/// One money quantum is 10^-8 of the settlement currency; a price unit is 1, a lot 0.001 of the underlying.
struct BenchVenue {
  let instruments: Int
  let accounts: Int
  /// Resting orders of all books.
  var orders = 1 << 20
  var auditInterval: UInt32 = 64
  var mode = AccountMode.standard
  /// Positions of all accounts.
  var positions: Int?
  /// What each account is given, by its number.
  var deposits: @Sendable (UInt32) -> Money = { _ in BenchVenue.deposit }
  /// Whether keys can log in; without, a venue of a million is made in seconds.
  var hasLogins = true

  /// The login key of account `number`, made from its number: of use nowhere else.
  static func keyPair(of number: UInt32) -> KeyPair {
    var seed = [UInt8](repeating: 0, count: 32)
    withUnsafeBytes(of: number.littleEndian) { seed.replaceSubrange(0..<4, with: $0) }
    return KeyPair(seed: seed)
  }

  static let mark = Price(32_000)
  /// Ten million.
  static let deposit = Money(Int64(1_000_000_000_000_000))
  /// The insurance fund: the account, master and key after all others.
  var fund: UInt32 { UInt32(accounts + 1) }

  var definition: DefineVenue {
    DefineVenue(
      requestId: 0, venueId: 1, name: "bench", assets: 4, schedules: 4, instruments: UInt32(instruments),
      accounts: UInt32(accounts + 1), keys: UInt32(accounts + 1),
      positions: UInt32((positions ?? instruments * accounts) + instruments), balances: 4,
      orders: UInt32(orders), ordersPerAccount: UInt32(orders), workPerTick: 256, auditInterval: auditInterval,
      moneyDigits: 8)
  }

  /// The commands of key 0 that make the venue.
  func genesis() -> Frames {
    var frames = Frames(capacity: 4096 + 600 * instruments + 200 * accounts)
    frames.append(definition)
    frames.append(DefineSchedule(requestId: 0, schedule: ScheduleId(1)), rows: tiers(hundredths: 40))
    frames.append(DefineSchedule(requestId: 0, schedule: ScheduleId(2)), rows: tiers(hundredths: 80))
    frames.append(
      DefineAsset(
        requestId: 0, asset: AssetId(1), symbol: "XBT", digits: 8, priceScale: 0, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero))
    for number in 1...instruments { define(InstrumentId(UInt32(number)), in: &frames) }
    frames.append(SetPhase(requestId: 0, instrument: .none, phase: .continuous))
    frames.append(
      SetRiskGroup(
        requestId: 0, asset: AssetId(1), volatilityInstrument: .none, rangeFloor: Rate(80_000_000),
        volatilityShock: Rate(250_000_000), spreadRate: Rate(10_000_000), shortOptionMinimum: .zero,
        initialMultiplier: Rate(1_300_000_000), creditCap: Rate(600_000_000)))
    for number in 1...accounts { define(account: UInt32(number), in: &frames) }
    defineLiquidation(in: &frames)
    return frames
  }

  /// Margin calls and liquidation: without them no account would be watched.
  private func defineLiquidation(in frames: inout Frames) {
    define(account: fund, mode: .standard, in: &frames)
    frames.append(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_667), fund: AccountId(fund), interval: 100,
        staleTimeout: 60_000, attempts: 3))
    frames.append(FundInsurance(requestId: 0, amount: Self.deposit))
  }

  /// Ten brackets from 50,000 up, each twice as wide, rates rising from `hundredths` of a percent by half of it.
  private func tiers(hundredths: Int64) -> [DefineSchedule.Row] {
    (0..<10).map { row in
      DefineSchedule.Row(
        lower: Money(row == 0 ? 0 : Int64(50_000) * 100_000_000 << Int64(row - 1)),
        rate: Rate(hundredths * 100_000 + Int64(row) * hundredths * 50_000))
    }
  }

  private func define(_ instrument: InstrumentId, in frames: inout Frames) {
    frames.append(
      DefineInstrument(
        requestId: 0, instrument: instrument, kind: .perpetual, base: AssetId(1), quote: .settlement,
        symbol: "XBT-PERP", priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0),
        priceBand: Rate(100_000_000), maximumOrder: Quantity(100_000), positionLimit: Quantity(10_000_000),
        makerFee: Rate(100_000), takerFee: Rate(500_000)))
    frames.append(
      SetMarginParameters(
        requestId: 0, instrument: instrument, maintenanceTiers: ScheduleId(1), initialTiers: ScheduleId(2),
        maintenanceBase: Rate(4_000_000), initialBase: Rate(8_000_000), sizeFactor: Rate(200_000),
        maintenanceVolatility: Rate(5_000_000), initialVolatility: Rate(9_000_000),
        volatilityRatio: Rate(1_500_000_000), profitWeight: Rate(950_000_000), liquidationFee: Rate(1_000_000),
        maximumSlippage: Rate(1_000_000)))
    for side in [Side.buy, .sell] {
      let knots = [(100, 100_000), (1000, 300_000), (10_000, 1_500_000), (100_000, 10_000_000)]
      frames.append(
        SetImpactCurve(requestId: 0, instrument: instrument, side: side),
        rows: knots.map { SetImpactCurve.Row(lots: Quantity(Int64($0.0)), rate: Rate(Int64($0.1))) })
    }
    frames.append(MarkPrice(requestId: 0, price: Self.mark, instrument: instrument))
  }

  private func define(account: UInt32, in frames: inout Frames) { define(account: account, mode: mode, in: &frames) }

  private func define(account: UInt32, mode: AccountMode, in frames: inout Frames) {
    frames.append(
      CreateAccount(
        requestId: 0, account: AccountId(account), master: MasterId(account), parent: .none,
        isolatedInstrument: .none, multiplier: .one, leverageCap: mode == .portfolio ? 0 : 50, mode: mode,
        flags: .mayBorrow))
    frames.append(
      Deposit(requestId: 0, account: AccountId(account), asset: .settlement, amount: deposits(account)))
    let publicKey = hasLogins ? Self.keyPair(of: account).publicKey : Bytes32(UInt64(account))
    frames.append(
      DefineKey(
        requestId: 0, key: KeyId(account), master: MasterId(account), publicKey: publicKey, roles: .trader))
  }
}

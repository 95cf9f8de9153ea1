import Values
import Wire

/// The throw-away venue of a tape: one perpetual with a tick of one money quantum per lot, no bands, no fees, low margin
/// rates and one operator key. Accounts and their keys are added as the tape needs them.
public enum TapeWorld {
  public static let instrument = InstrumentId(1)
  public static let underlying = AssetId(1)
  /// Holds all roles; defines accounts and keys, deposits, sets the phase.
  public static let operatorKey = KeyId(1)
  /// Keys from here on trade; each has a master of the same number.
  public static let firstTraderKey: UInt32 = 2
  /// "TAPE" in ASCII.
  public static let venueId: UInt64 = 0x5441_5045

  /// One price unit is nominally 1, one lot 10^-8, and a money quantum 10^-8: so price × lots is the notional.
  private static let unit: Int64 = 1_000_000_000_000
  private static let lotSize: Int64 = 10_000
  private static let moneyDigits: UInt8 = 8

  /// How much room the venue needs.
  public struct Capacity: Sendable {
    public var orders: Int
    public var accounts: Int
    public var keys: Int

    public init(orders: Int, accounts: Int = 65_536, keys: Int = 4096) {
      self.orders = orders
      self.accounts = accounts
      self.keys = keys
    }
  }

  /// The frames that create the venue, for key 0. `publicKey` is that of the operator key.
  public static func genesis(publicKey: Bytes32, capacity: Capacity) -> [[UInt8]] {
    var frames = FrameList()
    frames.add(
      DefineVenue(
        requestId: 1, venueId: venueId, name: "tape", assets: 4, schedules: 4, instruments: 4,
        accounts: UInt32(capacity.accounts), keys: UInt32(capacity.keys), positions: UInt32(capacity.accounts),
        balances: 16, orders: UInt32(capacity.orders), ordersPerAccount: UInt32(capacity.orders), workPerTick: 256,
        auditInterval: 64, moneyDigits: moneyDigits))
    frames.add(
      DefineAsset(
        requestId: 2, asset: underlying, symbol: "TAPE", digits: 8, priceScale: 0, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero))
    frames.add(
      DefineInstrument(
        requestId: 3, instrument: instrument, kind: .perpetual, base: underlying, quote: .settlement, symbol: "TAPE",
        priceUnit: unit, lotSize: lotSize, maximumPrice: Price(0), priceBand: .zero, maximumOrder: .zero,
        positionLimit: .zero, makerFee: .zero, takerFee: .zero))
    frames.add(
      SetMarginParameters(
        requestId: 4, instrument: instrument, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: TapeAccount.maintenanceRate, initialBase: TapeAccount.initialRate, sizeFactor: .zero,
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: .one, liquidationFee: .zero, maximumSlippage: .zero))
    frames.add(MarkPrice(requestId: 5, price: Price(TapeAccount.mark), instrument: instrument))
    frames.add(
      DefineKey(
        requestId: 6, key: operatorKey, master: MasterId(operatorKey.rawValue), publicKey: publicKey, roles: .all))
    return frames.frames
  }

  /// When the venue is created: shortly before the first command of the tape.
  static func startTime(of rows: [TapeRow]) -> Int64 { max(1, (rows.first?.time ?? 1_000_000) - 1_000_000) }

  /// Room for what could rest at one time, fills left out of account, in as many parts as the sizes need.
  public static func capacity(for rows: [TapeRow]) -> Capacity {
    let scale = TapeScale(of: rows)
    var resting: [UInt64: Int] = [:]
    var (parts, peak, accounts) = (0, 0, 0)
    for row in rows {
      parts -= resting.removeValue(forKey: row.orderId) ?? 0
      guard row.kind != .cancel else { continue }
      let largest = AccountPool.largestOrder(at: scale.price(row.price))
      let count = Int(scale.lots(row.quantity) / largest) + 1
      resting[row.orderId] = count
      parts += count
      peak = max(peak, parts)
      // A part as large as an account may hold has that account for itself.
      accounts += count - 1
    }
    return Capacity(orders: max(65_536, peak + peak / 4 + 4096), accounts: min(65_536 + accounts, 1 << 22))
  }
}

/// Messages as frames, one after the other.
struct FrameList {
  private(set) var frames: [[UInt8]] = []

  mutating func add(_ message: some Message) { frames.append(message.withFrame { Array($0) }) }
}

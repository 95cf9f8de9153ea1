import Values
import Wire

/// Who holds what while history runs, and by which parameters margin is reckoned.
enum HistoryCast {
  static let bitcoin = AssetId(1)
  static let perpetual = InstrumentId(1)
  /// Takes the other side of every position; never short of money.
  static let house = AccountId(9)
  /// One dollar in mq.
  static let dollar: Int64 = 100_000_000
  /// What every account has in equity when it opens its position.
  static let equity: Int64 = 100_000

  struct Holder {
    let account: AccountId
    let name: String
    /// Signed: notional of the position as a part of equity, in tenths.
    let leverage: Int64
    /// Whether its money is bitcoin, so that a short position hedges it.
    let isHedged: Bool
  }

  static let holders = [
    Holder(account: AccountId(1), name: "long 2×", leverage: 20, isHedged: false),
    Holder(account: AccountId(2), name: "long 5×", leverage: 50, isHedged: false),
    Holder(account: AccountId(3), name: "short 3×", leverage: -30, isHedged: false),
    Holder(account: AccountId(4), name: "bitcoin hedged short", leverage: -10, isHedged: true),
  ]

  /// Asset, instrument and staff; a price unit is a cent, a lot 0.001 BTC.
  static func define(_ venue: HistoryVenue, price: Int64) {
    venue.send(
      DefineAsset(
        requestId: 0, asset: bitcoin, symbol: "BTC", digits: 8, priceScale: 2, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: Rate(50_000_000), debtAddonInitial: Rate(100_000_000)))
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: perpetual, kind: .perpetual, base: bitcoin, quote: .settlement, symbol: "BTC-PERP",
        priceUnit: 10_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero))
    setMargin(venue, volatility: (Rate(45_000_000), Rate(75_000_000)))
    mark(venue, price)
    venue.send(SetPhase(requestId: 0, instrument: perpetual, phase: .continuous))
  }

  /// Bases of 1 % and 2 %, and these volatility rates.
  static func setMargin(_ venue: HistoryVenue, volatility: (maintenance: Rate, initial: Rate)) {
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: perpetual, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(10_000_000), initialBase: Rate(20_000_000), sizeFactor: .zero,
        maintenanceVolatility: volatility.maintenance, initialVolatility: volatility.initial,
        volatilityRatio: Rate(1_100_000_000), profitWeight: .one, liquidationFee: Rate(2_000_000),
        maximumSlippage: Rate(3_000_000)))
  }

  /// Sampled every hour: z = 2 over a day, a half-life of about a day; 4 % … 40 %, stress 20 %; 1 % up and 0.05 % down an
  /// hour; maintenance is 60 %, three hours later.
  static func measure(_ venue: HistoryVenue) {
    venue.send(
      SetVolatilityParameters(
        requestId: 0, instrument: perpetual, interval: 3_600_000, quantile: 2_000, horizon: 24, decay: 5, notice: 3,
        floor: Rate(40_000_000), stress: Rate(200_000_000), up: Rate(10_000_000), down: Rate(500_000),
        maintenanceShare: Rate(600_000_000), cap: Rate(400_000_000), lowerOpenInterest: .zero,
        upperOpenInterest: .zero, deviation: .zero))
  }

  static func mark(_ venue: HistoryVenue, _ price: Int64) {
    venue.send(IndexPrice(requestId: 0, price: Price(price), stablePrice: nil, asset: bitcoin))
    venue.send(MarkPrice(requestId: 0, price: Price(price), instrument: perpetual))
  }

  /// Every holder opens its position at `price` against the house.
  static func open(_ venue: HistoryVenue, at price: Int64) {
    create(venue, house)
    deposit(venue, house, .settlement, dollars: 1_000_000_000)
    for holder in holders {
      create(venue, holder.account)
      if holder.isHedged {
        let quanta = Int64(Int128(equity) * 100 * Int128(dollar) / Int128(price))
        venue.send(
          Deposit(requestId: 0, account: holder.account, asset: bitcoin, amount: Money(quanta)))
      } else {
        deposit(venue, holder.account, .settlement, dollars: equity)
      }
      // Notional / (price of 0.001 BTC), rounded to nearest.
      let lots = (abs(holder.leverage) * equity * 10_000 + price / 2) / price
      let side: Side = holder.leverage > 0 ? .buy : .sell
      order(venue, house, side.opposite, lots, at: price)
      order(venue, holder.account, side, lots, at: price)
    }
  }

  private static func create(_ venue: HistoryVenue, _ account: AccountId) {
    let master = MasterId(account.rawValue)
    venue.send(
      CreateAccount(
        requestId: 0, account: account, master: master, parent: .none, isolatedInstrument: .none, multiplier: .one,
        leverageCap: 0, mode: .standard, flags: .mayBorrow))
    venue.send(
      DefineKey(
        requestId: 0, key: KeyId(100 + account.rawValue), master: master, publicKey: Bytes32(), roles: .trader),
      from: .venue)
  }

  private static func deposit(_ venue: HistoryVenue, _ account: AccountId, _ asset: AssetId, dollars: Int64) {
    venue.send(Deposit(requestId: 0, account: account, asset: asset, amount: Money(dollars * dollar)))
  }

  private static func order(_ venue: HistoryVenue, _ account: AccountId, _ side: Side, _ lots: Int64, at price: Int64) {
    venue.send(
      NewOrder(
        requestId: 0, account: account, instrument: perpetual, price: Price(price), quantity: Quantity(lots),
        display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .allow), from: KeyId(100 + account.rawValue))
  }
}

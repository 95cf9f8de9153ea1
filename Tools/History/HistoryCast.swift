import Values
import Wire

/// Who takes part while history runs, and what everybody holds.
enum HistoryCast {
  static let bitcoin = AssetId(1)
  static let perpetual = InstrumentId(1)
  /// Expires after the run.
  static let future = InstrumentId(2)
  /// 15 % above the price at the start.
  static let call = InstrumentId(3)
  /// 15 % below the price at the start.
  static let put = InstrumentId(4)
  /// 5 % below the price at the start.
  static let protection = InstrumentId(5)

  /// Makes the market and takes the other side of every position at the start; never short of money.
  static let maker = AccountId(90)
  static let fund = AccountId(91)
  /// One dollar in mq.
  static let dollar: Int64 = 100_000_000
  /// What every account has in equity when it opens its positions, dollars.
  static let equity: Int64 = 100_000
  static let makerDollars: Int64 = 1_000_000_000
  static let fundDollars: Int64 = 250_000

  struct Leg {
    let instrument: InstrumentId
    /// Signed: notional of the underlying as a part of equity, in tenths.
    let tenths: Int64
  }

  struct Holder {
    let account: AccountId
    let name: String
    let legs: [Leg]
    var mode = AccountMode.standard
    /// Whether its money is bitcoin, so that a short position hedges it.
    var holdsBitcoin = false
  }

  static let holders: [Holder] = {
    let hedge = [Leg(instrument: perpetual, tenths: 30), Leg(instrument: future, tenths: -30)]
    let strangle = [Leg(instrument: call, tenths: -10), Leg(instrument: put, tenths: -10)]
    let protected = [Leg(instrument: perpetual, tenths: 30), Leg(instrument: protection, tenths: 30)]
    return [
      Holder(account: AccountId(1), name: "long 2×", legs: [Leg(instrument: perpetual, tenths: 20)]),
      Holder(account: AccountId(2), name: "long 5×", legs: [Leg(instrument: perpetual, tenths: 50)]),
      Holder(account: AccountId(3), name: "short 3×", legs: [Leg(instrument: perpetual, tenths: -30)]),
      Holder(
        account: AccountId(4), name: "bitcoin, hedged short", legs: [Leg(instrument: perpetual, tenths: -10)],
        holdsBitcoin: true),
      Holder(account: AccountId(5), name: "calendar, standard", legs: hedge),
      Holder(account: AccountId(6), name: "calendar, portfolio", legs: hedge, mode: .portfolio),
      Holder(account: AccountId(7), name: "long and puts, standard", legs: protected),
      Holder(account: AccountId(8), name: "long and puts, portfolio", legs: protected, mode: .portfolio),
      Holder(account: AccountId(9), name: "strangle sold, standard", legs: strangle),
      Holder(account: AccountId(10), name: "strangle sold, portfolio", legs: strangle, mode: .portfolio),
    ]
  }()

  /// The same positions in standard and in portfolio mode, as indices of ``holders``.
  static let pairs: [(name: String, standard: Int, portfolio: Int)] = [
    ("calendar: long 3× perpetual, short 3× future", 4, 5), ("long 3× perpetual and puts", 6, 7),
    ("strangle sold, 1× each", 8, 9),
  ]

  static func name(_ account: AccountId) -> String {
    if account == maker { return "market maker" }
    if account == fund { return "insurance fund" }
    return holders.first { $0.account == account }?.name ?? "account \(account.rawValue)"
  }

  static func name(_ instrument: InstrumentId) -> String {
    switch instrument {
    case perpetual: "perpetual"
    case future: "future"
    case call: "call +15 %"
    case put: "put −15 %"
    case protection: "put −5 %"
    default: ""
    }
  }

  static func key(_ account: AccountId) -> KeyId { KeyId(100 + account.rawValue) }

  /// Lots of 0.001 BTC that are worth so many dollars at `price` cents, to the nearest.
  static func lots(worth dollars: Int64, at price: Int64) -> Int64 { (dollars * 100_000 + price / 2) / price }

  /// Maker and fund, before anything trades.
  static func found(_ venue: HistoryVenue) {
    create(venue, maker)
    venue.deposit(maker, .settlement, Money(makerDollars * dollar))
    create(venue, fund)
    venue.send(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_667), fund: fund, interval: 10_000,
        staleTimeout: 0, attempts: 30))
    venue.fundInsurance(Money(fundDollars * dollar))
  }

  /// Every holder opens its positions at the marks against the maker.
  static func open(_ venue: HistoryVenue, price: Int64, marks: [InstrumentId: Int64]) {
    for holder in holders {
      create(venue, holder.account, holder.mode)
      if holder.holdsBitcoin {
        let quanta = Int64(Int128(equity) * 100 * Int128(dollar) / Int128(price))
        venue.deposit(holder.account, bitcoin, Money(quanta))
      } else {
        venue.deposit(holder.account, .settlement, Money(equity * dollar))
      }
      // Protection first: what it covers is not allowed without it in every mode.
      for leg in holder.legs.reversed() {
        let lots = lots(worth: abs(leg.tenths) * equity / 10, at: price)
        let side: Side = leg.tenths > 0 ? .buy : .sell
        order(venue, maker, leg.instrument, side.opposite, lots, at: marks[leg.instrument] ?? price)
        order(venue, holder.account, leg.instrument, side, lots, at: marks[leg.instrument] ?? price)
      }
    }
  }

  static func order(
    _ venue: HistoryVenue, _ account: AccountId, _ instrument: InstrumentId, _ side: Side, _ lots: Int64,
    at price: Int64
  ) {
    venue.send(
      NewOrder(
        requestId: 0, account: account, instrument: instrument, price: Price(price), quantity: Quantity(lots),
        display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .allow), from: key(account))
  }

  private static func create(_ venue: HistoryVenue, _ account: AccountId, _ mode: AccountMode = .standard) {
    let master = MasterId(account.rawValue)
    venue.send(
      CreateAccount(
        requestId: 0, account: account, master: master, parent: .none, isolatedInstrument: .none, multiplier: .one,
        leverageCap: 0, mode: mode, flags: .mayBorrow))
    venue.send(
      DefineKey(requestId: 0, key: key(account), master: master, publicKey: Bytes32(), roles: .trader), from: .venue)
  }
}

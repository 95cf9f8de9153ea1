import Testing
import Values
import Wire

/// A venue with a staff of keys, spoken to in the words of the trade. One money quantum is one unit of money and, unless
/// said otherwise, one lot times one price unit is worth one.
final class Desk {
  let venue: any Venue
  private(set) var time: Int64 = 1_000
  private var lastRequest: UInt64 = 0
  /// Reports to the last command.
  private(set) var reports: [Report] = []

  /// All roles but trader's.
  static let staff = KeyId(1)
  static let perpetual = InstrumentId(1)
  static let spot = InstrumentId(2)
  static let coin = AssetId(1)

  init(_ kind: VenueKind, _ definition: DefineVenue = venueDefinition()) {
    venue = kind.make(definition)
    send(definition, from: .venue)
    send(
      DefineKey(
        requestId: 2, key: Desk.staff, master: .none, publicKey: Bytes32(),
        roles: .all.subtracting([.trader, .firmAdmin])),
      from: .venue)
    send(
      DefineAsset(
        requestId: next(), asset: Desk.coin, symbol: "COIN", digits: 0, priceScale: 0, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: Rate(0), debtAddonInitial: Rate(0)))
  }

  /// The next request id, unique over all keys.
  func next() -> UInt64 {
    lastRequest += 1
    return lastRequest
  }

  @discardableResult func send(_ message: some Message, from key: KeyId = Desk.staff, after nanoseconds: Int64 = 1)
    -> [Report]
  {
    send(frameBytes(message), from: key, after: nanoseconds)
  }

  @discardableResult func send(_ bytes: [UInt8], from key: KeyId = Desk.staff, after nanoseconds: Int64 = 1) -> [Report]
  {
    time += nanoseconds
    reports = venue.apply(Command(key: key, time: Timestamp(time), bytes: bytes))
    return reports
  }

  // MARK: Setting up

  func schedule(_ id: UInt16, _ rows: [(Int64, Int64)]) {
    send(
      frameBytes(
        DefineSchedule(requestId: next(), schedule: ScheduleId(id)),
        rows: rows.map { DefineSchedule.Row(lower: Money($0.0), rate: Rate($0.1)) }))
  }

  /// A perpetual, 10 % initial and 5 % maintenance margin unless said otherwise, open for matching.
  func openPerpetual(
    _ id: InstrumentId = Desk.perpetual, mark: Int64 = 100, initial: Int64 = 100_000_000,
    maintenance: Int64 = 50_000_000, makerFee: Int64 = 0, takerFee: Int64 = 0, maximumPrice: Int64 = 0,
    tiers: (maintenance: UInt16, initial: UInt16) = (0, 0), positionLimit: Int64 = 0,
    profitWeight: Int64 = 1_000_000_000,
    sizeFactor: Int64 = 0,
    priceUnit: Int64 = 1_000_000_000_000, lotSize: Int64 = 1_000_000_000_000
  ) {
    define(id, .perpetual, makerFee, takerFee, maximumPrice, positionLimit, priceUnit, lotSize)
    send(
      SetMarginParameters(
        requestId: next(), instrument: id, maintenanceTiers: ScheduleId(tiers.maintenance),
        initialTiers: ScheduleId(tiers.initial), maintenanceBase: Rate(maintenance), initialBase: Rate(initial),
        sizeFactor: Rate(sizeFactor), maintenanceVolatility: Rate(0), initialVolatility: Rate(0),
        volatilityRatio: Rate(1_100_000_000), profitWeight: Rate(profitWeight), liquidationFee: Rate(0),
        maximumSlippage: Rate(0)))
    self.mark(mark, id)
    phase(.continuous, id)
  }

  /// Coin against money, one lot is one coin.
  func openSpot(makerFee: Int64 = 0, takerFee: Int64 = 0, coinPrice: Int64? = 100) {
    define(Desk.spot, .spot, makerFee, takerFee, 0, 0, 1_000_000_000_000, 1_000_000_000_000)
    if let coinPrice {
      send(IndexPrice(requestId: next(), price: Price(coinPrice), stablePrice: nil, asset: Desk.coin))
    }
    phase(.continuous, Desk.spot)
  }

  private func define(
    _ id: InstrumentId, _ kind: InstrumentKind, _ makerFee: Int64, _ takerFee: Int64, _ maximumPrice: Int64,
    _ positionLimit: Int64, _ priceUnit: Int64, _ lotSize: Int64
  ) {
    send(
      DefineInstrument(
        requestId: next(), instrument: id, kind: kind, base: Desk.coin, quote: .settlement, symbol: "TEST",
        priceUnit: priceUnit, lotSize: lotSize, maximumPrice: Price(maximumPrice), priceBand: Rate(0),
        maximumOrder: Quantity(0), positionLimit: Quantity(positionLimit), makerFee: Rate(makerFee),
        takerFee: Rate(takerFee)))
  }

  /// Impact of closing longs and of closing shorts, the same.
  func impactCurve(_ knots: [(Int64, Int64)]) {
    for side in Side.allCases {
      send(
        frameBytes(
          SetImpactCurve(requestId: next(), instrument: Desk.perpetual, side: side),
          rows: knots.map { SetImpactCurve.Row(lots: Quantity($0.0), rate: Rate($0.1)) }))
    }
  }

  /// An account of a master of its own (unless said otherwise), with a trader's key of the same number plus 100.
  func trader(
    _ id: UInt32, cash: Int64 = 0, master: UInt32? = nil, mayBorrow: Bool = true,
    mode: AccountMode = .standard, multiplier: Int64 = 1_000_000_000, leverageCap: UInt16 = 0
  ) {
    send(
      CreateAccount(
        requestId: next(), account: AccountId(id), master: MasterId(master ?? id), parent: .none,
        isolatedInstrument: .none, multiplier: Rate(multiplier), leverageCap: leverageCap, mode: mode,
        flags: mayBorrow ? .mayBorrow : []))
    send(
      DefineKey(
        requestId: next(), key: Desk.key(id), master: MasterId(master ?? id), publicKey: Bytes32(), roles: .trader),
      from: .venue)
    if cash > 0 { deposit(cash, to: id) }
  }

  static func key(_ trader: UInt32) -> KeyId { KeyId(trader + 100) }

  // MARK: Doing things

  @discardableResult func deposit(_ amount: Int64, to account: UInt32, asset: AssetId = .settlement) -> [Report] {
    send(Deposit(requestId: next(), account: AccountId(account), asset: asset, amount: Money(amount)))
  }

  @discardableResult func withdraw(_ amount: Int64, from account: UInt32, asset: AssetId = .settlement) -> [Report] {
    send(Withdraw(requestId: next(), account: AccountId(account), asset: asset, amount: Money(amount)))
  }

  func mark(_ price: Int64, _ id: InstrumentId = Desk.perpetual) {
    send(MarkPrice(requestId: next(), price: Price(price), instrument: id))
  }

  /// The index of the coin.
  func index(_ price: Int64) {
    send(IndexPrice(requestId: next(), price: Price(price), stablePrice: nil, asset: Desk.coin))
  }

  func phase(_ phase: Phase, _ id: InstrumentId = Desk.perpetual) {
    send(SetPhase(requestId: next(), instrument: id, phase: phase))
  }

  func tick(work: UInt32, after nanoseconds: Int64 = 1) { send(Tick(work: work), from: .venue, after: nanoseconds) }

  /// The next command comes at `time` or later.
  func wait(until time: Int64) { self.time = max(self.time, time) }

  /// What an order asks for besides its limit.
  struct Terms {
    var minimumQuantity: Int64 = 0
    var expiry: Int64 = 0
    var budget: Int64 = 0
  }

  /// Enters an order; returns its request id.
  @discardableResult func order(
    _ trader: UInt32, _ side: Side, _ quantity: Int64, at price: Int64, _ id: InstrumentId = Desk.perpetual,
    account: UInt32? = nil, display: Int64 = 0, type: OrderType = .limit, timeInForce: TimeInForce = .goodTillCancel,
    flags: OrderFlags = [], prevention: SelfTradePrevention = .cancelNewest, terms: Terms = Terms()
  ) -> UInt64 {
    let request = next()
    send(
      NewOrder(
        requestId: request, account: AccountId(account ?? trader), instrument: id, price: Price(price),
        quantity: Quantity(quantity), display: Quantity(display), side: side, orderType: type,
        timeInForce: timeInForce, flags: flags, selfTradePrevention: prevention,
        minimumQuantity: Quantity(terms.minimumQuantity), expiry: Timestamp(terms.expiry), budget: Money(terms.budget)),
      from: Desk.key(trader))
    return request
  }

  // MARK: Reading the reports

  func all<M: Message>(_ type: M.Type) -> [M] { reports.compactMap { $0.decoded(type) } }

  /// The only report of this kind to the last command.
  func only<M: Message>(_ type: M.Type, _ location: SourceLocation = #_sourceLocation) throws -> M {
    let found = all(type)
    try #require(found.count == 1, "\(reports.map(\.text))", sourceLocation: location)
    return found[0]
  }

  /// Reason and detail of the only report, which must be a refusal.
  func refusal(_ location: SourceLocation = #_sourceLocation) throws -> Refusal {
    try #require(reports.count == 1, "\(reports.map(\.text))", sourceLocation: location)
    if let rejected = reports[0].decoded(OrderRejected.self) { return Refusal(rejected.reason, rejected.detail) }
    let rejected = try #require(
      reports[0].decoded(RequestRejected.self), "\(reports[0].text)", sourceLocation: location)
    return Refusal(rejected.reason, rejected.detail)
  }

  /// Margin of an account, from the report of a deposit of one unit (which it counts).
  func margin(_ account: UInt32, _ location: SourceLocation = #_sourceLocation) throws -> Figures {
    deposit(1, to: account)
    let margin = try only(BalanceChanged.self, location).margin
    return Figures(margin)
  }
}

/// The figures of a report's margin block, in plain integers.
struct Figures: Equatable, CustomStringConvertible {
  var equity: Int64
  var initialEquity: Int64
  var initial: Int64
  var maintenance: Int64

  init(equity: Int64, initialEquity: Int64? = nil, initial: Int64, maintenance: Int64) {
    self.equity = equity
    self.initialEquity = initialEquity ?? equity
    self.initial = initial
    self.maintenance = maintenance
  }

  init(_ margin: AccountMargin) {
    equity = margin.equity.wireValue
    initialEquity = margin.initialEquity.wireValue
    initial = margin.initialMargin.wireValue
    maintenance = margin.maintenanceMargin.wireValue
  }

  var description: String { "E_mm \(equity), E_im \(initialEquity), IM \(initial), MM \(maintenance)" }
}

/// Why a request was refused.
struct Refusal: Equatable {
  var reason: RejectReason?
  var detail: Int64

  init(_ reason: RejectReason?, _ detail: Int64 = 0) {
    self.reason = reason
    self.detail = detail
  }
}

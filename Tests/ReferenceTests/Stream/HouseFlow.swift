import Values
import Wire

// What the venue's staff, oracles and the server do.

extension CommandStream {
  mutating func mark() {
    let instrument: UInt32 = random.chance(20) ? random.pick(0...12) : random.pick([1, 1, 2, 3, 4, 5, 7])
    let key = random.chance(10) ? trader() : StreamCast.oracle
    let start = StreamCast.startingPrice(instrument)
    let now = fair(instrument)
    var price = max(1, now + random.number(-max(1, now / 200)...max(1, now / 200)))
    if random.chance(80) { price = max(1, now * random.number(850...1150) / 1000) }
    // Walks come home in the end.
    if now < start / 4 || now > start * 4 { price = start }
    if random.chance(4) { price = random.number(-1...0) }
    if instrument == 2 && random.chance(8) { price = 1_001 }
    if instrument == 7 && !random.chance(30) { return order() }
    send(MarkPrice(requestId: 0, price: Price(price), instrument: InstrumentId(instrument)), key)
  }

  mutating func index() {
    let asset = random.chance(30) ? random.pick(0...9) : random.pick(1...3)
    let now = model.assets[AssetId(UInt16(asset))]?.price ?? 1_000
    let near = Int64(now)
    let price = random.chance(20) ? random.pick(Self.extremes) : max(1, near * random.number(960...1045) / 1000)
    let start = [1, 10_000, 1_000, 50_000][min(3, asset)]
    let isFar = near < start / 5 || near > start * 5
    send(
      IndexPrice(
        requestId: 0, price: Price(isFar ? Int64(start) : price),
        stablePrice: random.chance(500) ? nil : Price(max(1, near * random.number(930...1070) / 1000)),
        asset: AssetId(UInt16(asset))),
      random.chance(980) ? StreamCast.oracle : trader())
  }

  private mutating func amount(_ account: UInt32, _ asset: AssetId) -> Int64 {
    let balance = model.accounts.first { $0.id.rawValue == account }?.balance(asset) ?? 0
    if random.chance(30) {
      return random.pick(balance > 0 ? [.max, 2_000_000_000_000_000_000, 0, -1, .min] : [0, -1, .min])
    }
    let isWhale = StreamCast.whales.contains(account)
    if balance > 4 && !isWhale && random.chance(700) { return random.number(1...Int64(clamping: balance)) }
    return asset == .settlement ? random.number(1...500_000_000) : random.number(1...500_000)
  }

  mutating func money() {
    let staff = random.chance(20) ? trader() : random.pick([StreamCast.staff, StreamCast.clerk])
    let account = anyAccount()
    let asset = AssetId(random.chance(15) ? random.pick(0...9) : random.pick([0, 0, 0, 1, 2, 3, 4]))
    switch random.number(1...100) {
    case ...15: rescue(staff)
    case ...50:
      send(
        Deposit(requestId: 0, account: AccountId(account), asset: asset, amount: Money(amount(account, asset))), staff)
    case ...70:
      send(
        Withdraw(requestId: 0, account: AccountId(account), asset: asset, amount: Money(amount(account, asset))), staff)
    default:
      let key = random.chance(250) ? staff : trader()
      let source = key == staff ? account : self.account(of: key)
      let destination = random.chance(700) && key != staff ? self.account(of: key) : anyAccount()
      send(
        Transfer(
          requestId: 0, source: AccountId(source), destination: AccountId(destination), asset: asset,
          amount: Money(amount(source, asset))),
        key)
    }
  }

  /// A deposit for whoever is deepest under water, so that the play goes on.
  private mutating func rescue(_ key: KeyId) {
    var worst: (free: Int128, account: AccountId) = (0, AccountId(anyAccount()))
    for account in model.accounts where account.parent == .none {
      let free = model.margin(of: account).free
      if free < worst.free { worst = (free, account.id) }
    }
    let needed = Int64(clamping: -worst.free)
    let amount = random.number(1...max(1, min(needed, 1 << 50))) + random.number(1...10_000_000)
    send(Deposit(requestId: 0, account: worst.account, asset: .settlement, amount: Money(amount)), key)
  }

  mutating func session() {
    let key = random.pick(StreamCast.traders + [StreamCast.staff, KeyId(77)])
    let connection = model.keys.first { $0.id == key }?.connection ?? 0
    if connection == 0 || random.chance(300) {
      send(
        SessionOpened(
          connectionId: UInt64(random.number(1...1_000_000)), key: key,
          cancelOnDisconnect: random.pick([0, 1, 5, 5, 20])),
        .venue)
    } else {
      send(SessionClosed(connectionId: random.chance(900) ? connection : connection + 1, key: key), .venue)
    }
    if random.chance(10) { send(SessionClosed(connectionId: 5, key: key), trader()) }
  }

  mutating func countdown() {
    let key = random.chance(950) ? trader() : random.pick([StreamCast.firm, StreamCast.staff, .venue])
    send(
      SetCountdown(
        requestId: 0, milliseconds: random.pick([0, 999, 1_000, 1_000, 1_000, 1_500, 86_400_000, 86_400_001]),
        account: AccountId(random.chance(500) ? 0 : account(of: key))), key)
  }

  mutating func killSwitch() {
    let engaged = model.kills.keys.sorted { ($0.scope.rawValue, $0.id) < ($1.scope.rawValue, $1.id) }
    let isVenueKilled = engaged.contains { $0.scope == .venue }
    if !engaged.isEmpty && (isVenueKilled || random.chance(850)) {
      for target in engaged {
        let key = random.chance(900) ? StreamCast.staff : random.pick([StreamCast.firm, trader()])
        send(SetKillSwitch(requestId: 0, target: target.id, scope: target.scope, engaged: false), key)
      }
      return
    }
    let key = random.chance(600) ? trader() : random.chance(200) ? StreamCast.firm : staff()
    let scope: KillScope = random.pick([
      .account, .account, .account, .account, .account, .account, .key, .key, .master, .venue,
    ])
    let target: UInt32 =
      switch scope {
      case .account: anyAccount()
      case .master: random.pick(1...9)
      case .venue: 0
      case .key: random.chance(250) ? key.rawValue : random.pick(9...20)
      }
    send(SetKillSwitch(requestId: 0, target: target, scope: scope, engaged: random.chance(850)), key)
  }

  mutating func phase() {
    let key = staff()
    if random.chance(800) {
      let closed = model.instruments.values.filter { $0.phase != .continuous }.map(\.id).sorted()
      let instrument = closed.isEmpty ? .none : random.pick(closed)
      return send(SetPhase(requestId: 0, instrument: instrument, phase: .continuous), key)
    }
    send(
      SetPhase(
        requestId: 0, instrument: InstrumentId(random.chance(100) ? 0 : instrument()),
        phase: random.pick([.halted, .closedToMatching, .closedToMatching, .continuous])),
      key)
  }

  /// Mostly what lets the market go on.
  mutating func listing() {
    let key = staff()
    let stopped = model.instruments.values.filter { $0.listing != .active }.map(\.id).sorted()
    if !stopped.isEmpty && random.chance(850) {
      let instrument = random.pick(stopped)
      let isPending = model.instruments[instrument]!.listing == .pending
      return send(
        SetListing(
          requestId: 0, instrument: instrument, action: isPending ? .activate : .resume, phase: .continuous,
          time: Timestamp(0)), key)
    }
    let action: ListingAction = random.pick([.activate, .suspend, .suspend, .resume])
    let instrument = InstrumentId(instrument())
    if action == .activate { send(SetPhase(requestId: 0, instrument: instrument, phase: .halted), key) }
    let delay = random.pick([0, 1_000_000, 5_000_000, 50_000_000, -1] as [Int64])
    send(
      SetListing(
        requestId: 0, instrument: instrument, action: action,
        phase: action == .suspend && random.chance(950)
          ? .halted : random.pick([.halted, .closedToMatching, .continuous]),
        time: Timestamp(delay == 0 || (action != .activate && random.chance(900)) ? 0 : model.time.rawValue + delay)),
      key)
  }

  mutating func changeAccount() {
    let key = random.chance(500) ? trader() : random.pick([StreamCast.staff, StreamCast.clerk])
    let id = StreamCast.traders.contains(key) ? account(of: key) : anyAccount()
    let state = model.accounts.first { $0.id.rawValue == id }
    if random.chance(350) {
      let isNone = random.chance(500)
      func limit(_ range: ClosedRange<Int64>) -> Int64 { isNone || random.chance(600) ? 0 : random.number(range) }
      return send(
        SetAccountLimits(
          requestId: 0, account: AccountId(id), openOrders: UInt32(limit(1...12)),
          orderValue: Money(limit(-1...50_000_000_000)), ordersPerSecond: UInt32(limit(1...20)),
          duplicateWindow: UInt32(limit(1...60_000))), key)
    }
    if random.chance(250) {
      return send(
        SetPreventionGroup(requestId: 0, account: AccountId(id), group: UInt32(random.number(0...2))), key)
    }
    let changesMode = random.chance(120)
    let changesFlags = random.chance(150)
    let isCollateralised = (state?.mode == .fullyCollateralised) != changesMode
    // Who is to be fully collateralised may not borrow: mostly that is said at once.
    let givesUp = changesMode && isCollateralised && random.chance(900)
    let mayBorrow = (state?.mayBorrow ?? true) != changesFlags && !givesUp
    let multiplier =
      StreamCast.traders.contains(key)
      ? Int64(state?.multiplier ?? one) : random.pick([1_000_000_000, 1_250_000_000, 1_500_000_001])
    send(
      ChangeAccount(
        requestId: 0, account: AccountId(id), leverageCap: random.pick([0, 0, 5, 20, 50, 1000, 1001]),
        mode: isCollateralised ? .fullyCollateralised : .standard, flags: mayBorrow ? .mayBorrow : [],
        multiplier: Rate(multiplier)),
      key)
  }

  mutating func parameters() {
    let key = random.chance(20) ? trader() : StreamCast.staff
    let instrument = random.chance(20) ? random.pick(0...12) : random.pick(StreamCast.perpetuals)
    if random.chance(600) {
      return send(StreamCast.parameters(instrument, &random), key)
    }
    var lots: Int64 = 0
    var rate: Int64 = 0
    let count = random.chance(20) ? 17 : Int(random.number(0...5))
    let rows = (0..<count).map { _ in
      lots += random.number(random.chance(10) ? 0...1 : 1...800)
      rate += random.number(random.chance(10) ? -1...0 : 0...20_000_000)
      return SetImpactCurve.Row(lots: Quantity(lots), rate: Rate(rate))
    }
    queue.append(
      (
        key,
        frameBytes(
          SetImpactCurve(
            requestId: 0, instrument: InstrumentId(instrument), side: random.chance(500) ? .buy : .sell), rows: rows)
      ))
  }
}

import Values
import Wire

// Definitions, good and bad, keys, and messages that should never come.

extension CommandStream {
  mutating func definition() {
    let key = random.chance(30) ? trader() : StreamCast.staff
    switch random.number(1...5) {
    case 1: defineSchedule(key)
    case 2: defineAsset(key)
    case 3: defineInstrument(key)
    case 4: createAccount(key)
    default:
      let count = random.pick([0, 1, 2, 17] as [Int])
      let rows = (0..<count).map { DefineSchedule.Row(lower: Money(Int64($0) * 10), rate: Rate(Int64($0))) }
      queue.append(
        (key, frameBytes(DefineSchedule(requestId: 0, schedule: ScheduleId(random.pick(5...12))), rows: rows)))
    }
  }

  private mutating func defineSchedule(_ key: KeyId) {
    var lower: Int64 = 0
    var rate: Int64 = 0
    let rows = (0..<Int(random.number(1...4))).map { index in
      if index > 0 { lower += random.number(random.chance(100) ? 0...0 : 1...5_000_000_000) }
      rate += random.number(random.chance(100) ? -1...0 : 0...300_000_000)
      return DefineSchedule.Row(lower: Money(lower), rate: Rate(rate))
    }
    queue.append((key, frameBytes(DefineSchedule(requestId: 0, schedule: ScheduleId(random.pick(0...12))), rows: rows)))
  }

  private mutating func defineAsset(_ key: KeyId) {
    send(
      DefineAsset(
        requestId: 0, asset: AssetId(random.pick(0...9)), symbol: "MORE", digits: random.pick(0...19),
        priceScale: random.pick(0...19), haircutMaintenance: ScheduleId(random.pick(0...12)),
        haircutInitial: ScheduleId(random.pick(0...12)), debtAddonMaintenance: Rate(random.number(-1...3)),
        debtAddonInitial: Rate(random.number(0...5))),
      key)
  }

  private mutating func defineInstrument(_ key: KeyId) {
    let unit = random.pick([0, 1, 1_000, 1_000_000_000, 10_000_000_000, 123_456_789] as [Int64])
    let lot = random.pick([0, 1, 1_000_000, 1_000_000_000, 1_000_000_000_000, 777] as [Int64])
    send(
      DefineInstrument(
        requestId: 0, instrument: InstrumentId(random.chance(700) ? random.pick(8...14) : random.pick(0...14)),
        kind: random.chance(500) ? .spot : .perpetual,
        base: AssetId(random.chance(800) ? random.pick(1...4) : random.pick(0...5)),
        quote: AssetId(random.pick([0, 0, 0, 1, 2, 9])), symbol: "MORE",
        priceUnit: unit, lotSize: lot, maximumPrice: Price(random.pick([0, 0, 1_000, 1 << 53, -1, 1 << 53 + 1])),
        priceBand: Rate(random.pick([0, 50_000_000, 1_000_000_001])),
        maximumOrder: Quantity(random.pick([0, 100, -1])),
        positionLimit: Quantity(random.pick([0, 1_000, 1 << 44 + 1])),
        makerFee: Rate(random.pick([0, 5, -10, 100_000_001])),
        takerFee: Rate(random.pick([0, 5, 10, -100_000_001]))),
      key)
  }

  private mutating func createAccount(_ key: KeyId) {
    let isIsolated = random.chance(500)
    send(
      CreateAccount(
        requestId: 0, account: AccountId(random.pick(0...20)), master: MasterId(random.pick(0...8)),
        parent: AccountId(isIsolated ? random.pick(1...14) : 0),
        isolatedInstrument: InstrumentId(isIsolated ? random.pick(0...8) : random.chance(100) ? 1 : 0),
        multiplier: Rate(random.pick([1_000_000_000, 1_000_000_000, 999_999_999, 10_000_000_001])),
        leverageCap: random.pick([0, 10, 1001]), mode: random.chance(200) ? .fullyCollateralised : .standard,
        flags: random.chance(500) ? .mayBorrow : []),
      key)
  }

  mutating func keys() {
    let key = random.chance(60) ? trader() : random.pick([StreamCast.staff, StreamCast.clerk])
    let changed = model.keys.filter { $0.roles != StreamCast.roles(of: $0.id) && StreamCast.traders.contains($0.id) }
    if !changed.isEmpty && random.chance(700) {
      let target = random.pick(changed).id
      return send(ChangeKeyRoles(requestId: 0, key: target, roles: StreamCast.roles(of: target)), .venue)
    }
    if random.chance(500) {
      send(
        ChangeKeyRoles(
          requestId: 0, key: KeyId(random.pick([11, 14, 17, 18, 77, 30])),
          roles: Roles(rawValue: random.pick([0, 1, 1, 4, 9, 1 << 9, 1 << 10, 64]))),
        key)
    } else {
      send(
        DefineKey(
          requestId: 0, key: KeyId(random.pick(0...40)), master: MasterId(random.pick(0...4)), publicKey: Bytes32(),
          roles: Roles(rawValue: random.pick([0, 1, 4, 8, 12, 32, 1 << 9, 1 << 10, 1023]))),
        key)
    }
  }

  /// Commands from keys that do not exist, or that only the venue itself may give.
  mutating func strange() {
    switch random.number(1...5) {
    case 1: send(Tick(work: 3), trader())
    case 2: send(model.limits, random.pick([.venue, trader()]))
    case 3: send(Deposit(requestId: 0, account: AccountId(1), asset: .settlement, amount: Money(Int64(5))), KeyId(77))
    case 4: enter(random.pick([KeyId(77), StreamCast.staff]), anyAccount(), 1, .buy, 1, at: 1, .goodTillCancel)
    default:
      send(
        SessionOpened(connectionId: 7, key: trader(), cancelOnDisconnect: 1), trader())
    }
  }
}

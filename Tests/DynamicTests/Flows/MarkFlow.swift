import Values
import Wire

/// An asset whose index has three sources, one of them a liar, and a perpetual whose mark is made from it; now and then
/// they fall silent, jump or doubt, and the parameters change. Ether's index has one source, that of the cast.
struct MarkFlow: Flow {
  var weight: Int { 8 }
  private static let asset = AssetId(60)
  private static let perpetual = InstrumentId(60)
  private static let spot = InstrumentId(61)
  private static let sources = [KeyId(61), KeyId(62), KeyId(63)]
  private var price: Int64 = 400_000

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    for key in Self.sources {
      venue.send(
        DefineKey(requestId: 0, key: key, master: .none, publicKey: Bytes32(), roles: .oracle), from: .venue)
    }
    venue.send(
      DefineAsset(
        requestId: 0, asset: Self.asset, symbol: "INDEXED", digits: 6, priceScale: 1, haircutMaintenance: ScheduleId(1),
        haircutInitial: ScheduleId(2), debtAddonMaintenance: Rate(50_000_000), debtAddonInitial: Rate(100_000_000)),
      from: Cast.staff)
    define(Self.perpetual, .perpetual, venue)
    define(Self.spot, .spot, venue)
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: Self.perpetual, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(20_000_000), initialBase: Rate(40_000_000), sizeFactor: Rate(1_000_000),
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: Rate(900_000_000), liquidationFee: Rate(5_000_000), maximumSlippage: Rate(5_000_000)),
      from: Cast.staff)
    setOracle(Self.asset, quorum: 2, venue, &random)
    setMark(venue, &random)
    for key in Self.sources { say(price, from: key, venue, &random) }
    for instrument in [Self.perpetual, Self.spot] {
      venue.send(SetPhase(requestId: 0, instrument: instrument, phase: .continuous), from: Cast.staff)
    }
    for account in Cast.accounts where account.isMultiple(of: 2) {
      venue.send(
        Deposit(
          requestId: 0, account: AccountId(account), asset: Self.asset, amount: Money(random.number(1...20_000_000))),
        from: Cast.staff)
    }
    setOracle(Cast.ether, quorum: 1, venue, &random)
  }

  /// Index 4,000.00 in hundredths: d 6, e 6 − 8 + 2 = 0, D 8. Price units of 0.5.
  private func define(_ instrument: InstrumentId, _ kind: InstrumentKind, _ venue: DynamicVenue) {
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: instrument, kind: kind, base: Self.asset, quote: .settlement, symbol: "MARKED",
        priceUnit: 500_000_000_000, lotSize: 10_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: Rate(300_000)), from: Cast.staff)
  }

  private func setOracle(_ asset: AssetId, quorum: UInt8, _ venue: DynamicVenue, _ random: inout Random) {
    let age = UInt32(random.number(2_000...20_000))
    venue.send(
      SetOracleParameters(
        requestId: 0, deviation: Rate(random.number(20_000_000...300_000_000)),
        confidence: Rate(random.number(1_000_000...20_000_000)), riskAge: age,
        liquidationAge: age * UInt32(random.number(1...4)), asset: asset, quorum: quorum), from: Cast.staff)
  }

  private func setMark(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      SetMarkParameters(
        requestId: 0, minimumMove: Price(random.number(1...20)), band: Rate(random.number(0...50_000_000)),
        basisWeight: Rate(random.number(0...1_000_000_000)), instrument: Self.perpetual,
        interval: UInt32(random.number(1_000...10_000)), minimumInterval: UInt32(random.number(0...2_000))),
      from: Cast.staff)
  }

  private func say(_ price: Int64, from key: KeyId, _ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      IndexPrice(
        requestId: 0, price: Price(price), stablePrice: random.chance(100) ? Price(max(1, price - 500)) : nil,
        asset: Self.asset, confidence: random.chance(50) ? UInt32(random.number(0...20_000)) : 0), from: key,
      after: random.number(1...900_000_000))
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    switch random.number(1...100) {
    case 1...60:
      let jump = random.chance(15) ? random.number(-150...150) : random.number(-4...4)
      price = min(2_000_000, max(50_000, price + price * jump / 1000))
      for key in Self.sources.dropLast() where random.chance(900) {
        say(price + random.number(-100...100), from: key, venue, &random)
      }
      if random.chance(500) { say(random.number(-10_000...1_000_000), from: Self.sources[2], venue, &random) }
      if random.chance(5) { for key in Self.sources { say(-1, from: key, venue, &random) } }
    case 61...75: trade(venue, &random)
    case 76...85: venue.settle(after: random.number(1...5_000_000_000))
    case 86...88: venue.settle(after: random.number(1...60_000_000_000))
    case 89...91: setMark(venue, &random)
    case 92...93: setOracle(Self.asset, quorum: UInt8(random.number(1...3)), venue, &random)
    case 94: setOracle(Cast.ether, quorum: 1, venue, &random)
    case 95: flip(venue, &random)
    default:
      venue.send(
        SetPhase(requestId: 0, instrument: Self.perpetual, phase: random.chance(900) ? .continuous : .closedToMatching),
        from: Cast.staff)
    }
  }

  private func trade(_ venue: DynamicVenue, _ random: inout Random) {
    let account = random.pick(Cast.accounts)
    let instrument = random.chance(700) ? Self.perpetual : Self.spot
    let fair = max(1, price / 50)
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: instrument,
        price: Price(fair + fair * random.number(-15...15) / 1000), quantity: Quantity(random.number(1...300)),
        display: .zero, side: random.chance(500) ? .buy : .sell, orderType: .limit,
        timeInForce: random.chance(700) ? .goodTillCancel : .immediateOrCancel,
        flags: instrument == Self.perpetual && random.chance(200) ? .reduceOnly : [], selfTradePrevention: .allow),
      from: Cast.key(of: account))
    if random.chance(150) {
      venue.send(
        Withdraw(
          requestId: 0, account: AccountId(account), asset: random.chance(500) ? .settlement : Self.asset,
          amount: Money(random.number(1...1_000_000))), from: Cast.staff)
    }
  }

  /// Marks by hand for a moment, and back.
  private func flip(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      SetMarkParameters(
        requestId: 0, minimumMove: Price(0), band: .zero, basisWeight: .zero, instrument: Self.perpetual, interval: 0,
        minimumInterval: 0), from: Cast.staff)
    venue.send(
      MarkPrice(requestId: 0, price: Price(max(1, price / 50)), instrument: Self.perpetual), from: Self.sources[0])
    setMark(venue, &random)
  }
}

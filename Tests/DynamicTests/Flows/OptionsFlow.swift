import Values
import Wire

/// Calls and puts that come, whose volatilities and parameters change, and that expire while everything else goes on.
struct OptionsFlow: Flow {
  var weight: Int { 10 }
  private static let ids: ClosedRange<UInt32> = 200...219
  /// How many live for days, so that long streams still have some when the short ones have all expired.
  private static let lasting = 2
  private var next = ids.lowerBound
  private var live: [(id: InstrumentId, expiry: Int64)] = []

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      SetImpliedVolatility(
        requestId: 0, instrument: .none, asset: Cast.bitcoin, volatility: Rate(800_000_000)), from: Cast.oracle)
    for number in 0..<4 { define(venue, lives: number < Self.lasting ? 1...60 : nil, &random) }
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    live.removeAll { $0.expiry <= venue.time }
    if live.count < Self.lasting + 2 && Self.ids.contains(next) {
      define(venue, lives: nil, &random)
      return
    }
    guard !live.isEmpty else { return }
    let option = random.pick(live.map(\.id))
    switch random.number(1...10) {
    case 1...5: trade(option, venue, &random)
    case 6...7:
      let isFlat = random.chance(300)
      venue.send(
        SetImpliedVolatility(
          requestId: 0, instrument: isFlat ? .none : option, asset: isFlat ? Cast.bitcoin : .settlement,
          volatility: Rate(random.number(1...2_500) * 1_000_000)), from: Cast.oracle)
    case 8: setParameters(of: option, venue, &random)
    default:
      venue.send(
        IndexPrice(
          requestId: 0, price: Price(6_000_000 + random.number(-900_000...900_000)), stablePrice: nil,
          asset: Cast.bitcoin), from: Cast.oracle, after: random.number(1...1_500_000_000))
    }
  }

  /// An order near the option's own mark: the other flows' distances are those of a perpetual.
  private func trade(_ option: InstrumentId, _ venue: DynamicVenue, _ random: inout Random) {
    let account = random.pick(Cast.accounts)
    let mark = venue.mark(of: option) ?? 100
    let price = max(0, mark + random.number(-(mark / 5 + 2)...(mark / 5 + 2)))
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: option, price: Price(price),
        quantity: Quantity(random.number(1...400)), display: .zero, side: random.chance(500) ? .buy : .sell,
        orderType: .limit, timeInForce: random.chance(700) ? .goodTillCancel : .immediateOrCancel,
        flags: random.chance(100) ? .reduceOnly : [], selfTradePrevention: .cancelOldest), from: Cast.key(of: account))
  }

  private func setParameters(of option: InstrumentId, _ venue: DynamicVenue, _ random: inout Random) {
    let maintenance = random.number(10...90) * 1_000_000
    let minimum = maintenance + random.number(0...50) * 1_000_000
    venue.send(
      SetOptionParameters(
        requestId: 0, instrument: option, repricingInterval: UInt32(random.number(1_000...8_000)),
        maximumRate: Rate(minimum + random.number(0...100) * 1_000_000), minimumRate: Rate(minimum),
        maintenanceRate: Rate(maintenance), repricingMove: Rate(random.chance(500) ? 0 : 2_500_000)), from: Cast.staff)
  }

  /// An option that lives for so many days (`nil`: for seconds).
  private mutating func define(_ venue: DynamicVenue, lives days: ClosedRange<Int64>?, _ random: inout Random) {
    let id = InstrumentId(next)
    next += 1
    let samples = random.number(1...12)
    let seconds = days.map { random.number($0) * 86_400 } ?? random.number(5...90)
    let expiry = venue.time + seconds * 1_000_000_000
    live.append((id, expiry))
    let isCall = random.chance(500)
    venue.send(
      DefineOption(
        requestId: 0, instrument: id, base: Cast.bitcoin, optionType: isCall ? .call : .put, symbol: "OPTION",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(random.chance(300) ? 20_000 : 0),
        priceBand: .zero, maximumOrder: .zero, positionLimit: .zero, makerFee: Rate(-20_000), takerFee: Rate(400_000),
        expiry: Timestamp(expiry), settlementWindow: UInt32(samples * 700), settlementInterval: 700,
        strike: Price(random.number(45...75) * 1_000)), from: Cast.staff)
    setParameters(of: id, venue, &random)
    venue.send(SetPhase(requestId: 0, instrument: id, phase: .continuous), from: Cast.staff)
  }
}

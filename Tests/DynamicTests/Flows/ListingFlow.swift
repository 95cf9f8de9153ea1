import Values
import Wire

/// Perpetuals with funding that are listed, traded, suspended and delisted while everything else goes on.
struct ListingFlow: Flow {
  var weight: Int { 4 }
  private static let ids: ClosedRange<UInt32> = 400...407
  private var next = ids.lowerBound
  private var live: [InstrumentId] = []
  private var suspended: InstrumentId?

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) { list(venue, &random) }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    if let instrument = suspended {
      suspended = nil
      return set(venue, instrument, .resume, .continuous)
    }
    guard let instrument = live.first else { return list(venue, &random) }
    switch random.number(1...20) {
    case 1 where Self.ids.contains(next):
      live.removeFirst()
      set(venue, instrument, .delist, .halted, after: random.pick([0, 0, 2_000_000_000]))
    case 2:
      suspended = instrument
      set(venue, instrument, .suspend, .halted)
    case 3...8: trade(venue, instrument, &random)
    default:
      let price = (venue.mark(of: instrument) ?? 60_000) + random.number(-300...300)
      venue.send(MarkPrice(requestId: 0, price: Price(max(100, price)), instrument: instrument), from: Cast.oracle)
    }
  }

  private func set(
    _ venue: DynamicVenue, _ instrument: InstrumentId, _ action: ListingAction, _ phase: Phase, after delay: Int64 = 0
  ) {
    let time = delay == 0 ? Timestamp(0) : Timestamp(venue.time + delay)
    venue.send(
      SetListing(requestId: 0, instrument: instrument, action: action, phase: phase, time: time), from: Cast.staff)
  }

  /// Two accounts of the cast trade with each other.
  private func trade(_ venue: DynamicVenue, _ instrument: InstrumentId, _ random: inout Random) {
    let price = venue.mark(of: instrument) ?? 60_000
    let first = random.pick(Cast.accounts)
    let second = random.pick(Cast.accounts)
    for (account, side) in [(first, Side.buy), (second, .sell)] {
      venue.send(
        NewOrder(
          requestId: 0, account: AccountId(account), instrument: instrument, price: Price(price),
          quantity: Quantity(random.number(1...40)), display: .zero, side: side, orderType: .limit,
          timeInForce: .goodTillCancel, flags: [], selfTradePrevention: .cancelOldest), from: Cast.key(of: account))
    }
  }

  private mutating func list(_ venue: DynamicVenue, _ random: inout Random) {
    guard Self.ids.contains(next) else { return }
    let id = InstrumentId(next)
    next += 1
    live.append(id)
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: id, kind: .perpetual, base: Cast.bitcoin, quote: .settlement, symbol: "LISTED",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: Rate(400_000)), from: Cast.staff)
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: id, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(15_000_000), initialBase: Rate(30_000_000), sizeFactor: Rate(500_000),
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: Rate(800_000_000), liquidationFee: .zero, maximumSlippage: .zero), from: Cast.staff)
    venue.send(MarkPrice(requestId: 0, price: Price(60_000), instrument: id), from: Cast.oracle)
    venue.send(
      SetFundingParameters(
        requestId: 0, instrument: id, interval: 1_000, period: 1_000, sampling: 500, interest: .zero, clamp: .zero,
        cap: Rate(1_000_000), marginFactor: .zero, fixedRate: Rate(100_000), isFixed: true), from: Cast.staff)
    set(venue, id, .activate, .continuous, after: random.pick([0, 1_000_000_000]))
  }
}

import Values
import Wire

/// Dated futures that come, are traded, are averaged over a window, expire and are settled while everything else goes on.
struct FuturesFlow: Flow {
  var weight: Int { 6 }
  private static let ids: ClosedRange<UInt32> = 100...115
  private var next = ids.lowerBound
  private var live: [(id: InstrumentId, expiry: Int64)] = []

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    for _ in 0..<2 { define(venue, &random) }
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    live.removeAll { $0.expiry <= venue.time }
    if live.count < 2 && Self.ids.contains(next) {
      define(venue, &random)
    } else if let future = live.first {
      let price = (venue.mark(of: future.id) ?? 60_000) + random.number(-300...300)
      venue.send(MarkPrice(requestId: 0, price: Price(max(100, price)), instrument: future.id), from: Cast.oracle)
    }
  }

  private mutating func define(_ venue: DynamicVenue, _ random: inout Random) {
    let id = InstrumentId(next)
    next += 1
    let samples = random.number(1...12)
    let expiry = venue.time + random.number(5...60) * 1_000_000_000
    live.append((id, expiry))
    venue.send(
      DefineFuture(
        requestId: 0, instrument: id, base: Cast.bitcoin, symbol: "DATED", priceUnit: 1_000_000_000_000,
        lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero, maximumOrder: .zero, positionLimit: .zero,
        makerFee: Rate(-20_000), takerFee: Rate(400_000), expiry: Timestamp(expiry),
        settlementWindow: UInt32(samples * 700), settlementInterval: 700), from: Cast.staff)
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: id, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(15_000_000), initialBase: Rate(30_000_000), sizeFactor: Rate(500_000),
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: Rate(800_000_000), liquidationFee: .zero, maximumSlippage: .zero), from: Cast.staff)
    venue.send(MarkPrice(requestId: 0, price: Price(60_000), instrument: id), from: Cast.oracle)
    venue.send(SetPhase(requestId: 0, instrument: id, phase: .continuous), from: Cast.staff)
  }
}

import Values
import Wire

/// Marks and index prices wander, and sometimes jump.
struct MarketFlow: Flow {
  var weight: Int { 25 }
  private static let assets: [(AssetId, Int64)] = [
    (Cast.bitcoin, 6_000_000), (Cast.ether, 250_000), (Cast.dollar, 100),
  ]

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    let jump = random.chance(20) ? random.number(-120...120) : random.number(-6...6)
    if random.chance(600) {
      let instrument = random.pick(Cast.perpetuals)
      let mark = venue.mark(of: instrument) ?? Cast.startingPrice(instrument)
      let price = min(Cast.startingPrice(instrument) * 3, max(100, mark + mark * jump / 1000))
      venue.send(
        MarkPrice(requestId: 0, price: Price(price), instrument: instrument), from: Cast.oracle,
        after: random.number(1...2_000_000_000))
    } else {
      let (asset, start) = random.pick(Self.assets)
      let price = max(1, start + start * random.number(-200...200) / 1000)
      venue.send(
        IndexPrice(
          requestId: 0, price: Price(price), stablePrice: random.chance(300) ? Price(max(1, start)) : nil,
          asset: asset), from: Cast.oracle, after: random.number(1...2_000_000_000))
    }
  }
}

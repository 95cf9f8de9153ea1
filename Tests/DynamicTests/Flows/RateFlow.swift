import Testing
import Values
import Wire

/// Rates and curves that follow the market: parameters are set, changed and taken away, good ones and bad ones. What was
/// promised is remembered and compared with what is in force.
struct RateFlow: Flow {
  var weight: Int { 6 }
  private var promises: [InstrumentId: [RiskRateReport]] = [:]

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    for instrument in Cast.perpetuals {
      setVolatility(instrument, venue, &random)
      setLiquidity(instrument, venue, &random)
    }
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    let instrument = random.pick(Cast.perpetuals)
    switch random.number(1...20) {
    case 1: setVolatility(instrument, venue, &random)
    case 2: setLiquidity(instrument, venue, &random)
    default: compare(instrument, venue)
    }
  }

  private mutating func setVolatility(_ instrument: InstrumentId, _ venue: DynamicVenue, _ random: inout Random) {
    promises[instrument] = []
    let up = random.number(2...30_000_000)
    let lower = random.number(0...5_000_000) * 100_000_000
    let hasOpenInterest = random.chance(600)
    venue.send(
      SetVolatilityParameters(
        requestId: 0, instrument: instrument, interval: random.chance(50) ? 0 : UInt32(random.number(1_000...20_000)),
        quantile: UInt32(random.number(0...5_000)), horizon: UInt32(random.number(1...500)),
        decay: UInt8(random.number(1...8)), notice: UInt8(random.number(0...63)),
        floor: Rate(random.number(0...50_000_000)),
        stress: Rate(random.number(0...400_000_000)), up: Rate(up), down: Rate(random.number(0...up)),
        maintenanceShare: Rate(random.number(0...909_090_909)), cap: Rate(random.number(200_000_000...900_000_000)),
        lowerOpenInterest: Money(hasOpenInterest ? lower : 0),
        upperOpenInterest: Money(hasOpenInterest ? lower + random.number(1...10_000_000) * 100_000_000 : 0),
        deviation: Rate(random.chance(500) ? 0 : random.number(1...50_000_000))), from: Cast.staff)
  }

  private func setLiquidity(_ instrument: InstrumentId, _ venue: DynamicVenue, _ random: inout Random) {
    let isOff = random.chance(50)
    let rows = (1...8).map { SetLiquidityParameters.Row(lots: Quantity($0 * $0 * 20 + random.number(0...15))) }
    venue.send(
      SetLiquidityParameters(
        requestId: 0, instrument: instrument, interval: isOff ? 0 : UInt32(random.number(1_000...20_000)),
        window: UInt8(random.number(1...16)), smoothing: UInt8(random.number(0...5)),
        floor: Rate(random.number(0...1_000_000)),
        cap: Rate(random.number(1_000_000...100_000_000)), change: Rate(random.number(1...10_000_000))),
      rows: isOff ? [] : rows, from: Cast.staff)
  }

  /// Nothing in force is above what was promised so many intervals ago, while the parameters stayed.
  private mutating func compare(_ instrument: InstrumentId, _ venue: DynamicVenue) {
    let answer = venue.answer(QueryParameters(queryId: 0, instrument: instrument), for: Cast.staff)
    guard let now = DynamicVenue.all(RiskRateReport.self, in: answer).first, now.interval > 0 else { return }
    for then in promises[instrument, default: []] {
      let passed = (now.next.rawValue - then.next.rawValue) / (Int64(now.interval) * 1_000_000)
      if passed <= 1 {
        #expect(now.initialRate <= then.initialIn1 && now.maintenanceRate <= then.maintenanceIn1)
        #expect(now.openInterestRate <= then.openInterestIn1)
      }
      if passed <= 10 {
        #expect(now.initialRate <= then.initialIn10 && now.maintenanceRate <= then.maintenanceIn10)
        #expect(now.openInterestRate <= then.openInterestIn10)
      }
      if passed <= 60 {
        #expect(now.initialRate <= then.initialIn60 && now.maintenanceRate <= then.maintenanceIn60)
        #expect(now.openInterestRate <= then.openInterestIn60)
      }
    }
    promises[instrument, default: []].append(now)
    if promises[instrument, default: []].count > 40 { promises[instrument]?.removeFirst(10) }
  }
}

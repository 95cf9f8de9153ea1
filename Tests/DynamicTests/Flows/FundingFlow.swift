import Values
import Wire

/// Funding of the cast's perpetuals: short intervals, changed parameters, rates from outside.
struct FundingFlow: Flow {
  var weight: Int { 2 }

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    for instrument in Cast.perpetuals { set(instrument, venue, &random) }
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    set(random.pick(Cast.perpetuals), venue, &random)
  }

  private func set(_ instrument: InstrumentId, _ venue: DynamicVenue, _ random: inout Random) {
    let isOff = random.chance(50)
    let interval = isOff ? 0 : random.number(1...9) * 700
    venue.send(
      SetFundingParameters(
        requestId: 0, instrument: instrument, interval: UInt32(interval), period: UInt32(interval + 2_000),
        sampling: UInt32(isOff ? 0 : random.number(1...interval)), interest: Rate(random.number(-100_000...100_000)),
        clamp: Rate(random.number(0...500_000)), cap: Rate(random.number(100_000...20_000_000)),
        marginFactor: Rate(random.chance(500) ? 0 : random.number(0...800_000_000)),
        fixedRate: Rate(random.number(-3_000_000...3_000_000)), isFixed: random.chance(300)), from: Cast.staff)
  }
}

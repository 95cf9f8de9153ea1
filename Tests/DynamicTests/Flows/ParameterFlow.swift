import Values
import Wire

/// Bracket tables, haircuts, limits and fees are changed while everything trades; some changes are refused.
struct ParameterFlow: Flow {
  var weight: Int { 2 }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    switch random.number(1...3) {
    case 1:
      // The haircuts of the cast: 5 % and 10 %, 10 % and 30 %, give or take; sometimes initial below maintenance.
      let isInitial = random.chance(500)
      let low = random.number(isInitial ? 90...150 : 30...110) * 1_000_000
      let rows = [(Int64(0), low), (random.number(10_000...200_000) * 100_000_000, low * random.number(1...3))]
      venue.send(
        SetSchedule(requestId: 0, schedule: ScheduleId(isInitial ? 2 : 1)),
        rows: rows.map { SetSchedule.Row(lower: Money($0.0), rate: Rate($0.1)) }, from: Cast.staff)
    case 2:
      let addon = random.number(10...100) * 1_000_000
      venue.send(
        SetAssetParameters(
          requestId: 0, asset: random.pick([Cast.bitcoin, Cast.ether, Cast.dollar]),
          haircutMaintenance: random.chance(100) ? .none : ScheduleId(1), haircutInitial: ScheduleId(2),
          debtAddonMaintenance: Rate(addon), debtAddonInitial: Rate(addon + random.number(-10...50) * 1_000_000)),
        from: Cast.staff)
    default:
      let instrument = random.pick(Cast.perpetuals + [Cast.spot])
      let maker = instrument == Cast.spot ? 0 : -50_000
      venue.send(
        SetInstrumentLimits(
          requestId: 0, instrument: instrument,
          priceBand: Rate(random.chance(500) ? 0 : random.number(50...500) * 1_000_000),
          maximumOrder: Quantity(random.number(500...5_000)), positionLimit: Quantity(random.number(5_000...50_000)),
          makerFee: Rate(random.chance(900) ? Int64(maker) : random.number(-50_000...200_000)),
          takerFee: Rate(random.number(50_000...1_000_000))), from: Cast.staff)
    }
  }
}

import Values
import Wire

/// Accounts get and lose fee tiers, rebates among them.
struct FeeTierFlow: Flow {
  var weight: Int { 1 }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    let account = AccountId(random.pick(Cast.accounts))
    if random.chance(500) {
      venue.send(
        MassCancel(requestId: 0, account: account, instrument: .none, side: .both), from: Cast.key(of: account.rawValue)
      )
      venue.settle(limit: 50)
    }
    venue.send(
      SetFeeTier(
        requestId: 0, account: account, makerMultiple: Rate(random.number(-1_000_000_000...2_000_000_000)),
        takerMultiple: Rate(random.number(-100_000_000...2_000_000_000))), from: Cast.staff)
  }
}

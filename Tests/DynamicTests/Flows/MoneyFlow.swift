import Values
import Wire

/// Deposits, withdrawals and transfers.
struct MoneyFlow: Flow {
  var weight: Int { 8 }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    let account = AccountId(random.pick(Cast.accounts))
    let asset = random.chance(700) ? AssetId.settlement : random.pick([Cast.bitcoin, Cast.ether, Cast.dollar])
    let amount = Money(random.number(1...5_000) * 10_000_000)
    switch random.number(1...3) {
    case 1: venue.send(Deposit(requestId: 0, account: account, asset: asset, amount: amount), from: Cast.staff)
    case 2: venue.send(Withdraw(requestId: 0, account: account, asset: asset, amount: amount), from: Cast.staff)
    default:
      venue.send(
        Transfer(
          requestId: 0, source: account, destination: AccountId(random.pick(Cast.accounts)), asset: asset,
          amount: amount), from: Cast.staff)
    }
  }
}

import Values
import Wire

/// Interest on the settlement currency and every other asset: debts are made and repaid, parameters change, time jumps.
struct InterestFlow: Flow {
  var weight: Int { isSlow ? 16 : 4 }
  /// Whether intervals and jumps are of days (nothing else at the venue may then have a short interval) or of seconds.
  var isSlow = false
  private static let assets = [AssetId.settlement, Cast.bitcoin, Cast.ether, Cast.dollar]
  private static let second: Int64 = 1_000_000_000

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    // Those who can be borrowed from.
    for asset in Self.assets {
      venue.send(
        Deposit(
          requestId: 0, account: AccountId(3), asset: asset, amount: Money(random.number(1...900) * 1_000_000_000)),
        from: Cast.staff)
      set(asset, venue, &random)
    }
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    switch random.number(1...100) {
    case 1...20: set(random.pick(Self.assets), venue, &random)
    case 21...60: borrow(venue, &random)
    case 61...75: repay(venue, &random)
    case 76...95: venue.settle(after: random.number(1...30) * (isSlow ? 21_600 : 1) * Self.second)
    default: venue.settle(after: random.number(1...(isSlow ? 40 : 10)) * (isSlow ? 86_400 : 30) * Self.second)
    }
  }

  private func set(_ asset: AssetId, _ venue: DynamicVenue, _ random: inout Random) {
    let slope = random.number(0...2_000_000_000)
    let interval = random.chance(60) ? 0 : isSlow ? random.number(1...24) * 3_600_000 : random.number(1...20) * 1_000
    venue.send(
      SetInterestParameters(
        requestId: 0, asset: asset, interval: UInt32(interval), base: Rate(random.number(0...1_000_000_000)),
        slope: Rate(slope), steepSlope: Rate(slope + random.number(-10_000_000...5_000_000_000)),
        kink: Rate(random.number(0...1_000_000_000)),
        reserveFactor: Rate(random.chance(200) ? 1_000_000_000 : random.number(0...1_000_000_000))), from: Cast.staff)
  }

  /// Takes more than there is, or nearly all that the margin admits.
  private func borrow(_ venue: DynamicVenue, _ random: inout Random) {
    let amount = random.chance(100) ? random.number(1...20) : random.number(1...3_000) * 100_000_000
    venue.send(
      Withdraw(
        requestId: 0, account: AccountId(random.pick(Cast.accounts)), asset: random.pick(Self.assets),
        amount: Money(amount)), from: Cast.staff)
  }

  private func repay(_ venue: DynamicVenue, _ random: inout Random) {
    let account = AccountId(random.pick(Cast.accounts))
    let balances = DynamicVenue.all(
      BalanceReport.self, in: venue.answer(QueryBalances(queryId: 0, account: account), for: Cast.staff))
    for balance in balances where balance.balance < .zero {
      let owed = -balance.balance
      venue.send(
        Deposit(
          requestId: 0, account: account, asset: balance.asset,
          amount: random.chance(300) ? owed : random.chance(500) ? owed + Money(Int64(1)) : Money(Int64(1))),
        from: Cast.staff)
    }
  }
}

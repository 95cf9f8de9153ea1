import Testing
import Values

@testable import Margin

/// What is paid in is there, to the last quantum, whatever trades.
struct ConservationTests {
  @Test(arguments: seeds)
  func moneyAndContractsAreConserved(seed: Int) {
    var venue = RandomVenue(seed: 2000 + seed)
    for id in 1...2 as ClosedRange<UInt32> { venue.addPerpetual(id) }
    for id in 1...5 as ClosedRange<UInt32> { venue.addAccount(id) }
    let base = venue.ledger.addAsset(1, price: 10)
    let quote = venue.ledger.addAsset(2, price: 3)
    let pairs = [
      venue.ledger.addSpot(8, base: base, quote: 0, multiplier: 3, baseLot: 7),
      venue.ledger.addSpot(9, base: base, quote: quote, multiplier: 2, baseLot: 5),
    ]
    for account in venue.accounts {
      venue.ledger.deposit(Money(venue.number(0...10_000)), account: account, asset: base)
      venue.ledger.deposit(Money(venue.number(0...10_000)), account: account, asset: quote)
    }
    let instruments = venue.perpetuals + pairs
    for _ in 0..<2000 {
      let instrument = instruments[Int(venue.number(0...3))]
      let (one, other) = (venue.accounts[Int(venue.number(0...4))], venue.accounts[Int(venue.number(0...4))])
      let (lots, price) = (Quantity(venue.number(1...60)), Price(venue.number(50...2000)))
      for (account, side) in [(one, Side.buy), (other, Side.sell)] {
        let position = venue.ledger.position(account: account, instrument: instrument)
        venue.ledger.touch(account)
        venue.ledger.execute(
          side, lots: lots, price: price, fee: Money(venue.number(-20...50)), in: position)
      }
      if venue.chance(10) {
        venue.ledger.deposit(Money(venue.number(-500...500)), account: one, asset: venue.chance(50) ? 0 : base)
      }
    }
    let totals = sums(venue.ledger, accounts: venue.accounts)
    #expect(
      totals == [
        venue.ledger.settlement.deposited, venue.ledger.assets[base].deposited, venue.ledger.assets[quote].deposited,
      ])
    for instrument in venue.perpetuals {
      var net: Int64 = 0
      var longs: Int64 = 0
      for account in venue.accounts {
        let slot = venue.ledger.findPosition(account: account, instrument: instrument)
        let quantity = slot == 0 ? 0 : venue.ledger.positions[slot].quantity.rawValue
        net += quantity
        longs += max(0, quantity)
      }
      #expect(net == 0)
      #expect(venue.ledger.instruments[instrument].openInterest == Quantity(longs))
    }
  }

  /// Cash less entry values, and balances, with the fees collected: settlement currency, then the assets.
  func sums(_ ledger: borrowing Ledger, accounts: [UInt32]) -> [Money] {
    var totals = [ledger.settlement.fees, ledger.assets[1].fees, ledger.assets[2].fees]
    for account in accounts {
      totals[0] += ledger.accounts[account].cash
      var position = ledger.accounts[account].firstPosition
      while position != 0 {
        totals[0] -= ledger.positions[position].cost
        position = ledger.positions[position].next
      }
      for asset in 1...2 as ClosedRange<UInt32> {
        totals[Int(asset)] += ledger.holding(account: account, asset: asset).amount
      }
    }
    return totals
  }
}

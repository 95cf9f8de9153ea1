import Testing
import Values

@testable import Margin

/// Values of balances and the reserve of open spot orders.
struct SpotReserveTests {
  @Test func haircutsAreBracketsOfTheNotionalAndDebtsPayTheAddOn() {
    var ledger = Ledger()
    let mild = ledger.addSchedule(1, [(.zero, basisPoints(500))])
    let strict = ledger.addSchedule(2, [(.zero, basisPoints(1000)), (Money(Int64(10_000)), basisPoints(5000))])
    let asset = ledger.addAsset(
      1, haircuts: (mild, strict), addons: (basisPoints(500), basisPoints(1000)), price: 100, stable: 90)
    let account = ledger.addAccount(1)
    ledger.deposit(Money(Int64(200)), account: account, asset: asset)
    let rich = ledger.currentMargin(of: account)
    #expect(rich.equity == Money(Int64(19_000)), "200 · 100 · 95 %")
    // Initial: the slow price 90, 18,000: 10,000 at 90 %, 8,000 at 50 %.
    #expect(rich.initialEquity == Money(Int64(13_000)))
    ledger.transferIn(Money(Int64(-300)), account: account, asset: asset)
    let owing = ledger.currentMargin(of: account)
    #expect(owing.equity == Money(Int64(-10_500)), "−100 · 100 · 1.05")
    #expect(owing.initialEquity == Money(Int64(-11_000)), "the worse price of a debt is the higher one")
  }

  @Test func assetsAreRoundedDownAndDebtsUp() {
    var ledger = Ledger()
    let table = ledger.addSchedule(1, [(.zero, basisPoints(3333))])
    let asset = ledger.addAsset(1, priceScale: 1, haircuts: (table, table), price: 7)
    #expect(ledger.value(of: 3, asset: asset, initial: true) == Money(Int64(1)), "21/10 · 0.6667 = 1.4…")
    #expect(ledger.value(of: -3, asset: asset, initial: true) == Money(Int64(-3)), "−2.1")
  }

  @Test func theValueOfABalanceIsConcave() {
    var generator = SeededGenerator(6)
    for _ in 0..<60 {
      var ledger = Ledger()
      let asset = randomAsset(&ledger, id: 1, &generator)
      for _ in 0..<200 {
        let middle = Int64.random(in: -3000...3000, using: &generator)
        let step = Int64.random(in: 1...500, using: &generator)
        func value(_ quanta: Int64) -> Int128 { ledger.value(of: quanta, asset: asset, initial: true).rawValue }
        // The two outer values are rounded down: by less than 1 each.
        #expect(value(middle - step) + value(middle + step) <= 2 * value(middle) + 2)
        let paid = ExactMoney(Int128(step), times: ledger.slope(of: asset, at: Int128(middle - step), rising: true))
        #expect(value(middle) - value(middle - step) <= paid.roundedUp.rawValue + 1)
        let received = ExactMoney(
          Int128(step), times: ledger.slope(of: asset, at: Int128(middle + step), rising: false))
        #expect(value(middle + step) - value(middle) >= received.whole - 1)
      }
    }
  }

  @Test func aBuyReservesWhatInitialEquityWouldLose() {
    var ledger = Ledger()
    let haircut = ledger.addSchedule(1, [(.zero, basisPoints(1000))])
    let asset = ledger.addAsset(1, haircuts: (haircut, haircut), price: 100)
    let spot = ledger.addSpot(1, base: asset, quote: 0, multiplier: 1, baseLot: 1)
    let account = ledger.addAccount(1, flags: [], cash: Money(Int64(1000)))
    let position = ledger.open(.buy, 5, at: 102, account: account, instrument: spot)
    #expect(ledger.accounts[account].spotReserve == Money(Int64(510 - 450)))
    let before = ledger.currentMargin(of: account).free
    ledger.fill(
      OpenLots(side: .buy, reduceOnly: false, lots: Quantity(5), limit: Price(102), provision: .zero),
      lots: Quantity(5), price: Price(102), fee: .zero, remainingProvision: .zero, in: position)
    #expect(ledger.currentMargin(of: account).free == before)
  }

  @Test func aSaleIntoDebtReservesTheAddOn() {
    var ledger = Ledger()
    let haircut = ledger.addSchedule(1, [(.zero, basisPoints(1000))])
    let asset = ledger.addAsset(
      1, haircuts: (haircut, haircut), addons: (basisPoints(1000), basisPoints(2000)), price: 100)
    let spot = ledger.addSpot(1, base: asset, quote: 0, multiplier: 1, baseLot: 1)
    let account = ledger.addAccount(1, cash: Money(Int64(1000)))
    ledger.open(.sell, 5, at: 100, account: account, instrument: spot)
    #expect(ledger.accounts[account].spotReserve == Money(Int64(5 * 120 - 5 * 100)))
    // With the asset at hand a sale at the mark frees margin: nothing is reserved.
    let owner = ledger.addAccount(2, cash: Money(Int64(1000)))
    ledger.deposit(Money(Int64(5)), account: owner, asset: asset)
    ledger.open(.sell, 5, at: 100, account: owner, instrument: spot)
    #expect(ledger.accounts[owner].spotReserve == .zero)
    // One more lot would be owed, and then every lot is reckoned at the slope of a debt.
    ledger.open(.sell, 1, at: 100, account: owner, instrument: spot)
    #expect(ledger.accounts[owner].spotReserve == Money(Int64(6 * 120 - 6 * 100)))
  }

  @Test func theReserveOfAllPairsIsRoundedUpOnce() {
    var ledger = Ledger()
    let asset = ledger.addAsset(1, priceScale: 1, price: 1)
    let account = ledger.addAccount(1, cash: dollars(1))
    for id in 1...3 as ClosedRange<UInt32> {
      let spot = ledger.addSpot(id, base: asset, quote: 0, multiplier: 1, baseLot: 7)
      ledger.open(.buy, 1, at: 1, account: account, instrument: spot)
    }
    #expect(ledger.accounts[account].spotReserve == Money(Int64(1)), "3 · (1 − 0.7) = 0.9")
  }

  @Test func theWidestProductDoesNotTrap() {
    // 2^32 price units, an add-on of 1,000 %, and a balance that open sales could take from one bound to the other.
    var ledger = Ledger()
    let asset = ledger.addAsset(1, priceScale: 18, addons: (.maximum, .maximum), price: Limits.assetPrice)
    let spot = ledger.addSpot(1, base: asset, quote: 0, multiplier: 1, baseLot: 1_000_000_000_000_000_000)
    let account = ledger.addAccount(1, cash: dollars(1_000_000))
    ledger.deposit(Money(Limits.balance), account: account, asset: asset)
    ledger.open(.sell, 4, at: 0, account: account, instrument: spot)
    // 4·10^18 · 2^32 · 11 / 10^18
    #expect(ledger.accounts[account].spotReserve == Money(4 * Limits.assetPrice * 11))
    #expect(ledger.currentMargin(of: account).initialMargin == Money(4 * Limits.assetPrice * 11))
  }

  @Test func fullyCollateralisedAccountsReserveAllTheyPay() {
    var ledger = Ledger()
    let asset = ledger.addAsset(1, price: 100)
    let spot = ledger.addSpot(1, base: asset, quote: 0, multiplier: 1, baseLot: 1)
    let account = ledger.addAccount(1, mode: .fullyCollateralised, flags: [], cash: Money(Int64(1000)))
    ledger.open(.buy, 5, at: 102, account: account, instrument: spot)
    #expect(ledger.accounts[account].spotReserve == Money(Int64(510)))
  }
}

/// An asset with random brackets, add-on and prices, as the definition rules allow them.
func randomAsset(_ ledger: inout Ledger, id: UInt16, _ generator: inout SeededGenerator) -> UInt32 {
  var lower: Int64 = 0
  var rate: Int64 = 0
  var rows: [(Money, Rate)] = []
  for _ in 0..<Int.random(in: 1...4, using: &generator) {
    rate = min(1_000_000_000, rate + Int64.random(in: 0...300_000_000, using: &generator))
    rows.append((Money(lower), Rate(rate)))
    lower += Int64.random(in: 1...40_000, using: &generator)
  }
  let table = Bool.random(using: &generator) ? ledger.addSchedule(id, rows) : 0
  let addon = Rate(Int64.random(in: 0...2_000_000_000, using: &generator))
  let stable = Bool.random(using: &generator) ? Int64.random(in: 1...400, using: &generator) : nil
  return ledger.addAsset(
    id, priceScale: UInt8.random(in: 0...2, using: &generator), haircuts: (0, table), addons: (.zero, addon),
    price: Int64.random(in: 1...400, using: &generator), stable: stable)
}

import Testing
import Values

@testable import Margin

struct FillTests {
  @Test func everyReductionRealisesItsShareOfTheEntryValueRoundedAgainstTheAccount() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 40)
    let account = ledger.addAccount(1, cash: Money(Int64(1000)))
    let position = ledger.give(2, at: 33, account: account, instrument: instrument)
    _ = ledger.give(1, at: 34, account: account, instrument: instrument)
    #expect(ledger.positions[position].cost == Money(Int64(100)))
    // Of an entry value of 100 for 3 lots, one lot takes ⌈100/3⌉ = 34 along.
    _ = ledger.give(-1, at: 40, account: account, instrument: instrument)
    #expect(ledger.accounts[account].cash == Money(Int64(1006)))
    #expect(ledger.positions[position].cost == Money(Int64(66)))
    _ = ledger.give(-2, at: 40, account: account, instrument: instrument)
    #expect(ledger.accounts[account].cash == Money(Int64(1020)))
    #expect(ledger.positions[position].cost == .zero)
  }

  @Test func aFlipRealisesAllAndOpensTheRestAtTheFillPrice() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let account = ledger.addAccount(1, cash: Money(Int64(1000)))
    let position = ledger.give(3, at: 100, account: account, instrument: instrument)
    _ = ledger.give(-5, at: 110, account: account, instrument: instrument)
    #expect(ledger.positions[position].quantity == Quantity(-2))
    #expect(ledger.positions[position].cost == Money(Int64(-220)))
    #expect(ledger.accounts[account].cash == Money(Int64(1030)))
    _ = ledger.give(4, at: 90, account: account, instrument: instrument)
    #expect(ledger.positions[position].quantity == Quantity(2))
    #expect(ledger.positions[position].cost == Money(Int64(180)))
    #expect(ledger.accounts[account].cash == Money(Int64(1070)))
  }

  @Test func cashLessEntryValueChangesByTheValueTradedExactly() {
    var generator = SeededGenerator(5)
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, multiplier: 7, mark: 100)
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.position(account: account, instrument: instrument)
    for _ in 0..<5000 {
      let (price, lots) = (Int64.random(in: 1...200, using: &generator), Int64.random(in: 1...9, using: &generator))
      let signed = Bool.random(using: &generator) ? lots : -lots
      let before = ledger.accounts[account].cash - ledger.positions[position].cost
      _ = ledger.give(signed, at: price, account: account, instrument: instrument)
      let after = ledger.accounts[account].cash - ledger.positions[position].cost
      #expect(after - before == Money(-signed * price * 7))
      #expect(ledger.positions[position].quantity != .zero || ledger.positions[position].cost == .zero)
    }
  }

  @Test func aSpotFillMovesBothBalancesAndTheFeeIsPaidInTheQuoteAsset() {
    var ledger = Ledger()
    let (base, quote) = (ledger.addAsset(1, price: 5), ledger.addAsset(2, price: 3))
    let spot = ledger.addSpot(1, base: base, quote: quote, multiplier: 4, baseLot: 10)
    let account = ledger.addAccount(1)
    ledger.deposit(Money(Int64(1000)), account: account, asset: quote)
    let position = ledger.position(account: account, instrument: spot)
    ledger.execute(.buy, lots: Quantity(2), price: Price(50), fee: Money(Int64(1)), in: position)
    #expect(ledger.holding(account: account, asset: base).amount == Money(Int64(20)))
    #expect(ledger.holding(account: account, asset: quote).amount == Money(Int64(599)))
    #expect(ledger.assets[quote].fees == Money(Int64(1)))
    #expect(ledger.currentMargin(of: account).equity == Money(Int64(20 * 5 + 599 * 3)))
  }

  @Test func openInterestIsTheSumOfTheLongs() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let (one, other) = (ledger.addAccount(1, cash: dollars(1)), ledger.addAccount(2, cash: dollars(1)))
    _ = ledger.give(5, at: 100, account: one, instrument: instrument)
    _ = ledger.give(-5, at: 100, account: other, instrument: instrument)
    #expect(ledger.instruments[instrument].openInterest == Quantity(5))
    _ = ledger.give(-8, at: 100, account: one, instrument: instrument)
    _ = ledger.give(8, at: 100, account: other, instrument: instrument)
    #expect(ledger.instruments[instrument].openInterest == Quantity(3))
  }
}

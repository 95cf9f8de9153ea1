import Testing
import Values

@testable import Margin

struct AcceptRuleTests {
  /// equity, initial equity, initial margin, maintenance margin
  func figures(_ e: Int64, _ ei: Int64, _ im: Int64, _ mm: Int64) -> AccountMargin {
    AccountMargin(
      equity: Money(e), initialEquity: Money(ei), initialMargin: Money(im), maintenanceMargin: Money(mm))
  }

  @Test func aSoundAccountMayDoWhatKeepsItSound() {
    let before = figures(100, 100, 10, 5)
    #expect(AccountMargin.isAcceptable(before: before, after: figures(100, 100, 100, 50)))
    #expect(!AccountMargin.isAcceptable(before: before, after: figures(100, 100, 101, 50)))
    #expect(!AccountMargin.isAcceptable(before: before, after: figures(49, 100, 100, 50)))
  }

  @Test func belowInitialMarginOnlyRiskReductionIsAccepted() {
    let before = figures(80, 80, 100, 60)
    #expect(AccountMargin.isAcceptable(before: before, after: figures(80, 80, 90, 54)), "cushion 20 → 26")
    #expect(!AccountMargin.isAcceptable(before: before, after: figures(80, 80, 101, 54)), "IM rose")
    #expect(!AccountMargin.isAcceptable(before: before, after: figures(80, 69, 90, 54)), "free fell from −20 to −21")
    #expect(!AccountMargin.isAcceptable(before: before, after: figures(70, 70, 85, 65)), "cushion 20 → 5, E < 1.1 MM")
    #expect(AccountMargin.isAcceptable(before: before, after: figures(66, 70, 85, 60)), "cushion fell, but E = 1.1 MM")
  }

  @Test func aNegativeCushionThatOnlyShrinksIsNotEnough() {
    let before = figures(50, 50, 100, 60)
    #expect(!AccountMargin.isAcceptable(before: before, after: figures(50, 50, 90, 55)))
    #expect(AccountMargin.isAcceptable(before: before, after: figures(50, 50, 70, 45)), "E ≥ 1.1 MM")
  }

  @Test func profitsCannotBeWithdrawnAndLossesCount() {
    var parameters = MarginParameters.flat(maintenance: basisPoints(500), initial: basisPoints(1000))
    parameters.profitWeight = .one
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, parameters: parameters, mark: 100)
    let account = ledger.addAccount(1, cash: Money(Int64(1000)))
    _ = ledger.give(10, at: 100, account: account, instrument: instrument)
    ledger.setMark(of: instrument, to: Price(150))
    #expect(ledger.currentMargin(of: account).free == Money(Int64(1500 - 150)))
    #expect(ledger.withdrawableFree(of: account) == Money(Int64(1000 - 150)))
    ledger.setMark(of: instrument, to: Price(80))
    #expect(ledger.currentMargin(of: account).free == Money(Int64(800 - 80)))
    #expect(ledger.withdrawableFree(of: account) == Money(Int64(800 - 80)))
  }

  @Test func aFullyCollateralisedAccountCanWithdrawWhatItCannotLose() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let account = ledger.addAccount(1, mode: .fullyCollateralised, flags: [], cash: Money(Int64(150)))
    _ = ledger.give(1, at: 100, account: account, instrument: instrument)
    for mark in [40, 100, 300] as [Int64] {
      ledger.setMark(of: instrument, to: Price(mark))
      ledger.touch(account)
      #expect(ledger.withdrawableFree(of: account) == Money(Int64(50)))
    }
  }

  @Test func aDebtWithoutAPriceIsNamedEvenWhenOnlyAnOrderCouldMakeIt() {
    var ledger = Ledger()
    let (base, other) = (ledger.addAsset(1), ledger.addAsset(2, price: 10))
    let spot = ledger.addSpot(1, base: base, quote: 0, multiplier: 1, baseLot: 1)
    let account = ledger.addAccount(1, cash: dollars(1))
    #expect(ledger.unpricedDebt(of: account) == nil)
    ledger.open(.sell, 3, at: 100, account: account, instrument: spot)
    #expect(ledger.unpricedDebt(of: account) == AssetId(1))
    ledger.deposit(Money(Int64(3)), account: account, asset: base)
    #expect(ledger.unpricedDebt(of: account) == nil, "the sale is covered")
    ledger.transferIn(Money(Int64(-3)), account: account, asset: base)
    #expect(ledger.unpricedDebt(of: account) == AssetId(1))
    ledger.setPrice(of: base, to: Price(7), stable: nil)
    #expect(ledger.unpricedDebt(of: account) == nil)
    ledger.transferIn(Money(Int64(-3)), account: account, asset: other)
    #expect(ledger.unpricedDebt(of: account) == nil, "it has a price")
  }
}

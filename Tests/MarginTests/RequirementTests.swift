import Testing
import Values

@testable import Margin

/// The requirement of one perpetual position in standard mode.
struct RequirementTests {
  var parameters: MarginParameters {
    var parameters = MarginParameters.flat(maintenance: basisPoints(100), initial: basisPoints(200))
    parameters.maintenanceVolatility = basisPoints(150)
    parameters.initialVolatility = basisPoints(160)
    return parameters
  }

  @Test func theHighestRateBindsAndLiquidityComesOnTop() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, multiplier: 10, parameters: parameters, mark: 1000)
    ledger.setCurve(of: instrument, closingLongs: true, to: ImpactCurve(knots: [(Quantity(1), basisPoints(30))]))
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.give(100, at: 1000, account: account, instrument: instrument)
    // N = 100 · 1000 · 10 = 1,000,000. MM: max(1 %, 1.5 %) + λ = min(100 %, 0.3 % · 100).
    #expect(ledger.maintenanceMargin(of: position) == Money(Int64(15_000 + 300_000)))
    // IM: κ · 1.5 % = 1.65 % is above 1.6 % and below the base of 2 %.
    #expect(ledger.positionMargin(of: position) == Money(Int64(20_000 + 300_000)))
    #expect(ledger.bindingRates(of: position).volatility == Rate(16_500_000))
  }

  /// 0019-MCAL-210 of vegaprotocol/specs: maintenance margin 5,565 of one contract at 15,900 with a risk factor of 0.1 and
  /// a slippage of 0.25.
  @Test func liquidityScaledMaintenanceMarginIsThatOfVega() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(
      1, parameters: .flat(maintenance: basisPoints(1000), initial: basisPoints(1000)), mark: 15_900)
    ledger.setCurve(of: instrument, closingLongs: true, to: ImpactCurve(knots: [(Quantity(1), basisPoints(2500))]))
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.give(1, at: 15_900, account: account, instrument: instrument)
    #expect(ledger.maintenanceMargin(of: position) == Money(Int64(5565)))
  }

  @Test func shortsUseTheCurveOfTheSideTheyCloseInto() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, parameters: .flat(maintenance: .zero, initial: .zero), mark: 100)
    ledger.setCurve(of: instrument, closingLongs: false, to: ImpactCurve(knots: [(Quantity(10), basisPoints(1000))]))
    let account = ledger.addAccount(1, cash: dollars(1))
    let long = ledger.give(10, at: 100, account: account, instrument: instrument)
    #expect(ledger.maintenanceMargin(of: long) == .zero)
    let other = ledger.addAccount(2, cash: dollars(1))
    let short = ledger.give(-10, at: 100, account: other, instrument: instrument)
    #expect(ledger.maintenanceMargin(of: short) == Money(Int64(100)))
  }

  @Test func theUsersLeverageCapRaisesInitialMarginOnly() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(
      1, parameters: .flat(maintenance: basisPoints(100), initial: basisPoints(200)), mark: 1000)
    let account = ledger.addAccount(1, leverageCap: 3, cash: dollars(1))
    let position = ledger.give(1000, at: 1000, account: account, instrument: instrument)
    #expect(ledger.positionMargin(of: position) == Money(Int64(333_334)))
    #expect(ledger.maintenanceMargin(of: position) == Money(Int64(10_000)))
  }

  @Test func theHouseMultiplierIsAppliedOnceToTheSum() {
    var ledger = Ledger()
    let parameters = MarginParameters.flat(maintenance: Rate(1), initial: Rate(1))
    let (one, other) = (
      ledger.addPerpetual(1, parameters: parameters, mark: 1), ledger.addPerpetual(2, parameters: parameters, mark: 1)
    )
    let account = ledger.addAccount(1, multiplier: Rate(1_500_000_000), cash: dollars(1))
    _ = ledger.give(1, at: 1, account: account, instrument: one)
    _ = ledger.give(1, at: 1, account: account, instrument: other)
    let margin = ledger.currentMargin(of: account)
    #expect(margin.initialMargin == Money(Int64(3)), "⌈1.5 · (1 + 1)⌉")
    #expect(margin.maintenanceMargin == Money(Int64(3)))
  }

  @Test func sizeIsLookedUpWithAllLotsOfTheMaster() {
    var parameters = MarginParameters()
    parameters.sizeFactor = basisPoints(100)
    var ledger = Ledger()
    parameters.initialTiers = ledger.addSchedule(
      1, [(.zero, basisPoints(100)), (Money(Int64(1000)), basisPoints(1900))])
    let instrument = ledger.addPerpetual(1, parameters: parameters, mark: 1)
    let first = ledger.addAccount(1, master: 7, cash: dollars(1))
    let second = ledger.addAccount(2, master: 7, cash: dollars(1))
    let stranger = ledger.addAccount(3, master: 8, cash: dollars(1))
    let alone = ledger.give(1000, at: 1, account: stranger, instrument: instrument)
    let mine = ledger.give(1000, at: 1, account: first, instrument: instrument)
    #expect(ledger.positionMargin(of: mine) == ledger.positionMargin(of: alone))
    ledger.open(.buy, 1000, at: 1, account: second, instrument: instrument)
    ledger.touch(first)
    // The master's 2,000 lots: tiers 1 % · 1000 + 19 % · 1000 = 200 on 2,000, so 10 % on the 1,000 of this account; size
    // 1 % · √2000 = 44.73 %.
    #expect(ledger.positionMargin(of: mine) == Money(Int64(448)))
    #expect(ledger.positionMargin(of: alone) == Money(Int64(317)))
    // A sell of the other account is not on the same side.
    ledger.open(.sell, 5000, at: 1, account: second, instrument: instrument)
    ledger.touch(first)
    #expect(ledger.positionMargin(of: mine) == Money(Int64(448)))
    // Maintenance is the account's own.
    #expect(ledger.maintenanceMargin(of: mine) == ledger.maintenanceMargin(of: alone))
  }

  @Test func profitCountsWithItsWeightInInitialEquityAndLossesInFull() {
    var parameters = MarginParameters.flat(maintenance: .zero, initial: .zero)
    parameters.profitWeight = basisPoints(5000)
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, parameters: parameters, mark: 100)
    let account = ledger.addAccount(1, cash: Money(Int64(1000)))
    _ = ledger.give(1, at: 100, account: account, instrument: instrument)
    ledger.setMark(of: instrument, to: Price(103))
    let up = ledger.currentMargin(of: account)
    #expect(up.equity == Money(Int64(1003)) && up.initialEquity == Money(Int64(1001)))
    ledger.setMark(of: instrument, to: Price(97))
    let down = ledger.currentMargin(of: account)
    #expect(down.equity == Money(Int64(997)) && down.initialEquity == Money(Int64(997)))
  }

  @Test func ratesExplainedAtAMarkBeyondEveryBoundDoNotTrap() {
    var parameters = MarginParameters()
    var ledger = Ledger()
    parameters.initialTiers = ledger.addSchedule(1, [(.zero, basisPoints(100)), (dollars(1), basisPoints(500))])
    let instrument = ledger.addPerpetual(1, multiplier: 1_000_000, parameters: parameters, mark: 1)
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.give(1_000_000_000_000, at: 1, account: account, instrument: instrument)
    ledger.setMark(of: instrument, to: Price(Limits.price))
    #expect(ledger.currentMargin(of: account).initialMargin > .zero)
    #expect(ledger.bindingRates(of: position).tier == basisPoints(500))
  }
}

/// Accounts without leverage: the requirement is the most that can be lost.
struct FullyCollateralisedTests {
  @Test func freeMarginOfALongIsTheCashLessWhatWasPaidAtEveryMark() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, maximumPrice: Price(400), mark: 100)
    let account = ledger.addAccount(1, mode: .fullyCollateralised, flags: [], cash: Money(Int64(150)))
    _ = ledger.give(1, at: 100, account: account, instrument: instrument)
    for mark in [1, 50, 100, 300, 400] as [Int64] {
      ledger.setMark(of: instrument, to: Price(mark))
      let margin = ledger.currentMargin(of: account)
      #expect(margin.free == Money(Int64(50)) && margin.cushion == Money(Int64(50)))
    }
  }

  @Test func freeMarginOfAShortIsTheCashLessTheRiseToTheCapAtEveryMark() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, maximumPrice: Price(400), mark: 100)
    let account = ledger.addAccount(1, mode: .fullyCollateralised, flags: [], cash: Money(Int64(350)))
    _ = ledger.give(-1, at: 100, account: account, instrument: instrument)
    for mark in [1, 50, 100, 300, 400] as [Int64] {
      ledger.setMark(of: instrument, to: Price(mark))
      let margin = ledger.currentMargin(of: account)
      #expect(margin.free == Money(Int64(50)) && margin.cushion == Money(Int64(50)))
    }
  }

  @Test func otherAssetsAreNoCollateral() {
    var ledger = Ledger()
    let asset = ledger.addAsset(1, price: 100)
    let account = ledger.addAccount(1, mode: .fullyCollateralised, flags: [], cash: Money(Int64(5)))
    ledger.deposit(Money(Int64(1000)), account: account, asset: asset)
    #expect(ledger.currentMargin(of: account).initialEquity == Money(Int64(5)))
    #expect(ledger.currentMargin(of: account).equity == Money(Int64(5)))
  }
}

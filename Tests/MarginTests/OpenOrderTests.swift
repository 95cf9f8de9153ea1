import Testing
import Values

@testable import Margin

/// The worst case of open orders of a perpetual.
struct OpenOrderTests {
  /// vegaprotocol/specs, 0019-MCAL: potential positions for (open, buys, sells).
  @Test(arguments: [(1, 1, 2, 2, -1), (-1, 2, 0, 1, -1), (1, 0, 2, 1, -1)] as [(Int64, Int64, Int64, Int64, Int64)])
  func theWorstPositionsAreThoseOfVega(open: Int64, buys: Int64, sells: Int64, long: Int64, short: Int64) {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.give(open, at: 100, account: account, instrument: instrument)
    if buys > 0 { ledger.open(.buy, buys, at: 100, account: account, instrument: instrument) }
    if sells > 0 { ledger.open(.sell, sells, at: 100, account: account, instrument: instrument) }
    #expect(ledger.positions[position].worstLong == long)
    #expect(ledger.positions[position].worstShort == short)
  }

  /// The example of Paradex's cross-margin page: short 1, buys 3, sells 2, IMF 2 %, mark 90,000: 5,400.
  @Test func initialMarginOfTheLargerSideIsThatOfParadex() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(
      1, parameters: .flat(maintenance: basisPoints(100), initial: basisPoints(200)), mark: 90_000)
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.give(-1, at: 90_000, account: account, instrument: instrument)
    ledger.open(.buy, 3, at: 90_000, account: account, instrument: instrument)
    ledger.open(.sell, 2, at: 90_000, account: account, instrument: instrument)
    #expect(ledger.positionMargin(of: position) == Money(Int64(5400)))
  }

  @Test func reduceOnlyLotsCountAsFarAsTheyReduce() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.give(-5, at: 100, account: account, instrument: instrument)
    ledger.open(.buy, 8, at: 100, reduceOnly: true, account: account, instrument: instrument)
    #expect(ledger.positions[position].worstLong == 0)
    #expect(ledger.positions[position].reachableBuy == 5)
    // Two open sells can build the short up to 7 first: then 7 of the 8 can fill.
    ledger.open(.sell, 2, at: 100, account: account, instrument: instrument)
    #expect(ledger.positions[position].reachableBuy == 7)
    #expect(ledger.positions[position].worstShort == -7)
  }

  @Test func bothSidesAreReservedBecauseBothCanFill() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let account = ledger.addAccount(1, cash: Money(Int64(30)))
    let position = ledger.open(.buy, 1, at: 110, account: account, instrument: instrument)
    ledger.open(.sell, 1, at: 90, account: account, instrument: instrument)
    #expect(ledger.openLoss(of: position) == Money(Int64(20)), "10 for each side")
    let before = ledger.currentMargin(of: account).free
    for (side, limit) in [(Side.buy, Int64(110)), (.sell, 90)] {
      ledger.fill(
        OpenLots(side: side, reduceOnly: false, lots: Quantity(1), limit: Price(limit), provision: .zero),
        lots: Quantity(1), price: Price(limit), fee: .zero, remainingProvision: .zero, in: position)
    }
    let after = ledger.currentMargin(of: account).free
    #expect(before == Money(Int64(10)) && after == before, "the round trip lost 20, and 20 were reserved")
  }

  @Test func ordersOnTheGoodSideOfTheMarkReserveNoLoss() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.open(.buy, 5, at: 99, account: account, instrument: instrument)
    ledger.open(.sell, 5, at: 101, account: account, instrument: instrument)
    #expect(ledger.openLoss(of: position) == .zero)
  }

  @Test func theWorstLimitOfASideStaysUntilTheSideIsEmpty() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, mark: 100)
    let account = ledger.addAccount(1, cash: dollars(1))
    let position = ledger.open(.buy, 1, at: 120, account: account, instrument: instrument)
    ledger.open(.buy, 1, at: 105, account: account, instrument: instrument)
    let order = OpenLots(side: .buy, reduceOnly: false, lots: Quantity(1), limit: Price(120), provision: .zero)
    ledger.removeOpen(order, from: position)
    #expect(ledger.worstLimit(.buy, of: position) == Price(120))
    #expect(ledger.openLoss(of: position) == Money(Int64(20)))
    ledger.restoreWorst(.buy, to: Price(105), in: position)
    #expect(ledger.openLoss(of: position) == Money(Int64(5)))
    var last = order
    last.limit = Price(105)
    ledger.removeOpen(last, from: position)
    #expect(ledger.worstLimit(.buy, of: position) == Price(0))
    #expect(ledger.currentMargin(of: account).initialMargin == .zero)
  }

  @Test func aTrialLeavesNoTrace() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(
      1, parameters: .flat(maintenance: basisPoints(100), initial: basisPoints(200)), mark: 100)
    let account = ledger.addAccount(1, master: 7, cash: dollars(1))
    let sibling = ledger.addAccount(2, master: 7, cash: dollars(1))
    let position = ledger.give(5, at: 100, account: account, instrument: instrument)
    _ = ledger.give(5, at: 100, account: sibling, instrument: instrument)
    let before = (ledger.currentMargin(of: account), ledger.currentMargin(of: sibling))
    let trial = ledger.beginTrial(on: position)
    ledger.execute(.buy, lots: Quantity(50), price: Price(200), fee: Money(Int64(3)), in: position)
    #expect(ledger.currentMargin(of: account) != before.0)
    ledger.undo(trial, on: position)
    #expect(ledger.currentMargin(of: account) == before.0)
    #expect(ledger.currentMargin(of: sibling) == before.1)
    #expect(ledger.settlement.fees == .zero)
    #expect(ledger.instruments[instrument].openInterest == Quantity(10))
    ledger.invalidate(account)
    #expect(ledger.currentMargin(of: account) == before.0)
  }

  @Test func recordsMadeForARefusedOrderGoAgain() {
    var ledger = Ledger()
    let base = ledger.addAsset(1, price: 100)
    let spot = ledger.addSpot(1, base: base, quote: 0, multiplier: 1, baseLot: 1)
    let account = ledger.addAccount(1, cash: dollars(1))
    let claim = ledger.claimPosition(account: account, instrument: spot)
    #expect(ledger.positions.count == 1 && ledger.balances.count == 1)
    ledger.release(claim)
    #expect(ledger.positions.count == 0 && ledger.balances.count == 0 && ledger.exposures.count == 0)
    #expect(ledger.accounts[account].positionCount == 0)
    let kept = ledger.claimPosition(account: account, instrument: spot)
    ledger.release(ledger.claimPosition(account: account, instrument: spot))
    #expect(ledger.findPosition(account: account, instrument: spot) == kept.slot, "it was there before")
  }
}

import Testing
import Values

@testable import Margin

/// Three perpetuals and one account, in portfolio or in standard mode.
private struct Underlyings: ~Copyable {
  var bitcoin = PencilExampleTests.Bitcoin()
  /// Slots, in order of creation; the first perpetual is 1.
  let next: UInt32 = 2
  let ether: UInt32 = 3
  let account: UInt32 = 1

  init(mode: AccountMode) {
    let assets = [bitcoin.ledger.addAsset(1), bitcoin.ledger.addAsset(2)]
    for (asset, range) in zip(assets, [basisPoints(500), basisPoints(600)]) {
      var parameters = GroupParameters()
      parameters.rangeFloor = range
      parameters.initialMultiplier = Rate(1_300_000_000)
      parameters.creditCap = Rate(600_000_000)
      bitcoin.ledger.setRiskGroup(of: asset, to: parameters)
    }
    bitcoin.ledger.setCredit(
      GroupCredit(first: 1, second: 2, rate: Rate(500_000_000), firstShare: .one, secondShare: .one))
    _ = bitcoin.ledger.addPerpetual(
      2, multiplier: 10_000, lotSize: 1_000_000_000,
      parameters: bitcoin.ledger.instruments[bitcoin.instrument].parameters, mark: 606_000)
    bitcoin.ledger.curves[bitcoin.ledger.instruments[next].longCurve] =
      bitcoin.ledger.curves[bitcoin.ledger.instruments[bitcoin.instrument].longCurve]
    bitcoin.ledger.curves[bitcoin.ledger.instruments[next].shortCurve] =
      bitcoin.ledger.curves[bitcoin.ledger.instruments[bitcoin.instrument].shortCurve]
    _ = bitcoin.ledger.addPerpetual(
      3, multiplier: 10_000, lotSize: 10_000_000_000,
      parameters: .flat(maintenance: basisPoints(100), initial: basisPoints(200)), mark: 300_000)
    bitcoin.ledger.instruments[bitcoin.instrument].baseAsset = assets[0]
    bitcoin.ledger.instruments[next].baseAsset = assets[0]
    bitcoin.ledger.instruments[ether].baseAsset = assets[1]
    _ = bitcoin.ledger.addAccount(1, mode: mode, cash: dollars(500_000))
  }

  /// Sums over the account's groups.
  mutating func part(_ pick: (GroupTerms) -> Money) -> Money {
    bitcoin.ledger.touch(account)
    var sum = Money.zero
    var holding = bitcoin.ledger.accounts[account].firstHolding
    while holding != 0 {
      sum += pick(bitcoin.ledger.groupTerms(of: holding, account: account))
      holding = bitcoin.ledger.holdings[holding].next
    }
    return sum
  }
}

extension PencilExampleTests {
  @Test func portfolioMode() throws {
    enum Step { case long, pair, resting, credit }
    func row(_ name: String, _ step: Step) -> [String] {
      var portfolio = Underlyings(mode: .portfolio)
      var standard = Underlyings(mode: .standard)
      func take(_ venue: inout Underlyings) -> AccountMargin {
        let account = venue.account
        _ = venue.bitcoin.ledger.give(10_000, at: 600_000, account: account, instrument: venue.bitcoin.instrument)
        switch step {
        case .long: break
        case .pair: _ = venue.bitcoin.ledger.give(-10_000, at: 606_000, account: account, instrument: venue.next)
        case .resting:
          venue.bitcoin.ledger.open(.sell, 10_000, at: 606_000, account: account, instrument: venue.next)
        case .credit: _ = venue.bitcoin.ledger.give(-20_000, at: 300_000, account: account, instrument: venue.ether)
        }
        return venue.bitcoin.ledger.currentMargin(of: account)
      }
      let (mine, other) = (take(&portfolio), take(&standard))
      return [
        name, text(portfolio.part(\.held.figures.scanLoss)), text(portfolio.part(\.held.credit)),
        text(mine.maintenanceMargin), text(mine.initialMargin), text(other.maintenanceMargin),
        text(other.initialMargin),
      ]
    }
    try check(
      "portfolio", ["", "SL(S)", "credit", "MM", "IM", "standard MM", "standard IM"],
      [
        row("long 10 BTC-PERP", .long), row("… and short 10 BTC-NEXT", .pair),
        row("long 10 BTC-PERP, sell of 10 BTC-NEXT resting", .resting),
        row("long 10 BTC-PERP, short 200 ETH-PERP", .credit),
      ])
  }
}

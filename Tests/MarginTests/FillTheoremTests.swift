import Testing
import Values

@testable import Margin

/// At unchanged marks, filling any own resting order at its limit never lowers free margin: neither that of the account
/// nor that of its master's other accounts. The check of makers rests on it.
struct FillTheoremTests {
  @Test(arguments: seeds)
  func perpetualFillsNeverLowerFreeMargin(seed: Int) {
    var venue = RandomVenue(seed: seed)
    for id in 1...2 as ClosedRange<UInt32> { venue.addPerpetual(id) }
    for id in 1...5 as ClosedRange<UInt32> { venue.addAccount(id) }
    var fills = 0
    for _ in 0..<400 {
      let instrument = venue.perpetuals[Int(venue.number(0...1))]
      let mark = venue.ledger.instruments[instrument].mark.rawValue
      switch venue.number(1...10) {
      case 1:
        venue.ledger.setMark(of: instrument, to: Price(max(1, mark + venue.number(-mark / 10...mark / 10))))
      case 2 where !venue.orders.isEmpty:
        venue.cancel(Int(venue.number(0...Int64(venue.orders.count - 1))))
      case 3...5:
        venue.rest(instrument, near: mark)
      default:
        guard !venue.orders.isEmpty else { continue }
        let index = Int(venue.number(0...Int64(venue.orders.count - 1)))
        let lots = venue.fillable(venue.orders[index])
        if lots == 0 { continue }
        fills += 1
        let free = venue.accounts.map { venue.ledger.currentMargin(of: $0).free }
        venue.fill(index, lots: venue.number(1...lots))
        for (account, before) in zip(venue.accounts, free) {
          #expect(venue.ledger.currentMargin(of: account).free >= before)
        }
      }
    }
    #expect(fills > 50)
    for account in venue.accounts {
      let margin = venue.ledger.currentMargin(of: account)
      #expect(margin.initialMargin >= margin.maintenanceMargin)
      let agrees = venue.agreesWithFreshCaches(account)
      #expect(agrees)
    }
  }

  @Test(arguments: seeds)
  func spotFillsLowerFreeMarginByTwoQuantaAtMost(seed: Int) {
    var venue = RandomVenue(seed: 1000 + seed)
    let assets = (1...3 as ClosedRange<UInt16>).map { randomAsset(&venue.ledger, id: $0, &venue.generator) }
    let pairs = [(assets[0], UInt32(0)), (assets[1], 0), (assets[0], assets[1]), (assets[2], assets[0])]
    for (index, pair) in pairs.enumerated() {
      venue.spots.append(
        venue.ledger.addSpot(
          UInt32(index + 1), base: pair.0, quote: pair.1, multiplier: venue.number(1...20),
          baseLot: venue.number(1...30)))
    }
    venue.addPerpetual(9)
    for id in 1...3 as ClosedRange<UInt32> { venue.addAccount(id) }
    for account in venue.accounts {
      for asset in assets where venue.chance(70) {
        venue.ledger.transferIn(Money(venue.number(-2000...2000)), account: account, asset: asset)
      }
      _ = venue.ledger.give(venue.number(1...50), at: 100, account: account, instrument: venue.perpetuals[0])
    }
    var fills = 0
    for _ in 0..<400 {
      let asset = assets[Int(venue.number(0...2))]
      switch venue.number(1...10) {
      case 1:
        venue.ledger.setPrice(of: asset, to: Price(venue.number(1...400)), stable: nil)
      case 2 where !venue.orders.isEmpty:
        venue.cancel(Int(venue.number(0...Int64(venue.orders.count - 1))))
      case 3...5:
        venue.rest(venue.spots[Int(venue.number(0...3))], near: 100)
      default:
        guard !venue.orders.isEmpty else { continue }
        let index = Int(venue.number(0...Int64(venue.orders.count - 1)))
        fills += 1
        let account = venue.orders[index].account
        let before = venue.ledger.currentMargin(of: account).free
        venue.fill(index, lots: venue.number(1...venue.orders[index].open))
        #expect(venue.ledger.currentMargin(of: account).free.rawValue >= before.rawValue - 2)
      }
    }
    #expect(fills > 50)
    for account in venue.accounts {
      let agrees = venue.agreesWithFreshCaches(account)
      #expect(agrees)
    }
  }
}

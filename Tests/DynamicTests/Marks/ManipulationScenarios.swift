import Testing
import Values
import Wire

/// What somebody with money and patience can do to a mark, and what it brings them.
@Suite struct ManipulationScenarios {
  /// Band 0.5 % of 60,000: 300. Account 12 makes the market; account 11 trades with account 13, of the same hand.
  private func market(band: Int64 = 5_000_000) -> MarkDesk {
    let desk = MarkDesk(band: Rate(band), weight: Rate(10_000_000))
    desk.order(12, .buy, 100, at: 59_990)
    desk.order(12, .sell, 100, at: 60_010)
    desk.wait(1.1)
    return desk
  }

  @Test func aPumpedTradeMovesTheMarkNoFurtherThanFairAndMid() throws {
    let desk = market()
    #expect(try desk.markPrice == 60_000)
    desk.order(12, .sell, 1, at: 75_000)
    desk.order(11, .buy, 101, at: 75_000)
    desk.order(12, .sell, 100, at: 60_010)
    desk.wait(1.1)
    let report = try desk.report
    #expect(report.last == Price(75_000) && report.mid == Price(60_000) && report.mark == Price(60_000))
  }

  @Test func aThinBookMovesTheMarkNoFurtherThanFairAndLast() throws {
    let desk = market()
    desk.trade(11, 12, 1, at: 60_010)
    // Account 11 takes out the offers and puts up a bid and an offer far above.
    desk.order(11, .buy, 100, at: 60_010)
    desk.order(11, .sell, 1, at: 90_000)
    desk.order(11, .buy, 1, at: 80_000)
    desk.wait(1.1)
    let report = try desk.report
    #expect(report.mid == Price(85_000) && report.last == Price(60_010))
    // The basis has learnt one sample of 1 %, cut to the band: 3.
    #expect(report.fair == Price(60_003) && report.mark == Price(60_010))
  }

  @Test func whoMovesBothIsStoppedAtTheBandAndTheBasisTakesItsTime() throws {
    let desk = market()
    desk.order(11, .buy, 100, at: 60_010)
    desk.trade(11, 13, 1, at: 85_000)
    desk.order(11, .sell, 1, at: 90_000)
    desk.order(13, .buy, 1, at: 80_000)
    desk.wait(1.1)
    #expect(try desk.markPrice == 60_300)
    for second in 1...60 {
      desk.wait(1)
      if second.isMultiple(of: 4) { desk.everybodySays(60_000) }
    }
    let report = try desk.report
    #expect(report.mark == Price(60_300))
    #expect(try #require(report.fair?.rawValue) > 60_100 && #require(report.fair?.rawValue) <= 60_300)
  }

  @Test func oneLyingSourceMovesNeitherIndexNorMark() throws {
    let desk = market()
    var highest: Int64 = 0
    for lie in [1, 59_000, 61_000, 120_000, -60_000, 40_000_000] as [Int64] {
      desk.say(lie, from: MarkDesk.sources[0])
      desk.say(60_000, from: MarkDesk.sources[1])
      desk.say(60_002, from: MarkDesk.sources[2])
      desk.wait(1)
      let index = try #require(try desk.index.index?.rawValue)
      #expect(index >= 6_000_000 && index <= 6_000_200)
      highest = max(highest, try #require(try desk.markPrice))
      #expect(try desk.guardNow() == .normal)
    }
    #expect(highest <= 60_002)
  }

  @Test func profitFromAPumpedMarkStaysInside() throws {
    // A venue with a careless band of 50 %: account 11 buys 1,000 lots (1 BTC) from account 13, the same hand, and pumps.
    let desk = MarkDesk(band: Rate(500_000_000), weight: Rate(10_000_000))
    desk.trade(11, 13, 1_000, at: 60_000)
    let before = try desk.margin(11)
    desk.trade(11, 13, 1, at: 85_000)
    desk.order(13, .sell, 1, at: 85_001)
    desk.order(11, .buy, 1, at: 84_999)
    desk.wait(1.1)
    #expect(try desk.markPrice == 85_000)
    let after = try desk.margin(11)
    #expect(after.equity > before.equity + Money(24_900 * MarkDesk.coin))
    // Its free margin counts 90 % of the profit of 25,000 …
    #expect(after.initialEquity > before.initialEquity + Money(22_000 * MarkDesk.coin))
    // … but less can be withdrawn than before: cash 100,000 less fees and the requirement, which grew with the mark.
    let free = before.free.rawValue
    desk.withdraw(11, Int64(free))
    #expect(desk.refusal?.reason == .insufficientMargin || desk.refusal?.reason == .insufficientBalance)
    // And once the index is doubted the profit counts for nothing at all.
    for source in MarkDesk.sources { desk.say(60_000, from: source, confidence: 100_000) }
    #expect(try desk.guardNow() == .reduceOnlyNoLiquidation)
    #expect(try desk.margin(11).initialEquity < before.initialEquity)
    desk.withdraw(11, 1)
    #expect(desk.refusal == MarkDesk.Refused(.noNewRisk, Int64(Cast.bitcoin.rawValue)))
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  /// The index is made by a majority that has been taken over: it jumps by 40 %. The guard of the average takes it out.
  @Test func aMajorityThatLiesAtOnceLiquidatesNobodyAndPaysNobody() throws {
    let desk = market()
    desk.trade(11, 12, 100, at: 60_010)
    for _ in 0..<20 { desk.everybodySays(60_000) }
    let honest = try desk.margin(11)
    desk.say(84_000, from: MarkDesk.sources[0])
    desk.say(84_000, from: MarkDesk.sources[1])
    #expect(try desk.index.cause == .deviation && desk.guardNow() == .reduceOnlyNoLiquidation)
    // The profit of 2,400 counts for nothing; E_mm shows it.
    let lied = try desk.margin(11)
    #expect(lied.equity > honest.equity && lied.initialEquity <= honest.initialEquity + Money(MarkDesk.coin))
    desk.withdraw(11, 1)
    #expect(desk.refusal == MarkDesk.Refused(.noNewRisk, Int64(Cast.bitcoin.rawValue)))
    desk.order(11, .buy, 1, at: 60_010)
    #expect(desk.refusal?.reason == .reduceOnlyMarket)
  }
}

import Testing
import Values
import Wire

/// The index of several sources, and what ages, jumps and doubts do to it.
@Suite struct IndexScenarios {
  private let old = MarkDesk.Refused(.noNewRisk, Int64(Cast.bitcoin.rawValue))
  private let suspect = MarkDesk.Refused(.reduceOnlyMarket, Int64(Cast.bitcoin.rawValue))

  @Test func theIndexIsTheMedianAndOneLiarOfThreeDoesNotMoveIt() throws {
    let desk = MarkDesk()
    #expect(try desk.index.index == Price(6_000_000) && desk.markPrice == 60_000)
    desk.say(60_100, from: MarkDesk.sources[0])
    #expect(try desk.index.index == Price(6_000_000))
    desk.say(60_200, from: MarkDesk.sources[1])
    #expect(try desk.index.index == Price(6_010_000) && desk.markPrice == 60_100)
    for lie in [1, 40_000_000, -5] as [Int64] {
      desk.say(lie, from: MarkDesk.sources[2])
      let index = try #require(try desk.index.index?.rawValue)
      #expect(index >= 6_010_000 && index <= 6_020_000)
      #expect(try desk.guardNow() == .normal)
    }
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func theMarkReportSaysWhatItIsMadeOf() throws {
    let desk = MarkDesk()
    desk.order(12, .sell, 10, at: 60_031)
    desk.order(11, .buy, 10, at: 60_010)
    desk.wait(1.1)
    // mid 60,020: basis 20 with weight 10 % is 2.
    let report = try desk.report
    #expect(report.index == Price(60_000) && report.mid == Price(60_020) && report.fair == Price(60_002))
    #expect(report.last == nil && report.mark == Price(60_002) && report.width == Price(300))
    let change = try #require(desk.venue.all(MarkChanged.self).last)
    #expect(change.mark == Price(60_002) && change.index == Price(60_000) && change.fair == Price(60_002))
    #expect(change.mid == Price(60_020) && change.last == nil && change.oracleGuard == .normal)
    let answer = desk.venue.answer(QueryMarks(queryId: 9, instrument: .none), for: KeyId(111))
    let sources = DynamicVenue.all(SourceReport.self, in: answer)
    #expect(sources.map(\.key) == MarkDesk.sources && sources.allSatisfy { $0.fresh == true && $0.queryId == 9 })
    #expect(DynamicVenue.all(IndexReport.self, in: answer).count == 3)
    #expect(DynamicVenue.all(MarkReport.self, in: answer).count == 2)
  }

  @Test func withoutAQuorumTheIndexStays() throws {
    let desk = MarkDesk(speak: false)
    #expect(try desk.markPrice == 60_000)
    desk.say(61_000, from: MarkDesk.sources[0])
    #expect(try desk.index.index == Price(6_000_000))
    desk.say(61_000, from: MarkDesk.sources[1])
    #expect(try desk.index.index == Price(6_100_000))
    // 11 s later the second source is alone.
    desk.wait(11)
    desk.say(65_000, from: MarkDesk.sources[1])
    #expect(try desk.index.index == Price(6_100_000) && desk.guardNow() == .noNewRisk)
    desk.say(62_000, from: MarkDesk.sources[2])
    #expect(try desk.index.index == Price(6_350_000) && desk.guardNow() == .normal)
  }

  @Test func anOldIndexTakesNoNewRisk() throws {
    let desk = MarkDesk()
    desk.trade(11, 12, 100, at: 60_000)
    desk.order(12, .buy, 100, at: 59_000)
    desk.order(12, .sell, 100, at: 61_000)
    let quiet = try desk.index.heardAt
    desk.wait(until: Timestamp(quiet.rawValue + 10_000_000_000))
    #expect(try desk.guardNow() == .normal)
    desk.wait(until: Timestamp(quiet.rawValue + 10_000_000_001))
    #expect(try desk.guardNow() == .noNewRisk && desk.index.cause == .age)
    let change = try #require(desk.venue.all(OracleStateChanged.self).first)
    #expect(change.asset == Cast.bitcoin && change.oracleGuard == .noNewRisk && change.heardAt == quiet)

    desk.order(11, .buy, 1, at: 60_000)
    #expect(desk.refusal == old)
    desk.order(13, .sell, 1, at: 60_000)
    #expect(desk.refusal == old)
    desk.order(13, .sell, 1, at: 60_000, flags: .reduceOnly)
    #expect(desk.refusal == MarkDesk.Refused(.notReducing))
    // Orders that reduce are admitted, and fill against what rests.
    desk.order(11, .sell, 101, at: 60_000)
    #expect(desk.refusal == old)
    desk.order(11, .sell, 40, at: 59_000)
    #expect(desk.refusal == nil && desk.venue.all(OrderFilled.self).count == 2)
    desk.order(11, .sell, 30, at: 60_000)
    desk.order(11, .sell, 31, at: 60_000)
    #expect(desk.refusal == old)
    desk.order(11, .sell, 31, at: 60_000, flags: .reduceOnly)
    #expect(desk.refusal == nil)
    // Other underlyings go on.
    desk.order(11, .buy, 1, at: 2_500, instrument: Cast.perpetuals[1])
    #expect(desk.refusal == nil)
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func aReplaceMustReduceToo() throws {
    let desk = MarkDesk()
    desk.trade(11, 12, 100, at: 60_000)
    desk.order(11, .sell, 50, at: 61_000)
    let name = try #require(desk.venue.all(OrderAccepted.self).first).orderRequestId
    desk.order(11, .buy, 50, at: 59_000)
    let bid = try #require(desk.venue.all(OrderAccepted.self).first).orderRequestId
    desk.wait(12)
    func replace(_ name: UInt64, _ lots: Int64, at price: Int64) {
      desk.venue.send(
        ReplaceOrder(
          requestId: 0, orderRequestId: name, price: Price(price), quantity: Quantity(lots), display: .zero,
          expectedFilled: nil, orderKey: .venue, timeInForce: .goodTillCancel), from: MarkDesk.key(11))
    }
    replace(name, 100, at: 60_900)
    #expect(desk.refusal == nil)
    replace(name, 101, at: 60_900)
    #expect(desk.refusal == old)
    replace(bid, 40, at: 59_000)
    #expect(desk.refusal == nil)
    replace(bid, 40, at: 58_999)
    #expect(desk.refusal == old)
  }

  @Test func nothingThatRestsOnAnOldIndexIsWithdrawn() throws {
    let desk = MarkDesk()
    desk.trade(11, 12, 100, at: 60_000)
    desk.deposit(13, MarkDesk.coin, asset: Cast.bitcoin)
    desk.wait(12)
    desk.withdraw(11, 1)
    #expect(desk.refusal == old)
    // Account 13 holds 1 BTC that its margin does not need: all but what rests on it may go, and it may go itself.
    desk.withdraw(13, 100_000 * MarkDesk.coin)
    #expect(desk.refusal == nil)
    desk.deposit(13, 1_000 * MarkDesk.coin)
    #expect(desk.refusal == nil)
    desk.venue.send(
      Transfer(
        requestId: 0, source: AccountId(13), destination: AccountId(12), asset: .settlement,
        amount: Money(1_001 * MarkDesk.coin)),
      from: Cast.staff)
    #expect(desk.refusal == old)
    desk.venue.send(
      Transfer(
        requestId: 0, source: AccountId(13), destination: AccountId(12), asset: .settlement,
        amount: Money(1_000 * MarkDesk.coin)),
      from: Cast.staff)
    #expect(desk.refusal == nil)
    desk.withdraw(13, MarkDesk.coin, asset: Cast.bitcoin)
    #expect(desk.refusal == nil)
    desk.everybodySays(60_000)
    desk.withdraw(11, 1)
    #expect(desk.refusal == nil && desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func anIndexThatIsTooOldLiquidatesNobodyAndAddsNothing() throws {
    let desk = MarkDesk()
    desk.trade(11, 12, 1_000, at: 60_000)
    desk.deposit(13, MarkDesk.coin, asset: Cast.bitcoin)
    desk.everybodySays(60_300)
    desk.wait(1)
    #expect(try desk.markPrice == 60_300)
    let (long, short, holder) = (try desk.margin(11), try desk.margin(12), try desk.margin(13))
    desk.wait(61)
    #expect(try desk.guardNow() == .reduceOnlyNoLiquidation && desk.index.cause == .age)
    desk.order(13, .buy, 1, at: 60_000)
    #expect(desk.refusal == suspect)
    // The profit of 300 counted 90 %; the loss goes on counting in full. E_mm and the requirements are as they were.
    #expect(try desk.margin(11).initialEquity == long.initialEquity - Money(270 * MarkDesk.coin))
    #expect(try desk.margin(11).equity == long.equity && desk.margin(11).initialMargin == long.initialMargin)
    #expect(try desk.margin(12) == short)
    // 1 BTC counted 60,300 less the initial haircut of 10 %; E_mm keeps it.
    #expect(try desk.margin(13).initialEquity == holder.initialEquity - Money(54_270 * MarkDesk.coin))
    #expect(try desk.margin(13).equity == holder.equity)
    // The mark stays where it was, whatever the book says.
    desk.order(13, .sell, 1, at: 60_200, flags: .reduceOnly)
    desk.wait(5)
    #expect(try desk.markPrice == 60_300)
    desk.everybodySays(60_300)
    #expect(try desk.margin(11) == long && desk.margin(13) == holder && desk.guardNow() == .normal)
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func aJumpIsNotTrustedUntilTheAverageHasFollowed() throws {
    let desk = MarkDesk()
    desk.trade(11, 12, 100, at: 60_000)
    for _ in 0..<40 { desk.everybodySays(60_000) }
    desk.say(50_000, from: MarkDesk.sources[0])
    #expect(try desk.guardNow() == .normal)
    desk.say(50_000, from: MarkDesk.sources[1])
    #expect(try desk.guardNow() == .reduceOnlyNoLiquidation && desk.index.cause == .deviation)
    // The mark follows: equity is shown as it is, but nobody is liquidated on it.
    desk.wait(0.3)
    #expect(try desk.markPrice == 50_000)
    desk.order(13, .buy, 1, at: 50_000)
    #expect(desk.refusal == suspect)
    var seconds = 0.0
    while try desk.guardNow() != .normal, seconds < 400 {
      desk.everybodySays(50_000)
      seconds += 1.5
    }
    // 50,000 is 10 % below the average when that has come down from 60,000 to 55,555: when 44 % of the average's 300 s
    // (of the 61 s there were, and all since) lie after the jump.
    #expect(seconds > 40 && seconds < 60, "\(seconds)")
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func doubtOfMostSourcesIsHeeded() throws {
    let desk = MarkDesk()
    desk.say(60_000, from: MarkDesk.sources[0], confidence: 60_001)
    #expect(try desk.guardNow() == .normal)
    desk.say(60_000, from: MarkDesk.sources[1], confidence: 60_000)
    #expect(try desk.guardNow() == .normal)
    desk.say(60_000, from: MarkDesk.sources[1], confidence: 60_001)
    #expect(try desk.guardNow() == .reduceOnlyNoLiquidation && desk.index.cause == .confidence)
    desk.say(60_000, from: MarkDesk.sources[0])
    #expect(try desk.guardNow() == .normal)
  }

  @Test func anIndexOfNothingHaltsItsGroup() throws {
    let desk = MarkDesk()
    desk.trade(11, 12, 100, at: 60_000)
    desk.say(0, from: MarkDesk.sources[0])
    desk.say(-37, from: MarkDesk.sources[1])
    #expect(try desk.guardNow() == .halt && desk.index.cause == .nonPositive && desk.index.index == Price(0))
    #expect(try desk.markPrice == 60_000)
    let halted = MarkDesk.Refused(.instrumentHalted)
    desk.order(11, .sell, 1, at: 60_000)
    #expect(desk.refusal == halted)
    desk.order(11, .buy, 1, at: 60_000, instrument: Cast.spot)
    #expect(desk.refusal == halted)
    desk.order(11, .buy, 1, at: 2_500, instrument: Cast.perpetuals[1])
    #expect(desk.refusal == nil)
    // An operator cannot open it against the index, and must open it afterwards.
    func open() {
      desk.venue.send(SetPhase(requestId: 0, instrument: MarkDesk.perpetual, phase: .continuous), from: Cast.staff)
    }
    open()
    desk.order(11, .sell, 1, at: 60_000)
    #expect(desk.refusal == halted)
    desk.venue.send(SetPhase(requestId: 0, instrument: MarkDesk.perpetual, phase: .halted), from: Cast.staff)
    desk.everybodySays(60_000)
    #expect(try desk.guardNow() == .normal)
    desk.order(11, .sell, 1, at: 60_000)
    #expect(desk.refusal == halted)
    open()
    desk.order(11, .sell, 1, at: 60_000)
    #expect(desk.refusal == nil && desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func nobodyBorrowsInAPairWithAGuardedPrice() throws {
    let desk = MarkDesk()
    desk.deposit(12, 10 * MarkDesk.coin, asset: Cast.bitcoin)
    desk.order(11, .buy, 10_000, at: 60_000, instrument: Cast.spot)
    #expect(desk.refusal == MarkDesk.Refused(.insufficientMargin, try #require(desk.refusal).detail))
    desk.order(11, .buy, 2_000, at: 60_000, instrument: Cast.spot)
    #expect(desk.refusal == nil)
    desk.wait(12)
    // 100,000 of cash, 120,000 open already.
    desk.order(11, .buy, 1, at: 60_000, instrument: Cast.spot)
    #expect(desk.refusal == old)
    desk.order(13, .buy, 1_000, at: 60_000, instrument: Cast.spot)
    #expect(desk.refusal == nil)
    desk.order(13, .sell, 1, at: 70_000, instrument: Cast.spot)
    #expect(desk.refusal == old)
    desk.order(12, .sell, 1_000, at: 70_000, instrument: Cast.spot)
    #expect(desk.refusal == nil && desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func eightSourcesAndNoMoreUntilOneIsLongSilent() throws {
    let desk = MarkDesk()
    for number: UInt32 in 31...40 {
      desk.venue.send(
        DefineKey(requestId: 0, key: KeyId(number), master: .none, publicKey: Bytes32(), roles: .oracle), from: .venue)
    }
    for number: UInt32 in 31...35 { desk.say(60_000, from: KeyId(number)) }
    desk.say(60_000, from: KeyId(36))
    #expect(desk.refusal == MarkDesk.Refused(.venueFull, 8))
    desk.wait(50)
    for number: UInt32 in 31...35 { desk.say(60_000, from: KeyId(number)) }
    desk.wait(20)
    desk.say(60_000, from: KeyId(36))
    #expect(desk.refusal == nil)
    desk.say(60_000, from: KeyId(37))
    desk.say(60_000, from: KeyId(38))
    #expect(desk.refusal == nil)
    desk.say(60_000, from: KeyId(39))
    #expect(desk.refusal == MarkDesk.Refused(.venueFull, 8))
  }
}

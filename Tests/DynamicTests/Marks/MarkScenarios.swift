import Testing
import Values
import Wire

/// Marks that the venue computes: when they move, and when they must not.
@Suite struct MarkScenarios {
  @Test func aClientsCommandMovesNoMark() throws {
    let desk = MarkDesk(band: Rate(50_000_000))
    desk.trade(11, 12, 10, at: 61_000)
    desk.order(11, .buy, 10, at: 60_980)
    desk.order(12, .sell, 10, at: 61_020)
    #expect(try desk.markPrice == 60_000)
    #expect(desk.venue.all(MarkChanged.self).isEmpty)
    desk.wait(1.1)
    // mid and last are 61,000 by now: the median.
    #expect(try desk.markPrice == 61_000)
  }

  @Test func aMoveThatComesTooSoonWaits() throws {
    let desk = MarkDesk()
    desk.everybodySays(60_000)
    desk.wait(1)
    for key in MarkDesk.sources { desk.say(60_010, from: key, after: 10_000_000) }
    #expect(try desk.markPrice == 60_010)
    for key in MarkDesk.sources { desk.say(60_020, from: key, after: 10_000_000) }
    #expect(try desk.markPrice == 60_010)
    // 200 ms after the last publication the move is published, by a Tick.
    let published = try desk.report.time
    desk.wait(until: Timestamp(published.rawValue + 199_999_999))
    #expect(try desk.markPrice == 60_010)
    desk.wait(until: Timestamp(published.rawValue + 200_000_000))
    #expect(try desk.markPrice == 60_020)
    try desk.venue.restart()
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test func aSmallMoveIsNotPublished() throws {
    let desk = MarkDesk()
    desk.mark(minimumMove: 20)
    desk.wait(1)
    desk.everybodySays(60_019)
    desk.wait(2)
    #expect(try desk.markPrice == 60_000)
    desk.everybodySays(60_020)
    #expect(try desk.markPrice == 60_020)
  }

  @Test func theBasisIsLearntSampleBySample() throws {
    let desk = MarkDesk(band: Rate(50_000_000), weight: Rate(500_000_000))
    desk.order(12, .sell, 10, at: 60_110)
    desk.order(11, .buy, 10, at: 60_090)
    for expected in [60_050, 60_075, 60_087] as [Int64] {
      desk.wait(1.1)
      #expect(try desk.report.fair == Price(expected) && desk.markPrice == expected)
    }
  }

  @Test func outsideContinuousTradingTheBookHasNoMiddle() throws {
    let desk = MarkDesk()
    desk.venue.send(
      SetPhase(requestId: 0, instrument: MarkDesk.perpetual, phase: .closedToMatching), from: Cast.staff)
    desk.order(12, .sell, 10, at: 60_110)
    desk.order(11, .buy, 10, at: 60_090)
    desk.wait(3)
    #expect(try desk.report.mid == nil && desk.markPrice == 60_000)
  }

  @Test func aMarkAboveTheHighestPriceHaltsItsInstrument() throws {
    let desk = MarkDesk()
    let capped = InstrumentId(40)
    desk.venue.send(
      DefineInstrument(
        requestId: 0, instrument: capped, kind: .perpetual, base: Cast.bitcoin, quote: .settlement, symbol: "CAPPED",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(60_500), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero), from: Cast.staff)
    desk.mark(instrument: capped)
    desk.wait(0)
    func state() -> InstrumentReport? {
      DynamicVenue.all(InstrumentReport.self, in: desk.venue.answer(QueryInstruments(queryId: 1), for: Cast.staff))
        .first { $0.instrument == capped }
    }
    #expect(state()?.mark == Price(60_000))
    desk.venue.send(
      SetMarginParameters(
        requestId: 0, instrument: capped, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(20_000_000), initialBase: Rate(40_000_000), sizeFactor: .zero,
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: .one, liquidationFee: .zero, maximumSlippage: .zero), from: Cast.staff)
    desk.venue.send(SetPhase(requestId: 0, instrument: capped, phase: .continuous), from: Cast.staff)
    #expect(state()?.phase == .continuous)
    desk.everybodySays(60_501)
    #expect(state()?.mark == Price(60_500) && state()?.phase == .halted)
  }

  @Test func whoeverSetsMarksDirectlyDoesSoAsLongAsNoneIsComputed() throws {
    let desk = MarkDesk()
    func direct(_ price: Int64) {
      desk.venue.send(
        MarkPrice(requestId: 0, price: Price(price), instrument: MarkDesk.perpetual), from: MarkDesk.sources[0])
    }
    direct(61_000)
    #expect(desk.refusal == MarkDesk.Refused(.invalidField, MarkPrice.Field.instrument))
    // An operator in need goes back to marks by hand: the guard of the index no longer holds for the instrument.
    desk.wait(100)
    #expect(try desk.report.oracleGuard == .reduceOnlyNoLiquidation)
    desk.mark(band: .zero, weight: .zero, interval: 0, minimumInterval: 0, minimumMove: 0)
    #expect(desk.refusal == nil)
    #expect(try desk.report.oracleGuard == .normal && desk.markPrice == 60_000)
    direct(61_000)
    #expect(try desk.refusal == nil && desk.markPrice == 61_000)
    let change = try #require(desk.venue.all(MarkChanged.self).first)
    #expect(change.mark == Price(61_000) && change.index == nil)
    desk.order(13, .buy, 1, at: 61_000)
    #expect(desk.refusal == nil && desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
    // And back: the next Tick computes it.
    desk.everybodySays(60_500)
    desk.mark()
    #expect(try desk.markPrice == 61_000)
    desk.wait(0.1)
    #expect(try desk.markPrice == 60_500)
  }

  @Test func parametersThatMakeNoSenseAreRefused() throws {
    let desk = MarkDesk()
    typealias Oracle = SetOracleParameters.Field
    typealias Mark = SetMarkParameters.Field
    func expect(_ reason: RejectReason, _ field: Int64, _ set: () -> Void) {
      set()
      #expect(desk.refusal == MarkDesk.Refused(reason, field))
    }
    expect(.parameterOutOfRange, Oracle.riskAge) { desk.oracle(riskAge: 0) }
    expect(.parameterOutOfRange, Oracle.riskAge) { desk.oracle(riskAge: 2_592_000_001, liquidationAge: .max) }
    expect(.parameterOutOfRange, Oracle.liquidationAge) { desk.oracle(riskAge: 10, liquidationAge: 9) }
    expect(.parameterOutOfRange, Oracle.deviation) { desk.oracle(deviation: .zero) }
    expect(.parameterOutOfRange, Oracle.confidence) { desk.oracle(confidence: Rate(-1)) }
    expect(.parameterOutOfRange, Oracle.quorum) { desk.oracle(quorum: 9) }
    expect(.invalidField, Oracle.quorum) { desk.oracle(quorum: 0) }
    expect(.invalidField, Oracle.asset) { desk.oracle(asset: .settlement) }
    expect(.unknownAsset, 0) { desk.oracle(asset: AssetId(77)) }
    expect(.inUse, 0) {
      desk.oracle(quorum: 0, riskAge: 0, liquidationAge: 0, deviation: .zero, confidence: .zero)
    }
    expect(.unknownInstrument, 0) { desk.mark(instrument: InstrumentId(99)) }
    expect(.invalidField, Mark.instrument) { desk.mark(instrument: Cast.spot) }
    expect(.invalidCombination, 0) { desk.mark(instrument: Cast.perpetuals[1]) }
    expect(.parameterOutOfRange, Mark.interval) { desk.mark(interval: 99) }
    expect(.parameterOutOfRange, Mark.minimumInterval) { desk.mark(minimumInterval: 3_600_001) }
    expect(.parameterOutOfRange, Mark.minimumMove) { desk.mark(minimumMove: 0) }
    expect(.parameterOutOfRange, Mark.band) { desk.mark(band: Rate(1_000_000_001)) }
    expect(.parameterOutOfRange, Mark.basisWeight) { desk.mark(weight: Rate(-1)) }
    expect(.invalidField, Mark.interval) { desk.mark(interval: 0) }
    desk.mark(band: .zero, weight: .zero, interval: 0, minimumInterval: 0, minimumMove: 0)
    desk.oracle(quorum: 0, riskAge: 0, liquidationAge: 0, deviation: .zero, confidence: .zero)
    #expect(desk.refusal == nil)
    desk.say(59_000, from: MarkDesk.sources[0])
    #expect(try desk.index.index == Price(5_900_000) && desk.index.quorum == 0)
  }

  @Test func theStateOfMarksSurvives() throws {
    let desk = MarkDesk()
    desk.trade(11, 12, 10, at: 60_050)
    desk.order(11, .buy, 10, at: 60_010)
    desk.order(12, .sell, 10, at: 60_031)
    for step in 0..<30 as Range<Int64> {
      desk.everybodySays(60_000 + step * 7)
      if step.isMultiple(of: 7) { desk.wait(Double(step)) }
      try desk.venue.restart()
      #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
    }
  }
}

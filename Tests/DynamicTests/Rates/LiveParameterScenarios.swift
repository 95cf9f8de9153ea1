import Testing
import Values
import Wire

@Suite("Parameters are changed while the venue trades") struct LiveParameterScenarios {
  private func define(_ desk: RateDesk, _ id: UInt16, _ rows: [(Int64, Int64)]) {
    desk.venue.send(
      DefineSchedule(requestId: 0, schedule: ScheduleId(id)),
      rows: rows.map { DefineSchedule.Row(lower: dollars($0.0), rate: Rate($0.1)) }, from: Cast.staff)
  }

  private func set(_ desk: RateDesk, _ id: UInt16, _ rows: [(Int64, Int64)]) {
    desk.venue.send(
      SetSchedule(requestId: 0, schedule: ScheduleId(id)),
      rows: rows.map { SetSchedule.Row(lower: dollars($0.0), rate: Rate($0.1)) }, from: Cast.staff)
  }

  /// Tiers 1 (maintenance) and 2 (initial): 1 % and 2 % to 100,000, then 5 % and 10 %; no other rates.
  private func tieredDesk() -> RateDesk {
    let desk = RateDesk(base: (0, 0), volatility: (0, 0))
    define(desk, 1, [(0, 10_000_000), (100_000, 50_000_000)])
    define(desk, 2, [(0, 20_000_000), (100_000, 100_000_000)])
    desk.venue.send(
      SetMarginParameters(
        requestId: 0, instrument: RateDesk.perpetual, maintenanceTiers: ScheduleId(1), initialTiers: ScheduleId(2),
        maintenanceBase: .zero, initialBase: .zero, sizeFactor: .zero, maintenanceVolatility: .zero,
        initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000), profitWeight: .one,
        liquidationFee: Rate(4_000_000), maximumSlippage: Rate(4_000_000)), from: Cast.staff)
    return desk
  }

  @Test("Other rows for a bracket table are in force for the next command")
  func tiers() throws {
    let desk = tieredDesk()
    desk.order(1, .sell, 5_000, at: 60_000)
    desk.order(2, .buy, 5_000, at: 60_000)
    // 300,000: 100,000 · 2 % + 200,000 · 10 %.
    #expect(desk.margin(2).margin.initialMargin == dollars(22_000))
    // 110,000 · 2 % + 190,000 · 10 %.
    set(desk, 2, [(0, 20_000_000), (110_000, 100_000_000)])
    #expect(desk.rejection == nil && desk.margin(2).margin.initialMargin == dollars(21_200))
    set(desk, 1, [(0, 20_000_000)])
    #expect(desk.margin(2).margin.maintenanceMargin == dollars(6_000))
    #expect(desk.venue.finding == nil)
    try desk.venue.restart()
  }

  @Test(
    "Rows that break a rule somewhere are refused: initial below maintenance, cost above the lowest rate, no such table"
  )
  func refusedRows() throws {
    let desk = tieredDesk()
    set(desk, 2, [(0, 20_000_000), (100_000, 40_000_000)])
    #expect(try #require(desk.rejection).0 == .initialBelowMaintenance)
    set(desk, 1, [(0, 8_000_000)])
    #expect(try #require(desk.rejection) == (.liquidationCostTooHigh, 8_000_000))
    set(desk, 1, [(0, 10_000_000), (0, 20_000_000)])
    #expect(try #require(desk.rejection) == (.scheduleNotRising, 1))
    set(desk, 9, [(0, 10_000_000)])
    #expect(try #require(desk.rejection).0 == .unknownSchedule)
    set(desk, 1, [])
    #expect(try #require(desk.rejection).0 == .malformed)
  }

  @Test("Haircuts and add-ons of an asset")
  func haircuts() throws {
    let desk = RateDesk()
    define(desk, 1, [(0, 100_000_000)])
    define(desk, 2, [(0, 200_000_000)])
    desk.venue.send(
      IndexPrice(requestId: 0, price: Price(6_000_000), stablePrice: nil, asset: Cast.bitcoin), from: Cast.staff)
    desk.venue.send(
      Deposit(requestId: 0, account: AccountId(3), asset: Cast.bitcoin, amount: Money(Int64(100_000_000))),
      from: Cast.staff)
    let before = desk.margin(3).margin
    func set(_ maintenance: UInt16, _ initial: UInt16, addons: (Int64, Int64) = (0, 0)) {
      desk.venue.send(
        SetAssetParameters(
          requestId: 0, asset: Cast.bitcoin, haircutMaintenance: ScheduleId(maintenance),
          haircutInitial: ScheduleId(initial), debtAddonMaintenance: Rate(addons.0), debtAddonInitial: Rate(addons.1)),
        from: Cast.staff)
    }
    set(1, 2)
    let after = desk.margin(3).margin
    let value = before.equity - dollars(1_000_000)
    #expect(after.equity == before.equity - Money(value.rawValue / 10))
    #expect(after.initialEquity == before.initialEquity - Money(value.rawValue / 5))
    set(2, 1)
    #expect(try #require(desk.rejection).0 == .initialBelowMaintenance)
    set(1, 2, addons: (2, 1))
    #expect(try #require(desk.rejection).0 == .initialBelowMaintenance)
    set(1, 7)
    #expect(try #require(desk.rejection).0 == .unknownSchedule)
    #expect(desk.venue.finding == nil)
  }

  @Test("Band, limits and fees of an instrument; the maker fee only while no order rests")
  func limits() throws {
    let desk = RateDesk()
    func set(band: Int64 = 0, order: Int64 = 0, position: Int64 = 0, fees: (Int64, Int64) = (0, 0)) {
      desk.venue.send(
        SetInstrumentLimits(
          requestId: 0, instrument: RateDesk.perpetual, priceBand: Rate(band), maximumOrder: Quantity(order),
          positionLimit: Quantity(position), makerFee: Rate(fees.0), takerFee: Rate(fees.1)), from: Cast.staff)
    }
    func reason() -> RejectReason? { desk.venue.all(OrderRejected.self).first?.reason }
    desk.order(1, .buy, 10, at: 59_000)
    set(band: 10_000_000, order: 50, position: 100, fees: (0, 1_000_000))
    #expect(desk.rejection == nil)
    desk.order(2, .sell, 10, at: 59_399)
    #expect(reason() == .priceBand)
    desk.order(2, .sell, 51, at: 60_000)
    #expect(reason() == .invalidQuantity)
    for _ in 0..<2 { desk.order(2, .sell, 50, at: 60_000) }
    desk.order(2, .sell, 1, at: 60_000)
    #expect(reason() == .positionLimit)
    let cash = desk.margin(3).cash
    desk.order(3, .buy, 10, at: 60_000)
    #expect(desk.margin(3).cash == cash - cents(60), "0.1 % of 600 (10 lots), from the next trade on")
    set(fees: (-1, 1))
    #expect(try #require(desk.rejection).0 == .inUse)
    set(fees: (0, -1))
    #expect(try #require(desk.rejection).1 == SetInstrumentLimits.Field.takerFee)
    set(band: 1_000_000_001)
    #expect(try #require(desk.rejection).1 == SetInstrumentLimits.Field.priceBand)
    #expect(desk.venue.finding == nil)
  }

  @Test("All parameters can be read: tables, assets, instruments, rates, both curves")
  func reading() {
    let desk = tieredDesk()
    let answer = desk.venue.answer(QueryParameters(queryId: 5, instrument: .none), for: Cast.staff)
    let templates = answer.map { report in report.bytes.withUnsafeBytes { Frame($0).template } }
    #expect(
      templates == [
        .scheduleReport, .scheduleReport, .assetReport, .marginParametersReport, .riskRateReport, .impactCurveReport,
        .impactCurveReport, .queryEnd,
      ])
    let margin = DynamicVenue.all(MarginParametersReport.self, in: answer)[0]
    #expect(margin.initialTiers == ScheduleId(2) && margin.liquidationFee == Rate(4_000_000))
  }
}

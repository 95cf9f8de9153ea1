import Testing
import Values
import Wire

@Suite("Rates that follow the mark") struct VolatilityScenarios {
  @Test("A shock raises the requirement by the ramp, in Ticks only, and as promised")
  func shock() throws {
    let desk = RateDesk()
    desk.order(1, .sell, 1_000, at: 60_000)
    desk.order(2, .buy, 1_000, at: 60_000)
    // One BTC is 60,000: 5 % and 3 % of it, fixed.
    #expect(desk.margin(2).margin.initialMargin == dollars(3_000))
    #expect(desk.margin(2).margin.maintenanceMargin == dollars(1_800))

    desk.venue.send(RateDesk.volatility { $0.deviation = Rate(5_000_000) }, from: Cast.staff)
    let first = try #require(desk.venue.all(RiskRateChanged.self).first)
    #expect(first.initialRate == Rate(50_000_000) && first.maintenanceRate == Rate(30_000_000))
    #expect(first.target == Rate(85_113_521) && first.interval == 1_000)
    #expect(first.initialIn1 == Rate(60_000_000) && first.initialIn10 == Rate(150_000_000))
    #expect(first.initialIn60 == Rate(300_000_000))
    // 60 % of 5 % stays for two seconds, then follows 1 % a second: 3 % + 0.6 · 8 % in ten.
    #expect(first.maintenanceIn1 == Rate(30_000_000) && first.maintenanceIn10 == Rate(78_000_000))

    desk.mark(54_000)
    #expect(desk.rates.initialRate == Rate(50_000_000), "the mark alone moves no rate")
    #expect(desk.margin(2).margin.initialMargin == dollars(2_700))
    desk.venue.settle(after: 1_000_000_000)
    let second = try #require(desk.venue.all(RiskRateChanged.self).first)
    #expect(second.initialRate == Rate(60_000_000), "no return before the second sample: towards 8.5 %")
    #expect(desk.margin(2).margin.initialMargin == dollars(3_240))
    desk.mark(60_000)
    desk.pass(2)
    #expect(desk.rates.target == Rate(300_000_000), "11.1 % in a second")
    #expect(desk.rates.initialRate == Rate(80_000_000) && desk.rates.maintenanceRate == Rate(36_000_000))
    #expect(desk.margin(2).margin.initialMargin == dollars(4_800))
    #expect(desk.margin(2).margin.maintenanceMargin == dollars(2_160))
    desk.pass(7)
    #expect(desk.rates.initialRate == first.initialIn10, "the wildest path reaches the guarantee")
    #expect(desk.rates.maintenanceRate == first.maintenanceIn10)
    #expect(desk.venue.finding == nil)
  }

  @Test("After the shock it falls ten times as slowly")
  func slowFall() {
    let desk = RateDesk()
    desk.venue.send(RateDesk.volatility { $0.deviation = Rate(100_000_000) }, from: Cast.staff)
    desk.pass(25)
    #expect(desk.rates.initialRate == Rate(300_000_000))
    desk.pass(150)
    let fallen = Rate(300_000_000).rawValue - desk.rates.initialRate.rawValue
    #expect(fallen % 1_000_000 == 0 && (90_000_000...150_000_000).contains(fallen))
    #expect(desk.rates.target == Rate(40_000_000))
  }

  /// Source: dydxprotocol/v4-chain, protocol/x/perpetuals/lib/lib_test.go,
  /// TestGetMarginRequirementsInQuoteQuantums, with open interest above the cap: initial margin is 100 %, maintenance
  /// margin is what it was (10 %).
  @Test("dYdX: with open interest above the upper bound initial margin is all of it, maintenance margin is not moved")
  func openInterest() {
    let desk = RateDesk(base: (100_000_000, 200_000_000), volatility: (0, 0))
    desk.order(1, .sell, 1_000, at: 60_000)
    desk.order(2, .buy, 1_000, at: 60_000)
    desk.venue.send(
      RateDesk.volatility {
        $0.up = .one
        $0.maintenanceShare = .zero
        $0.lowerOpenInterest = dollars(10_000)
        $0.upperOpenInterest = dollars(60_000)
      }, from: Cast.staff)
    #expect(desk.margin(1).margin.initialMargin == dollars(12_000))
    desk.pass(1)
    #expect(desk.rates.openInterestRate == .one)
    #expect(desk.margin(1).margin.initialMargin == dollars(60_000))
    #expect(desk.margin(1).margin.maintenanceMargin == dollars(6_000))
    #expect(desk.venue.finding == nil)
  }

  @Test("After a time jump every missed interval is made up for, so many per Tick as it has units of work")
  func catchUp() {
    let (steady, late) = (RateDesk(), RateDesk())
    for desk in [steady, late] {
      desk.venue.send(RateDesk.volatility { $0.deviation = Rate(20_000_000) }, from: Cast.staff)
    }
    steady.pass(40)
    late.venue.settle(after: 40_000_000_000, work: 7, limit: 1)
    #expect(late.rates.next.rawValue - steady.rates.next.rawValue == -33_000_000_000)
    late.venue.settle(work: 7)
    var (first, second) = (steady.rates, late.rates)
    first.queryId = 0
    second.queryId = 0
    #expect(first == second && late.venue.applied[.tick, default: 0] < 10)
  }

  @Test("Halted, the estimate stays as it is")
  func halted() {
    let desk = RateDesk()
    desk.venue.send(RateDesk.volatility { $0.deviation = Rate(20_000_000) }, from: Cast.staff)
    desk.phase(.halted)
    desk.pass(30)
    #expect(desk.rates.deviation == Rate(20_000_000))
  }

  @Test("Switched off, the fixed rates are in force at once")
  func off() throws {
    let desk = RateDesk()
    desk.venue.send(RateDesk.volatility(), from: Cast.staff)
    desk.pass(1)
    desk.mark(90_000)
    desk.pass(10)
    #expect(desk.rates.initialRate > Rate(50_000_000))
    desk.venue.send(RateDesk.volatility { $0.interval = 0 }, from: Cast.staff)
    let event = try #require(desk.venue.all(RiskRateChanged.self).first)
    #expect(event.interval == 0 && event.initialRate == Rate(50_000_000) && event.maintenanceIn60 == Rate(30_000_000))
    #expect(desk.rates.initialRate == Rate(50_000_000), "5 %, above 1.1 · 3 %")
    #expect(desk.venue.kernel.nextDue == .never && desk.venue.finding == nil)
  }

  @Test("The margin parameters' ratio applies to measured rates too, and is published")
  func ratio() throws {
    let desk = RateDesk()
    desk.venue.send(RateDesk.volatility(), from: Cast.staff)
    desk.setMargin(base: (10_000_000, 20_000_000), volatility: (0, 0), ratio: 2_000_000_000)
    let event = try #require(desk.venue.all(RiskRateChanged.self).first)
    #expect(event.initialRate == Rate(60_000_000), "2 · 3 %, above 5 %")
  }

  @Test("Nonsense is refused with the field, and changes nothing")
  func refusals() throws {
    typealias Field = SetVolatilityParameters.Field
    let desk = RateDesk()
    let cases: [(RejectReason, Int64, (inout SetVolatilityParameters) -> Void)] = [
      (.unknownInstrument, 0, { $0.instrument = InstrumentId(9) }),
      (.parameterOutOfRange, Field.interval, { $0.interval = 99 }),
      (.parameterOutOfRange, Field.decay, { $0.decay = 0 }),
      (.parameterOutOfRange, Field.quantile, { $0.quantile = 20_001 }),
      (.parameterOutOfRange, Field.horizon, { $0.horizon = 0 }),
      (.parameterOutOfRange, Field.floor, { $0.floor = Rate(-1) }),
      (.parameterOutOfRange, Field.stress, { $0.stress = Rate(.max) }),
      (.parameterOutOfRange, Field.up, { $0.up = .zero }),
      (.parameterOutOfRange, Field.down, { $0.down = $0.up }),
      (.parameterOutOfRange, Field.notice, { $0.notice = 64 }),
      (.parameterOutOfRange, Field.maintenanceShare, { $0.maintenanceShare = .one }),
      (.parameterOutOfRange, Field.cap, { $0.cap = $0.floor }),
      (.parameterOutOfRange, Field.lowerOpenInterest, { $0.lowerOpenInterest = Money(Int64(-1)) }),
      (.parameterOutOfRange, Field.upperOpenInterest, { $0.lowerOpenInterest = Money(Int64(1)) }),
      (.parameterOutOfRange, Field.deviation, { $0.deviation = Rate(1_000_000_001) }),
    ]
    for (reason, field, change) in cases {
      desk.venue.send(RateDesk.volatility(change), from: Cast.staff)
      let (found, detail) = try #require(desk.rejection)
      #expect(found == reason && detail == field)
    }
    desk.venue.send(RateDesk.volatility(), from: KeyId(101))
    #expect(try #require(desk.rejection).0 == .notPermitted)
    #expect(desk.rates.interval == 0 && desk.venue.kernel.nextDue == .never)
  }

  @Test("What a liquidation costs stays below the lowest rate that can come about")
  func liquidationCost() throws {
    // Only the measured rate is there: at rest it is 60 % of 4 %, above the 0.4 % of fee and slippage.
    let desk = RateDesk(base: (0, 0))
    desk.venue.send(RateDesk.volatility { $0.maintenanceShare = Rate(100_000_000) }, from: Cast.staff)
    let (reason, lowest) = try #require(desk.rejection)
    #expect(reason == .liquidationCostTooHigh && lowest == 4_000_000, "10 % of 4 % is not above 0.4 %")
    desk.venue.send(RateDesk.volatility { $0.maintenanceShare = Rate(100_000_001) }, from: Cast.staff)
    #expect(desk.rejection == nil)
    desk.setMargin(base: (0, 0), volatility: (0, 0), fee: 3_000_000)
    #expect(try #require(desk.rejection).1 == SetMarginParameters.Field.liquidationFee)
  }

  @Test("The caps of volatility and impact are at most 100 % together")
  func caps() throws {
    let desk = RateDesk()
    desk.venue.send(RateDesk.volatility { $0.cap = Rate(900_000_001) }, from: Cast.staff)
    desk.measureDepth()
    #expect(try #require(desk.rejection) == (.parameterOutOfRange, SetLiquidityParameters.Field.cap))
    desk.venue.send(RateDesk.volatility { $0.cap = Rate(900_000_000) }, from: Cast.staff)
    desk.measureDepth()
    #expect(desk.rejection == nil)
    desk.venue.send(RateDesk.volatility { $0.cap = Rate(900_000_001) }, from: Cast.staff)
    #expect(try #require(desk.rejection) == (.parameterOutOfRange, SetVolatilityParameters.Field.cap))
  }

  @Test("A snapshot holds what is measured: a restored venue goes on in the same way")
  func restart() throws {
    let desk = RateDesk()
    desk.venue.send(RateDesk.volatility { $0.deviation = Rate(20_000_000) }, from: Cast.staff)
    desk.measureDepth()
    desk.order(3, .buy, 25, at: 59_900)
    desk.pass(5)
    try desk.venue.restart()
    desk.mark(58_000)
    desk.pass(20)
    try desk.venue.restart()
    #expect(desk.rates.initialRate > Rate(100_000_000) && desk.venue.finding == nil)
  }
}

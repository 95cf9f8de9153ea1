import Testing
import Values
import Wire

@Suite("Impact curves that follow the book") struct LiquidityScenarios {
  let cap: Int64 = 100_000_000

  @Test("What rests counts: 20 lots 0.1 % away and 60 lots 1 % away, from the next look on")
  func resting() throws {
    let desk = RateDesk()
    desk.measureDepth { $0.window = 1 }
    desk.order(3, .buy, 20, at: 59_940)
    desk.order(3, .buy, 60, at: 59_400)
    desk.venue.settle(after: 1_000_000_000)
    #expect(desk.impacts(.buy) == Array(repeating: 21_000_000, count: 8), "not yet: 2 % of the way to the cap a look")
    #expect(desk.impacts(.sell) == Array(repeating: 21_000_000, count: 8), "nobody offers")
    desk.venue.settle(after: 1_000_000_000)
    let expected: [Int64] = [
      1_000_000, 1_000_000, 4_000_000, 5_500_000, 6_400_000, 7_000_000, 7_428_572, 7_750_000,
    ]
    // 30 lots: (20 · 0.1 % + 10 · 1 %) / 30 = 0.4 %; each within 2 % of the 2.1 % before.
    #expect(desk.impacts(.buy) == expected)
    #expect(desk.impacts(.sell) == Array(repeating: 41_000_000, count: 8))
    #expect(desk.venue.finding == nil)
  }

  /// The margin of a long of 20 lots (1,200) rises by the impact of closing it into the bids.
  @Test("The requirement moves with the curve")
  func requirement() {
    let desk = RateDesk()
    desk.order(1, .sell, 20, at: 60_000)
    desk.order(2, .buy, 20, at: 60_000)
    #expect(desk.margin(2).margin.initialMargin == dollars(60))
    desk.measureDepth { $0.window = 1 }
    #expect(desk.margin(2).margin.initialMargin == cents(61_20), "the floor of 0.1 % at once")
    desk.pass(1)
    #expect(desk.margin(2).margin.initialMargin == cents(85_20), "2.1 % of 1,200")
    #expect(desk.margin(2).margin.maintenanceMargin == cents(61_20), "… on 3 % of it")
    #expect(desk.venue.finding == nil)
  }

  @Test("Depth that appears just before each look and leaves after it does not count")
  func flashing() {
    let (flashing, resting) = (RateDesk(), RateDesk())
    for desk in [flashing, resting] { desk.measureDepth { $0.window = 1 } }
    resting.order(3, .buy, 500, at: 59_999)
    for _ in 0..<12 {
      flashing.venue.settle(after: 900_000_000)
      let order = flashing.order(3, .buy, 500, at: 59_999)
      flashing.venue.settle(after: 100_000_000)
      flashing.cancel(3, order)
      resting.pass(1)
    }
    #expect(flashing.impacts(.buy) == Array(repeating: cap, count: 8))
    #expect(resting.impacts(.buy) == Array(repeating: 1_000_000, count: 8))
  }

  @Test("Depth that rests through one look and is gone at the next does not count with a window of two")
  func coming() {
    let desk = RateDesk()
    desk.measureDepth { $0.window = 2 }
    for _ in 0..<8 {
      let order = desk.order(3, .buy, 500, at: 59_999)
      desk.pass(2)
      desk.cancel(3, order)
      desk.pass(1)
    }
    #expect(desk.impacts(.buy) == Array(repeating: cap, count: 8))
  }

  @Test("Orders of an account whose free margin is negative are no depth")
  func unsound() {
    let desk = RateDesk()
    desk.order(1, .sell, 100_000, at: 60_000)
    desk.order(2, .buy, 100_000, at: 60_000)
    desk.order(1, .buy, 100_000, at: 59_999)
    desk.order(3, .sell, 100_000, at: 60_001)
    desk.venue.send(
      Withdraw(requestId: 0, account: AccountId(1), asset: .settlement, amount: dollars(600_000)), from: Cast.staff)
    desk.measureDepth(sizes: (93...100).map { $0 * 1_000 }) { $0.window = 1 }
    desk.pass(8)
    #expect(desk.impacts(.buy) == Array(repeating: 1_000_000, count: 8))
    // Short 100 BTC with 400,000: 100,000 of loss leave less than the 5 % of 6,100,000.
    desk.mark(61_000)
    #expect(desk.margin(1).reduceOnly == true)
    desk.pass(8)
    #expect(desk.impacts(.buy) == Array(repeating: cap, count: 8), "not (61,000 − 59,999)/61,000")
    desk.mark(60_000)
    desk.pass(8)
    #expect(desk.impacts(.buy) == Array(repeating: 1_000_000, count: 8))
  }

  /// Which accounts happen to have fresh figures depends on what was asked. The curve must not.
  @Test("Questions do not change what a look finds")
  func reads() {
    let (asked, silent) = (RateDesk(), RateDesk())
    for desk in [asked, silent] {
      desk.order(1, .sell, 100_000, at: 60_000)
      desk.order(2, .buy, 100_000, at: 60_000)
      desk.order(1, .buy, 500, at: 59_999)
      desk.measureDepth { $0.window = 1 }
      desk.mark(68_000)
      if desk === asked { _ = desk.margin(1) }
      desk.pass(2)
      desk.mark(60_000)
      if desk === asked { _ = desk.margin(1) }
      desk.pass(2)
    }
    #expect(asked.venue.stateBytes() == silent.venue.stateBytes())
  }

  @Test("A look that comes late is not made up for")
  func late() {
    let desk = RateDesk()
    desk.measureDepth { $0.window = 1 }
    desk.venue.settle(after: 60_000_000_000)
    #expect(desk.impacts(.buy) == Array(repeating: 21_000_000, count: 8), "one step, not sixty")
    let order = desk.order(3, .buy, 500, at: 59_999)
    desk.venue.settle(after: 60_000_000_000)
    desk.cancel(3, order)
    #expect(desk.impacts(.buy) == Array(repeating: 41_000_000, count: 8), "the order came after the last look")
  }

  @Test("While nothing trades there is no look")
  func closed() {
    let desk = RateDesk()
    desk.measureDepth()
    desk.phase(.closedToMatching)
    desk.pass(10)
    #expect(desk.impacts(.buy) == Array(repeating: 1_000_000, count: 8))
    desk.phase(.continuous)
    desk.pass(1)
    #expect(desk.impacts(.buy) == Array(repeating: 21_000_000, count: 8))
  }

  @Test("A curve that is measured cannot be set; switched off it stays and can")
  func manual() throws {
    let desk = RateDesk()
    func set(_ rate: Int64) {
      desk.venue.send(
        SetImpactCurve(requestId: 0, instrument: RateDesk.perpetual, side: .buy),
        rows: [SetImpactCurve.Row(lots: Quantity(40), rate: Rate(rate))], from: Cast.staff)
    }
    set(20_000_000)
    desk.measureDepth()
    // 2 % up to 40 lots and in proportion beyond: the measured curve starts there.
    let start: [Int64] = [20, 20, 20, 20, 25, 30, 35, 40].map { $0 * 1_000_000 }
    #expect(desk.impacts(.buy) == start)
    set(30_000_000)
    #expect(try #require(desk.rejection).0 == .inUse)
    desk.venue.send(RateDesk.liquidity { $0.interval = 0 }, rows: [], from: Cast.staff)
    #expect(desk.rejection == nil && desk.impacts(.buy) == start && desk.venue.kernel.nextDue == .never)
    set(30_000_000)
    #expect(desk.impacts(.buy) == [30_000_000])
  }

  @Test("Nonsense is refused with the field or the row")
  func refusals() throws {
    typealias Field = SetLiquidityParameters.Field
    let desk = RateDesk()
    let cases: [(RejectReason, Int64, (inout SetLiquidityParameters) -> Void)] = [
      (.unknownInstrument, 0, { $0.instrument = InstrumentId(9) }),
      (.parameterOutOfRange, Field.interval, { $0.interval = 99 }),
      (.parameterOutOfRange, Field.window, { $0.window = 0 }),
      (.parameterOutOfRange, Field.smoothing, { $0.smoothing = 17 }),
      (.parameterOutOfRange, Field.floor, { $0.floor = Rate(-1) }),
      (.parameterOutOfRange, Field.cap, { $0.cap = .zero }),
      (.parameterOutOfRange, Field.change, { $0.change = .zero }),
    ]
    for (reason, field, change) in cases {
      desk.measureDepth(change)
      #expect(try #require(desk.rejection) == (reason, field))
    }
    desk.measureDepth(sizes: [1, 2, 3, 4, 5, 6, 7])
    #expect(try #require(desk.rejection).0 == .malformed)
    desk.measureDepth(sizes: [1, 2, 3, 3, 5, 6, 7, 8])
    #expect(try #require(desk.rejection) == (.scheduleNotRising, 3))
  }
}

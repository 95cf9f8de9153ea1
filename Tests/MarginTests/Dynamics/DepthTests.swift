import Testing
import Values

@testable import Margin

/// A side of a book for the walk: (price, lots), best first.
typealias Depth = [(price: Int64, lots: Int64)]

func sizes(_ lots: [Int64]) -> DepthValues {
  var sizes = DepthValues(repeating: 0)
  for index in 0..<8 { sizes.set(index, to: lots[index]) }
  return sizes
}

func measured(_ side: Side, _ depth: Depth, mark: Int64, sizes: DepthValues, cap: Rate) -> [Int64] {
  var walk = DepthWalk(side, mark: Price(mark), sizes: sizes, cap: cap)
  for order in depth where !walk.add(Quantity(order.lots), at: Price(order.price)) { break }
  let impacts = walk.finish()
  return (0..<8).map { impacts.at($0) }
}

struct DepthWalkTests {
  let eight = sizes([5, 10, 20, 30, 40, 50, 60, 80])

  /// Mark 1,000; bids 10 at 1,000, 10 at 990, 20 at 980; what is missing costs the cap of 50 %.
  @Test func impactsAreMeanDistancesFromTheMark() {
    let bids: Depth = [(1_000, 10), (990, 10), (980, 20)]
    // 20: (10·0 + 10·10)/20 = 5. 30: 300/30 = 10. 40: 500/40 = 12.5. 50: (500 + 10·500)/50 = 110. 60: 175. 80: 256.25.
    let expected: [Int64] = [0, 0, 5_000_000, 10_000_000, 12_500_000, 110_000_000, 175_000_000, 256_250_000]
    #expect(measured(.buy, bids, mark: 1_000, sizes: eight, cap: basisPoints(5000)) == expected)
    let asks: Depth = [(1_000, 10), (1_010, 10), (1_020, 20)]
    #expect(measured(.sell, asks, mark: 1_000, sizes: eight, cap: basisPoints(5000)) == expected)
  }

  @Test func impactsAreRoundedUp() {
    // 2 of 3 units away: 1/3 % of 200 … ⌈2/(3·7)·10^9⌉.
    let impacts = measured(
      .buy, [(7, 1), (6, 2)], mark: 7, sizes: sizes([3, 4, 5, 6, 7, 8, 9, 10]), cap: .one)
    #expect(impacts[0] == 95_238_096)
  }

  /// Mark 100; 10 bid at 110 (the mark lags) and 10 at 100. With |price − mark| the first ten would cost 10 %, and taking
  /// the bid at 110 away would make it 0 %: less depth, lower requirement.
  @Test func betterThanTheMarkCostsNothing() {
    let ten = sizes([10, 20, 30, 40, 50, 60, 70, 80])
    #expect(measured(.buy, [(110, 10), (100, 10)], mark: 100, sizes: ten, cap: basisPoints(5000))[0] == 0)
    #expect(measured(.buy, [(100, 10)], mark: 100, sizes: ten, cap: basisPoints(5000))[0] == 0)
  }

  @Test func ordersFurtherAwayThanTheCapCountLikeNone() {
    let far = measured(.buy, [(899, 1_000)], mark: 1_000, sizes: eight, cap: basisPoints(1000))
    #expect(far == Array(repeating: 100_000_000, count: 8))
    #expect(measured(.buy, [], mark: 1_000, sizes: eight, cap: basisPoints(1000)) == far)
  }

  @Test func theLargestNumbersDoNotOverflow() {
    let largest = sizes((0..<8).map { Limits.quantity - 7 + $0 })
    let bids: Depth = [(1, Limits.quantity)]
    let impacts = measured(.buy, bids, mark: Limits.price, sizes: largest, cap: .one)
    #expect(impacts == Array(repeating: 1_000_000_000, count: 8))
    #expect(measured(.sell, [(Limits.price, Limits.quantity)], mark: 1, sizes: largest, cap: .one) == impacts)
  }

  @Test func theyAreTheMeansOfAPlainWalkAndLessDepthNeverLowersOne() {
    for seed in seeds {
      var generator = SeededGenerator(seed)
      let mark = Int64.random(in: 1...2_000, using: &generator)
      let cap = Rate(.random(in: 1...1_000_000_000, using: &generator))
      var lots: Int64 = 0
      let eight = sizes(
        (0..<8).map { _ in
          lots += .random(in: 1...40, using: &generator)
          return lots
        })
      var bids: Depth = (0..<30).map { _ in
        (.random(in: 0...mark * 5 / 4, using: &generator), .random(in: 1...30, using: &generator))
      }
      bids.sort { $0.price > $1.price }
      let impacts = measured(.buy, bids, mark: mark, sizes: eight, cap: cap)
      // Lot by lot, in exact fractions of 10^-9.
      let single = bids.flatMap { Array(repeating: $0.price, count: Int($0.lots)) }
      for index in 0..<8 {
        var total: Int128 = 0
        for lot in 0..<Int(eight.at(index)) {
          let away = lot < single.count ? Int128(max(0, mark - single[lot])) * 1_000_000_000 : Int128.max
          total += min(away, Int128(cap.rawValue) * Int128(mark))
        }
        #expect(Int128(impacts[index]) == roundUp(total, Int128(mark) * Int128(eight.at(index))))
        #expect(index == 0 || impacts[index] >= impacts[index - 1])
      }
      for victim in bids.indices {
        var fewer = bids
        if Bool.random(using: &generator) || fewer[victim].lots == 1 {
          fewer.remove(at: victim)
        } else {
          fewer[victim].lots -= 1
        }
        let after = measured(.buy, fewer, mark: mark, sizes: eight, cap: cap)
        #expect(zip(impacts, after).allSatisfy { $0 <= $1 })
      }
    }
  }
}

struct LiquidityStateTests {
  func parameters(window: UInt8 = 3, smoothing: UInt8 = 1, change: Int64 = 10_000) -> LiquidityParameters {
    var parameters = LiquidityParameters()
    parameters.interval = 1_000_000_000
    parameters.sizes = sizes([10, 20, 30, 40, 50, 60, 70, 80])
    parameters.window = window
    parameters.smoothing = smoothing
    parameters.floor = basisPoints(5)
    parameters.cap = basisPoints(2000)
    parameters.change = basisPoints(change)
    return parameters
  }

  func state(_ parameters: LiquidityParameters) -> LiquidityState {
    LiquidityState(parameters, from: ImpactCurve(), ImpactCurve(), restedSince: 0)
  }

  func flat(_ rate: Int64) -> DepthValues { DepthValues(repeating: basisPoints(rate).rawValue) }

  /// Half of the difference each time, upward against the account: 0.05 → 0.525 → 0.7625 …; the worst of three looks.
  @Test func theCurveFollowsTheLeastDepthOfTheWindow() {
    var state = state(parameters())
    var found: [Int64] = []
    for rate in [100, 100, 100, 20, 20, 20, 20] as [Int64] {
      _ = state.look(longs: flat(rate), shorts: flat(5))
      found.append(state.longs.at(0))
    }
    // 0.05 %, towards 1 % while it is in the window, then towards 0.2 %; each half step rounded up.
    #expect(found == [5_250_000, 7_625_000, 8_812_500, 9_406_250, 9_703_125, 5_851_563, 3_925_782])
    #expect(state.shorts.at(0) == 500_000, "the floor")
  }

  /// Depth that is there at one look of three does not count; depth at three looks in a row does.
  @Test func depthCountsWhenItStays() {
    var flashing = state(parameters(smoothing: 0))
    for round in 0..<9 { _ = flashing.look(longs: flat(round % 3 == 0 ? 5 : 2000), shorts: flat(5)) }
    #expect(Rate(flashing.longs.at(0)) == basisPoints(2000))
    for _ in 0..<2 { _ = flashing.look(longs: flat(5), shorts: flat(5)) }
    #expect(Rate(flashing.longs.at(0)) == basisPoints(2000))
    _ = flashing.look(longs: flat(5), shorts: flat(5))
    #expect(Rate(flashing.longs.at(0)) == basisPoints(5))
  }

  @Test func noLookChangesAnImpactByMoreThanAllowed() {
    var state = state(parameters(window: 1, smoothing: 0, change: 30))
    _ = state.look(longs: flat(2000), shorts: flat(2000))
    #expect(Rate(state.longs.at(3)) == basisPoints(35))
    _ = state.look(longs: flat(2000), shorts: flat(2000))
    _ = state.look(longs: flat(5), shorts: flat(2000))
    #expect(Rate(state.longs.at(3)) == basisPoints(35) && Rate(state.shorts.at(3)) == basisPoints(95))
  }

  /// The manual curve is where the measured one starts; sizes beyond its knots are read from it.
  @Test func itStartsFromTheCurveInForce() {
    let manual = ImpactCurve(knots: [(Quantity(20), basisPoints(10)), (Quantity(40), basisPoints(30))])
    let state = LiquidityState(parameters(), from: manual, ImpactCurve(), restedSince: 7)
    #expect((0..<8).map { state.longs.at($0) / 100_000 } == [10, 10, 20, 30, 37, 45, 52, 60])
    #expect(Rate(state.shorts.at(7)) == basisPoints(5) && state.restedSince == 7)
  }

  @Test func otherSizesBeginTheMeasurementsAnewAndKeepTheCurve() {
    var state = state(parameters(window: 1, smoothing: 0))
    _ = state.look(longs: flat(700), shorts: flat(700))
    var other = parameters()
    other.sizes = sizes([1, 2, 3, 4, 5, 6, 7, 100])
    state.change(to: other)
    #expect(state.longWindow.count == 0 && Rate(state.longs.at(0)) == basisPoints(700))
    #expect(Rate(state.longs.at(7)) == basisPoints(875), "beyond 80 lots in proportion")
  }

  /// Two books of which one has less depth at every look: its curve is never lower, at any size; and both rise with size.
  @Test func lessDepthNeverLowersARequirement() {
    for seed in seeds {
      var generator = SeededGenerator(seed)
      let parameters = parameters(
        window: .random(in: 1...16, using: &generator), smoothing: .random(in: 0...5, using: &generator),
        change: .random(in: 1...1000, using: &generator))
      var (full, thin) = (state(parameters), state(parameters))
      for _ in 0..<40 {
        let mark = Int64.random(in: 500...1_500, using: &generator)
        var bids: Depth = (0..<12).map { _ in
          (.random(in: mark * 3 / 4...mark + 5, using: &generator), .random(in: 1...15, using: &generator))
        }
        bids.sort { $0.price > $1.price }
        let fewer = bids.filter { _ in Int.random(in: 0..<4, using: &generator) > 0 }
        func look(_ state: inout LiquidityState, _ depth: Depth) {
          let impacts = sizes(
            measured(.buy, depth, mark: mark, sizes: parameters.sizes, cap: parameters.cap))
          _ = state.look(longs: impacts, shorts: impacts)
        }
        look(&full, bids)
        look(&thin, fewer)
        let (more, less) = (full.longCurve, thin.longCurve)
        let rates = (1...100).map { (more.rate(Quantity($0)), less.rate(Quantity($0))) }
        #expect(rates.allSatisfy { $0.0 <= $0.1 })
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0.1 <= $1.1 })
      }
    }
  }

  @Test func nonsenseIsFound() {
    let cases: [(LiquidityParameters.Fault, (inout LiquidityParameters) -> Void)] = [
      (.interval, { $0.interval = 99_999_999 }), (.window, { $0.window = 0 }), (.window, { $0.window = 17 }),
      (.smoothing, { $0.smoothing = 17 }), (.floor, { $0.floor = Rate(-1) }), (.cap, { $0.cap = Rate(499_999) }),
      (.cap, { $0.cap = Rate(1_000_000_001) }), (.change, { $0.change = .zero }),
      (.size(0), { $0.sizes.set(0, to: 0) }), (.size(3), { $0.sizes.set(3, to: 30) }),
      (.size(7), { $0.sizes.set(7, to: Limits.quantity + 1) }),
    ]
    #expect(parameters().fault == nil)
    for (fault, change) in cases {
      var wrong = parameters()
      change(&wrong)
      #expect(wrong.fault == fault)
    }
  }
}

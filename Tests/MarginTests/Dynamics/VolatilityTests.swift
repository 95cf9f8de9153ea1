import Testing
import Values

@testable import Margin

/// Parameters like those of the document's example: hourly, z = 3 over a day, 1 % up and 0.1 % down per hour.
func hourly(notice: UInt8 = 3) -> VolatilityParameters {
  var parameters = VolatilityParameters()
  parameters.interval = 3_600_000_000_000
  parameters.decay = 4
  parameters.quantile = 3_000
  parameters.horizon = 24
  parameters.floor = basisPoints(400)
  parameters.stress = basisPoints(1200)
  parameters.up = basisPoints(100)
  parameters.down = basisPoints(10)
  parameters.notice = notice
  parameters.maintenanceShare = basisPoints(6000)
  parameters.cap = basisPoints(3000)
  return parameters
}

struct VolatilityTests {
  /// Calm at 0.5 % per hour: √24 · 0.5 % · 3 · ¾ + 12 % · ¼ = 8.511352 %.
  @Test func theTargetIsThreeQuartersMeasuredAndOneQuarterStress() {
    let parameters = hourly()
    // √(2.5·10^13 · 24) = 24,494,897.4 → …98; · 3 = 73,484,694; · ¾ = 55,113,520.5 → …21; + 30,000,000.
    #expect(parameters.target(for: Variance(deviation: basisPoints(50))) == Rate(85_113_521))
    #expect(parameters.target(for: Variance(0)) == basisPoints(400), "3 % of stress is below the floor of 4 %")
    #expect(parameters.target(for: Variance(Variance.maximum)) == basisPoints(3000), "the cap")
    var widest = parameters
    widest.horizon = 1 << 20
    widest.quantile = 20_000
    widest.cap = .one
    #expect(widest.target(for: Variance(Variance.maximum)) == .one)
  }

  /// A fall of 10 % in one hour: v = 2.5·10^13 + (10^16 − 2.5·10^13)/16 = 6.484375·10^14, the target is at the cap;
  /// the initial rate rises by 1 % an hour, the maintenance rate three hours later.
  @Test func aShockRaisesTheRatesByTheRampOnly() {
    var state = VolatilityState(
      hourly(), variance: Variance(deviation: basisPoints(50)), initial: basisPoints(850), maintenance: basisPoints(510)
    )
    let hasChanged = state.step(mark: Price(600_000), isTrading: true, openInterest: 0, base: .zero)
    #expect(hasChanged, "the first mark: no return, but the ramp goes on")
    #expect(state.variance == Variance(deviation: basisPoints(50)) && state.initial == Rate(85_113_521))
    _ = state.step(mark: Price(540_000), isTrading: true, openInterest: 0, base: .zero)
    #expect(state.variance.rawValue == 648_437_500_000_000 && state.target == basisPoints(3000))
    #expect(state.initial == Rate(95_113_521) && state.maintenance == basisPoints(510))
    for _ in 0..<2 { _ = state.step(mark: Price(540_000), isTrading: true, openInterest: 0, base: .zero) }
    #expect(state.initial == Rate(115_113_521))
    // 60 % of 8.5113521 % (the calm rate), then of 9.5113521 % (the first hour of the shock).
    #expect(state.maintenance == Rate(51_068_113))
    _ = state.step(mark: Price(540_000), isTrading: true, openInterest: 0, base: .zero)
    #expect(state.maintenance == Rate(57_068_113))
  }

  @Test func inForceTheInitialRateStaysAboveMaintenance() {
    var state = VolatilityState(
      hourly(notice: 60), variance: Variance(deviation: basisPoints(200)), initial: basisPoints(2500),
      maintenance: basisPoints(1500))
    state.seed(Variance(0))
    var crossed = 0
    for _ in 0..<300 {
      _ = state.step(mark: Price(600_000), isTrading: true, openInterest: 0, base: .zero)
      let inForce = state.initialInForce(ratio: Rate(1_100_000_000))
      #expect(inForce.rawValue * 10 >= state.maintenance.rawValue * 11)
      if state.initial.rawValue * 10 < state.maintenance.rawValue * 11 { crossed += 1 }
    }
    #expect(crossed > 0, "the raw rates cross, because maintenance follows 60 hours later; those in force do not")
  }

  /// A halt is not calm: the estimate stays, the ramp goes on; the first return afterwards is over the whole gap.
  @Test func withoutTradingTheEstimateWaits() {
    var state = VolatilityState(
      hourly(), variance: Variance(deviation: basisPoints(50)), initial: basisPoints(400), maintenance: basisPoints(240)
    )
    _ = state.step(mark: Price(100), isTrading: true, openInterest: 0, base: .zero)
    for _ in 0..<10 { _ = state.step(mark: Price(110), isTrading: false, openInterest: 0, base: .zero) }
    _ = state.step(mark: nil, isTrading: true, openInterest: 0, base: .zero)
    #expect(state.variance == Variance(deviation: basisPoints(50)) && state.initial == Rate(85_113_521))
    _ = state.step(mark: Price(110), isTrading: true, openInterest: 0, base: .zero)
    #expect(state.variance.rawValue == 25_000_000_000_000 + (10_000_000_000_000_000 - 25_000_000_000_000) / 16)
  }

  @Test func otherParametersLeaveTheRatesWhereTheyAre() {
    var state = VolatilityState(
      hourly(), variance: Variance(deviation: basisPoints(60)), initial: basisPoints(900), maintenance: basisPoints(500)
    )
    var shorter = hourly()
    shorter.interval = 900_000_000_000
    shorter.cap = basisPoints(900)
    state.change(to: shorter)
    #expect(state.initial == basisPoints(900) && state.maintenance == basisPoints(500))
    #expect(state.variance == Variance(deviation: basisPoints(30)), "a quarter of the time, a quarter of the variance")
  }

  @Test func nonsenseIsFound() {
    let cases: [(VolatilityParameters.Fault, (inout VolatilityParameters) -> Void)] = [
      (.interval, { $0.interval = 99_999_999 }), (.interval, { $0.interval = 604_800_000_000_001 }),
      (.decay, { $0.decay = 0 }), (.decay, { $0.decay = 21 }), (.quantile, { $0.quantile = 20_001 }),
      (.horizon, { $0.horizon = 0 }), (.horizon, { $0.horizon = 1_048_577 }), (.floor, { $0.floor = Rate(-1) }),
      (.stress, { $0.stress = Rate(10_000_000_001) }), (.up, { $0.up = .zero }), (.up, { $0.up = Rate(1_000_000_001) }),
      (.down, { $0.down = $0.up }), (.down, { $0.down = Rate(-1) }), (.notice, { $0.notice = 64 }),
      (.maintenanceShare, { $0.maintenanceShare = Rate(909_090_910) }), (.cap, { $0.cap = basisPoints(399) }),
      (.cap, { $0.cap = Rate(1_000_000_001) }), (.lowerOpenInterest, { $0.lowerOpenInterest = -1 }),
      (.upperOpenInterest, { $0.lowerOpenInterest = 5 }),
    ]
    #expect(hourly().fault == nil)
    for (fault, change) in cases {
      var parameters = hourly()
      change(&parameters)
      #expect(parameters.fault == fault)
    }
  }
}

struct RampGuaranteeTests {
  let ratio = Rate(1_100_000_000)

  /// One step towards whatever the variance calls for, without a price.
  private func step(_ state: inout VolatilityState, _ variance: Variance) {
    state.seed(variance)
    _ = state.step(mark: nil, isTrading: false, openInterest: 0, base: .zero)
  }

  /// All paths of a small tree: each interval is calm, middling or as wild as can be. The guarantee is the maximum of
  /// what they reach: never passed, and not one ppb too high.
  @Test(arguments: [0, 1, 2, 4, 9] as [UInt8])
  func itIsTheHighestOfAllPaths(notice: UInt8) {
    var generator = SeededGenerator(Int(notice))
    let levels = [Variance(0), Variance(deviation: basisPoints(60)), Variance(Variance.maximum)]
    for _ in 0..<6 {
      var start = VolatilityState(
        hourly(notice: notice), variance: levels[1], initial: basisPoints(.random(in: 400...2900, using: &generator)),
        maintenance: basisPoints(.random(in: 100...1700, using: &generator)))
      for _ in 0..<12 { step(&start, levels[.random(in: 0...2, using: &generator)]) }
      let depth = 7
      var highest = Array(
        repeating: RampGuarantee(initial: .zero, maintenance: .zero, openInterest: .zero), count: depth + 1)
      func visit(_ state: VolatilityState, _ length: Int, _ worst: RampGuarantee) {
        highest[length].initial = max(highest[length].initial, worst.initial)
        highest[length].maintenance = max(highest[length].maintenance, worst.maintenance)
        if length == depth { return }
        for level in levels {
          var next = state
          step(&next, level)
          visit(
            next, length + 1,
            RampGuarantee(
              initial: max(worst.initial, next.initialInForce(ratio: ratio)),
              maintenance: max(worst.maintenance, next.maintenance), openInterest: .zero))
        }
      }
      visit(
        start, 0,
        RampGuarantee(
          initial: start.initialInForce(ratio: ratio), maintenance: start.maintenance, openInterest: .zero))
      for intervals in 1...depth {
        let guarantee = start.guarantee(intervals, ratio: ratio)
        #expect(guarantee.maintenance == highest[intervals].maintenance)
        #expect(guarantee.initial == highest[intervals].initial)
      }
    }
  }

  /// Long random and wild price paths, every parameter drawn anew: what was promised 1, 10 and 60 intervals ago holds.
  @Test func noPricePathPassesIt() {
    for seed in seeds {
      var generator = SeededGenerator(seed)
      var parameters = hourly(notice: .random(in: 0...63, using: &generator))
      parameters.decay = .random(in: 1...8, using: &generator)
      parameters.up = Rate(.random(in: 2...50_000_000, using: &generator))
      parameters.down = Rate(.random(in: 0...(parameters.up.rawValue - 1), using: &generator))
      parameters.maintenanceShare = Rate(.random(in: 0...909_090_909, using: &generator))
      parameters.lowerOpenInterest = 1_000
      parameters.upperOpenInterest = 5_000
      #expect(parameters.fault == nil)
      let ratio = Rate(.random(in: 1_100_000_000...3_000_000_000, using: &generator))
      var state = VolatilityState(
        parameters, variance: Variance(deviation: basisPoints(50)),
        initial: Rate(.random(in: 0...300_000_000, using: &generator)),
        maintenance: Rate(.random(in: 0...300_000_000, using: &generator)))
      var promised: [[RampGuarantee]] = []
      var price: Int64 = 1_000_000
      for time in 0..<250 {
        promised.append(RampGuarantee.published.map { state.guarantee($0, ratio: ratio) })
        let wild = Int.random(in: 0..<20, using: &generator) == 0
        price = max(1, price * .random(in: wild ? 1...300 : 99...101, using: &generator) / 100)
        _ = state.step(
          mark: Price(price), isTrading: Int.random(in: 0..<9, using: &generator) > 0,
          openInterest: .random(in: 0...8_000, using: &generator), base: basisPoints(200))
        for (index, intervals) in RampGuarantee.published.enumerated() {
          for back in 1...intervals where time + 1 - back >= 0 {
            let guarantee = promised[time + 1 - back][index]
            #expect(state.initialInForce(ratio: ratio) <= guarantee.initial)
            #expect(state.maintenance <= guarantee.maintenance && state.openInterest <= guarantee.openInterest)
          }
        }
        #expect(state.initial <= max(parameters.cap, Rate(300_000_000)))
      }
    }
  }

  /// While nothing was changed within the notice, the maintenance rate of the next T_n intervals is known exactly.
  @Test func withinTheNoticeTheMaintenanceRateIsKnownInAdvance() {
    var state = VolatilityState(
      hourly(notice: 12), variance: Variance(deviation: basisPoints(50)), initial: basisPoints(850),
      maintenance: basisPoints(510))
    for _ in 0..<20 { step(&state, Variance(Variance.maximum)) }
    let guarantee = state.guarantee(12, ratio: ratio)
    var calm = state
    var wild = state
    for _ in 0..<12 {
      step(&calm, Variance(0))
      step(&wild, Variance(Variance.maximum))
    }
    #expect(calm.maintenance == wild.maintenance && wild.maintenance == guarantee.maintenance)
    #expect(calm.initial < wild.initial || wild.initial == hourly().cap)
  }
}

import Testing
import Values

@testable import Margin

/// The five-minute average of an index, and what an index that may be wrong still admits.
struct IndexGuardTests {
  private func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds * 1_000_000_000) }

  @Test func averageOfTwoPrices() throws {
    var average = IndexAverage()
    #expect(average.mean(at: at(5)) == nil)
    average.record(100, at: at(100))
    #expect(average.mean(at: at(100)) == nil)
    #expect(try #require(average.mean(at: at(101))).roundedDown == 100)
    average.record(200, at: at(160))
    // 60 s at 100, 20 s at 200: 125.
    #expect(try #require(average.mean(at: at(180))).roundedDown == 125)
    // 60 s at 100, 200 s at 200: 176.9.
    #expect(try #require(average.mean(at: at(360))).roundedDown == 176)
  }

  @Test func windowForgets() throws {
    var average = IndexAverage()
    average.record(100, at: at(0))
    for second in stride(from: 10 as Int64, through: 300, by: 10) { average.record(200, at: at(second)) }
    // At 300 s: 10 s at 100, 290 s at 200; at 310 s the first price is outside.
    #expect(
      try #require(average.mean(at: at(300))) == IndexAverage.Mean(area: 59_000_000_000_000, span: 300_000_000_000))
    #expect(try #require(average.mean(at: at(310))).roundedDown == 200)
  }

  @Test("The exact area under a random price, back to a checkpoint 300 to 310 s old", arguments: seeds)
  func averageIsExact(seed: Int) throws {
    var numbers = SeededGenerator(seed)
    var average = IndexAverage()
    var history: [(time: Int64, price: Int64)] = []
    var time: Int64 = 1_000_000_000
    for _ in 0..<600 {
      time += Int64.random(in: 1...3_000_000_000, using: &numbers)
      let price = Int64.random(in: 1...Limits.assetPrice, using: &numbers)
      average.record(price, at: Timestamp(time))
      history.append((time, price))
      let now = time + Int64.random(in: 1...1_000_000_000, using: &numbers)
      let mean = try #require(average.mean(at: Timestamp(now)))
      if now - history[0].time >= IndexAverage.window {
        #expect(mean.span >= IndexAverage.window)
        #expect(mean.span < IndexAverage.window + IndexAverage.spacing + 3_000_000_000)
      } else {
        #expect(mean.span == now - history[0].time)
      }
      var area: Int128 = 0
      for (index, entry) in history.enumerated() {
        let from = max(entry.time, now - mean.span)
        let to = index + 1 < history.count ? history[index + 1].time : now
        if to > from { area += Int128(entry.price) * Int128(to - from) }
      }
      #expect(mean.area == area)
    }
    #expect(average.count == IndexAverage.capacity)
  }

  @Test func checkpointsAreWrittenAndRead() throws {
    var average = IndexAverage()
    for second in 1...500 as ClosedRange<Int64> { average.record(100 + second, at: at(second)) }
    let checkpoints = (0..<average.count).map { average.checkpoint($0) }
    var copy = try #require(IndexAverage(now: average.now, price: average.price, checkpoints: checkpoints))
    copy.record(7, at: at(600))
    average.record(7, at: at(600))
    #expect(copy.mean(at: at(700)) == average.mean(at: at(700)))
    // What cannot have come about is refused.
    #expect(IndexAverage(now: average.now, price: 0, checkpoints: checkpoints) == nil)
    #expect(IndexAverage(now: .init(), price: 5, checkpoints: checkpoints) == nil)
    #expect(IndexAverage(now: average.now, price: 5, checkpoints: checkpoints.reversed()) == nil)
    #expect(IndexAverage(now: average.now, price: 5, checkpoints: checkpoints + checkpoints) == nil)
    #expect(IndexAverage(now: average.now, price: 5, checkpoints: []) == nil)
    #expect(IndexAverage(now: .init(time: at(3), area: 0), price: 0, checkpoints: []) == nil)
  }

  /// a1 10 s, a2 60 s, d 10 %, c 1 %.
  private let limits = OracleLimits(
    riskAge: 10_000_000_000, liquidationAge: 60_000_000_000, deviation: basisPoints(1000),
    confidence: basisPoints(100), quorum: 1)

  @Test func actionMatrix() {
    func assess(
      _ price: Int64?, age seconds: Int64 = 0, mean: Int64? = nil, confidence: Int64 = 0
    ) -> (OracleGuard, OracleCause) {
      let result = limits.assess(
        price: price, age: seconds * 1_000_000_000,
        mean: mean.map { IndexAverage.Mean(area: Int128($0) * 7, span: 7) }, confidence: confidence)
      return (result.guard, result.cause)
    }
    #expect(assess(nil) == (.reduceOnlyNoLiquidation, .missing))
    #expect(assess(0, age: 100) == (.halt, .nonPositive))
    #expect(assess(-5) == (.halt, .nonPositive))
    #expect(assess(1_000, age: 10, mean: 1_000) == (.normal, .none))
    #expect(assess(1_000, age: 11, mean: 1_000) == (.noNewRisk, .age))
    #expect(assess(1_000, age: 60, mean: 1_000) == (.noNewRisk, .age))
    #expect(assess(1_000, age: 61, mean: 1_000) == (.reduceOnlyNoLiquidation, .age))
    #expect(assess(1_100, mean: 1_000) == (.normal, .none))
    #expect(assess(1_101, mean: 1_000) == (.reduceOnlyNoLiquidation, .deviation))
    #expect(assess(900, mean: 1_000) == (.normal, .none))
    #expect(assess(899, age: 11, mean: 1_000) == (.reduceOnlyNoLiquidation, .deviation))
    #expect(assess(1_000, confidence: 10) == (.normal, .none))
    #expect(assess(1_000, age: 11, confidence: 11) == (.reduceOnlyNoLiquidation, .confidence))
  }

  @Test func whatEachGuardAdmits() {
    let rows = OracleGuard.allCases.map {
      [$0.admitsNewRisk, $0.admitsWithdrawals, $0.admitsReducing, $0.admitsLiquidation, $0.countsGains]
    }
    #expect(
      rows == [
        [true, true, true, true, true],
        [false, false, true, true, true],
        [false, false, true, false, false],
        [false, false, false, false, false],
      ])
    #expect(OracleGuard.normal < .noNewRisk && .noNewRisk < OracleGuard.reduceOnlyNoLiquidation)
    #expect(max(OracleGuard.halt, .noNewRisk) == .halt)
  }
}

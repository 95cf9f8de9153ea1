import Testing
import Values

@testable import Margin

struct VarianceTests {
  @Test func wideSquareRootsAreTheSmallestIntegersNotBelow() {
    var generator = SeededGenerator(11)
    let roots = (0..<500).map { _ in
      UInt64.random(in: 2...(1 << 63), using: &generator) >> UInt64.random(in: 0...62, using: &generator)
    }
    for root in roots + [1, 2, 3, 1 << 32, UInt64(UInt32.max), UInt64.max - 1] where root > 1 {
      let square = UInt128(root) * UInt128(root)
      #expect(squareRootRoundedUp(square) == root)
      #expect(squareRootRoundedUp(square - 1) == root)
      #expect(squareRootRoundedUp(square + 1) == root + 1)
    }
    #expect((0...5).map { squareRootRoundedUp(UInt128($0)) } == [0, 1, 2, 2, 2, 3])
    #expect(squareRootRoundedUp(UInt128(UInt64.max) * UInt128(UInt64.max)) == UInt64.max)
  }

  /// 100 → 103: 3 %. 100 → 97: −3 %. 3 → 4: a third, rounded up. Above 100 %: 100 %.
  @Test(
    arguments: [
      (100, 103, 30_000_000), (100, 97, -30_000_000), (3, 4, 333_333_334), (3, 2, -333_333_334), (100, 100, 0),
      (100, 410, 1_000_000_000), (10_000_000_000, 1, -1_000_000_000), (1, 1 << 53, 1_000_000_000),
      (1 << 53, 1, -1_000_000_000), (1 << 53, (1 << 53) - 1, -1),
    ] as [(Int64, Int64, Int64)])
  func returnsAreRoundedAwayFromZeroAndAtMostAllOfIt(from: Int64, to: Int64, expected: Int64) {
    #expect(priceReturn(from: Price(from), to: Price(to)) == expected)
  }

  /// 1000 + (1024 − 1000)/1024 = 1000.02 → 1001; 1000 − (1000 − 961)/1024 = 999.96 → 1000.
  @Test(
    arguments: [(1_000, 32, 10, 1_001), (1_000, 31, 10, 1_000), (1_600, 0, 4, 1_500), (0, 40, 4, 100)]
      as [(Int64, Int64, UInt8, Int64)])
  func theVarianceIsRoundedAgainstTheAccount(variance: Int64, move: Int64, decay: UInt8, expected: Int64) {
    var estimate = Variance(variance)
    estimate.add(move, decay: decay)
    #expect(estimate.rawValue == expected)
  }

  @Test func anIntervalOfAnyMoveKeepsTheVarianceInItsRangeAndNeverBelowTheExactOne() {
    var generator = SeededGenerator(12)
    for _ in 0..<5_000 {
      let before =
        Int64.random(in: 0...Variance.maximum, using: &generator) >> Int64.random(in: 0...59, using: &generator)
      let move = Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator)
      let decay = UInt8.random(in: 1...20, using: &generator)
      var estimate = Variance(before)
      estimate.add(move, decay: decay)
      // Exact: v + (r² − v)/2^k; compared times 2^k.
      let exact = Int128(before) * (1 << Int128(decay)) + Int128(move) * Int128(move) - Int128(before)
      let found = Int128(estimate.rawValue) * (1 << Int128(decay))
      #expect(found >= exact && found < exact + (1 << Int128(decay)))
      #expect((0...Variance.maximum).contains(estimate.rawValue))
    }
    var largest = Variance(Variance.maximum)
    largest.add(-1_000_000_000, decay: 1)
    #expect(largest.rawValue == Variance.maximum)
  }

  /// σ = 1 % per interval: 2 % over 4 intervals. The widest product is 10^18 · 2^20.
  @Test func deviationsGrowWithTheRootOfTheHorizonAndDoNotOverflow() {
    #expect(Variance(deviation: basisPoints(100)).deviation(over: 4) == 20_000_000)
    #expect(Variance(2).deviation(over: 1) == 2, "⌈√2⌉")
    #expect(Variance(Variance.maximum).deviation(over: 1 << 20) == 1_024_000_000_000)
  }

  /// Four times the interval has four times the variance; an odd ratio is rounded up.
  @Test func anotherIntervalKeepsTheVariancePerTime() {
    #expect(Variance(100).scaled(from: 60, to: 240).rawValue == 400)
    #expect(Variance(100).scaled(from: 240, to: 60).rawValue == 25)
    #expect(Variance(1).scaled(from: 3, to: 2).rawValue == 1)
    #expect(Variance(Variance.maximum).scaled(from: 100_000_000, to: 604_800_000_000_000).rawValue == Variance.maximum)
  }
}

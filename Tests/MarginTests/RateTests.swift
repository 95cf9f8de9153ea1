import Testing
import Values

@testable import Margin

struct RateTests {
  @Test func squareRootsAreTheSmallestIntegersNotBelow() {
    var generator = SeededGenerator(3)
    let edges: [Int64] = [0, 1, 2, 3, 4, 5, 8, 9, 15, 16, 17, (1 << 62) - 1]
    let squares = (0..<1000).map { _ in Int64.random(in: 2...2_147_483_647, using: &generator) }
    for value in edges + squares.flatMap({ [$0 * $0 - 1, $0 * $0, $0 * $0 + 1] }) {
      let root = Int128(squareRootRoundedUp(value))
      #expect(root * root >= Int128(value))
      #expect(root == 0 || (root - 1) * (root - 1) < Int128(value))
    }
  }

  /// Figures of Drift's own tests: programs/drift/src/math/margin/tests.rs, spot_market_asset_weight, which rounds
  /// down to 4 decimals; here the root is rounded up to 3.
  @Test(arguments: [(1_100_000_000, 10_000_000, 11_962), (0, 100_000_000, 31_622), (1_100_000_000, 10_000, 11_000)])
  func sizePremiumsAreThoseOfDriftFor1000Units(base: Int64, factor: Int64, expected: Int64) {
    let rate = sizePremium(base: Rate(base), factor: Rate(factor), lots: 1000, lotSize: 1_000_000_000_000)
    #expect(rate.rawValue / 100_000 - expected == 0 || rate.rawValue / 100_000 - expected == 1)
  }

  @Test func theSizePremiumDoesNotDependOnTheLotSize() {
    let large = sizePremium(base: basisPoints(200), factor: basisPoints(10), lots: 7, lotSize: 1_000_000_000_000)
    let small = sizePremium(base: basisPoints(200), factor: basisPoints(10), lots: 7_000, lotSize: 1_000_000_000)
    #expect(large == small)
  }

  @Test func theSizePremiumNeverFallsAndStopsAtTheMaximum() {
    var previous = Rate.zero
    for exponent in 0...44 {
      let rate = sizePremium(
        base: basisPoints(100), factor: basisPoints(10), lots: 1 << Int64(exponent), lotSize: 1_000_000_000)
      #expect(rate >= previous && rate >= basisPoints(100) && rate <= .maximum)
      previous = rate
    }
    #expect(
      sizePremium(base: .zero, factor: .maximum, lots: Limits.quantity, lotSize: .max) == .maximum,
      "beyond the range of the root")
    #expect(
      sizePremium(base: basisPoints(100), factor: .zero, lots: Limits.quantity, lotSize: .max) == basisPoints(100))
  }

  @Test func shortsPayTheSizePremiumOfLongs() {
    #expect(
      sizePremium(base: basisPoints(100), factor: basisPoints(10), lots: -500, lotSize: 1_000_000_000_000)
        == sizePremium(base: basisPoints(100), factor: basisPoints(10), lots: 500, lotSize: 1_000_000_000_000))
  }

  let curve = ImpactCurve(knots: [
    (Quantity(10), basisPoints(5)), (Quantity(50), basisPoints(20)), (Quantity(200), basisPoints(100)),
  ])

  @Test(
    arguments: [
      (0, 0), (1, 500_000), (10, 500_000), (30, 1_250_000), (50, 2_000_000), (51, 2_053_334), (200, 10_000_000),
      (400, 20_000_000), (20_000, 1_000_000_000), (1 << 44, 1_000_000_000),
    ] as [(Int64, Int64)])
  func impactIsInterpolatedRoundedUpAndExtendedInProportion(lots: Int64, rate: Int64) {
    #expect(curve.rate(Quantity(lots)) == Rate(rate))
  }

  @Test func impactNeverFallsWithSize() {
    var generator = SeededGenerator(4)
    for _ in 0..<100 {
      var lots: Int64 = 0
      var rate: Int64 = 0
      let knots = (0..<Int.random(in: 1...16, using: &generator)).map { _ in
        lots += Int64.random(in: 1...1000, using: &generator)
        rate += Int64.random(in: 0...50_000_000, using: &generator)
        return (Quantity(lots), Rate(rate))
      }
      #expect(ImpactCurve.firstFault(in: knots) == nil)
      let curve = ImpactCurve(knots: knots)
      for size in stride(from: Int64(0), to: lots * 2, by: Int64.Stride(max(1, lots / 200))) {
        #expect(curve.rate(Quantity(size)) <= curve.rate(Quantity(size + 1)))
      }
    }
  }

  @Test(
    arguments: [
      ([(0, 1)], 0), ([(5, 1), (5, 2)], 1), ([(5, 2), (6, 1)], 1), ([(5, 1_000_000_001)], 0), ([(1 << 44 + 1, 1)], 0),
    ] as [([(Int64, Int64)], Int)])
  func curvesThatDoNotRiseAreRefused(knots: [(Int64, Int64)], knot: Int) {
    #expect(ImpactCurve.firstFault(in: knots.map { (Quantity($0.0), Rate($0.1)) }) == knot)
  }

  @Test func noCurveIsNoLiquidityTerm() {
    #expect(ImpactCurve().rate(Quantity(1000)) == .zero)
  }
}

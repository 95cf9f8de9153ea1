import Testing
import Values

@testable import Margin

struct InterestTests {
  /// Source: derivexyz/v2-core, test/assets/cashAsset/unit-tests/InterestRateModel.t.sol: 6 % + 0.2·u to 60 %, then 0.4.
  let derive = InterestCurve(
    base: Rate(60_000_000), slope: Rate(200_000_000), steepSlope: Rate(400_000_000), kink: Rate(600_000_000))

  @Test(
    "Derive: 16 % at 50 % utilisation, 26 % at 80 %, 6 % at none",
    arguments: [(5_000, 160_000_000), (8_000, 260_000_000), (0, 60_000_000)] as [(Int64, Int64)])
  func deriveRates(figure: (borrowed: Int64, rate: Int64)) {
    let utilisation = InterestCurve.utilisation(borrowed: Money(figure.borrowed), supplied: Money(Int64(10_000)))
    #expect(derive.rate(at: utilisation) == Rate(figure.rate))
  }

  /// Source: the same file, testSimpleBorrowInterestFactor: e^(one week of 16 %) − 1 = 3,073,205,794,798,734 of 10^18.
  @Test("Derive: a week at 16 %, compounded continuously there and every interval here")
  func deriveWeek() {
    let expected: Int128 = 3_073_205_794_798_734
    // Compounding every n-th of the week falls short of the exponential by about factor²/2n.
    let runs: [(Int64, Int128)] = [(7, 700_000_000_000), (168, 30_000_000_000), (10_080, 500_000_000)]
    for (steps, tolerance) in runs {
      var index = InterestIndex.one
      for _ in 0..<steps { index = index.compoundedUp(Rate(160_000_000), interval: 604_800_000 / steps) }
      let grown = index.rawValue - InterestIndex.one.rawValue
      #expect(abs(grown - expected) < tolerance, "\(steps) steps: \(grown)")
    }
  }

  /// Source: blockworks-foundation/mango-v4, Bank::interest_rate_curve_calculator: straight lines from the rate at zero
  /// through (util0, rate0) to (util1, rate1). With a knot at 100 % it is the same curve.
  @Test("Mango's knots are the same curve")
  func mangoKnots() {
    let curve = InterestCurve(
      base: .zero, slope: Rate(100_000_000), steepSlope: Rate(1_600_000_000), kink: Rate(800_000_000))
    #expect(curve.rate(at: Rate(800_000_000)) == Rate(80_000_000), "8 % at 80 %")
    #expect(curve.rate(at: .one) == Rate(400_000_000), "40 % at 100 %")
    #expect(curve.rate(at: Rate(900_000_000)) == Rate(240_000_000), "half way between")
  }

  @Test("the curve never falls, and lenders never earn more than borrowers pay")
  func monotone() {
    var previous = Rate.zero
    for step in 0...1_000 {
      let utilisation = Rate(Int64(step) * 1_000_000)
      let rate = derive.rate(at: utilisation)
      #expect(rate >= previous)
      previous = rate
      let lending = derive.lendingRate(at: utilisation, reserveFactor: Rate(100_000_000))
      #expect(Int128(lending.rawValue) * 1_000_000_000 <= Int128(rate.rawValue) * Int128(utilisation.rawValue))
    }
    #expect(derive.lendingRate(at: Rate(500_000_000), reserveFactor: Rate(100_000_000)) == Rate(72_000_000))
    #expect(derive.lendingRate(at: Rate(500_000_000), reserveFactor: .one) == .zero)
  }

  @Test("utilisation is debts over supply, 100 % at most")
  func utilisation() {
    #expect(InterestCurve.utilisation(borrowed: .zero, supplied: .zero) == .zero)
    #expect(InterestCurve.utilisation(borrowed: Money(Int64(1)), supplied: .zero) == .one)
    #expect(InterestCurve.utilisation(borrowed: Money(Int64(9)), supplied: Money(Int64(3))) == .one)
    #expect(InterestCurve.utilisation(borrowed: Money(Int64(2)), supplied: Money(Int64(3))) == Rate(666_666_666))
    let huge = Money(Int128(1) << 100)
    #expect(InterestCurve.utilisation(borrowed: huge, supplied: huge + huge) == Rate(500_000_000))
  }

  @Test("a year at 10 % in one step: debts are rounded up, assets down")
  func oneYear() {
    let up = InterestIndex.one.compoundedUp(Rate(100_000_000), interval: InterestIndex.year)
    let down = InterestIndex.one.compoundedDown(Rate(100_000_000), interval: InterestIndex.year)
    #expect(up.rawValue == 1_100_000_000_000_000_000 && down == up)
    #expect(up.grown(-1_005, since: .one) == -1_106, "1,105.5 owed")
    #expect(down.grown(1_005, since: .one) == 1_105)
    let tiny = InterestIndex.one.compoundedUp(Rate(1), interval: 1)
    #expect(tiny > .one, "never for nothing")
    #expect(InterestIndex.one.compoundedDown(Rate(1), interval: 1) == .one)
  }

  @Test("the index stops at its bound, and the largest balance times it is exact")
  func extremes() {
    var index = InterestIndex.one
    for _ in 0..<20 { index = index.compoundedUp(.maximum, interval: InterestIndex.year) }
    #expect(index == .bound)
    let largest = Int128(Limits.balance)
    #expect(index.grown(largest, since: .one) == largest * 1_000_000_000)
    #expect(index.grown(-largest, since: InterestIndex(rawValue: index.rawValue - 1)) == -largest - 1)
  }

  @Test("proportions are exact over 256 bits and round the way they say")
  func proportions() {
    let huge = Int128(1) << 120
    #expect(huge.scaledRoundingDown(by: huge - 1, over: huge) == huge - 1)
    #expect((huge + 1).scaledRoundingDown(by: huge - 1, over: huge) == huge - 1)
    #expect((huge + 1).scaledRoundingUp(by: huge - 1, over: huge) == huge)
    #expect((-huge - 1).scaledRoundingDown(by: huge - 1, over: huge) == -huge)
    #expect((-huge - 1).scaledRoundingUp(by: huge - 1, over: huge) == -huge + 1)
    #expect(Int128(-7).scaledRoundingDown(by: 1, over: 2) == -4)
    #expect(Int128(-7).scaledRoundingUp(by: 1, over: 2) == -3)
  }

  @Test("the settlement price is the mean of the samples; inside the window the forward is fixed and variable share")
  func settlementAverage() {
    var average = SettlementAverage()
    #expect(average.price == nil)
    #expect(average.forward(at: Price(100), of: 4) == Price(100), "before the window")
    average.add(Price(101))
    #expect(average.forward(at: Price(100), of: 4) == Price(100), "100.25")
    average.add(Price(110))
    average.add(Price(120))
    #expect(average.forward(at: Price(0), of: 4) == Price(82), "a crash in the last quarter moves it by a quarter")
    average.add(Price(90))
    #expect(average.price == Price(105), "105.25")
    #expect(average.forward(at: Price(1), of: 4) == Price(105))
  }
}

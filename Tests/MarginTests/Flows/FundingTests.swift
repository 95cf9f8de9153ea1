import Testing
import Values

@testable import Margin

struct FundingTests {
  /// Source: dydxprotocol/v4-chain, protocol/x/perpetuals/lib/lib_test.go, TestGetSettlementPpmWithPerpetual. Their index
  /// is in parts per million of a quote quantum, and so is what they expect.
  @Test(
    "dYdX: −q·(index − index at the last touch)",
    arguments: [
      (-123_456_789_123, -100_000_000_000, -1_000_000, -23_456_789_123_000_000), (-200, 100, 10_000_000, 3_000_000_000),
      (0, 100, -5_000_000, -500_000_000), (-50, 100, -5_000_000, -750_000_000),
    ] as [(Int64, Int64, Int64, Int64)])
  func dydxSettlement(figure: (new: Int64, old: Int64, lots: Int64, expected: Int64)) {
    let new = FundingIndex(rawValue: Int128(figure.new) * 1_000)
    let old = FundingIndex(rawValue: Int128(figure.old) * 1_000)
    #expect(new.due(Quantity(figure.lots), since: old) == Money(figure.expected / 1_000_000))
  }

  /// Source: tradeparadex/paradex-docs, risk-system/funding-mechanism.mdx: premium 0.08 %, interest 0.01 %, clamp 0.05 %.
  @Test("Paradex: premium + clamp(interest − premium) is 0.03 %")
  func paradexRate() {
    var parameters = FundingParameters()
    parameters.interest = Rate(100_000)
    parameters.clamp = Rate(500_000)
    parameters.cap = Rate(20_000_000)
    #expect(parameters.rate(premium: Rate(800_000), marginGap: .zero) == Rate(300_000))
    #expect(parameters.rate(premium: Rate(500_000), marginGap: .zero) == Rate(100_000), "inside the clamp")
    #expect(parameters.rate(premium: Rate(-800_000), marginGap: .zero) == Rate(-300_000))
    #expect(parameters.rate(premium: Rate(50_000_000), marginGap: .zero) == Rate(20_000_000), "the cap")
    #expect(parameters.rate(premium: Rate(-50_000_000), marginGap: .zero) == Rate(-20_000_000))
  }

  /// Source: the same page: 0.5 at 60,000 pays 0.01875 for one minute of an eight-hour rate of 0.03 %.
  @Test("Paradex: a minute of the eight-hour rate")
  func paradexPayment() {
    // A lot of 0.001 at 60,000.0 is worth 60 = 6·10^9 mq.
    let index = FundingIndex.zero.advanced(
      by: Rate(300_000), lotValue: dollars(60), interval: 60_000, period: 28_800_000)
    #expect(index.due(Quantity(500), since: .zero) == Money(Int64(-1_875_000)))
    #expect(index.due(Quantity(-500), since: .zero) == Money(Int64(1_875_000)))
  }

  /// Source: dydxprotocol/v4-chain, protocol/x/perpetuals/types/liquidity_tier_test.go,
  /// TestLiquidityTierGetMaxAbsFundingClampPpm: factor, initial margin and maintenance fraction in parts per million.
  @Test(
    "dYdX: at most a multiple of initial − maintenance margin",
    arguments: [(6_000_000, 150_000, 800_000, 180_000), (423_978_721, 745_345, 564_947, 137_481_459)]
      as [(Int64, Int64, Int64, Int64)])
  func dydxClamp(figure: (factor: Int64, initial: Int64, fraction: Int64, expected: Int64)) {
    var parameters = FundingParameters()
    parameters.cap = Rate(.max)
    parameters.marginFactor = Rate(figure.factor * 1_000)
    let maintenance = figure.initial * figure.fraction / 1_000_000
    let gap = Rate((figure.initial - maintenance) * 1_000)
    #expect(parameters.bound(marginGap: gap).rawValue / 1_000 == figure.expected)
  }

  @Test("both bounds hold for a rate from outside too")
  func fixedRate() {
    var parameters = FundingParameters()
    parameters.cap = Rate(20_000_000)
    parameters.fixed = Rate(-1_234_567)
    #expect(parameters.rate(premium: Rate(99_000_000), marginGap: .zero) == Rate(-1_234_567))
    parameters.fixed = Rate(-30_000_000)
    #expect(parameters.rate(premium: .zero, marginGap: .zero) == Rate(-20_000_000))
    parameters.marginFactor = Rate(500_000_000)
    #expect(parameters.rate(premium: .zero, marginGap: Rate(10_000_000)) == Rate(-5_000_000))
  }

  @Test("the premium is a mean of samples, rounded toward zero, and no sample is beyond 100 %")
  func premium() {
    #expect(PremiumAverage.premium(mark: Price(100_080), index: Price(100_000)) == Rate(800_000))
    #expect(PremiumAverage.premium(mark: Price(2), index: Price(3)) == Rate(-333_333_333))
    #expect(PremiumAverage.premium(mark: Price(1_000), index: Price(1)) == .one)
    var average = PremiumAverage()
    #expect(average.mean == .zero)
    for sample: Int64 in [-3, -3, -2] { average.add(Rate(sample)) }
    #expect(average.mean == Rate(-2))
  }

  @Test("a full period at 0.01 % costs exactly rate × value, and fractions are rounded against the account")
  func exactStep() {
    let step = FundingIndex.zero.advanced(by: Rate(100_000), lotValue: Money(Int64(123_457)), interval: 8, period: 8)
    #expect(step.rawValue == 12_345_700_000)
    #expect(step.due(Quantity(1), since: .zero) == Money(Int64(-13)), "12.3457 mq, paid")
    #expect(step.due(Quantity(-1), since: .zero) == Money(Int64(12)), "received")
    #expect(step.advanced(by: Rate(-100_000), lotValue: Money(Int64(123_457)), interval: 8, period: 8) == .zero)
  }

  @Test("no rate, price or number of steps carries the index or a payment beyond 128 bits")
  func extremes() {
    var index = FundingIndex.zero
    let value = Money(Int128(Limits.price) * Int128(Limits.multiplier))
    for _ in 0..<3 {
      index = index.advanced(by: .maximum, lotValue: value, interval: .max, period: 1)
      #expect(index.rawValue == FundingIndex.bound)
    }
    let low = index.advanced(by: Rate(-10_000_000_000), lotValue: value, interval: 1, period: 1)
    #expect(low.rawValue == -FundingIndex.bound)
    #expect(low.due(Quantity(Limits.quantity), since: index) > .zero)
    #expect(low.due(Quantity(-Limits.quantity), since: index) < .zero)
  }

  @Test("whatever is settled when, a pool of longs and shorts never pays more than it takes")
  func poolOfMany() {
    var generator = SeededGenerator(11)
    for _ in 0..<200 {
      var index = FundingIndex.zero
      var pool = Money.zero
      var holders: [(lots: Int64, at: FundingIndex)] = []
      for _ in 0..<7 {
        let lots = Int64.random(in: 1...1_000, using: &generator)
        holders += [(lots, .zero), (-lots, .zero)]
      }
      for _ in 0..<20 {
        index = index.advanced(
          by: Rate(Int64.random(in: -900_000...900_000, using: &generator)),
          lotValue: Money(Int64.random(in: 1...1_000_000, using: &generator)), interval: 3, period: 8)
        let who = Int.random(in: 0..<holders.count, using: &generator)
        pool -= index.due(Quantity(holders[who].lots), since: holders[who].at)
        holders[who].at = index
      }
      for holder in holders { pool -= index.due(Quantity(holder.lots), since: holder.at) }
      #expect(pool >= .zero && pool.rawValue <= Int128(holders.count + 20))
    }
  }
}

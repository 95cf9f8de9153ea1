import Testing
import Values

@testable import Margin

struct OpenInterestRateTests {
  /// Source: dydxprotocol/v4-chain, protocol/x/perpetuals/types/liquidity_tier_test.go,
  /// TestGetInitialMarginQuoteQuantums, the cases with open interest: 20 % base; half way between the bounds 60 %, above
  /// the upper one 100 %.
  @Test(
    arguments: [
      (1_500_000_000_000, 1_000_000_000_000, 2_000_000_000_000, 300_000),
      (80_000_000_000_000, 25_000_000_000_000, 50_000_000_000_000, 500_000),
    ] as [(Int128, Int64, Int64, Int64)])
  func initialMarginScalesWithOpenInterestAsOnDydx(notional: Int128, lower: Int64, upper: Int64, expected: Int64) {
    let rate = openInterestRate(base: Rate(200_000_000), notional: notional, lower: lower, upper: upper)
    #expect(rate.roundedUp(of: Money(Int64(500_000))) == Money(expected))
  }

  @Test(
    arguments: [
      (999, 200_000_000), (1_000, 200_000_000), (1_001, 200_800_000), (2_000, 1_000_000_000), (2_001, 1_000_000_000),
    ] as [(Int128, Int64)])
  func itRisesFromTheBaseAtTheLowerBoundToAllOfItAtTheUpper(notional: Int128, expected: Int64) {
    #expect(openInterestRate(base: basisPoints(2000), notional: notional, lower: 1_000, upper: 2_000) == Rate(expected))
  }

  @Test func itIsRoundedUpAndNeverBelowTheBase() {
    #expect(openInterestRate(base: .zero, notional: 1, lower: 0, upper: 3) == Rate(333_333_334))
    #expect(openInterestRate(base: Rate(2_000_000_000), notional: 5, lower: 0, upper: 3) == Rate(2_000_000_000))
    #expect(openInterestRate(base: .zero, notional: Int128.max, lower: 0, upper: .max) == .one)
  }

  /// Sampled once per interval and moved by the ramp: 2 % up, 0.5 % down.
  @Test func theRateInForceFollowsTheSampleByTheRamp() {
    var parameters = hourly()
    parameters.up = basisPoints(200)
    parameters.down = basisPoints(50)
    parameters.upperOpenInterest = 1_000
    var state = VolatilityState(parameters, variance: Variance(0), initial: .zero, maintenance: .zero)
    var rates: [Int64] = []
    for notional in [1_000, 1_000, 1_000, 0, 0, 50] as [Int128] {
      _ = state.step(mark: nil, isTrading: true, openInterest: notional, base: basisPoints(100))
      rates.append(state.openInterest.rawValue / 100_000)
    }
    #expect(rates == [200, 400, 600, 550, 500, 595])
  }
}

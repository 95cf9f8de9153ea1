import Testing
import Values

@testable import Margin

struct OptionRiskArrayTests {
  /// Arrays that an independent implementation gives (Black-76 with another approximation of N): 30 days, so that the
  /// volatility shock is as it stands, and without the look-ahead. Within one quantum.
  @Test(
    arguments: [
      (
        "at the money call", 60_000, 60_000, 0.6, true, 4_100, 100_000, 120_000_000, 250_000_000,
        [
          103_689_640, -101_406_391, 242_621_198, 39_177_863, -17_575_011, -212_587_016, 397_946_670, 206_296_926,
          -120_403_642, -294_068_233, 568_057_072, 395_465_907, -204_681_228, -348_523_496, 1_087_926_585, -388_918_972,
        ], 3_205_618_221
      ),
      (
        "far put", 60_000, 50_000, 0.75, false, 900, 100_000, 120_000_000, 250_000_000,
        [
          127_058_849, -33_087_743, 81_945_193, -55_096_735, 182_422_591, 389_803, 45_497_452, -69_105_856, 249_720_359,
          49_537_508, 16_275_952, -77_765_503, 330_663_516, 118_955_592, -73_513_400, 576_054_965,
        ], -1_018_059_396
      ),
      (
        "worthless call", 60_000, 100_000, 0.5, true, 2, 100_000, 80_000_000, 300_000_000,
        [
          1_131_295, -199_975, 1_933_231, -199_897, 605_665, -199_995, 3_121_905, -199_615, 271_678, -199_999,
          4_837_135,
          -198_693, 66_448, -200_000, 1_990_771, -199_828,
        ], 1_438_667
      ),
    ] as [(String, Int, Int, Double, Bool, Int, Int64, Int64, Int64, [Int64], Int64)])
  func arraysAgreeWithAnotherImplementation(
    _ name: String, forward: Int, strike: Int, volatility: Double, isCall: Bool, mark: Int, multiplier: Int64,
    range: Int64, shock: Int64, low: [Int64], delta: Int64
  ) {
    let input = OptionRiskInput(
      terms: OptionTerms(strike: Double(strike), isCall: isCall), forward: Double(forward), years: 30.0 / 365,
      volatility: volatility, mark: Price(Int64(mark)), multiplier: multiplier)
    let array = RiskArray(
      option: input, range: Rate(range), shock: Rate(shock), shortOptionMinimum: .zero, lookAhead: 0)
    for scenario in 0..<Scenarios.count {
      #expect(abs(array.low[scenario] - low[scenario]) <= 1, "\(name), scenario \(scenario + 1)")
      #expect((0...1).contains(array.high[scenario] - array.low[scenario]))
    }
    #expect(abs(array.delta - delta) <= 1)
    #expect(array.reach >= Int128(low.map(\.magnitude).max()!))
  }

  /// A spread can lose no more than the distance of its strikes, whatever the scenario: short a call at 60,000, long one
  /// at 66,000, both at their model values.
  @Test func aBoughtWingBoundsTheLoss() {
    func array(_ strike: Double) -> RiskArray {
      let value = black76(forward: 60_000, strike: strike, years: 30.0 / 365, volatility: 0.6, isCall: true)
      let input = OptionRiskInput(
        terms: OptionTerms(strike: strike, isCall: true), forward: 60_000, years: 30.0 / 365, volatility: 0.6,
        mark: Price(Int64(value)), multiplier: 100_000)
      return RiskArray(
        option: input, range: Rate(200_000_000), shock: Rate(300_000_000), shortOptionMinimum: .zero, lookAhead: 0)
    }
    let (short, long) = (array(60_000), array(66_000))
    let alone = short.contribution(of: -10).scanLoss
    let spread = (short.contribution(of: -10) &+ long.contribution(of: 10)).scanLoss
    #expect(spread < alone / 2)
    #expect(spread <= 10 * 6_000 * 100_000)
    #expect(short.contribution(of: 10).scanLoss < alone, "a long option loses less than a short one")
  }

  /// With the look-ahead a long option loses a day of time value in the scenario in which nothing else happens.
  @Test func aDayOfTimeIsPartOfEveryScenario() {
    let value = black76(forward: 60_000, strike: 60_000, years: 7.0 / 365, volatility: 0.6, isCall: true)
    let input = OptionRiskInput(
      terms: OptionTerms(strike: 60_000, isCall: true), forward: 60_000, years: 7.0 / 365, volatility: 0.6,
      mark: Price(Int64(value)), multiplier: 100_000)
    let now = RiskArray(option: input, range: Rate(100_000_000), shock: .zero, shortOptionMinimum: .zero, lookAhead: 0)
    let later = RiskArray(option: input, range: Rate(100_000_000), shock: .zero, shortOptionMinimum: .zero)
    for scenario in 0..<Scenarios.count { #expect(later.low[scenario] <= now.low[scenario]) }
    #expect(abs(now.low[0]) < 100_000)
    // A week is one day shorter: 1 − √(6/7) of the value, 7.4 %.
    #expect(Double(-later.low[0]) / (value * 100_000) > 0.07 && Double(-later.low[0]) / (value * 100_000) < 0.08)
  }

  @Test func theShockGrowsTowardTheExpiry() {
    // Source: Deribit portfolio margin, "vol shock 0.38 at 30 days".
    #expect(abs(0.38 * volatilityTermFactor(days: 30) - 0.38) < 1e-12)
    #expect(volatilityTermFactor(days: 7) > volatilityTermFactor(days: 30))
  }

  /// A lot that is worth more than 64 bits of quanta says so instead of wrapping.
  @Test func aHugeLotIsSaidToBe() {
    let input = OptionRiskInput(
      terms: OptionTerms(strike: 1, isCall: true), forward: 1e15, years: 1, volatility: 1, mark: Price(1),
      multiplier: 1_000_000_000)
    let array = RiskArray(option: input, range: .one, shock: .one, shortOptionMinimum: .zero)
    #expect(array.reach > RiskArray.narrow)
  }
}

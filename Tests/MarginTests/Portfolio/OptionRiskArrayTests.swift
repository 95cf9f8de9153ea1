import Testing
import Values

@testable import Margin

struct OptionRiskArrayTests {
  private func model(
    _ forward: Double, _ strike: Double, days: Double, volatility: Double = 0.6, isCall: Bool = true
  ) -> OptionModel {
    OptionModel(
      terms: OptionTerms(strike: strike, isCall: isCall), fixed: 0, variable: forward, share: 1, years: days / 365,
      volatility: volatility, cap: 1e15)
  }

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
    let array = RiskArray(
      option: model(Double(forward), Double(strike), days: 30, volatility: volatility, isCall: isCall),
      mark: Price(Int64(mark)), multiplier: multiplier, range: Rate(range), shock: Rate(shock),
      shortOptionMinimum: .zero, days: 0)
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
      let option = model(60_000, strike, days: 30)
      return RiskArray(
        option: option, mark: Price(Int64(option.value())), multiplier: 100_000, range: Rate(200_000_000),
        shock: Rate(300_000_000), shortOptionMinimum: .zero, days: 0)
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
    let option = model(60_000, 60_000, days: 7)
    let value = option.value()
    func array(days: Double) -> RiskArray {
      RiskArray(
        option: option, mark: Price(Int64(value)), multiplier: 100_000, range: Rate(100_000_000), shock: .zero,
        shortOptionMinimum: .zero, days: days)
    }
    let (now, later) = (array(days: 0), array(days: 1))
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
    let array = RiskArray(
      option: model(1e15, 1, days: 365, volatility: 1), mark: Price(1), multiplier: 1_000_000_000, range: .one,
      shock: .one, shortOptionMinimum: .zero)
    #expect(array.reach > RiskArray.narrow)
  }

  /// In the settlement window what has been sampled moves no more: half of the samples, half of the risk.
  @Test func theSampledShareOfTheForwardCarriesNoRisk() {
    func array(fixed: Double, variable: Double, share: Double) -> RiskArray {
      let option = OptionModel(
        terms: OptionTerms(strike: 1, isCall: true), fixed: fixed, variable: variable, share: share, years: 1e-5,
        volatility: 0.6, cap: 1e15)
      return RiskArray(
        option: option, mark: Price(Int64(option.value())), multiplier: 100_000, range: Rate(100_000_000),
        shock: .zero, shortOptionMinimum: .zero)
    }
    let whole = array(fixed: 0, variable: 60_000, share: 1)
    let half = array(fixed: 30_000, variable: 30_000, share: 0.5)
    #expect(whole.low[12] == -6_000 * 100_000 && half.low[12] == -3_000 * 100_000)
    #expect(half.delta == 30_000 * 100_000)
  }

  /// Options, perpetuals and orders in both, with house multipliers and short option minimum: no fill of an own resting order at
  /// its limit lowers free margin, IM covers MM, and the vectors are what they are when they are made anew.
  @Test(arguments: seeds)
  func fillsNeverLowerFreeMarginOfAnOptionBook(seed: Int) {
    var venue = RandomVenue(seed: 9500 + seed)
    let asset = venue.addGroup(1)
    var group = venue.ledger.groups[1].parameters
    group.shortOptionMinimum = Money(venue.number(0...3_000))
    venue.ledger.setRiskGroup(of: asset, to: group)
    venue.ledger.setPrice(of: asset, to: Price(venue.number(100...3000)), stable: nil)
    venue.ledger.assets[asset].flatVolatility = Rate(venue.number(100_000_000...2_000_000_000))
    for id in 1...3 as ClosedRange<UInt32> {
      venue.perpetuals.append(
        venue.ledger.addOption(
          id, on: asset, strike: venue.number(50...4000), isCall: id != 2, days: venue.number(1...400),
          multiplier: venue.number(1...50), maximumPrice: id == 3 ? 50_000 : nil, parameters: OptionParameters()))
    }
    venue.addPerpetual(4, on: asset)
    for id in 1...4 as ClosedRange<UInt32> { venue.addPortfolioAccount(id) }
    venue.addAccount(5)
    var fills = 0
    for _ in 0..<250 {
      let instrument = venue.perpetuals[Int(venue.number(0...3))]
      switch venue.number(1...10) {
      case 1: venue.ledger.setIndex(of: asset, to: venue.number(100...3000))
      case 2 where !venue.orders.isEmpty: venue.cancel(Int(venue.number(0...Int64(venue.orders.count - 1))))
      case 3...5: venue.rest(instrument, near: venue.ledger.instruments[instrument].mark.rawValue)
      default:
        guard !venue.orders.isEmpty else { continue }
        let index = Int(venue.number(0...Int64(venue.orders.count - 1)))
        let lots = venue.fillable(venue.orders[index])
        if lots == 0 { continue }
        fills += 1
        let free = venue.accounts.map { venue.ledger.currentMargin(of: $0).free }
        venue.fill(index, lots: venue.number(1...lots))
        for (account, before) in zip(venue.accounts, free) {
          #expect(venue.ledger.currentMargin(of: account).free >= before)
        }
      }
    }
    #expect(fills > 30)
    for account in venue.accounts {
      let margin = venue.ledger.currentMargin(of: account)
      #expect(margin.initialMargin >= margin.maintenanceMargin)
      let agrees = venue.agreesWithFreshCaches(account)
      #expect(agrees)
    }
  }
}

/// Option values and Greeks that others have published.
///
/// Published figures on options that are no tests, because the rule is another one here: Derive's deep puts, whose
/// requirement grows with their own mark (StandardManager Test21), and its discounting at negative rates
/// (test_55: nothing is discounted here); Paradex's requirement per delta, hedged and unhedged; Deribit's contingency
/// per net short strike. Scenario figures (SPAN, Derive's PMRM) belong to portfolio mode.
enum OptionFigures {
  struct Published {
    let number: String
    /// value, delta, gamma, vega, theta, thetaPerDay, rho or elasticity.
    let what: String
    let spot, strike, years, rate, yield, volatility: Double
    let isCall: Bool
    let expected: Double
  }

  /// Source: E. G. Haug, "Option pricing formulas" (1998), as in lballabio/QuantLib test-suite/europeanoption.cpp
  /// (testValues, testGreekValues); rounded to 4 decimals there.
  static let haug: [Published] = [
    Published(
      number: "003", what: "value", spot: 19.0, strike: 19.0, years: 0.75, rate: 0.1, yield: 0.1,
      volatility: 0.28, isCall: false, expected: 1.7011),
    Published(
      number: "008", what: "value", spot: 100.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: true, expected: 1.8734),
    Published(
      number: "009", what: "value", spot: 110.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: true, expected: 9.9413),
    Published(
      number: "010", what: "value", spot: 90.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: true, expected: 0.315),
    Published(
      number: "011", what: "value", spot: 100.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: true, expected: 3.1217),
    Published(
      number: "012", what: "value", spot: 110.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: true, expected: 10.3556),
    Published(
      number: "013", what: "value", spot: 90.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.35, isCall: true, expected: 0.9474),
    Published(
      number: "015", what: "value", spot: 110.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.35, isCall: true, expected: 11.1381),
    Published(
      number: "016", what: "value", spot: 90.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: true, expected: 0.8069),
    Published(
      number: "018", what: "value", spot: 110.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: true, expected: 10.5769),
    Published(
      number: "020", what: "value", spot: 100.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: true, expected: 6.6997),
    Published(
      number: "022", what: "value", spot: 90.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.35, isCall: true, expected: 4.9329),
    Published(
      number: "023", what: "value", spot: 100.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.35, isCall: true, expected: 9.3679),
    Published(
      number: "026", what: "value", spot: 100.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: false, expected: 1.8734),
    Published(
      number: "027", what: "value", spot: 110.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: false, expected: 0.0408),
    Published(
      number: "028", what: "value", spot: 90.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: false, expected: 10.2155),
    Published(
      number: "029", what: "value", spot: 100.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: false, expected: 3.1217),
    Published(
      number: "030", what: "value", spot: 110.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: false, expected: 0.4551),
    Published(
      number: "032", what: "value", spot: 100.0, strike: 100.0, years: 0.1, rate: 0.1, yield: 0.1,
      volatility: 0.35, isCall: false, expected: 4.3693),
    Published(
      number: "034", what: "value", spot: 90.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: false, expected: 10.3192),
    Published(
      number: "035", what: "value", spot: 100.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: false, expected: 4.0232),
    Published(
      number: "036", what: "value", spot: 110.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.15, isCall: false, expected: 1.0646),
    Published(
      number: "037", what: "value", spot: 90.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: false, expected: 12.2149),
    Published(
      number: "038", what: "value", spot: 100.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: false, expected: 6.6997),
    Published(
      number: "039", what: "value", spot: 110.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.25, isCall: false, expected: 3.2734),
    Published(
      number: "041", what: "value", spot: 100.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.35, isCall: false, expected: 9.3679),
    Published(
      number: "042", what: "value", spot: 110.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.35, isCall: false, expected: 5.7963),
    Published(
      number: "043", what: "value", spot: 42.0, strike: 40.0, years: 0.75, rate: 0.04, yield: 0.08,
      volatility: 0.35, isCall: true, expected: 5.0975),
    Published(
      number: "001", what: "delta", spot: 105.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.36, isCall: true, expected: 0.5946),
    Published(
      number: "002", what: "delta", spot: 105.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.36, isCall: false, expected: -0.3566),
    Published(
      number: "003", what: "elasticity", spot: 105.0, strike: 100.0, years: 0.5, rate: 0.1, yield: 0.1,
      volatility: 0.36, isCall: false, expected: -4.8775),
    Published(
      number: "005", what: "gamma", spot: 55.0, strike: 60.0, years: 0.75, rate: 0.1, yield: 0.0,
      volatility: 0.3, isCall: false, expected: 0.0278),
    Published(
      number: "007", what: "vega", spot: 55.0, strike: 60.0, years: 0.75, rate: 0.1, yield: 0.0,
      volatility: 0.3, isCall: false, expected: 18.9358),
    Published(
      number: "008", what: "theta", spot: 430.0, strike: 405.0, years: 0.08333333333333333, rate: 0.07, yield: 0.05,
      volatility: 0.2, isCall: false, expected: -31.1924),
    Published(
      number: "009", what: "thetaPerDay", spot: 430.0, strike: 405.0, years: 0.08333333333333333, rate: 0.07,
      yield: 0.05,
      volatility: 0.2, isCall: false, expected: -0.0855),
    Published(
      number: "010", what: "rho", spot: 72.0, strike: 75.0, years: 1.0, rate: 0.09, yield: 0.0,
      volatility: 0.19, isCall: true, expected: 38.7325),
  ]

  /// A call on an asset in another currency, at a fixed exchange rate: the yield becomes
  /// q + rd − rf + ρ·σ·σ_fx. Source: Haug (1998) p. 105–106, as in lballabio/QuantLib test-suite/quantooption.cpp.
  static let quanto: [Published] = [
    Published(
      number: "001", what: "value", spot: 100.0, strike: 105.0, years: 0.5, rate: 0.08,
      yield: 0.04 + 0.08 - 0.05 + 0.3 * 0.2 * 0.1, volatility: 0.2, isCall: true, expected: 3.552),
    Published(
      number: "002", what: "value", spot: 100.0, strike: 105.0, years: 0.5, rate: 0.08,
      yield: 0.04 + 0.08 - 0.05 + 0.3 * 0.2 * 0.1, volatility: 0.2, isCall: false, expected: 8.1636),
  ]

  struct Marked {
    let test: String
    let forward, strike, years, volatility: Double
    let isCall: Bool
    let quantity, expected: Double
  }

  /// Source: derivexyz/v2-core test/risk-managers/unit-tests/StandardManager/test-cases.json (value of the position).
  static let derive: [Marked] = [
    Marked(
      test: "Test1", forward: 1500.833279310994, strike: 1500.0, years: 0.015867579908675798,
      volatility: 1.0478844940849863, isCall: true, quantity: -1.0, expected: -79.37158518905994),
    Marked(
      test: "Test3", forward: 1500.833279310994, strike: 1900.0, years: 0.015867579908675798,
      volatility: 1.1799938322791133, isCall: true, quantity: -1.0, expected: -6.008261835426666),
    Marked(
      test: "Test4", forward: 1500.833279310994, strike: 1300.0, years: 0.015867579908675798,
      volatility: 1.0831894155098765, isCall: false, quantity: -1.0, expected: -14.322794294374036),
    Marked(
      test: "Test8", forward: 1500.833279310994, strike: 1500.0, years: 0.015867579908675798,
      volatility: 1.0478844940849863, isCall: true, quantity: 1.0, expected: 79.37158518905994),
    Marked(
      test: "Test9", forward: 1500.833279310994, strike: 1500.0, years: 0.015867579908675798,
      volatility: 1.0478844940849863, isCall: true, quantity: 1.0, expected: 79.37158518905994),
    Marked(
      test: "Test11", forward: 1500.833279310994, strike: 1500.0, years: 0.015867579908675798,
      volatility: 1.0478844940849863, isCall: true, quantity: 1.0, expected: 79.37158518905994),
    Marked(
      test: "Test12", forward: 1500.833279310994, strike: 1500.0, years: 0.015867579908675798,
      volatility: 1.0478844940849863, isCall: true, quantity: 1.0, expected: 79.37158518905994),
    Marked(
      test: "Test15", forward: 1500.833279310994, strike: 1500.0, years: 0.015867579908675798,
      volatility: 1.0478844940849863, isCall: true, quantity: 1.0, expected: 79.37158518905994),
    Marked(
      test: "Test16", forward: 1500.833279310994, strike: 1500.0, years: 0.015867579908675798,
      volatility: 1.0478844940849863, isCall: true, quantity: -1.0, expected: -79.37158518905994),
  ]
}

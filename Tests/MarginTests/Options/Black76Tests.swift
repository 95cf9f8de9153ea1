import Margin
import Testing

@Suite struct Black76Tests {
  @Test("Haug's values and Greeks, to the four decimals printed", arguments: OptionFigures.haug.indices)
  func haug(index: Int) {
    let published = OptionFigures.haug[index]
    #expect((figure(published) - published.expected).magnitude <= 1e-4, "\(published)")
  }

  @Test("Haug's quanto options", arguments: OptionFigures.quanto.indices)
  func quanto(index: Int) {
    let published = OptionFigures.quanto[index]
    #expect((figure(published) - published.expected).magnitude <= 1e-4, "\(published)")
  }

  private func figure(_ published: OptionFigures.Published) -> Double {
    let greeks = OptionTerms(strike: published.strike, isCall: published.isCall).greeks(
      spot: published.spot, years: published.years, volatility: published.volatility, rate: published.rate,
      yield: published.yield)
    return switch published.what {
    case "value": greeks.value
    case "delta": greeks.delta
    case "gamma": greeks.gamma
    case "vega": greeks.vega
    case "theta": greeks.theta * 365
    case "thetaPerDay": greeks.theta
    case "rho": greeks.rho
    case "elasticity": greeks.delta * published.spot / greeks.value
    default: .nan
    }
  }

  @Test("Derive's marks, to a millionth", arguments: OptionFigures.derive.indices)
  func derive(index: Int) {
    let marked = OptionFigures.derive[index]
    let value =
      marked.quantity
      * black76(
        forward: marked.forward, strike: marked.strike, years: marked.years, volatility: marked.volatility,
        isCall: marked.isCall)
    #expect((value - marked.expected).magnitude <= 1e-6 * marked.expected.magnitude, "\(marked)")
  }

  /// Source: Deribit portfolio margin documentation (40 % at 15 days with exponent ½; 38 % at 30 days).
  @Test("volatility shocks by time to expiry") func shocks() {
    #expect((0.4 * PortableMath.power(30.0 / 15, 0.5) - 0.566).magnitude <= 0.0005)
    #expect(0.38 * volatilityTermFactor(days: 30) == 0.38)
    #expect((volatilityTermFactor(days: 1) - 2.7741911).magnitude < 1e-6)
    #expect(volatilityTermFactor(days: 0.1) == volatilityTermFactor(days: 1))
    #expect((volatilityTermFactor(days: 365) - 0.7226495).magnitude < 1e-6)
  }

  private static let strikes: [Double] = [1, 600, 900, 1000, 1100, 1500, 90_000]
  private static let years: [Double] = [0, 1e-9, 1.0 / 365, 0.25, 3]
  private static let volatilities: [Double] = [0, 1e-9, 0.05, 0.8, 9]

  @Test("put-call parity: call − put = forward − strike") func parity() {
    for (strike, years, volatility) in grid() {
      let call = black76(forward: 1000, strike: strike, years: years, volatility: volatility, isCall: true)
      let put = black76(forward: 1000, strike: strike, years: years, volatility: volatility, isCall: false)
      #expect((call - put - (1000 - strike)).magnitude <= 1e-12 * max(1000, strike))
    }
  }

  @Test("a call falls with the strike, both rise with volatility and time, none leaves its bounds") func monotone() {
    for isCall in [true, false] {
      for (strike, years, volatility) in grid() {
        func value(_ strike: Double, _ years: Double, _ volatility: Double) -> Double {
          black76(forward: 1000, strike: strike, years: years, volatility: volatility, isCall: isCall)
        }
        let base = value(strike, years, volatility)
        let slack = 1e-12 * max(1000, strike)
        #expect(base >= OptionTerms(strike: strike, isCall: isCall).payoff(at: 1000))
        #expect(base <= (isCall ? 1000 : strike))
        #expect(value(strike, years * 1.5, volatility) >= base - slack)
        #expect(value(strike, years, volatility * 1.5) >= base - slack)
        let dearer = value(strike * 1.1, years, volatility)
        #expect(isCall ? dearer <= base + slack : dearer >= base - slack)
      }
    }
  }

  private func grid() -> [(Double, Double, Double)] {
    Self.strikes.flatMap { strike in
      Self.years.flatMap { years in Self.volatilities.map { (strike, years, $0) } }
    }
  }

  @Test("nothing leaves the finite numbers, however extreme the inputs") func extremes() {
    let numbers: [Double] = [0, .leastNonzeroMagnitude, 1e-300, 1e-12, 1, 1e9, 1e15, 1e300]
    for forward in numbers {
      for strike in numbers {
        for years in numbers {
          for volatility in numbers {
            for isCall in [true, false] {
              let value = black76(
                forward: forward, strike: strike, years: years, volatility: volatility, isCall: isCall)
              #expect(value.isFinite && value >= 0)
            }
          }
        }
      }
    }
  }

  @Test("expired, or without volatility, an option is worth its payoff") func limits() {
    for strike in Self.strikes {
      for isCall in [true, false] {
        let terms = OptionTerms(strike: strike, isCall: isCall)
        let payoff = terms.payoff(at: 1000)
        #expect(black76(forward: 1000, strike: strike, years: 0, volatility: 0.8, isCall: isCall) == payoff)
        #expect(black76(forward: 1000, strike: strike, years: 1, volatility: 0, isCall: isCall) == payoff)
        let greeks = terms.greeks(spot: 1000, years: 0, volatility: 0.8)
        #expect(greeks.gamma == 0 && greeks.vega == 0 && greeks.theta == 0)
        #expect(greeks.delta.magnitude == (strike == 1000 ? 0.5 : payoff > 0 ? 1 : 0))
      }
    }
  }
}

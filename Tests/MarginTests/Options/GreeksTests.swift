import Margin
import Testing

@Suite struct GreeksTests {
  /// Each Greek against the difference quotient of the value.
  @Test("Greeks are the slopes of the value", arguments: [true, false]) func slopes(isCall: Bool) {
    for strike in [700.0, 950, 1000, 1040, 1400] {
      for years in [0.02, 0.3, 1.5] {
        for volatility in [0.2, 0.9] {
          let terms = OptionTerms(strike: strike, isCall: isCall)
          func at(_ spot: Double, _ years: Double, _ volatility: Double, rate: Double = 0) -> Greeks {
            terms.greeks(spot: spot, years: years, volatility: volatility, rate: rate)
          }
          let greeks = at(1000, years, volatility)
          let (up, down) = (at(1000.01, years, volatility), at(999.99, years, volatility))
          close(greeks.delta, (up.value - down.value) / 0.02, 1e-5)
          close(greeks.gamma, (up.delta - down.delta) / 0.02, 1e-7)
          close(
            greeks.vega, (at(1000, years, volatility + 1e-5).value - at(1000, years, volatility - 1e-5).value) / 2e-5,
            1e-2)
          let day = 1e-3 / 365
          close(
            greeks.theta, (at(1000, years - day, volatility).value - at(1000, years + day, volatility).value) / 2e-3,
            1e-3)
          close(
            greeks.rho,
            (at(1000, years, volatility, rate: 1e-5).value - at(1000, years, volatility, rate: -1e-5).value) / 2e-5,
            1e-2)
        }
      }
    }
  }

  private func close(_ greek: Double, _ quotient: Double, _ tolerance: Double) {
    #expect((greek - quotient).magnitude <= tolerance, "\(greek) against \(quotient)")
  }

  @Test("delta of a call less that of a put is 1; gamma and vega are the same") func parity() {
    for strike in [500.0, 1000, 1700] {
      let call = OptionTerms(strike: strike, isCall: true).greeks(spot: 1000, years: 0.4, volatility: 0.7)
      let put = OptionTerms(strike: strike, isCall: false).greeks(spot: 1000, years: 0.4, volatility: 0.7)
      #expect((call.delta - put.delta - 1).magnitude < 1e-15)
      #expect(call.gamma == put.gamma && call.vega == put.vega && call.theta == put.theta)
    }
  }

  @Test("Greeks are finite in the extremes") func extremes() {
    let numbers: [Double] = [0, 1e-18, 1e-9, 1, 1e9, 1e15]
    for spot in numbers {
      for strike in numbers {
        for years in [0, 1e-18, 1, 100] {
          for volatility in [0, 1e-9, 1, 10] {
            for isCall in [true, false] {
              let greeks = OptionTerms(strike: strike, isCall: isCall).greeks(
                spot: spot, years: years, volatility: volatility)
              for number in [greeks.value, greeks.delta, greeks.gamma, greeks.vega, greeks.theta, greeks.rho] {
                #expect(number.isFinite)
              }
            }
          }
        }
      }
    }
  }

  @Test("quantised: down for the holder, up for the debtor") func quantised() {
    #expect((Quantised(2.25).low, Quantised(2.25).high) == (2, 3))
    #expect((Quantised(-2.25).low, Quantised(-2.25).high) == (-3, -2))
    #expect((Quantised(7).low, Quantised(7).high) == (7, 7))
    #expect((Quantised(-0.0).low, Quantised(-0.0).high) == (0, 0))
    #expect((Quantised(1e300).low, Quantised(-1e300).high) == (1 << 62, -1 << 62))
    #expect(Quantised.nearest(2.5) == 3 && Quantised.nearest(2.4999) == 2 && Quantised.nearest(0.2) == 0)
  }
}

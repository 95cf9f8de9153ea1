import Testing
import Values

@testable import Margin

@Suite("Marks of options") struct OptionMarkTests {
  @Test("Repriced when the underlying has moved by more than the parameter says") func moves() {
    var ledger = Ledger()
    let asset = ledger.addAsset(1, price: 2_000)
    var parameters = OptionParameters.usual
    parameters.repricingMove = Rate(2_500_000)
    let option = ledger.addOption(1, on: asset, strike: 2_000, isCall: true, parameters: parameters)
    let isMarked = ledger.instruments[option].hasMark
    #expect(!isMarked, "no volatility is known")
    expectDue(false, option, ledger)
    ledger.assets[asset].flatVolatility = Rate(500_000_000)
    expectDue(true, option, ledger)
    ledger.reprice(option, at: midnight)
    #expect(ledger.instruments[option].mark == Price(114))
    ledger.setPrice(of: asset, to: Price(2_005), stable: nil)
    // 25 basis points are not more than 25.
    expectDue(false, option, ledger)
    ledger.setPrice(of: asset, to: Price(2_006), stable: nil)
    expectDue(true, option, ledger)
    ledger.instruments[option].option.ownVolatility = Rate(900_000_000)
    let volatility = ledger.impliedVolatility(of: option)
    #expect(volatility == Rate(900_000_000))
  }

  private func expectDue(_ expected: Bool, _ option: UInt32, _ ledger: borrowing Ledger) {
    let isDue = ledger.isRepricingDue(option)
    #expect(isDue == expected)
  }

  @Test("Never below one price unit, never above the maximum price") func bounds() {
    var ledger = Ledger()
    let asset = ledger.addAsset(1, price: 100)
    ledger.assets[asset].flatVolatility = Rate(500_000_000)
    let far = ledger.addOption(1, on: asset, strike: 9_000, isCall: true, parameters: .usual)
    let capped = ledger.addOption(2, on: asset, strike: 20, isCall: true, maximumPrice: 50, parameters: .usual)
    #expect(ledger.instruments[far].mark == Price(1))
    #expect(ledger.instruments[capped].mark == Price(50))
  }

  @Test("Inside the window what has been sampled stands still, and only the rest moves") func window() throws {
    var ledger = Ledger()
    let asset = ledger.addAsset(1, price: 2_000)
    ledger.assets[asset].flatVolatility = Rate(500_000_000)
    let option = ledger.addOption(1, on: asset, strike: 1_500, isCall: true, days: 1, parameters: .usual)
    // 45 of the 60 samples at 2,000: three quarters of the forward are fixed.
    for _ in 0..<45 { ledger.instruments[option].expiry.sample(Price(2_000)) }
    let late = Timestamp(midnight.rawValue + day - 900_000_000_000)
    ledger.setPrice(of: asset, to: Price(1_000), stable: nil)
    ledger.reprice(option, at: late)
    #expect(ledger.instruments[option].option.underlying == Price(1_750))
    let found = ledger.model(of: option, at: late)
    let model = try #require(found)
    #expect(model.fixed == 1_500 && model.variable == 250 && model.share == 0.25)
    #expect(ledger.instruments[option].mark == Price(250), "the fixed part alone reaches the strike")
    #expect(model.greeks().delta == 0.25 && model.greeks().gamma == 0)
    #expect(model.value(priceFactor: 0) == 0 && model.value(priceFactor: 2) == 500)
    for _ in 0..<15 { ledger.instruments[option].expiry.sample(Price(1_000)) }
    ledger.reprice(option, at: Timestamp(midnight.rawValue + day))
    let final = ledger.modelMark(of: option)
    #expect(ledger.instruments[option].mark == Price(250) && final == Price(250))
  }

  /// Source: github.com/QuantConnect/Lean/issues/9775, whose engine says 10,000 for both.
  @Test(
    "An iron condor loses its wider wing at most",
    arguments: [([7135, 7185, 7500, 7660], 32_000), ([7090, 7235, 7510, 7605], 29_000)] as [([Int64], Int64)])
  func condor(strikes: [Int64], loss: Int64) {
    let legs = zip(strikes, [(false, Int64(1)), (false, -1), (true, -1), (true, 1)]).map { strike, leg in
      var option = OptionContract()
      option.strike = Price(strike)
      option.isCall = leg.0
      return (option: option, lots: leg.1 * 2)
    }
    let worst = (6_000...9_000).map { price in
      legs.reduce(Int64(0)) { sum, leg in
        sum + leg.lots * 100 * leg.option.payoff(at: Price(price), cap: Price(Limits.price)).rawValue
      }
    }.min()
    #expect(worst == -loss)
  }

  @Test("Time takes value away") func decay() {
    var ledger = Ledger()
    let asset = ledger.addAsset(1, price: 50_000)
    ledger.assets[asset].flatVolatility = Rate(600_000_000)
    let option = ledger.addOption(1, on: asset, strike: 50_000, isCall: false, parameters: .usual)
    var last = ledger.instruments[option].mark
    for passed: Int64 in [1, 5, 10, 20, 29] {
      ledger.reprice(option, at: Timestamp(midnight.rawValue + passed * day))
      #expect(ledger.instruments[option].mark < last)
      last = ledger.instruments[option].mark
    }
  }
}

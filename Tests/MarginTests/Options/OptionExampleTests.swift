import Testing
import Values

@testable import Margin

/// The example of Sources/Margin/README.md, "Options".
extension PencilExampleTests {
  @Test func options() throws {
    var ledger = Ledger()
    let bitcoin = ledger.addAsset(1, priceScale: 2, price: 6_000_000)
    ledger.assets[bitcoin].flatVolatility = Rate(800_000_000)
    // Price unit 1 USD, lot 0.001 BTC: m = 10^5 mq.
    let call = ledger.addOption(
      1, on: bitcoin, strike: 66_000, isCall: true, multiplier: 100_000, parameters: .usual)
    let put = ledger.addOption(
      2, on: bitcoin, strike: 54_000, isCall: false, multiplier: 100_000, parameters: .usual)
    let seller = ledger.addAccount(1, cash: dollars(20_000))
    let buyer = ledger.addAccount(2, cash: dollars(20_000))
    for option in [call, put] {
      let mark = ledger.instruments[option].mark.rawValue
      _ = ledger.give(-1_000, at: mark, account: seller, instrument: option)
      _ = ledger.give(1_000, at: mark, account: buyer, instrument: option)
    }
    var rows: [[String]] = []
    for index: Int64 in [60_000, 66_000, 72_000, 54_000] {
      ledger.setIndex(of: bitcoin, to: index * 100)
      for (name, account) in [("seller", seller), ("buyer", buyer)] {
        let margin = ledger.currentMargin(of: account)
        let marks = [call, put].map { text(Money(Int128(ledger.instruments[$0].mark.rawValue) * 100_000_000)) }
        rows.append(
          [text(dollars(index)), name] + marks
            + [
              text(ledger.accounts[account].terms.profit), text(margin.equity), text(margin.initialEquity),
              text(margin.maintenanceMargin), text(margin.initialMargin), text(margin.cushion), text(margin.free),
            ])
      }
    }
    try check("options", ["U", "", "call", "put", "NOV", "E_mm", "E_im", "MM", "IM", "cushion", "free"], rows)
  }
}

import Testing
import Values

@testable import Margin

/// The examples of Sources/Margin/README.md, "Money flows".
extension PencilExampleTests {
  @Test func expiryOfAFuture() throws {
    var bitcoin = Bitcoin()
    let account = bitcoin.ledger.addAccount(1, cash: dollars(1_000))
    let other = bitcoin.ledger.addAccount(2, cash: dollars(1_000))
    let position = bitcoin.ledger.give(100, at: Bitcoin.mark, account: account, instrument: bitcoin.instrument)
    let short = bitcoin.ledger.give(-100, at: Bitcoin.mark, account: other, instrument: bitcoin.instrument)
    var average = SettlementAverage()
    for cents: Int64 in [6_000_000, 6_010_000, 6_020_000, 6_030_101] { average.add(Price(cents)) }
    let settlement = try Price(#require(average.price).rawValue / 10)
    #expect(settlement == Price(601_502))
    var rows: [[String]] = []
    func add(_ what: String) {
      let margin = bitcoin.ledger.currentMargin(of: account)
      let terms = bitcoin.ledger.positions[position].terms
      rows.append(
        [
          what, text(bitcoin.ledger.accounts[account].cash), text(terms.profit), text(margin.equity),
          text(margin.initialEquity), text(margin.initialMargin), text(margin.maintenanceMargin),
        ])
    }
    bitcoin.ledger.setMark(of: bitcoin.instrument, to: settlement)
    add("mark 60,150.2, before")
    bitcoin.ledger.instruments[bitcoin.instrument].phase = .expired
    bitcoin.ledger.expire(bitcoin.instrument, at: settlement)
    add("expired")
    #expect(bitcoin.ledger.settle(position) == Money(Int64(1_502_000_000)))
    add("turned into money")
    #expect(bitcoin.ledger.settle(short) == Money(Int64(-1_502_000_000)))
    #expect(bitcoin.ledger.instruments[bitcoin.instrument].expiry.pool == .zero)
    try check("expiry", ["", "cash", "U", "E_mm", "E_im", "IM", "MM"], rows)
  }
}

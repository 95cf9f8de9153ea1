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

  @Test func fundingOfAPerpetual() throws {
    var bitcoin = Bitcoin()
    let instrument = bitcoin.instrument
    bitcoin.ledger.instruments[instrument].funding.parameters.interval = 28_800_000
    bitcoin.ledger.instruments[instrument].funding.parameters.period = 28_800_000
    var accounts: [UInt32] = []
    var positions: [UInt32] = []
    for (id, lots) in [(1, 500), (2, -500), (3, 0)] as [(UInt32, Int64)] {
      accounts.append(bitcoin.ledger.addAccount(id, cash: dollars(10_000)))
      positions.append(bitcoin.ledger.position(account: accounts.last!, instrument: instrument))
      if lots != 0 {
        _ = bitcoin.ledger.give(lots, at: Bitcoin.mark, account: accounts.last!, instrument: instrument)
      }
    }
    var rows: [[String]] = []
    func add(_ what: String) {
      var cells = [what]
      for account in accounts {
        bitcoin.ledger.touch(account)
        cells.append(text(bitcoin.ledger.accounts[account].cash))
        cells.append(text(bitcoin.ledger.accounts[account].terms.fundingDue))
      }
      rows.append(cells + [text(bitcoin.ledger.instruments[instrument].funding.pool)])
    }
    add("0.5 BTC long, 0.5 short")
    bitcoin.ledger.exchangeFunding(of: instrument, at: Rate(300_000), price: Price(Bitcoin.mark))
    #expect(bitcoin.ledger.instruments[instrument].funding.index.rawValue == 1_800_000_000_000_000)
    add("0.03 % exchanged")
    _ = bitcoin.ledger.give(-100, at: Bitcoin.mark, account: accounts[0], instrument: instrument)
    _ = bitcoin.ledger.give(100, at: Bitcoin.mark, account: accounts[2], instrument: instrument)
    add("0.1 BTC change hands")
    bitcoin.ledger.exchangeFunding(of: instrument, at: Rate(-100_000), price: Price(Bitcoin.mark))
    add("−0.01 % exchanged")
    for position in positions { _ = bitcoin.ledger.settleFunding(of: position) }
    add("all are paid")
    try check(
      "funding", ["", "long: cash", "due", "short: cash", "due", "third: cash", "due", "pool"], rows)
  }
}

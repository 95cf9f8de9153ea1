import Foundation
import Testing
import Values

@testable import Margin

/// The examples of Sources/Margin/README.md: their tables are what the code computes.
struct PencilExampleTests {
  /// The table behind `<!-- example: NAME -->` in the document.
  func documented(_ name: String) throws -> [String] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("Sources/Margin/README.md"), encoding: .utf8)
    let parts = text.components(separatedBy: "<!-- example: \(name) -->\n")
    try #require(parts.count == 2, "the document has no example '\(name)'")
    return parts[1].components(separatedBy: "\n").drop { $0.isEmpty }.prefix { $0.hasPrefix("|") }.map { $0 }
  }

  /// Checks that the document shows this table.
  func check(_ name: String, _ head: [String], _ rows: [[String]]) throws {
    let computed = [row(head), "|" + String(repeating: "---|", count: head.count)] + rows.map(row)
    let shown = try documented(name)
    #expect(shown == computed)
  }

  func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// An amount in dollars: 1 mq is 10^-8. At least two decimals.
  func text(_ money: Money) -> String {
    let magnitude = money.rawValue.magnitude
    var decimals = String(String(magnitude % 100_000_000 + 100_000_000).dropFirst())
    while decimals.count > 2 && decimals.hasSuffix("0") { decimals.removeLast() }
    var whole = ""
    for (index, digit) in String(magnitude / 100_000_000).reversed().enumerated() {
      if index > 0 && index % 3 == 0 { whole = "," + whole }
      whole = String(digit) + whole
    }
    return (money.rawValue < 0 ? "−" : "") + whole + "." + decimals
  }

  /// A rate in percent, with as many decimals as it needs.
  func text(_ rate: Rate) -> String {
    var decimals = String(String(rate.rawValue % 10_000_000 + 10_000_000).dropFirst())
    while decimals.hasSuffix("0") { decimals.removeLast() }
    return "\(rate.rawValue / 10_000_000)" + (decimals.isEmpty ? "" : "." + decimals) + " %"
  }

  /// BTC-PERP of the document: price unit 0.1 USD, lot 0.001 BTC, so m = 10,000 mq; mark 60,000.0.
  struct Bitcoin: ~Copyable {
    var ledger = Ledger()
    let instrument: UInt32

    static let mark: Int64 = 600_000

    init(fees: Rate = .zero) {
      var parameters = MarginParameters.flat(maintenance: basisPoints(100), initial: basisPoints(200))
      parameters.maintenanceTiers = ledger.addSchedule(
        1, [(.zero, basisPoints(100)), (dollars(250_000), basisPoints(200)), (dollars(1_000_000), basisPoints(500))])
      parameters.initialTiers = ledger.addSchedule(
        2, [(.zero, basisPoints(200)), (dollars(250_000), basisPoints(400)), (dollars(1_000_000), basisPoints(1000))])
      parameters.sizeFactor = basisPoints(10)
      parameters.maintenanceVolatility = basisPoints(150)
      parameters.initialVolatility = basisPoints(300)
      parameters.profitWeight = basisPoints(9000)
      instrument = ledger.addPerpetual(
        1, multiplier: 10_000, lotSize: 1_000_000_000, maximumPrice: Price(1_000_000), parameters: parameters,
        fees: (fees, fees), mark: Bitcoin.mark)
      let curve = ImpactCurve(knots: [
        (Quantity(10_000), basisPoints(5)), (Quantity(50_000), basisPoints(20)), (Quantity(200_000), basisPoints(100)),
      ])
      ledger.setCurve(of: instrument, closingLongs: true, to: curve)
      ledger.setCurve(of: instrument, closingLongs: false, to: curve)
    }
  }

  @Test func requirementsBySize() throws {
    var rows: [[String]] = []
    for coins in [1, 10, 100] as [Int64] {
      var bitcoin = Bitcoin()
      let account = bitcoin.ledger.addAccount(1, cash: dollars(1_000_000))
      let position = bitcoin.ledger.give(
        coins * 1000, at: Bitcoin.mark, account: account, instrument: bitcoin.instrument)
      let lots = bitcoin.ledger.positions[position].quantity
      let notional = bitcoin.ledger.instruments[bitcoin.instrument].value(lots, at: Price(Bitcoin.mark))
      let maintenance = bitcoin.ledger.maintenanceRates(lots: lots.rawValue, instrument: bitcoin.instrument)
      let initial = bitcoin.ledger.initialRates(
        lots: lots.rawValue, instrument: bitcoin.instrument, leverageCap: 0)
      let tables = bitcoin.ledger.instruments[bitcoin.instrument].parameters
      for (name, rates, schedule, amount) in [
        ("MM", maintenance, tables.maintenanceTiers, bitcoin.ledger.maintenanceMargin(of: position)),
        ("IM", initial, tables.initialTiers, bitcoin.ledger.positionMargin(of: position)),
      ] {
        rows.append([
          "\(coins)", text(notional), name, text(bitcoin.ledger.schedules[schedule].amount(notional)),
          text(rates.size), text(rates.volatility), text(rates.liquidity), text(amount),
        ])
      }
    }
    try check("size", ["BTC", "N", "", "T(N)", "r_size", "r_vol", "λ", "requirement"], rows)
  }

  @Test func openOrdersOfALongPosition() throws {
    var bitcoin = Bitcoin(fees: basisPoints(2))
    let account = bitcoin.ledger.addAccount(1, cash: dollars(40_000))
    let position = bitcoin.ledger.give(2000, at: 590_000, account: account, instrument: bitcoin.instrument)
    let buy = OpenLots(
      side: .buy, reduceOnly: false, lots: Quantity(3000), limit: Price(602_000), provision: Money(Int64(3_612_000_000))
    )
    let sell = OpenLots(
      side: .sell, reduceOnly: false, lots: Quantity(4000), limit: Price(610_000),
      provision: Money(Int64(4_880_000_000)))
    bitcoin.ledger.addOpen(buy, to: position)
    bitcoin.ledger.addOpen(sell, to: position)
    let before = explain(&bitcoin.ledger, position)
    bitcoin.ledger.fill(
      buy, lots: Quantity(3000), price: Price(602_000), fee: buy.provision, remainingProvision: .zero, in: position)
    let after = explain(&bitcoin.ledger, position)
    try check("open orders", ["", "both open", "buy filled"], zip(before, after).map { [$0.0, $0.1, $1.1] })
  }

  private func coins(_ lots: Int64) -> String { (lots < 0 ? "−" : "") + "\(lots.magnitude / 1000) BTC" }

  private func explain(_ ledger: inout Ledger, _ position: UInt32) -> [(String, String)] {
    let record = ledger.positions[position]
    let margin = ledger.currentMargin(of: record.account)
    return [
      ("x+", coins(record.worstLong)), ("x−", coins(record.worstShort)),
      ("I(x+)", text(ledger.initialMargin(holding: record.worstLong, of: position))),
      ("I(x−)", text(ledger.initialMargin(holding: record.worstShort, of: position))),
      ("R_buy + R_sell", text(ledger.openLoss(of: position))), ("fee provision", text(record.provision)),
      ("IM", text(margin.initialMargin)), ("E_im", text(margin.initialEquity)), ("free", text(margin.free)),
      ("MM", text(margin.maintenanceMargin)), ("E_mm", text(margin.equity)), ("cushion", text(margin.cushion)),
    ]
  }

  @Test func bothSidesOfABook() throws {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(1, multiplier: 100_000_000, mark: 100)
    let account = ledger.addAccount(1, cash: dollars(30))
    let orders = [(Side.buy, Int64(110)), (.sell, 90)].map {
      OpenLots(side: $0.0, reduceOnly: false, lots: Quantity(1), limit: Price($0.1), provision: .zero)
    }
    let position = ledger.position(account: account, instrument: instrument)
    var rows: [[String]] = []
    func note(_ what: String) {
      let margin = ledger.currentMargin(of: account)
      rows.append([
        what, text(margin.initialEquity), text(ledger.openLoss(of: position)), text(margin.free),
      ])
    }
    for order in orders { ledger.addOpen(order, to: position) }
    note("buy 1 at 110 and sell 1 at 90 rest")
    for (order, what) in zip(orders, ["the buy has filled", "the sell has filled too"]) {
      ledger.fill(
        order, lots: Quantity(1), price: order.limit, fee: .zero, remainingProvision: .zero, in: position)
      note(what)
    }
    try check("both sides", ["", "E_im", "R_buy + R_sell", "free"], rows)
  }

  @Test func spotOrdersAgainstCollateral() throws {
    var ledger = Ledger()
    let mild = ledger.addSchedule(1, [(.zero, basisPoints(500)), (dollars(200_000), basisPoints(1000))])
    let strict = ledger.addSchedule(2, [(.zero, basisPoints(1000)), (dollars(150_000), basisPoints(3000))])
    // Quantum 10^-8 BTC, price in whole dollars: quanta · price are mq.
    let asset = ledger.addAsset(
      1, haircuts: (mild, strict), addons: (basisPoints(500), basisPoints(1000)), price: 60_000)
    let pair = ledger.addSpot(1, base: asset, quote: 0, multiplier: 100_000, baseLot: 100_000)
    let account = ledger.addAccount(1, cash: dollars(10_000))
    ledger.deposit(dollars(2), account: account, asset: asset)
    let position = ledger.position(account: account, instrument: pair)
    var rows: [[String]] = []
    func note(_ what: String) {
      let margin = ledger.currentMargin(of: account)
      rows.append([
        what, text(ledger.accounts[account].cash), text(ledger.holding(account: account, asset: asset).amount),
        text(margin.equity), text(margin.initialEquity), text(margin.initialMargin), text(margin.free),
      ])
    }
    note("at first")
    func order(_ side: Side, _ coins: Int64, _ limit: Int64) -> OpenLots {
      OpenLots(
        side: side, reduceOnly: false, lots: Quantity(coins * 1000), limit: Price(limit), provision: .zero)
    }
    func trade(_ what: String, _ order: OpenLots) {
      ledger.addOpen(order, to: position)
      note(what)
      ledger.fill(
        order, lots: order.lots, price: order.limit, fee: .zero, remainingProvision: .zero, in: position)
      note("… filled")
    }
    trade("bid: 1 BTC at 60,500", order(.buy, 1, 60_500))
    trade("offer: 4 BTC at 60,000", order(.sell, 4, 60_000))
    try check("spot", ["", "USD", "BTC", "E_mm", "E_im", "IM", "free"], rows)
  }

  @Test func aFullyCollateralisedShort() throws {
    var bitcoin = Bitcoin()
    let account = bitcoin.ledger.addAccount(1, mode: .fullyCollateralised, flags: [], cash: dollars(50_000))
    _ = bitcoin.ledger.give(-1000, at: Bitcoin.mark, account: account, instrument: bitcoin.instrument)
    var rows: [[String]] = []
    for mark in [600_000, 300_000, 900_000, 1_000_000] as [Int64] {
      bitcoin.ledger.setMark(of: bitcoin.instrument, to: Price(mark))
      let margin = bitcoin.ledger.currentMargin(of: account)
      rows.append([
        text(dollars(mark / 10)), text(margin.equity), text(margin.initialMargin), text(margin.free),
      ])
    }
    try check("fully collateralised", ["mark", "E", "IM = MM", "free = cushion"], rows)
  }

  @Test func aMasterWithTwoAccounts() throws {
    var bitcoin = Bitcoin()
    let first = bitcoin.ledger.addAccount(1, master: 1, cash: dollars(1_000_000))
    let second = bitcoin.ledger.addAccount(2, master: 1, cash: dollars(1_000_000))
    var rows: [[String]] = []
    func note(_ what: String) {
      let (one, other) = (bitcoin.ledger.currentMargin(of: first), bitcoin.ledger.currentMargin(of: second))
      rows.append([
        what, text(one.initialMargin), text(other.initialMargin), text(one.maintenanceMargin),
        text(other.maintenanceMargin),
      ])
    }
    _ = bitcoin.ledger.give(50_000, at: Bitcoin.mark, account: first, instrument: bitcoin.instrument)
    note("first: 50 BTC")
    _ = bitcoin.ledger.give(50_000, at: Bitcoin.mark, account: second, instrument: bitcoin.instrument)
    note("first: 50, second: 50")
    _ = bitcoin.ledger.give(-50_000, at: Bitcoin.mark, account: second, instrument: bitcoin.instrument)
    _ = bitcoin.ledger.give(50_000, at: Bitcoin.mark, account: first, instrument: bitcoin.instrument)
    note("first: 100")
    try check("master", ["", "IM first", "IM second", "MM first", "MM second"], rows)
  }

  @Test func whatCanBeWithdrawn() throws {
    var bitcoin = Bitcoin()
    let account = bitcoin.ledger.addAccount(1, cash: dollars(100_000))
    _ = bitcoin.ledger.give(10_000, at: Bitcoin.mark, account: account, instrument: bitcoin.instrument)
    var rows: [[String]] = []
    for mark in [600_000, 650_000, 570_000] as [Int64] {
      bitcoin.ledger.setMark(of: bitcoin.instrument, to: Price(mark))
      let margin = bitcoin.ledger.currentMargin(of: account)
      rows.append([
        text(dollars(mark / 10)), text(bitcoin.ledger.accounts[account].terms.profit), text(margin.initialEquity),
        text(margin.initialMargin), text(margin.free), text(bitcoin.ledger.withdrawableFree(of: account)),
      ])
    }
    try check("withdrawal", ["mark", "U", "E_im", "IM", "free", "can be withdrawn"], rows)
  }

  /// Long 16 at 1,000 with 1,000 of cash, the mark at 980: what each part would leave, closed at 2 % below the mark.
  @Test func partsOfALiquidation() throws {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(
      1, multiplier: 100_000_000, parameters: .flat(maintenance: basisPoints(500), initial: basisPoints(1_000)),
      mark: 1_000)
    let account = ledger.addAccount(1, cash: dollars(1_000))
    let position = ledger.give(16, at: 1_000, account: account, instrument: instrument)
    ledger.setMark(of: instrument, to: Price(980))
    var rows: [[String]] = []
    func note(_ lots: Int64, _ margin: AccountMargin) {
      let enough = margin.covers(Rate(1_100_000_000)) ? "yes" : "no"
      rows.append(["\(lots)", text(margin.equity), text(margin.maintenanceMargin), text(margin.cushion), enough])
    }
    note(0, ledger.currentMargin(of: account))
    for lots in LiquidationSizes(of: 16, atMost: 16) {
      let trial = ledger.beginTrial(on: position)
      ledger.execute(.sell, lots: Quantity(lots), price: Price(961), fee: .zero, in: position)
      var margin = ledger.currentMargin(of: account)
      margin.equity -= liquidationPenalty(
        on: dollars(lots * 980), rate: basisPoints(100), equityAfter: margin.equity)
      note(lots, margin)
      ledger.undo(trial, on: position)
      ledger.touch(account)
    }
    try check("liquidation", ["lots closed", "E_mm", "MM", "cushion", "E_mm ≥ 1.1·MM"], rows)
  }
}

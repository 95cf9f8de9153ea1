import Testing
import Values

@testable import Margin

extension PencilExampleTests {
  /// A price in units of 0.1, with thousands.
  private func text(tenths: Int64?) -> String {
    guard let tenths else { return "–" }
    let whole = text(Money(tenths / 10 * 100_000_000)).dropLast(3)
    return "\(whole).\(tenths % 10)"
  }

  @Test func markPrices() throws {
    let cases: [(String, bid: Int64?, ask: Int64?, last: Int64?)] = [
      ("a usual moment", 600_100, 600_300, 600_400),
      ("no trade yet, no offers", 600_100, nil, nil),
      ("a pumped trade", 600_100, 600_300, 750_000),
      ("a thin book, pumped", 600_100, 900_000, 600_400),
      ("both pumped", 749_900, 900_000, 750_000),
      ("the market falls first", 580_000, 580_100, 580_000),
    ]
    let rows = cases.map { name, bid, ask, last in
      let formula = MarkFormula(
        index: 600_000, basis: BasisAverage(billionths: 300_000_000_000), bid: bid.map { Price($0) },
        ask: ask.map { Price($0) }, last: last.map { Price($0) }, band: basisPoints(50))
      let middle = median3(formula.fair, formula.mid ?? formula.fair, formula.last ?? formula.fair)
      return [name] + [formula.fair, bid, ask, last, middle, formula.mark.rawValue].map { text(tenths: $0) }
    }
    try check("mark", ["", "fair", "bid", "ask", "last", "median", "mark"], rows)
  }

  @Test func guardedPrices() throws {
    var ledger = Ledger()
    let haircut = ledger.addSchedule(1, [(.zero, basisPoints(1000))])
    let coin = ledger.addAsset(1, priceScale: 2, haircuts: (0, haircut), price: 6_100_000)
    var parameters = MarginParameters.flat(maintenance: basisPoints(200), initial: basisPoints(400))
    parameters.profitWeight = basisPoints(9000)
    ledger.add(
      Instrument(
        id: InstrumentId(1), base: AssetId(1), quote: .settlement, kind: .perpetual, hasPriceCap: false, symbol: "TEST",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000_000, multiplier: 100_000_000, baseLot: 0,
        maximumPrice: Price(Limits.price), priceBand: .zero, maximumOrder: Quantity(Limits.quantity),
        positionLimit: Quantity(Limits.quantity), makerFee: .zero, takerFee: .zero, book: 0, baseAsset: coin,
        quoteAsset: 0, longCurve: ledger.curves.insert(ImpactCurve()), shortCurve: ledger.curves.insert(ImpactCurve())))
    let instrument = ledger.find(InstrumentId(1))
    ledger.setParameters(of: instrument, to: parameters)
    ledger.setMark(of: instrument, to: Price(60_000))
    ledger.setFollowsIndex(instrument, to: true)
    let account = ledger.addAccount(1, cash: dollars(10_000))
    ledger.deposit(Money(100_000_000 as Int64), account: account, asset: coin)
    _ = ledger.give(1, at: 60_000, account: account, instrument: instrument)
    ledger.setMark(of: instrument, to: Price(61_000))
    var rows: [[String]] = []
    for oracleGuard in [OracleGuard.normal, .noNewRisk, .reduceOnlyNoLiquidation] {
      ledger.setGuard(of: coin, to: oracleGuard)
      let margin = ledger.currentMargin(of: account)
      let needed = ledger.guardedInputs(of: account).needed
      #expect(ledger.admitsLiquidation(account: account) == oracleGuard.admitsLiquidation)
      rows.append([
        "\(oracleGuard)", text(margin.equity), text(margin.initialEquity), text(margin.initialMargin),
        text(margin.free), needed == nil ? text(ledger.withdrawableFree(of: account)) : "nothing",
      ])
    }
    try check("guards", ["guard", "E_mm", "E_im", "IM", "free", "can be withdrawn"], rows)
  }
}

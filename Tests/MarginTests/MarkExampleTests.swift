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
}

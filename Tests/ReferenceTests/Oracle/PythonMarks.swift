import Margin
import Testing
import Values

@Suite struct PythonMarks {
  @Test(
    "Mark prices are those of the Python reference",
    .enabled(if: PythonOracle.isHere, "the Python reference is not on this machine (LOCKSTEP_SHARED or ../shared)"))
  func marks() throws {
    var numbers = Random(seed: 77)
    var rows: [String] = []
    for _ in 0..<5_000 {
      let index = numbers.number(100...1_000_000)
      let reach = index / 50
      func near() -> Int64 { index + numbers.number(0...2 * reach) - reach }
      let basis = numbers.number(0...reach) - reach / 2
      let bid = numbers.number(0...4) == 0 ? 0 : near()
      let ask = numbers.number(0...4) == 0 ? 0 : bid + 1 + numbers.number(0...40)
      let last = numbers.number(0...4) == 0 ? 0 : near()
      let band = numbers.number(0...30) * 1_000_000
      // In the reference 0 stands for a missing price.
      let formula = MarkFormula(
        index: index, basis: BasisAverage(billionths: Int128(basis) * 1_000_000_000), bid: bid == 0 ? nil : Price(bid),
        ask: ask == 0 ? nil : Price(ask), last: last == 0 ? nil : Price(last), band: Rate(band))
      rows.append("[\(index),\(basis),\(bid),\(ask),\(last),\(band),\(formula.mark.rawValue)]")
    }
    let answer = try PythonOracle.run("{\"marks\":[\(rows.joined(separator: ","))]}\n")
    #expect(answer == "compared 5000 figures, 0 differences\n", "\(answer.prefix(2_000))")
  }
}

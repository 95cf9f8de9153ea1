import Testing
import Values

@testable import Margin

/// The example of a shock and the ramp after it, in Sources/Margin/README.md.
extension PencilExampleTests {
  @Test func aShockAndTheRampAfterIt() throws {
    let ratio = Rate(1_100_000_000)
    var state = VolatilityState(
      hourly(), variance: Variance(deviation: basisPoints(50)), initial: Rate(85_113_521),
      maintenance: Rate(51_068_113))
    var rows: [[String]] = []
    for hour in 0...120 {
      // Calm hours move by 0.5 %, up and down in turn, so that the estimate stays; the shock is 10 % in the first hour.
      let calm: Int64 = hour.isMultiple(of: 2) ? 5_400_000 : 5_427_000
      let mark = hour == 0 ? 6_000_000 : calm * (hour == 1 ? 0 : 1) + (hour == 1 ? 5_400_000 : 0)
      _ = state.step(mark: Price(mark), isTrading: true, openInterest: 0, base: .zero)
      if ![0, 1, 2, 3, 4, 5, 12, 24, 48, 72, 96, 120].contains(hour) { continue }
      let (soon, later) = (state.guarantee(1, ratio: ratio), state.guarantee(10, ratio: ratio))
      rows.append([
        "\(hour)", short(Rate(state.variance.deviation(over: 1))), short(state.target),
        short(state.initialInForce(ratio: ratio)), short(state.maintenance), short(soon.initial), short(later.initial),
        short(soon.maintenance), short(later.maintenance),
      ])
    }
    try check("ramp", ["hour", "σ", "target", "IM", "MM", "IM +1", "IM +10", "MM +1", "MM +10"], rows)
  }

  /// A rate in percent with two decimals, rounded up.
  private func short(_ rate: Rate) -> String {
    let hundredths = rate.rawValue.dividedRoundingUp(by: 100_000)
    let decimals = String(hundredths % 100 + 100).dropFirst()
    return "\(hundredths / 100).\(decimals) %"
  }

  /// Bids below a mark of 60,000, and the impact of closing long positions into them.
  @Test func impactOfABook() throws {
    let bids: Depth = [(600_100, 2_000), (599_400, 5_000), (598_800, 10_000), (594_000, 40_000)]
    let lots: [Int64] = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000]
    let impacts = measured(.buy, bids, mark: 600_000, sizes: sizes(lots), cap: basisPoints(500))
    let fewer = measured(.buy, [bids[0], bids[1], bids[3]], mark: 600_000, sizes: sizes(lots), cap: basisPoints(500))
    let rows = lots.indices.map { ["\(lots[$0] / 1_000)", text(Rate(impacts[$0])), text(Rate(fewer[$0]))] }
    try check("depth", ["BTC", "impact", "without the bid at 59,880"], rows)
  }
}

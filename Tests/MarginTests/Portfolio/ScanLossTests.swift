import Testing
import Values

@testable import Margin

struct ScanLossTests {
  /// The table of CME and NSE: (price in thirds of the range, direction of the volatility).
  /// Source: CME "Risk Arrays"; eslm.lpude.in DCOM510 p. 193, table 12.1 (NSE SPAN).
  @Test func theScenariosAreThoseOfSPAN() {
    let table: [(Int64, Int64)] = [
      (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1), (2, 1), (2, -1), (-2, 1), (-2, -1), (3, 1), (3, -1), (-3, 1),
      (-3, -1), (6, 0), (-6, 0),
    ]
    for (scenario, row) in table.enumerated() {
      #expect(Scenarios.thirds[scenario] == row.0 && Scenarios.volatility[scenario] == row.1)
    }
    #expect(Scenarios.extremeWeight == Rate(350_000_000))
  }

  /// A long December 410 call needs 3,990 (price down the whole range, volatility down), written against a long future
  /// 6,620. Source: L. McMillan, Options as a Strategic Investment, ch. 34, pp. 668–670. Its last two columns are already
  /// 35 % of the loss; here they are given in full, everything times 7 so that they are whole.
  @Test func spanExamplesOfMcMillan() {
    let call = ScanVector(
      3220, -4270, 18480, 12110, -8890, -16380, 36470, 31780, -17780, -24010, 56420, 53480, -23660, -27930, 62600,
      -30000)
    let future = ScanVector(
      0, 0, 23310, 23310, -23310, -23310, 46690, 46690, -46690, -46690, 70000, 70000, -70000, -70000, 140_000, -140_000)
    #expect(call.bindingScanLoss == ScanLoss(amount: Money(Int64(3990 * 7)), scenario: 13))
    let covered = future &- call
    #expect(covered.bindingScanLoss == ScanLoss(amount: Money(Int64(6620 * 7)), scenario: 12))
    #expect(covered.scanLoss == 6620 * 7)
  }

  /// A future alone needs exactly its range: the extreme move counts 2 · 35 % of it, less than the whole.
  @Test func aLinearPositionNeedsItsRange() {
    // 60,000.0 at m = 10,000: one lot of 0.001 BTC is worth 60 dollars; 12 % of it are 7.20.
    let array = RiskArray(linear: Money(Int64(6_000_000_000)), range: Rate(120_000_000))
    for lots in [1, -1, 250, -250] as [Int64] {
      #expect(array.contribution(of: lots).scanLoss == abs(lots) * 720_000_000)
    }
    #expect(array.delta == 6_000_000_000)
  }

  @Test(arguments: seeds)
  func lossesAgreeWithThePlainTable(seed: Int) {
    var generator = SeededGenerator(seed)
    for _ in 0..<200 {
      let width = Int64.random(in: 1...62, using: &generator)
      let bound = Int64(1) << width
      var vector = ScanVector(repeating: 0)
      for lane in vector.indices { vector[lane] = Int64.random(in: -bound...bound, using: &generator) }
      let plain = PlainScan.loss(vector.list)
      #expect(Int128(vector.scanLoss) == plain)
      let binding = vector.bindingScanLoss
      #expect(binding.amount.rawValue == plain)
      let (weight, value) = (PlainScan.scenarios[binding.scenario].weight, Int128(vector[binding.scenario]))
      #expect(roundUp(max(0, -value) * weight, 100) == plain)
    }
  }

  @Test(arguments: seeds)
  func linearArraysAgreeWithThePlainTable(seed: Int) {
    var generator = SeededGenerator(seed)
    for _ in 0..<100 {
      let value = Int64.random(in: 1...(1 << Int64.random(in: 1...50, using: &generator)), using: &generator)
      let range = Int64.random(in: 0...1_000_000_000, using: &generator)
      let lots = Int64.random(in: -400...400, using: &generator)
      let array = RiskArray(linear: Money(value), range: Rate(range))
      let plain = PlainScan.linear(Int128(lots), value: Int128(value), range: Int128(range))
      #expect(array.contribution(of: lots).list == plain)
      #expect(plain.allSatisfy { abs($0) <= array.reach(long: lots, short: 0) })
    }
  }

  /// The vector of the end points bounds the position that any partial fill of all orders leaves, in every scenario.
  @Test(arguments: seeds)
  func theWorstContributionBoundsEveryPosition(seed: Int) {
    var generator = SeededGenerator(seed)
    for _ in 0..<100 {
      var array = RiskArray()
      for lane in array.low.indices {
        // An option's change is no multiple of anything: low and high differ by one, or agree.
        array.low[lane] = Int64.random(in: -1000...1000, using: &generator)
        array.high[lane] = array.low[lane] + Int64.random(in: 0...1, using: &generator)
      }
      let short = Int64.random(in: -50...30, using: &generator)
      let long = Int64.random(in: short...60, using: &generator)
      let worst = array.worstContribution(long: long, short: short)
      for lots in short...long {
        let held = array.contribution(of: lots)
        for lane in held.indices { #expect(worst[lane] <= held[lane]) }
      }
    }
  }

  /// A mark far above every entry bound: no lane can hold the amounts, and the array says so.
  @Test func valuesBeyondSixtyFourBitsAreSaidToBe() {
    let large = RiskArray(linear: Money(Int128(1) << 100), range: .maximum)
    #expect(large.reach > RiskArray.narrow && large.low == ScanVector(repeating: 0))
    for thirds in [1, -1, 6, -6] as [Int64] {
      let change = RiskArray.linearChange(of: Money((Int128(1) << 103) + 7), range: .maximum, thirds: thirds)
      #expect(change.low < change.high)
      #expect((change.high.rawValue > 0) == (thirds > 0))
    }
    // The widest account that the entry bounds admit: Σ notional 10^18 at a range of 100 %.
    let widest = RiskArray(linear: Money(Int128(1_000_000_000_000_000_000)), range: .one)
    #expect(widest.reach(long: 1, short: 0) <= RiskArray.narrow)
    #expect(widest.contribution(of: -1).scanLoss == 1_000_000_000_000_000_000)
  }
}

import Testing
import Values

@testable import Margin

@Suite struct DynamicRateOracleTests {
  @Test(
    "Returns, variances, ramped rates, open-interest rates and impacts are those of the Python reference",
    .enabled(if: PythonOracle.isHere, "the Python reference is not on this machine (LOCKSTEP_SHARED or ../shared)"))
  func figures() throws {
    var random = Random(seed: 77)
    var lines: [String] = []
    func record(_ name: String, _ arguments: [Int64], _ found: Int64) {
      lines.append(([name] + (arguments + [found]).map { "\($0)" }).joined(separator: " "))
    }
    /// 0 … 2^bits, small numbers as often as large ones.
    func wide(_ bits: Int64) -> Int64 { random.number(0...(1 << random.number(0...bits))) }
    for _ in 0..<3_000 {
      let (previous, price) = (1 + wide(52), 1 + wide(52))
      let move = priceReturn(from: Price(previous), to: Price(price))
      record("return", [previous, price], move)

      let before = min(Variance.maximum, wide(59))
      var variance = Variance(before)
      var parameters = VolatilityParameters()
      parameters.decay = random.pick(1...20)
      variance.add(move, decay: parameters.decay)
      record("variance", [before, move, Int64(parameters.decay)], variance.rawValue)

      parameters.interval = 1_000_000_000
      parameters.quantile = random.pick(0...20_000)
      parameters.horizon = UInt32(max(1, wide(20)))
      parameters.floor = Rate(wide(26))
      parameters.stress = Rate(wide(30))
      parameters.up = Rate(1 + wide(27))
      parameters.down = Rate(random.number(0...parameters.up.rawValue - 1))
      parameters.cap = .one
      let rate = Rate(wide(29))
      // The reference has no cap: it is compared below it, after the ramp.
      let next = parameters.ramp(rate, toward: parameters.target(for: variance))
      if next < .one {
        record(
          "rate",
          [
            variance.rawValue, Int64(parameters.quantile), Int64(parameters.horizon), parameters.floor.rawValue,
            parameters.stress.rawValue, rate.rawValue, parameters.up.rawValue, parameters.down.rawValue,
          ], next.rawValue)
      }

      let (base, lower) = (min(1_000_000_000, wide(30)), wide(50))
      let (upper, notional) = (lower + 1 + wide(50), wide(52))
      record(
        "openInterest", [base, notional, lower, upper],
        openInterestRate(base: Rate(base), notional: Int128(notional), lower: lower, upper: upper).rawValue)
    }
    for _ in 0..<300 {
      var parameters = LiquidityParameters()
      parameters.interval = 1_000_000_000
      parameters.cap = .one
      parameters.change = .one
      var knots: [Int64] = []
      var size: Int64 = 0
      var impacts = DepthValues(repeating: 0)
      for index in 0..<8 {
        size += 1 + wide(20)
        parameters.sizes.set(index, to: size)
        impacts.set(index, to: min(1_000_000_000, (index == 0 ? 0 : impacts.at(index - 1)) + wide(27)))
      }
      var state = LiquidityState(parameters, from: ImpactCurve(), ImpactCurve(), restedSince: 0)
      _ = state.look(longs: impacts, shorts: impacts)
      for index in 0..<8 { knots += [parameters.sizes.at(index), state.longs.at(index)] }
      for _ in 0..<20 {
        let lots = wide(24)
        record("impact", [lots] + knots, state.longCurve.rate(Quantity(lots)).rawValue)
      }
    }
    let answer = try PythonOracle.run(lines.joined(separator: "\n") + "\n", driver: "rates.py")
    #expect(answer == "compared \(lines.count) figures, 0 differences\n", "\(answer.prefix(2_000))")
    #expect(lines.count > 17_000)
  }
}

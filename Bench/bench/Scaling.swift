import CBench
import Values

/// A cost at one size.
struct ScalingPoint: Encodable {
  /// Positions per account, holders …
  let size: Int
  let operations: Int
  /// Mean of the whole pass, without the clock.
  let meanNs: Double
  /// One operation, in a pass of its own that reads the clock after each.
  let ns: Percentiles
  let allocationsPerCommand: Double
  var instructionsPerCommand: Double?
  /// Everything that should have happened has, and a full recompute agrees.
  let isRight: Bool
}

/// The margin engine's costs against size.
enum Scaling {
  static let positions = [1, 8, 64]

  static func holders(quick: Bool) -> [Int] {
    [100, 1000, 10_000, 100_000] + (quick ? [] : [1_000_000])
  }

  static func measureFills(_ mode: AccountMode, positions: Int, quick: Bool) -> ScalingPoint {
    let fills = quick ? 40_000 : 200_000
    var timed = Pass(0..<fills, engine: FillEngine(mode: mode, positions: positions, fills: fills))
    let measured = timed.measure()
    let isRight = timed.engine.isRight()
    var pass = Pass(0..<fills, engine: FillEngine(mode: mode, positions: positions, fills: fills))
    var histogram = nanosecondHistogram()
    pass.record(into: &histogram)
    return ScalingPoint(
      size: positions, operations: fills, meanNs: 1e9 / measured.opsPerSecond, ns: Percentiles(histogram),
      allocationsPerCommand: measured.allocations / 2, isRight: isRight)
  }

  static func measureCrossings(_ mode: AccountMode, holders: Int, edge: Int64) -> ScalingPoint {
    var pass = Pass(0..<1, engine: CrossingEngine(mode: mode, holders: holders, edge: edge))
    var histogram = nanosecondHistogram()
    let before = bench_allocation_count()
    pass.record(into: &histogram)
    let allocations = bench_allocation_count() - before
    return ScalingPoint(
      size: holders, operations: 1, meanNs: Double(histogram.max), ns: Percentiles(histogram),
      allocationsPerCommand: Double(allocations), isRight: pass.engine.isRight())
  }

  static func measureMoves(_ mode: AccountMode, holders: Int, quick: Bool) -> ScalingPoint {
    let moves = quick ? 100_000 : 1_000_000
    var pass = Pass(0..<moves, engine: MarkEngine(mode: mode, holders: holders))
    let measured = pass.measure()
    var histogram = nanosecondHistogram()
    pass.record(into: &histogram)
    return ScalingPoint(
      size: holders, operations: moves, meanNs: 1e9 / measured.opsPerSecond, ns: Percentiles(histogram),
      allocationsPerCommand: measured.allocations, isRight: pass.engine.isRight())
  }
}

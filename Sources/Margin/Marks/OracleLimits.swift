import Values

/// What the index of an asset must keep to; set by the risk administrator.
@frozen public struct OracleLimits: BitwiseCopyable, Equatable, Sendable {
  /// a1, in nanoseconds: an index older than this takes no new risk. Sources older than this do not count.
  public var riskAge: Int64
  /// a2 ≥ a1, in nanoseconds: an index older than this is reduce-only and liquidates nobody.
  public var liquidationAge: Int64
  /// d: largest distance from the five-minute average, as a rate of it.
  public var deviation: Rate
  /// c: largest confidence interval, as a rate of the price.
  public var confidence: Rate
  /// How many sources must be fresh for the index to move.
  public var quorum: Int

  public init(riskAge: Int64, liquidationAge: Int64, deviation: Rate, confidence: Rate, quorum: Int) {
    self.riskAge = riskAge
    self.liquidationAge = liquidationAge
    self.deviation = deviation
    self.confidence = confidence
    self.quorum = quorum
  }

  /// The guard that an index stands under, and why: the first of the rows of the action matrix that applies, severest
  /// first.
  /// - Parameters:
  ///   - price: the index price; `nil` before the first one.
  ///   - age: nanoseconds since the index had its quorum.
  ///   - mean: its average of the last five minutes; `nil` while there is none.
  ///   - confidence: half the interval that the sources give, in the price's units; 0 when they give none.
  public func assess(
    price: Int64?, age: Int64, mean: IndexAverage.Mean?, confidence interval: Int64
  ) -> (guard: OracleGuard, cause: OracleCause) {
    guard let price else { return (.reduceOnlyNoLiquidation, .missing) }
    if price <= 0 { return (.halt, .nonPositive) }
    if age > liquidationAge { return (.reduceOnlyNoLiquidation, .age) }
    if let mean, mean.isExceeded(by: price, limit: deviation) { return (.reduceOnlyNoLiquidation, .deviation) }
    if Int128(interval) * 1_000_000_000 > Int128(price) * Int128(confidence.rawValue) {
      return (.reduceOnlyNoLiquidation, .confidence)
    }
    return age > riskAge ? (.noNewRisk, .age) : (.normal, .none)
  }
}

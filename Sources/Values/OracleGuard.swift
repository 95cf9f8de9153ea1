/// What may still be done with an index price that may be wrong: the action matrix of the oracle guards.
///
/// The cases rise in severity: the guard of something that depends on two prices is the larger of both.
@frozen public enum OracleGuard: UInt8, BitwiseCopyable, CaseIterable, Comparable, Sendable {
  case normal = 0
  /// Orders must reduce; nothing that the price backs may be withdrawn.
  case noNewRisk = 1
  /// Besides, nobody is called or liquidated on this price, and gains on it do not count towards new risk.
  case reduceOnlyNoLiquidation = 2
  /// Nothing but cancels.
  case halt = 3

  @inlinable public static func < (left: OracleGuard, right: OracleGuard) -> Bool { left.rawValue < right.rawValue }

  @inlinable public var admitsNewRisk: Bool { self == .normal }
  @inlinable public var admitsReducing: Bool { self != .halt }
  @inlinable public var admitsWithdrawals: Bool { self == .normal }
  @inlinable public var admitsLiquidation: Bool { self < .reduceOnlyNoLiquidation }
  /// Whether holdings and profits at this price count towards new risk. Debts and losses always count.
  @inlinable public var countsGains: Bool { self < .reduceOnlyNoLiquidation }
}

/// Why an index price is guarded.
@frozen public enum OracleCause: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// It is not.
  case none = 0
  /// There has been no index price yet.
  case missing = 1
  /// Too few sources have been heard lately.
  case age = 2
  /// It is far from its own average of the last five minutes.
  case deviation = 3
  /// Its sources say that they are not sure.
  case confidence = 4
  /// It is zero or negative.
  case nonPositive = 5
}

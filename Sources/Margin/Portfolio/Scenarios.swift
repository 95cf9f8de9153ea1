import Values

/// The sixteen scenarios of portfolio mode: what the price of the underlying and its volatility may do in one day.
///
/// Lane by lane: price 0, ±1/3, ±2/3 and ±1 price scan range (PSR), each with the volatility up and down, then ±2 PSR
/// with the volatility as it is, of which 35 % count. Source: the SPAN risk array (CME, NSE: the same table).
@frozen public enum Scenarios {
  @inlinable public static var count: Int { 16 }

  /// Price move of each scenario in thirds of the price scan range.
  @inlinable public static var thirds: ScanVector {
    ScanVector(0, 0, 1, 1, -1, -1, 2, 2, -2, -2, 3, 3, -3, -3, 6, -6)
  }

  /// Direction of the volatility shock.
  @inlinable public static var volatility: ScanVector {
    ScanVector(1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 0, 0)
  }

  /// The two extreme moves are the last two scenarios.
  @inlinable public static var firstExtreme: Int { 14 }

  /// What counts of the loss of an extreme move.
  @inlinable public static var extremeWeight: Rate { Rate(350_000_000) }
}

/// One amount in mq per scenario.
public typealias ScanVector = SIMD16<Int64>

/// The loss of the worst scenario, and which one that is.
@frozen public struct ScanLoss: BitwiseCopyable, Equatable, Sendable {
  /// max_s ⌈w_s·max(0, −V[s])⌉, mq.
  public var amount: Money
  /// The first scenario with that loss; 0 when nothing loses.
  public var scenario: Int

  @inlinable public init(amount: Money, scenario: Int) {
    self.amount = amount
    self.scenario = scenario
  }
}

extension SIMD16<Int64> {
  /// Lane by lane the smaller of two vectors.
  @inlinable @inline(__always) public func lower(_ other: ScanVector) -> ScanVector {
    replacing(with: other, where: other .< self)
  }

  /// SL(V): the largest loss of all scenarios, the extreme ones at their weight, rounded up. Lanes within ±2^62.
  @inlinable @inline(__always) public var scanLoss: Int64 {
    let losses = weightedLosses
    let eight = losses.lowHalf.replacing(with: losses.highHalf, where: losses.highHalf .> losses.lowHalf)
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    return Swift.max(Swift.max(four[0], four[1]), Swift.max(four[2], four[3]))
  }

  /// SL(V) with the scenario that makes it.
  public var bindingScanLoss: ScanLoss {
    let losses = weightedLosses
    var worst = 0
    for scenario in 1..<Scenarios.count where losses[scenario] > losses[worst] { worst = scenario }
    return ScanLoss(amount: Money(losses[worst]), scenario: worst)
  }

  /// ⌈w_s·max(0, −V[s])⌉.
  @inlinable @inline(__always) var weightedLosses: ScanVector {
    var losses = ScanVector(repeating: 0).replacing(with: 0 &- self, where: self .< 0)
    losses[14] = Self.extremePart(losses[14])
    losses[15] = Self.extremePart(losses[15])
    return losses
  }

  /// 35 % = 7/20 of a loss ≥ 0, rounded up, without leaving 64 bits.
  @inlinable @inline(__always) static func extremePart(_ loss: Int64) -> Int64 {
    let (twentieths, rest) = loss.quotientAndRemainder(dividingBy: 20)
    return twentieths &* 7 &+ (rest &* 7 &+ 19) / 20
  }
}

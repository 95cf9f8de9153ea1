import Values

/// The highest rates that can be in force at any time up to some number of intervals from now, whatever prices do.
///
/// It holds while the parameters stay; a change of parameters publishes a new one.
@frozen public struct RampGuarantee: BitwiseCopyable, Equatable, Sendable {
  /// Of the initial volatility rate in force, κ included.
  public var initial: Rate
  public var maintenance: Rate
  public var openInterest: Rate

  public init(initial: Rate, maintenance: Rate, openInterest: Rate) {
    self.initial = initial
    self.maintenance = maintenance
    self.openInterest = openInterest
  }

  /// Intervals ahead for which it is published.
  public static var published: [Int] { [1, 10, 60] }
}

extension VolatilityState {
  /// The guarantee for `intervals` (≥ 1) from now, with κ = `ratio`. O(intervals).
  ///
  /// The initial rate can rise by `up` per interval until the cap. The maintenance rate follows it `notice` intervals
  /// later: up to there its path is known, beyond it the worst initial rate is taken. Every step is monotone in what
  /// goes in, so the worst at each step gives the worst of all paths.
  public func guarantee(_ intervals: Int, ratio: Rate) -> RampGuarantee {
    precondition(intervals >= 1)
    var path = maintenance
    var worst = maintenance
    for step in 1...intervals {
      let ahead = step - Int(parameters.notice)
      let followed = ahead > 0 ? worstInitial(ahead) : history.rate(-ahead)
      path = parameters.ramp(path, toward: parameters.maintenanceTarget(for: followed))
      worst = max(worst, path)
    }
    let scaled = Rate(Int64(ratio.roundedUp(of: Money(worst.rawValue)).rawValue))
    return RampGuarantee(
      initial: max(worstInitial(intervals), scaled), maintenance: worst, openInterest: worstOpenInterest(intervals))
  }

  private func worstInitial(_ intervals: Int) -> Rate {
    max(initial, min(parameters.cap, Rate(initial.rawValue + parameters.up.rawValue * Int64(intervals))))
  }

  private func worstOpenInterest(_ intervals: Int) -> Rate {
    guard parameters.hasOpenInterestTerm else { return openInterest }
    return max(openInterest, min(.maximum, Rate(openInterest.rawValue + parameters.up.rawValue * Int64(intervals))))
  }
}

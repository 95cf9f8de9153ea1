import Values

/// How an instrument's volatility rates and its open-interest rate follow the market (README.md, "Volatility").
@frozen public struct VolatilityParameters: BitwiseCopyable, Equatable, Sendable {
  /// Time between two samples of the mark, in nanoseconds.
  public var interval: Int64 = 0
  /// k: the variance moves by 2^−k of the difference per interval. A half-life is about 0.7·2^k intervals.
  public var decay: UInt8 = 1
  /// z, in thousandths: how many standard deviations the rate covers.
  public var quantile: UInt32 = 0
  /// h: intervals over which a position is taken to be at risk.
  public var horizon: UInt32 = 1
  /// Lowest target of the initial rate.
  public var floor = Rate.zero
  /// Rate of a stressed period; it has a quarter of the weight at all times.
  public var stress = Rate.zero
  /// Most that a rate in force rises per interval.
  public var up = Rate.zero
  /// Most that a rate in force falls per interval; less than ``up``.
  public var down = Rate.zero
  /// T_n: intervals by which the maintenance rate follows the initial one. Its path for that long is known in advance.
  public var notice: UInt8 = 0
  /// The maintenance rate is this part of what the initial rate was ``notice`` intervals ago.
  public var maintenanceShare = Rate.zero
  /// r_cap: neither rate ever rises above it.
  public var cap = Rate.zero
  /// Open interest, in mq of notional, from which r_OI rises, and at which it is 100 %. Both 0: no such term.
  public var lowerOpenInterest: Int64 = 0
  public var upperOpenInterest: Int64 = 0

  public init() {}

  // MARK: Ranges

  /// 100 ms … 7 days.
  public static var intervals: ClosedRange<Int64> { 100_000_000...604_800_000_000_000 }
  public static var decays: ClosedRange<UInt8> { 1...20 }
  /// 0 … 20 standard deviations.
  public static var quantiles: ClosedRange<UInt32> { 0...20_000 }
  public static var horizons: ClosedRange<UInt32> { 1...1_048_576 }
  /// What ``RateHistory`` can look back.
  public static var notices: ClosedRange<UInt8> { 0...63 }
  /// Up to 1/1.1, so that initial margin stays above maintenance margin at the smallest ratio κ.
  public static var maintenanceShares: ClosedRange<Rate> { .zero...Rate(909_090_909) }

  /// The parameters, in the order in which they are checked.
  public enum Fault: Equatable, Sendable {
    case interval, decay, quantile, horizon, floor, stress, up, down, notice, maintenanceShare, cap
    case lowerOpenInterest, upperOpenInterest
  }

  /// The first parameter outside its range, or `nil`.
  public var fault: Fault? {
    if !Self.intervals.contains(interval) { return .interval }
    if !Self.decays.contains(decay) { return .decay }
    if !Self.quantiles.contains(quantile) { return .quantile }
    if !Self.horizons.contains(horizon) { return .horizon }
    if floor < .zero || floor > .one { return .floor }
    if stress < .zero || stress > .maximum { return .stress }
    if up <= .zero || up > .one { return .up }
    if down < .zero || down >= up { return .down }
    if !Self.notices.contains(notice) { return .notice }
    if !Self.maintenanceShares.contains(maintenanceShare) { return .maintenanceShare }
    if cap < floor || cap > .one { return .cap }
    if lowerOpenInterest < 0 { return .lowerOpenInterest }
    let isOff = lowerOpenInterest == 0 && upperOpenInterest == 0
    return isOff || upperOpenInterest > lowerOpenInterest ? nil : .upperOpenInterest
  }

  public var hasOpenInterestTerm: Bool { upperOpenInterest > 0 }

  /// The rate that `variance` calls for: max(floor, ⌈¾·⌈√(v·h)⌉·z⌉ + ⌈¼·stress⌉), at most the cap.
  ///
  /// The quarter is the weight of stressed observations in EMIR RTS 153/2013 art. 28(1)(b), which keeps margin from
  /// falling too low in calm times and so from rising too fast afterwards.
  public func target(for variance: Variance) -> Rate {
    let covered = (Int128(variance.deviation(over: horizon)) * Int128(quantile)).dividedRoundingUp(by: 1000)
    let target = (covered * 3).dividedRoundingUp(by: 4) + Int128(stress.rawValue).dividedRoundingUp(by: 4)
    return min(cap, max(floor, Rate(Int64(min(target, Int128(Rate.maximum.rawValue))))))
  }

  /// The lowest target there can be: what the rates fall to when nothing moves for long.
  public var lowestTarget: Rate { target(for: Variance(0)) }

  /// `rate` moved toward `target` by at most ``up`` or ``down``.
  @inlinable public func ramp(_ rate: Rate, toward target: Rate) -> Rate {
    min(Rate(rate.rawValue + up.rawValue), max(Rate(rate.rawValue - down.rawValue), target))
  }

  /// The maintenance rate that belongs to an initial rate, rounded up.
  @inlinable public func maintenanceTarget(for initial: Rate) -> Rate {
    min(cap, Rate(Int64(maintenanceShare.roundedUp(of: Money(initial.rawValue)).rawValue)))
  }
}

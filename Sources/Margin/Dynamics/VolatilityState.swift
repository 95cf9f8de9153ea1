import Values

/// One instrument's volatility estimate and the rates that follow it. They move in ``step(mark:isTrading:openInterest:base:)``
/// only, once per interval.
@frozen public struct VolatilityState: BitwiseCopyable, Equatable, Sendable {
  public private(set) var parameters: VolatilityParameters
  public private(set) var variance: Variance
  /// Mark of the last sample; 0 before the first.
  public private(set) var lastMark: Price
  /// r_vol_im before κ: see ``initialInForce(ratio:)``.
  public private(set) var initial: Rate
  /// r_vol_mm in force.
  public private(set) var maintenance: Rate
  /// r_OI in force.
  public private(set) var openInterest: Rate
  public private(set) var history: RateHistory

  /// Starts from rates that were fixed until now; they are left on the ramps only.
  public init(_ parameters: VolatilityParameters, variance: Variance, initial: Rate, maintenance: Rate) {
    precondition(parameters.fault == nil)
    self.parameters = parameters
    self.variance = variance
    lastMark = Price(0)
    self.initial = initial
    self.maintenance = maintenance
    openInterest = .zero
    history = RateHistory(initial)
  }

  /// A state that was stored. `history` is oldest first; the last one is `initial`.
  public init(
    _ parameters: VolatilityParameters, variance: Variance, lastMark: Price, maintenance: Rate, openInterest: Rate,
    history: some Collection<Rate>
  ) {
    precondition(parameters.fault == nil && history.count == RateHistory.depth)
    self.parameters = parameters
    self.variance = variance
    self.lastMark = lastMark
    self.maintenance = maintenance
    self.openInterest = openInterest
    self.history = RateHistory(.zero)
    for rate in history { self.history.append(rate) }
    initial = self.history.rate(0)
  }

  /// Other parameters from now on; the rates in force stay and go on from where they are.
  public mutating func change(to new: VolatilityParameters) {
    precondition(new.fault == nil && new.cap >= max(initial, maintenance))
    if new.interval != parameters.interval { variance = variance.scaled(from: parameters.interval, to: new.interval) }
    parameters = new
  }

  /// Another estimate from now on.
  public mutating func seed(_ variance: Variance) { self.variance = variance }

  /// What the estimate calls for now.
  public var target: Rate { parameters.target(for: variance) }

  /// max(r_vol_im, ⌈κ·r_vol_mm⌉): initial margin stays above maintenance margin on every path.
  public func initialInForce(ratio: Rate) -> Rate {
    max(initial, Rate(Int64(ratio.roundedUp(of: Money(maintenance.rawValue)).rawValue)))
  }

  /// One interval: the estimate takes in the mark, and every rate takes one step. Whether a rate has changed.
  ///
  /// - Parameters:
  ///   - mark: the mark, or `nil` when there is none.
  ///   - isTrading: without trading the estimate stays as it is: a halt is not calm.
  ///   - openInterest: its notional in mq.
  ///   - base: the initial base rate, from which r_OI rises.
  public mutating func step(mark: Price?, isTrading: Bool, openInterest notional: Int128, base: Rate) -> Bool {
    if let mark, isTrading {
      if lastMark > Price(0) { variance.add(priceReturn(from: lastMark, to: mark), decay: parameters.decay) }
      lastMark = mark
    }
    let before = (initial, maintenance, openInterest)
    initial = parameters.ramp(initial, toward: target)
    history.append(initial)
    let followed = history.rate(Int(parameters.notice))
    maintenance = parameters.ramp(maintenance, toward: parameters.maintenanceTarget(for: followed))
    let wanted =
      parameters.hasOpenInterestTerm
      ? openInterestRate(
        base: base, notional: notional, lower: parameters.lowerOpenInterest, upper: parameters.upperOpenInterest)
      : .zero
    openInterest = parameters.ramp(openInterest, toward: wanted)
    return before != (initial, maintenance, openInterest)
  }
}

extension VolatilityState {
  /// The lowest maintenance rate that can come about while the parameters stay.
  public var lowestMaintenance: Rate { lowestMaintenance(under: parameters) }

  /// The lowest maintenance rate that can come about under `parameters`, from where the rates are now.
  public func lowestMaintenance(under parameters: VolatilityParameters) -> Rate {
    let lowest = (0..<RateHistory.depth).reduce(parameters.lowestTarget) { min($0, history.rate($1)) }
    return min(maintenance, parameters.maintenanceTarget(for: lowest))
  }
}

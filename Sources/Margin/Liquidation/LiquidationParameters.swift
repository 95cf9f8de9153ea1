import Values

/// What the venue does with accounts that run out of margin, set by the risk administrator.
@frozen public struct LiquidationParameters: BitwiseCopyable, Equatable, Sendable {
  /// The insurance fund's account; none: the venue neither calls nor liquidates.
  public var fund = AccountId.none
  /// Calls are made when MM is above these parts of E_mm.
  public var firstCall = Rate(800_000_000)
  public var secondCall = Rate(900_000_000)
  /// A state is left only when the figure is better than its edge by this much.
  public var hysteresis = Rate(20_000_000)
  /// Liquidation ends when E_mm is at least this times MM.
  public var target = Rate(1_100_000_000)
  /// The fund takes over when E_mm is below this part of MM.
  public var takeover = Rate(666_666_667)
  /// The fund takes over after so many rounds without a fill.
  public var attempts: UInt16 = 10
  /// Milliseconds between two rounds of one account.
  public var interval: UInt32 = 100
  /// Milliseconds after which an account whose markets stand still is taken over at marks; 0: never.
  public var staleTimeout: UInt32 = 0

  public init() {}
}

extension AccountMargin {
  /// Whether maintenance margin uses more than `level` of equity. Equity that is not positive is used up whole.
  @inlinable public func uses(moreThan level: Rate) -> Bool {
    isProduct(maintenanceMargin.rawValue, 1_000_000_000, above: equity.rawValue, Int128(level.rawValue))
  }

  /// Whether equity is at least `factor` times maintenance margin.
  @inlinable public func covers(_ factor: Rate) -> Bool {
    !isProduct(maintenanceMargin.rawValue, Int128(factor.rawValue), above: equity.rawValue, 1_000_000_000)
  }

  /// The state of an account with these figures that was in state `before`.
  ///
  /// The worst state whose edge has been passed: bankrupt E < 0; liquidation E < MM; second and first call MM/E above
  /// their levels; reduce-only E_im < IM. A call or reduce-only is left when the figure is better than the edge by the
  /// hysteresis, liquidation when E ≥ target·MM. All by cross-multiplication.
  @inlinable public func state(before: MarginState, _ parameters: LiquidationParameters) -> MarginState {
    if equity < .zero { return .bankrupt }
    if cushion < .zero { return .liquidation }
    if before >= .liquidation && !covers(parameters.target) { return .liquidation }
    let margin = parameters.hysteresis.rawValue
    func edge(_ level: Rate, _ state: MarginState) -> Rate { before >= state ? Rate(level.rawValue - margin) : level }
    if uses(moreThan: edge(parameters.secondCall, .secondCall)) { return .secondCall }
    if uses(moreThan: edge(parameters.firstCall, .firstCall)) { return .firstCall }
    let isShort = isProduct(
      initialMargin.rawValue, 1_000_000_000, above: initialEquity.rawValue, Int128(edge(.one, .reduceOnly).rawValue))
    return isShort ? .reduceOnly : .normal
  }
}

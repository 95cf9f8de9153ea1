/// The four figures that decide what an account may do, in mq. Every order and fill report carries them.
@frozen public struct AccountMargin: BitwiseCopyable, Equatable, Sendable {
  /// E_mm: what the account would be worth for the maintenance test.
  public var equity: Money
  /// E_im: the same with the stricter haircuts and profit weight of the initial test.
  public var initialEquity: Money
  /// IM: requirement of the positions and of the worst case of all open orders.
  public var initialMargin: Money
  /// MM: requirement of the positions alone.
  public var maintenanceMargin: Money

  @inlinable public init(
    equity: Money = .zero, initialEquity: Money = .zero, initialMargin: Money = .zero, maintenanceMargin: Money = .zero
  ) {
    self.equity = equity
    self.initialEquity = initialEquity
    self.initialMargin = initialMargin
    self.maintenanceMargin = maintenanceMargin
  }

  /// Free margin, E_im − IM: what new risk may use.
  @inlinable public var free: Money { initialEquity - initialMargin }
  /// Cushion, E_mm − MM: what separates the account from liquidation.
  @inlinable public var cushion: Money { equity - maintenanceMargin }
}

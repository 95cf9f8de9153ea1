import Values

/// What makes an instrument an option, and how its mark was last found.
@frozen public struct OptionContract: BitwiseCopyable, Equatable, Sendable {
  /// K, in price units.
  public var strike = Price(0)
  public var isCall = false
  public var parameters = OptionParameters()
  /// The option's own implied volatility; zero: the underlying's flat one.
  public var ownVolatility = Rate.zero

  /// Implied volatility behind the mark; zero while there is no mark.
  public var volatility = Rate.zero
  /// U: the underlying's forward behind the mark and the requirement, in price units.
  public var underlying = Price(0)
  /// When the mark was found.
  public var pricedAt = Timestamp(0)
  /// When it is found anew whatever happens; ``Timestamp/never`` before there are parameters, and once it has expired.
  public var nextRepricing = Timestamp.never

  public init() {}

  /// What one lot × price unit pays when the underlying has settled at `price`, never above `cap`.
  @inlinable public func payoff(at price: Price, cap: Price) -> Price {
    let gain = isCall ? price.rawValue - strike.rawValue : strike.rawValue - price.rawValue
    return Price(min(cap.rawValue, max(0, gain)))
  }

  /// By how much the option is out of the money at `price`.
  @inlinable public func outOfTheMoney(at price: Price) -> Int64 {
    max(0, isCall ? strike.rawValue - price.rawValue : price.rawValue - strike.rawValue)
  }
}

/// Margin rates of an option and how its mark is kept, set by the risk administrator.
@frozen public struct OptionParameters: BitwiseCopyable, Equatable, Sendable {
  /// o_max and o_min: initial margin of a short, as rates of the underlying's value.
  public var maximumRate = Rate.zero
  public var minimumRate = Rate.zero
  /// o_mm: maintenance margin, as a rate of the underlying's value.
  public var maintenanceRate = Rate.zero
  /// The mark follows the underlying when that has moved by more than this; zero: at every index price.
  public var repricingMove = Rate.zero
  /// The mark is found anew at least this often (time decay), in nanoseconds.
  public var repricingInterval: Int64 = 0

  public init() {}
}

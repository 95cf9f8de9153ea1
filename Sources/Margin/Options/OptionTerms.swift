/// What an option's holder may buy (call) or sell (put), and at which price.
@frozen public struct OptionTerms: BitwiseCopyable, Hashable, Sendable {
  /// In the units of the prices it is compared with.
  public var strike: Double
  public var isCall: Bool

  @inlinable public init(strike: Double, isCall: Bool) {
    self.strike = strike
    self.isCall = isCall
  }

  /// What exercising at `price` brings: max(0, price − strike) for a call, max(0, strike − price) for a put.
  @inlinable public func payoff(at price: Double) -> Double {
    max(0, isCall ? price - strike : strike - price)
  }
}

import Values

extension IndexPrice {
  /// A price without a confidence interval.
  public init(requestId: UInt64, price: Price, stablePrice: Price?, asset: AssetId) {
    self.init(requestId: requestId, price: price, stablePrice: stablePrice, asset: asset, confidence: 0)
  }
}

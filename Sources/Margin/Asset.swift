import Values

/// An asset other than the settlement currency: its price and its weight as collateral.
@frozen public struct Asset: BitwiseCopyable {
  public var id: AssetId
  public var symbol: Symbol
  /// Decimal digits of its quantum.
  public var digits: UInt8
  /// e: value in mq = quanta × price / 10^e.
  public var priceScale: UInt8
  /// Slots of the haircut tables by notional; zero: no haircut.
  public var haircutMaintenance: UInt32
  public var haircutInitial: UInt32
  public var debtAddonMaintenance: Rate
  public var debtAddonInitial: Rate
  /// Slot of the risk group of what has this asset as its underlying; zero: none.
  public var riskGroup: UInt32 = 0
  /// Index price; zero until the first one.
  public var price = Price(0)
  /// Slow price; zero when there is none. Initial equity takes the worse of the two.
  public var stablePrice = Price(0)
  /// Implied volatility of its options that have none of their own; zero: none.
  public var flatVolatility = Rate.zero
  /// First and last option on it, in order of definition; 0: none.
  public var firstOption: UInt32 = 0
  public var lastOption: UInt32 = 0
  /// What its index price admits just now.
  public var oracleGuard = OracleGuard.normal
  /// Rises with every price: cached values of an older epoch are stale.
  public var epoch: UInt64 = 1
  /// Fees collected, in quanta.
  public var fees = Money.zero
  /// What roundings have left over when a pool was closed, in quanta (DUST).
  public var dust = Money.zero
  /// What its debts pay and its holdings earn.
  public var interest = Interest()
  /// Deposits less withdrawals, in quanta: what all balances and pools must add up to.
  public var deposited = Money.zero

  public init(
    id: AssetId, symbol: Symbol, digits: UInt8, priceScale: UInt8, haircutMaintenance: UInt32, haircutInitial: UInt32,
    debtAddonMaintenance: Rate, debtAddonInitial: Rate
  ) {
    self.id = id
    self.symbol = symbol
    self.digits = digits
    self.priceScale = priceScale
    self.haircutMaintenance = haircutMaintenance
    self.haircutInitial = haircutInitial
    self.debtAddonMaintenance = debtAddonMaintenance
    self.debtAddonInitial = debtAddonInitial
  }

  @inlinable public var hasPrice: Bool { price > Price(0) }

  /// The price that initial equity uses for a balance of this sign.
  @inlinable func strictPrice(debt: Bool) -> Int64 {
    if stablePrice == Price(0) { return price.rawValue }
    return debt ? max(price.rawValue, stablePrice.rawValue) : min(price.rawValue, stablePrice.rawValue)
  }

  /// 10^e.
  @inlinable var scale: Int128 { powerOfTen(priceScale) }
}

/// 10^exponent, exponent ≤ 37.
@inlinable func powerOfTen(_ exponent: UInt8) -> Int128 {
  var power: Int128 = 1
  for _ in 0..<exponent { power *= 10 }
  return power
}

import Values

/// An instrument: its definition, margin parameters, mark and phase.
@frozen public struct Instrument: BitwiseCopyable {
  public var id: InstrumentId
  public var base: AssetId
  public var quote: AssetId
  public var kind: InstrumentKind
  public var phase: Phase = .halted
  /// Where it stands in its life. Unless it is active its phase is halted, or expired once it is delisted.
  public var listing = Listing.active
  /// The phase it enters when it is activated.
  public var listingPhase = Phase.halted
  /// When a pending one is activated, else when it is delisted; ``Timestamp/never``: nothing is due.
  public var listingTime = Timestamp.never
  /// What the index prices it depends on admit just now.
  public var oracleGuard = OracleGuard.normal
  /// Whether its mark is made from the index of its base asset: it then stands under that index's guard.
  public var followsIndex = false
  /// Whether ``parameters`` have been set (perpetuals).
  public var hasParameters = false
  /// Whether the definition names a maximum price (it caps what a short can lose).
  public var hasPriceCap: Bool
  public var symbol: Symbol
  /// One price unit in 10^-12 units of the quote asset.
  public var priceUnit: Int64
  /// One lot in 10^-12 units of the base asset.
  public var lotSize: Int64
  /// m: quanta of the quote asset per lot × price unit.
  public var multiplier: Int64
  /// Spot: quanta of the base asset per lot.
  public var baseLot: Int64
  /// Highest price of orders and marks.
  public var maximumPrice: Price
  /// Orders may be no worse than the mark by this rate; zero: no band.
  public var priceBand: Rate
  public var maximumOrder: Quantity
  /// Largest worst-case position of a master.
  public var positionLimit: Quantity
  public var makerFee: Rate
  public var takerFee: Rate
  public var parameters = MarginParameters()
  /// Rates in force: those of ``parameters``, or measured ones.
  public var rates = RatesInForce()
  /// Mark price in price units; zero until the first one.
  public var mark = Price(0)
  /// Price of the last trade; zero before the first one.
  public var lastTrade = Price(0)
  /// Rises with every change of mark or parameters: cached terms of an older epoch are stale.
  public var epoch: UInt64 = 1
  /// Number of its book in the matching engine.
  public var book: UInt32
  /// Slots of the base and quote asset; zero for the settlement currency.
  public var baseAsset: UInt32
  public var quoteAsset: UInt32
  /// Slots of the impact curves for closing longs and shorts.
  public var longCurve: UInt32
  public var shortCurve: UInt32
  /// Funding of a perpetual.
  public var funding = Funding()
  /// When it expires, and how far its settlement is.
  public var expiry = Expiry()
  /// Slots of what is measured in its mark and its book; zero: nothing is.
  public var volatility: UInt32 = 0
  public var liquidity: UInt32 = 0
  /// Options: the contract, and what its mark was found from.
  public var option = OptionContract()
  /// Next option on the same base asset, by slot of definition; 0: the last one. Not durable: in order of definition.
  public var nextOption: UInt32 = 0
  /// Sums of the largest rise of a knot, over all changes of the impact curves: see ``Ledger/rateCoordinate(of:long:)``.
  public var longCurveRise: Int64 = 0
  public var shortCurveRise: Int64 = 0
  /// Sum of the long positions, in lots.
  public var openInterest = Quantity.zero

  public init(
    id: InstrumentId, base: AssetId, quote: AssetId, kind: InstrumentKind, hasPriceCap: Bool, symbol: Symbol,
    priceUnit: Int64, lotSize: Int64, multiplier: Int64, baseLot: Int64, maximumPrice: Price, priceBand: Rate,
    maximumOrder: Quantity, positionLimit: Quantity, makerFee: Rate, takerFee: Rate, book: UInt32, baseAsset: UInt32,
    quoteAsset: UInt32, longCurve: UInt32, shortCurve: UInt32
  ) {
    self.id = id
    self.base = base
    self.quote = quote
    self.kind = kind
    self.hasPriceCap = hasPriceCap
    self.symbol = symbol
    self.priceUnit = priceUnit
    self.lotSize = lotSize
    self.multiplier = multiplier
    self.baseLot = baseLot
    self.maximumPrice = maximumPrice
    self.priceBand = priceBand
    self.maximumOrder = maximumOrder
    self.positionLimit = positionLimit
    self.makerFee = makerFee
    self.takerFee = takerFee
    self.book = book
    self.baseAsset = baseAsset
    self.quoteAsset = quoteAsset
    self.longCurve = longCurve
    self.shortCurve = shortCurve
  }

  @inlinable @inline(__always) public var hasMark: Bool { mark > Price(0) }

  /// Price at which lots count for the entry bound: an option's at least at its underlying, which its requirement is of.
  @inlinable @inline(__always) public var grossPrice: Price { max(mark, option.underlying) }

  /// lots × price × m, exact; lots and price are inside the entry bounds.
  @inlinable @inline(__always) public func value(_ lots: Quantity, at price: Price) -> Money {
    let (units, isWide) = lots.rawValue.multipliedReportingOverflow(by: price.rawValue)
    if isWide { return Instrument.wideValue(lots, at: price, multiplier: multiplier) }
    return Money(Int128(units) &* Int128(multiplier))
  }

  @usableFromInline static func wideValue(_ lots: Quantity, at price: Price, multiplier: Int64) -> Money {
    Money(Int128(lots.rawValue) * Int128(price.rawValue) * Int128(multiplier))
  }
}

/// Margin parameters of a perpetual, set by the risk administrator. All-zero rates switch a term off.
@frozen public struct MarginParameters: BitwiseCopyable, Equatable, Sendable {
  /// Slots of the tier tables; zero: none.
  public var maintenanceTiers: UInt32 = 0
  public var initialTiers: UInt32 = 0
  public var maintenanceBase = Rate.zero
  public var initialBase = Rate.zero
  /// ppb per square root of one unit of the underlying.
  public var sizeFactor = Rate.zero
  public var maintenanceVolatility = Rate.zero
  public var initialVolatility = Rate.zero
  /// κ: the initial volatility rate in force is at least κ times the maintenance one.
  public var volatilityRatio = Rate(1_100_000_000)
  /// w_im: weight of positive unrealised profit in initial equity.
  public var profitWeight = Rate.one
  public var liquidationFee = Rate.zero
  public var maximumSlippage = Rate.zero

  public init() {}

  /// Whether requirements differ from those with `other` by the volatility rate at most, which the rate coordinate of the
  /// bands tells.
  @inlinable func hasBands(like other: MarginParameters) -> Bool {
    maintenanceTiers == other.maintenanceTiers && maintenanceBase == other.maintenanceBase
      && sizeFactor == other.sizeFactor
  }

  /// The fixed volatility rates as they are in force. max(r_vol_im, ⌈κ·r_vol_mm⌉) keeps initial above maintenance margin
  /// whatever the two inputs are.
  public var fixedRates: RatesInForce {
    let scaled = volatilityRatio.roundedUp(of: Money(maintenanceVolatility.rawValue))
    return RatesInForce(
      maintenanceVolatility: maintenanceVolatility,
      initialVolatility: max(initialVolatility, Rate(Int64(scaled.rawValue))), openInterest: .zero)
  }
}

/// The rates of an instrument that can follow the market, as they are in force.
@frozen public struct RatesInForce: BitwiseCopyable, Equatable, Sendable {
  /// r_vol_mm.
  public var maintenanceVolatility = Rate.zero
  /// r_vol_im, κ included.
  public var initialVolatility = Rate.zero
  /// r_OI, initial margin only.
  public var openInterest = Rate.zero

  public init() {}

  public init(maintenanceVolatility: Rate, initialVolatility: Rate, openInterest: Rate) {
    self.maintenanceVolatility = maintenanceVolatility
    self.initialVolatility = initialVolatility
    self.openInterest = openInterest
  }
}

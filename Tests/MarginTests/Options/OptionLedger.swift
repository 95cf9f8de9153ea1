import Values

@testable import Margin

/// Midnight of the tests, and a day, in nanoseconds.
let midnight = Timestamp(1_700_000_000_000_000_000)
let day: Int64 = 86_400_000_000_000

extension Ledger {
  /// An option that expires `days` after midnight; the average of its last hour settles it. Returns its slot.
  mutating func addOption(
    _ id: UInt32, on asset: UInt32, strike: Int64, isCall: Bool, days: Int64 = 30, multiplier: Int64 = 1,
    priceUnit: Int64 = 1_000_000_000_000, maximumPrice: Int64? = nil, parameters: OptionParameters
  ) -> UInt32 {
    let cap = maximumPrice ?? (isCall ? Limits.price : strike)
    var instrument = Instrument(
      id: InstrumentId(id), base: assets[asset].id, quote: .settlement, kind: .option,
      hasPriceCap: maximumPrice != nil || !isCall, symbol: "OPTION", priceUnit: priceUnit, lotSize: 1_000_000_000,
      multiplier: multiplier, baseLot: 0, maximumPrice: Price(cap), priceBand: .zero,
      maximumOrder: Quantity(Limits.quantity), positionLimit: Quantity(Limits.quantity), makerFee: .zero,
      takerFee: .zero, book: 0, baseAsset: asset, quoteAsset: 0, longCurve: curves.insert(ImpactCurve()),
      shortCurve: curves.insert(ImpactCurve()))
    instrument.expiry = Expiry(
      time: Timestamp(midnight.rawValue + days * day), window: 3_600_000_000_000, interval: 60_000_000_000,
      now: midnight)
    instrument.option.strike = Price(strike)
    instrument.option.isCall = isCall
    add(instrument)
    let slot = find(InstrumentId(id))
    setOptionParameters(of: slot, to: parameters)
    reprice(slot, at: midnight)
    return slot
  }

  /// The underlying's index, and every option's mark after it.
  mutating func setIndex(of asset: UInt32, to price: Int64) {
    setPrice(of: asset, to: Price(price), stable: nil)
    var option = assets[asset].firstOption
    while option != 0 {
      reprice(option, at: midnight)
      option = instruments[option].nextOption
    }
  }
}

extension OptionParameters {
  /// 15 %, 10 % and 7.5 % of the underlying: Derive's, and close to Deribit's.
  static var usual: OptionParameters {
    var parameters = OptionParameters()
    parameters.maximumRate = basisPoints(1500)
    parameters.minimumRate = basisPoints(1000)
    parameters.maintenanceRate = basisPoints(750)
    parameters.repricingInterval = 3_600_000_000_000
    return parameters
  }
}

import Values
import Wire

extension VenueReader {
  /// An option from what it has in common with a perpetual, its right, its strike, its expiry and its settlement window.
  func option(_ definition: DefineInstrument, in section: TomlSection) -> DefineOption {
    let type = section.choice("option_type", of: OptionType.self)
    if !section.has("option_type") { section.issue("option_type", "is missing: \"call\" or \"put\".") }
    if !section.has("strike") { section.issue("strike", "is missing.") }
    let strike = section.multiple("strike", of: definition.priceUnit, called: "the price unit")
    return DefineOption(
      requestId: 0, instrument: definition.instrument, base: definition.base, optionType: type ?? .call,
      symbol: definition.symbol, priceUnit: definition.priceUnit, lotSize: definition.lotSize,
      maximumPrice: definition.maximumPrice, priceBand: definition.priceBand, maximumOrder: definition.maximumOrder,
      positionLimit: definition.positionLimit, makerFee: definition.makerFee, takerFee: definition.takerFee,
      expiry: expiry(in: section), settlementWindow: milliseconds("settlement_window", in: section),
      settlementInterval: milliseconds("settlement_interval", in: section), strike: Price(strike ?? 0))
  }

  /// `[instruments.margin]` of an option.
  func readOptionMargin(of instrument: VenueNames.Instrument, in parent: TomlSection) {
    guard let section = parent.section("margin") else { return }
    func rate(_ key: String) -> Rate { Rate(section.decimal(key, digits: 9) ?? 0) }
    add(
      SetOptionParameters(
        requestId: 0, instrument: instrument.id,
        repricingInterval: UInt32(clamping: section.decimal("repricing_interval", digits: 3) ?? 3_600_000),
        maximumRate: rate("maximum_rate"), minimumRate: rate("minimum_rate"),
        maintenanceRate: rate("maintenance_rate"), repricingMove: rate("repricing_move")),
      at: section.line(), "margin parameters of \(instrument.symbol)")
    section.finish()
  }
}

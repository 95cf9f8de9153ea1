import Values
import Wire

extension VenueReader {
  /// `[[risk_groups]]` and `[[group_credits]]`: portfolio mode.
  func readRiskGroups() {
    for section in root.sections("risk_groups") {
      let underlying = requiredAsset("underlying", in: section)
      func rate(_ key: String, _ fallback: Int64 = 0) -> Rate { Rate(section.decimal(key, digits: 9) ?? fallback) }
      let minimum = Money(section.decimal("short_option_minimum", digits: names.moneyDigits) ?? 0)
      add(
        SetRiskGroup(
          requestId: 0, asset: underlying, volatilityInstrument: instrument("volatility_of", in: section),
          rangeFloor: rate("range_floor"), volatilityShock: rate("volatility_shock"),
          spreadRate: rate("spread_rate"), shortOptionMinimum: minimum,
          initialMultiplier: rate("initial_multiplier", 1_300_000_000), creditCap: rate("credit_cap")),
        at: section.line(), "risk group")
      section.finish()
    }
    for section in root.sections("group_credits") {
      let (first, second) = (requiredAsset("first", in: section), requiredAsset("second", in: section))
      add(
        SetGroupCredit(
          requestId: 0, first: first, second: second, rate: Rate(section.requiredDecimal("rate", digits: 9)),
          firstShare: Rate(section.requiredDecimal("first_share", digits: 9)),
          secondShare: Rate(section.requiredDecimal("second_share", digits: 9))),
        at: section.line(), "group credit")
      section.finish()
    }
  }

  private func requiredAsset(_ key: String, in section: TomlSection) -> AssetId {
    if !section.has(key) { section.issue(key, "is missing: the symbol of an asset.") }
    return asset(key, in: section)?.id ?? .settlement
  }

  /// The instrument with that symbol; none when the key is absent.
  private func instrument(_ key: String, in section: TomlSection) -> InstrumentId {
    guard let name = section.text(key) else { return .none }
    if let instrument = names.instrument(named: name) { return instrument.id }
    section.issue(key, unknown("instrument", name, among: names.instruments.map(\.symbol)))
    return .none
  }
}

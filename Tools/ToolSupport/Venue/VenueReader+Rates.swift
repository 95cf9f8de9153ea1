import Values
import Wire

extension VenueReader {
  /// `[instruments.volatility]`: rates that follow the mark.
  func readVolatility(of instrument: VenueNames.Instrument, in parent: TomlSection) {
    guard let section = parent.section("volatility") else { return }
    func rate(_ key: String) -> Rate { Rate(section.decimal(key, digits: 9) ?? 0) }
    func required(_ key: String) -> Rate { Rate(section.requiredDecimal(key, digits: 9)) }
    func amount(_ key: String) -> Money { Money(section.decimal(key, digits: names.moneyDigits) ?? 0) }
    add(
      SetVolatilityParameters(
        requestId: 0, instrument: instrument.id,
        interval: UInt32(section.requiredInteger("interval_ms", in: 100...604_800_000)),
        quantile: UInt32(clamping: section.requiredDecimal("quantile", digits: 3)),
        horizon: UInt32(section.requiredInteger("horizon", in: 1...1_048_576)),
        decay: UInt8(section.requiredInteger("decay", in: 1...20)),
        notice: UInt8(section.integer("notice", in: 0...63) ?? 0), floor: required("floor"), stress: required("stress"),
        up: required("up"), down: required("down"), maintenanceShare: required("maintenance_share"),
        cap: required("cap"), lowerOpenInterest: amount("lower_open_interest"),
        upperOpenInterest: amount("upper_open_interest"),
        deviation: rate("start_deviation")),
      at: section.line(), "volatility parameters of \(instrument.symbol)")
    section.finish()
  }

  /// `[instruments.liquidity]`: impact curves that follow the book.
  func readLiquidity(of instrument: VenueNames.Instrument, in parent: TomlSection) {
    guard let section = parent.section("liquidity") else { return }
    func required(_ key: String) -> Rate { Rate(section.requiredDecimal(key, digits: 9)) }
    let sizes = section.decimals("sizes", digits: 12)
    let rows = sizes.map { size in
      let (lots, rest) = size.quotientAndRemainder(dividingBy: max(1, instrument.lotSize))
      if rest != 0 { section.issue("sizes", "should be whole multiples of the lot size.") }
      return SetLiquidityParameters.Row(lots: Quantity(lots))
    }
    if rows.count != 8 { section.issue("sizes", "should be eight sizes, but are \(rows.count).") }
    let message = SetLiquidityParameters(
      requestId: 0, instrument: instrument.id,
      interval: UInt32(section.requiredInteger("interval_ms", in: 100...86_400_000)),
      window: UInt8(section.requiredInteger("window", in: 1...16)),
      smoothing: UInt8(section.integer("smoothing", in: 0...16) ?? 0), floor: required("floor"), cap: required("cap"),
      change: required("change"))
    if rows.count == 8 {
      add(message, rows: rows, at: section.line(), "liquidity parameters of \(instrument.symbol)")
    }
    section.finish()
  }
}

import Values
import Wire

extension VenueReader {
  /// `[[instruments]]` with their margin parameters, impact curves, marks and phases.
  func readInstruments() {
    for section in root.sections("instruments") {
      let id = InstrumentId(UInt32(section.requiredInteger("id", in: 1...Int(UInt32.max))))
      let symbol = symbol("symbol", in: section)
      let kind = section.choice("kind", of: InstrumentKind.self)
      if !section.has("kind") {
        section.issue("kind", "is missing: \"spot\", \"perpetual\", \"future\" or \"option\".")
      }
      if !section.has("base") { section.issue("base", "is missing: the symbol of an asset.") }
      let base = asset("base", in: section)?.id ?? .settlement
      let quote = asset("quote", in: section)?.id ?? .settlement
      let instrument = VenueNames.Instrument(
        id: id, symbol: "\(symbol)", priceUnit: section.requiredDecimal("price_unit", digits: 12),
        lotSize: section.requiredDecimal("lot_size", digits: 12))
      if names.instrument(named: instrument.symbol) != nil { section.issue("symbol", "“\(symbol)” exists already.") }
      names.instruments.append(instrument)
      let definition =
        DefineInstrument(
          requestId: 0, instrument: id, kind: kind ?? .spot, base: base, quote: quote, symbol: symbol,
          priceUnit: instrument.priceUnit, lotSize: instrument.lotSize,
          maximumPrice: Price(price("maximum_price", of: instrument, in: section) ?? 0),
          priceBand: Rate(section.decimal("price_band", digits: 9) ?? 0),
          maximumOrder: Quantity(lots("maximum_order", of: instrument, in: section) ?? 0),
          positionLimit: Quantity(lots("position_limit", of: instrument, in: section) ?? 0),
          makerFee: Rate(section.decimal("maker_fee", digits: 9) ?? 0),
          takerFee: Rate(section.decimal("taker_fee", digits: 9) ?? 0))
      switch kind {
      case .future: add(future(definition, in: section), at: section.line(), "instrument \(symbol)")
      case .option: add(option(definition, in: section), at: section.line(), "instrument \(symbol)")
      default: add(definition, at: section.line(), "instrument \(symbol)")
      }
      if kind == .option {
        readOptionMargin(of: instrument, in: section)
      } else {
        readMargin(of: instrument, in: section)
      }
      readImpact(of: instrument, in: section)
      readVolatility(of: instrument, in: section)
      readLiquidity(of: instrument, in: section)
      readFunding(of: instrument, in: section)
      readMarkPrice(of: instrument, in: section)
      readMarket(of: instrument, in: section)
      section.finish()
    }
  }

  func expiry(in section: TomlSection) -> Timestamp {
    let text = section.requiredText("expiry")
    let expiry = UtcTime.parse(text)
    if section.has("expiry") && expiry == nil {
      section.issue("expiry", "should be a time like \"2026-12-25T08:00:00Z\".")
    }
    return expiry ?? Timestamp(0)
  }

  func milliseconds(_ key: String, in section: TomlSection) -> UInt32 {
    UInt32(clamping: section.requiredDecimal(key, digits: 3))
  }

  /// A dated future from what it has in common with a perpetual, its expiry and its settlement window.
  private func future(_ definition: DefineInstrument, in section: TomlSection) -> DefineFuture {
    DefineFuture(
      requestId: 0, instrument: definition.instrument, base: definition.base, symbol: definition.symbol,
      priceUnit: definition.priceUnit, lotSize: definition.lotSize, maximumPrice: definition.maximumPrice,
      priceBand: definition.priceBand, maximumOrder: definition.maximumOrder, positionLimit: definition.positionLimit,
      makerFee: definition.makerFee, takerFee: definition.takerFee, expiry: expiry(in: section),
      settlementWindow: milliseconds("settlement_window", in: section),
      settlementInterval: milliseconds("settlement_interval", in: section))
  }

  private func price(_ key: String, of instrument: VenueNames.Instrument, in section: TomlSection) -> Int64? {
    section.multiple(key, of: instrument.priceUnit, called: "the price unit")
  }

  private func lots(_ key: String, of instrument: VenueNames.Instrument, in section: TomlSection) -> Int64? {
    section.multiple(key, of: instrument.lotSize, called: "the lot size")
  }

  private func readMargin(of instrument: VenueNames.Instrument, in parent: TomlSection) {
    guard let section = parent.section("margin") else { return }
    func rate(_ key: String, _ fallback: Int64 = 0) -> Rate { Rate(section.decimal(key, digits: 9) ?? fallback) }
    add(
      SetMarginParameters(
        requestId: 0, instrument: instrument.id, maintenanceTiers: schedule("maintenance_tiers", in: section),
        initialTiers: schedule("initial_tiers", in: section), maintenanceBase: rate("maintenance_base"),
        initialBase: rate("initial_base"), sizeFactor: rate("size_factor"),
        maintenanceVolatility: rate("maintenance_volatility"), initialVolatility: rate("initial_volatility"),
        volatilityRatio: rate("volatility_ratio", 1_100_000_000),
        profitWeight: rate("profit_weight", Rate.one.rawValue), liquidationFee: rate("liquidation_fee"),
        maximumSlippage: rate("maximum_slippage")),
      at: section.line(), "margin parameters of \(instrument.symbol)")
    section.finish()
  }

  private func readFunding(of instrument: VenueNames.Instrument, in parent: TomlSection) {
    guard let section = parent.section("funding") else { return }
    func milliseconds(_ key: String) -> UInt32 { UInt32(clamping: section.requiredDecimal(key, digits: 3)) }
    func rate(_ key: String) -> Rate { Rate(section.decimal(key, digits: 9) ?? 0) }
    let interval = milliseconds("interval")
    add(
      SetFundingParameters(
        requestId: 0, instrument: instrument.id, interval: interval,
        period: section.has("period") ? milliseconds("period") : interval,
        sampling: section.has("sampling") ? milliseconds("sampling") : min(interval, 60_000),
        interest: rate("interest"), clamp: rate("clamp"), cap: Rate(section.requiredDecimal("cap", digits: 9)),
        marginFactor: rate("margin_factor"), fixedRate: rate("fixed_rate"), isFixed: section.has("fixed_rate")),
      at: section.line(), "funding of \(instrument.symbol)")
    section.finish()
  }

  private func readImpact(of instrument: VenueNames.Instrument, in parent: TomlSection) {
    guard let section = parent.section("impact") else { return }
    for (key, side) in [("longs", Side.buy), ("shorts", .sell)] {
      let points = section.pairs(key, digits: (12, 9))
      guard section.has(key) else { continue }
      let rows = points.compactMap { size, rate -> SetImpactCurve.Row? in
        let (lots, rest) = size.quotientAndRemainder(dividingBy: max(1, instrument.lotSize))
        if rest != 0 { section.issue(key, "sizes should be whole multiples of the lot size.") }
        return SetImpactCurve.Row(lots: Quantity(lots), rate: Rate(rate))
      }
      guard rows.count <= Limits.scheduleRows else {
        section.issue(key, "at most \(Limits.scheduleRows) points are possible.")
        continue
      }
      add(
        SetImpactCurve(requestId: 0, instrument: instrument.id, side: side), rows: rows, at: section.line(of: key),
        "impact curve of \(instrument.symbol)")
    }
    section.finish()
  }

  private func readMarkPrice(of instrument: VenueNames.Instrument, in parent: TomlSection) {
    guard let section = parent.section("mark_price") else { return }
    if parent.has("mark") { parent.issue("mark", "is computed as [instruments.mark_price] says: leave it out.") }
    add(
      SetMarkParameters(
        requestId: 0, minimumMove: Price(price("minimum_move", of: instrument, in: section) ?? 1),
        band: Rate(section.requiredDecimal("band", digits: 9)),
        basisWeight: Rate(section.decimal("basis_weight", digits: 9) ?? 0), instrument: instrument.id,
        interval: UInt32(
          section.integer("interval_ms", in: Int(Limits.shortestInterval)...Int(Limits.longestInterval)) ?? 1000),
        minimumInterval: UInt32(section.integer("minimum_interval_ms", in: 0...Int(Limits.longestInterval)) ?? 0)),
      at: section.line(), "mark parameters of \(instrument.symbol)")
    section.finish()
  }

  private func readMarket(of instrument: VenueNames.Instrument, in section: TomlSection) {
    if let mark = price("mark", of: instrument, in: section) {
      let message = MarkPrice(requestId: 0, price: Price(mark), instrument: instrument.id)
      add(message, at: section.line(of: "mark"), "mark price of \(instrument.symbol)", stage: .price)
    }
    if let phase = section.choice("phase", of: Phase.self), phase != .halted {
      let message = SetPhase(requestId: 0, instrument: instrument.id, phase: phase)
      add(message, at: section.line(of: "phase"), "phase of \(instrument.symbol)", stage: .phase)
    }
  }
}

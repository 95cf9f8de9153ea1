import Values
import Wire

extension VenueReader {
  /// `[venue]` and `[limits]`: the first frame.
  func readVenue() {
    guard let section = root.section("venue") else {
      if !root.has("venue") { root.issue("venue", "the section [venue] is missing.") }
      return
    }
    let name = symbol("name", in: section)
    let moneyDigits = section.integer("money_digits", in: 0...18) ?? 8
    let settlement = section.text("settlement") ?? "USD"
    names.venue = "\(name)"
    names.moneyDigits = moneyDigits
    names.assets = [VenueNames.Asset(id: .settlement, symbol: settlement, digits: moneyDigits, priceDigits: 0)]
    let venueId = readVenueId(section)
    section.finish()
    let limits = readLimits()
    add(
      DefineVenue(
        requestId: 0, venueId: venueId, name: name, assets: UInt32(limits.assets), schedules: UInt32(limits.schedules),
        instruments: UInt32(limits.instruments), accounts: UInt32(limits.accounts), keys: UInt32(limits.keys),
        positions: UInt32(limits.positions), balances: UInt32(limits.balances), orders: UInt32(limits.orders),
        ordersPerAccount: UInt32(limits.ordersPerAccount), workPerTick: UInt32(limits.workPerTick),
        auditInterval: UInt32(limits.auditInterval), moneyDigits: UInt8(moneyDigits)),
      at: section.line(), "venue \(name)")
  }

  private func readVenueId(_ section: TomlSection) -> UInt64 {
    guard let text = section.text("id") else { return UInt64.random(in: 1...UInt64.max) }
    hasVenueId = true
    if let id = UInt64(text, radix: 16), id != 0, text.count <= 16 { return id }
    section.issue("id", "should be 1 to 16 hexadecimal digits in quotes, not all 0. Leave it out for a random one.")
    return 1
  }

  private func readLimits() -> Limits {
    // The same bounds as ``Limits/fault``, so that a value that is too large is named with its line.
    var limits = Limits()
    guard let section = root.section("limits") else { return limits }
    func read(_ key: String, _ path: WritableKeyPath<Limits, Int>, least: Int = 1, most: Int = 1 << 30) {
      if let value = section.integer(key, in: least...most) { limits[keyPath: path] = value }
    }
    read("assets", \.assets, most: 65_535)
    read("schedules", \.schedules, most: 65_535)
    read("instruments", \.instruments, most: 1 << 20)
    read("accounts", \.accounts, most: 1 << 24)
    read("keys", \.keys, most: 1 << 20)
    read("positions", \.positions, most: 1 << 27)
    read("balances", \.balances, most: 1 << 27)
    read("orders", \.orders, most: 1 << 27)
    read("orders_per_account", \.ordersPerAccount, most: 1 << 27)
    read("work_per_tick", \.workPerTick, most: 1 << 20)
    read("audit_interval", \.auditInterval, least: 0)
    section.finish()
    return limits
  }

  /// `[[schedules]]`: bracket tables, used for margin tiers and haircuts.
  func readSchedules() {
    for (index, section) in root.sections("schedules").enumerated() {
      let name = section.requiredText("name")
      let id = ScheduleId(UInt16(section.integer("id", in: 1...65_535) ?? index + 1))
      if !section.has("brackets") { section.issue("brackets", "is missing.") }
      let brackets = section.pairs("brackets", digits: (names.moneyDigits, 9))
      if scheduleIds.updateValue(id, forKey: name) != nil { section.issue("name", "“\(name)” exists already.") }
      section.finish()
      let rows = brackets.map { DefineSchedule.Row(lower: Money($0.0), rate: Rate($0.1)) }
      guard rows.count <= Limits.scheduleRows else {
        section.issue("brackets", "at most \(Limits.scheduleRows) brackets are possible.")
        continue
      }
      add(DefineSchedule(requestId: 0, schedule: id), rows: rows, at: section.line(), "schedule \(name)")
    }
  }

  /// `[[assets]]`: what can be held besides the settlement currency.
  func readAssets() {
    for section in root.sections("assets") {
      let id = AssetId(UInt16(section.requiredInteger("id", in: 1...65_535)))
      let symbol = symbol("symbol", in: section)
      let digits = section.integer("digits", in: 0...18) ?? 8
      let priceDigits = section.integer("price_digits", in: 0...18) ?? 2
      let scale = digits - names.moneyDigits + priceDigits
      if !(0...18).contains(scale) {
        section.issue(
          "price_digits",
          "digits (\(digits)) − money_digits (\(names.moneyDigits)) + price_digits (\(priceDigits)) must be 0 to 18.")
      }
      let asset = VenueNames.Asset(id: id, symbol: "\(symbol)", digits: digits, priceDigits: priceDigits)
      if names.asset(named: asset.symbol) != nil { section.issue("symbol", "“\(symbol)” exists already.") }
      names.assets.append(asset)
      add(
        DefineAsset(
          requestId: 0, asset: id, symbol: symbol, digits: UInt8(digits), priceScale: UInt8(max(0, min(18, scale))),
          haircutMaintenance: schedule("haircut_maintenance", in: section),
          haircutInitial: schedule("haircut_initial", in: section),
          debtAddonMaintenance: Rate(section.decimal("debt_addon_maintenance", digits: 9) ?? 0),
          debtAddonInitial: Rate(section.decimal("debt_addon_initial", digits: 9) ?? 0)),
        at: section.line(), "asset \(symbol)")
      readOracle(of: id, symbol, in: section)
      readInterest(of: id, "\(symbol)", in: section)
      if let index = section.decimal("index", digits: priceDigits) {
        let stable = section.decimal("stable_index", digits: priceDigits).map { Price($0) }
        let message = IndexPrice(requestId: 0, price: Price(index), stablePrice: stable, asset: id)
        add(message, at: section.line(of: "index"), "index price of \(symbol)", stage: .price)
      } else if section.has("stable_index") {
        section.issue("stable_index", "needs index as well.")
      }
      if let volatility = section.decimal("implied_volatility", digits: 9) {
        let message = SetImpliedVolatility(
          requestId: 0, instrument: .none, asset: id, volatility: Rate(volatility))
        add(message, at: section.line(of: "implied_volatility"), "volatility of \(symbol)", stage: .price)
      }
      section.finish()
    }
  }

  /// `[assets.interest]`, and `[interest]` for the settlement currency: what debts pay and holdings earn.
  func readInterest(of asset: AssetId, _ name: String, in parent: TomlSection) {
    guard let section = parent.section("interest") else { return }
    func rate(_ key: String, _ fallback: Int64) -> Rate { Rate(section.decimal(key, digits: 9) ?? fallback) }
    let slope = rate("slope", 0)
    add(
      SetInterestParameters(
        requestId: 0, asset: asset, interval: UInt32(clamping: section.requiredDecimal("interval", digits: 3)),
        base: rate("base", 0), slope: slope, steepSlope: rate("steep_slope", slope.rawValue),
        kink: rate("kink", Rate.one.rawValue), reserveFactor: rate("reserve_factor", Rate.one.rawValue)),
      at: section.line(), "interest on \(name)")
    section.finish()
  }

  /// `[assets.oracle]`: how the index is made from its sources, and when it is trusted.
  private func readOracle(of asset: AssetId, _ symbol: Symbol, in parent: TomlSection) {
    guard let section = parent.section("oracle") else { return }
    let ages = 1...Int(Limits.oracleAge)
    let riskAge = section.requiredInteger("risk_age_ms", in: ages)
    add(
      SetOracleParameters(
        requestId: 0, deviation: Rate(section.requiredDecimal("deviation", digits: 9)),
        confidence: Rate(section.requiredDecimal("confidence", digits: 9)), riskAge: UInt32(riskAge),
        liquidationAge: UInt32(section.requiredInteger("liquidation_age_ms", in: ages)), asset: asset,
        quorum: UInt8(section.integer("quorum", in: 1...8) ?? 1)),
      at: section.line(), "oracle parameters of \(symbol)")
    section.finish()
  }
}

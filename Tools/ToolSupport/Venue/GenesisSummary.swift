import Client
import Values
import Wire

/// What a venue file would create, in tables.
public struct GenesisSummary {
  private let genesis: Genesis
  private let amounts: Amounts

  public init(_ genesis: Genesis) {
    self.genesis = genesis
    amounts = Amounts(moneyDigits: genesis.names.moneyDigits)
  }

  public var text: String {
    var parts: [String] = []
    if let venue = messages(DefineVenue.self).first { parts.append(describe(venue)) }
    for (title, table) in [
      ("Assets", assets), ("Instruments", instruments), ("Margin", margin), ("Accounts", accounts), ("Keys", keys),
    ] where !table.isEmpty {
      parts.append("\(title)\n\(table.text)")
    }
    return parts.joined(separator: "\n\n")
  }

  private func messages<M: Message>(_ type: M.Type) -> [M] {
    genesis.entries.compactMap { entry in
      entry.bytes.withUnsafeBytes { Frame($0).template == M.template ? Frame($0).decode(M.self) : nil }
    }
  }

  private func describe(_ venue: DefineVenue) -> String {
    let settlement = genesis.names.asset(.settlement)?.symbol ?? ""
    let id = genesis.hasVenueId ? String(venue.venueId, radix: 16) : "random"
    let sizes = [
      ("accounts", venue.accounts), ("keys", venue.keys), ("instruments", venue.instruments), ("orders", venue.orders),
      ("orders per account", venue.ordersPerAccount), ("positions", venue.positions), ("balances", venue.balances),
    ]
    let limits = sizes.map { "\(Decimal.format($0.1)) \($0.0)" }.joined(separator: ", ")
    return """
      Venue “\(venue.name)”, id \(id)
        settles in \(settlement), money quantum 10^-\(venue.moneyDigits) \(settlement)
        room for \(limits)
      """
  }

  private var assets: TextTable {
    let prices = Dictionary(messages(IndexPrice.self).map { ($0.asset, $0.price) }) { $1 }
    var table = TextTable(">id", "symbol", ">digits", ">index price")
    for asset in genesis.names.assets {
      let price = prices[asset.id].map { Decimal.format(Int128($0.rawValue), digits: asset.priceDigits) }
      table.add("\(asset.id.rawValue)", asset.symbol, "\(asset.digits)", price ?? (asset.id == .settlement ? "1" : "–"))
    }
    return table
  }

  private var instruments: TextTable {
    let marks = Dictionary(messages(MarkPrice.self).map { ($0.instrument, $0.price) }) { $1 }
    let computed = Set(messages(SetMarkParameters.self).map(\.instrument))
    let phases = Dictionary(messages(SetPhase.self).map { ($0.instrument, $0.phase) }) { $1 }
    var table = TextTable(
      ">id", "symbol", "kind", ">price unit", ">lot", ">mark", ">maker fee", ">taker fee", ">band", "phase")
    let futures = messages(DefineFuture.self).map { row in
      (
        DefineInstrument(
          requestId: 0, instrument: row.instrument, kind: .perpetual, base: row.base, quote: .settlement,
          symbol: row.symbol, priceUnit: row.priceUnit, lotSize: row.lotSize, maximumPrice: row.maximumPrice,
          priceBand: row.priceBand, maximumOrder: row.maximumOrder, positionLimit: row.positionLimit,
          makerFee: row.makerFee, takerFee: row.takerFee), "future, \(UtcTime.format(row.expiry))"
      )
    }
    let options = messages(DefineOption.self).map { row in
      (
        DefineInstrument(
          requestId: 0, instrument: row.instrument, kind: .perpetual, base: row.base, quote: .settlement,
          symbol: row.symbol, priceUnit: row.priceUnit, lotSize: row.lotSize, maximumPrice: row.maximumPrice,
          priceBand: row.priceBand, maximumOrder: row.maximumOrder, positionLimit: row.positionLimit,
          makerFee: row.makerFee, takerFee: row.takerFee),
        "\(row.optionType == .put ? "put" : "call") \(Amounts.multiple(row.strike.rawValue, of: row.priceUnit)), "
          + UtcTime.format(row.expiry)
      )
    }
    for (row, kind) in messages(DefineInstrument.self).map({ ($0, $0.kind.map { "\($0)" } ?? "–") }) + futures + options
    {
      table.add(
        "\(row.instrument.rawValue)", "\(row.symbol)", kind,
        Amounts.multiple(1, of: row.priceUnit), Amounts.multiple(1, of: row.lotSize),
        marks[row.instrument].map { Amounts.multiple($0.rawValue, of: row.priceUnit) }
          ?? (computed.contains(row.instrument) ? "computed" : "–"),
        Amounts.percent(row.makerFee), Amounts.percent(row.takerFee),
        row.priceBand == .zero ? "–" : Amounts.percent(row.priceBand),
        (phases[row.instrument] ?? nil).map { "\($0)" } ?? "halted")
    }
    return table
  }

  private var margin: TextTable {
    var table = TextTable(
      "instrument", ">maintenance", ">initial", "tiers", ">size factor", ">volatility", ">profit weight")
    for row in messages(SetMarginParameters.self) {
      table.add(
        genesis.names.instrument(row.instrument)?.symbol ?? "\(row.instrument.rawValue)",
        Amounts.percent(row.maintenanceBase), Amounts.percent(row.initialBase),
        row.initialTiers == .none ? "–" : "schedules \(row.maintenanceTiers.rawValue), \(row.initialTiers.rawValue)",
        row.sizeFactor == .zero ? "–" : Amounts.percent(row.sizeFactor),
        row.initialVolatility == .zero ? "–" : Amounts.percent(row.initialVolatility),
        Amounts.percent(row.profitWeight))
    }
    return table
  }

  private var accounts: TextTable {
    let deposits = Dictionary(grouping: messages(Deposit.self), by: \.account)
    var table = TextTable(">id", ">master", "mode", "may borrow", ">leverage cap", "parent", "deposits")
    for row in messages(CreateAccount.self) {
      let held = (deposits[row.account] ?? []).map { deposit in
        let asset = genesis.names.asset(deposit.asset)
        return "\(Amounts.quanta(deposit.amount, digits: asset?.digits ?? 0)) \(asset?.symbol ?? "")"
      }
      table.add(
        "\(row.account.rawValue)", "\(row.master.rawValue)", row.mode.map { "\($0)" } ?? "–",
        row.flags.contains(.mayBorrow) ? "yes" : "no", row.leverageCap == 0 ? "–" : "\(row.leverageCap)",
        row.parent == .none ? "–" : "\(row.parent.rawValue)", held.joined(separator: ", "))
    }
    return table
  }

  private var keys: TextTable {
    var table = TextTable(">id", ">master", "public key", "roles")
    for row in messages(DefineKey.self) {
      table.add(
        "\(row.key.rawValue)", row.master == .none ? "–" : "\(row.master.rawValue)",
        row.publicKey.hexadecimal.prefix(16) + "…", row.roles.names.joined(separator: " "))
    }
    return table
  }
}

extension Roles {
  /// Names of the roles, as the schema has them.
  public var names: [String] {
    TypeDescription.roles.values.filter { rawValue >> UInt16($0.code) & 1 == 1 }.map(\.name)
  }
}

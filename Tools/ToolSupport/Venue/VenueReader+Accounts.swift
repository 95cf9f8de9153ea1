import Client
import Values
import Wire

extension VenueReader {
  /// `[[accounts]]` with what is deposited at the start.
  func readAccounts() {
    for section in root.sections("accounts") {
      let id = AccountId(UInt32(section.requiredInteger("id", in: 1...Int(UInt32.max))))
      let master = MasterId(UInt32(section.requiredInteger("master", in: 1...Int(UInt32.max))))
      let parent = AccountId(UInt32(section.integer("parent", in: 1...Int(UInt32.max)) ?? 0))
      add(
        CreateAccount(
          requestId: 0, account: id, master: master, parent: parent, isolatedInstrument: isolated(in: section),
          multiplier: Rate(section.decimal("multiplier", digits: 9) ?? Rate.one.rawValue),
          leverageCap: UInt16(section.integer("leverage_cap", in: 0...1000) ?? 0),
          mode: section.choice("mode", of: AccountMode.self) ?? .standard,
          flags: section.flag("may_borrow") == true ? .mayBorrow : []),
        at: section.line(), "account \(id.rawValue)")
      if !accountIds.insert(id.rawValue).inserted { section.issue("id", "\(id.rawValue) exists already.") }
      readFees(of: id, in: section)
      readPreventionGroup(of: id, in: section)
      readLimits(of: id, in: section)
      readDeposits(of: id, in: section)
      section.finish()
    }
  }

  private func readFees(of account: AccountId, in section: TomlSection) {
    let multiples = (section.decimal("maker_multiple", digits: 9), section.decimal("taker_multiple", digits: 9))
    if multiples.0 == nil && multiples.1 == nil { return }
    add(
      SetFeeTier(
        requestId: 0, account: account, makerMultiple: Rate(multiples.0 ?? Rate.one.rawValue),
        takerMultiple: Rate(multiples.1 ?? Rate.one.rawValue)),
      at: section.line(), "fee tier of account \(account.rawValue)")
  }

  private func readPreventionGroup(of account: AccountId, in section: TomlSection) {
    guard let group = section.integer("prevention_group", in: 1...Int(UInt32.max)) else { return }
    add(
      SetPreventionGroup(requestId: 0, account: account, group: UInt32(group)), at: section.line(),
      "prevention group of account \(account.rawValue)")
  }

  private func readLimits(of account: AccountId, in section: TomlSection) {
    let orders = section.integer("max_open_orders", in: 1...Int(UInt32.max)) ?? 0
    let value = section.decimal("max_order_value", digits: names.moneyDigits) ?? 0
    let rate = section.integer("max_orders_per_second", in: 1...Int(UInt32.max)) ?? 0
    let window = section.integer("duplicate_window_ms", in: 1...Int(UInt32.max)) ?? 0
    if orders == 0 && value == 0 && rate == 0 && window == 0 { return }
    add(
      SetAccountLimits(
        requestId: 0, account: account, openOrders: UInt32(orders), orderValue: Money(value),
        ordersPerSecond: UInt32(rate), duplicateWindow: UInt32(window)), at: section.line(),
      "limits of account \(account.rawValue)")
  }

  private func isolated(in section: TomlSection) -> InstrumentId {
    guard let name = section.text("isolated") else { return .none }
    if let instrument = names.instrument(named: name) { return instrument.id }
    section.issue("isolated", unknown("instrument", name, among: names.instruments.map(\.symbol)))
    return .none
  }

  private func readDeposits(of account: AccountId, in parent: TomlSection) {
    guard let section = parent.section("deposits") else { return }
    let held = section.names()
    for name in held where names.asset(named: name) == nil {
      section.issue(name, unknown("asset", name, among: names.assets.map(\.symbol)))
    }
    for asset in names.assets where held.contains(asset.symbol) {
      guard let amount = section.decimal(asset.symbol, digits: asset.digits) else { continue }
      let message = Deposit(requestId: 0, account: account, asset: asset.id, amount: Money(amount))
      add(
        message, at: section.line(of: asset.symbol), "deposit of \(asset.symbol) to account \(account.rawValue)",
        stage: .deposit)
    }
  }

  /// `[price_history]`: samples for value at risk. Left out: there are none.
  func readPriceHistory() {
    guard let section = root.section("price_history") else { return }
    let interval = section.requiredInteger("interval_ms", in: 1_000...604_800_000)
    add(SetPriceHistory(requestId: 0, interval: UInt32(interval)), at: section.line(), "price history")
    section.finish()
  }

  /// `[liquidation]`: margin calls, liquidation and the insurance fund. Left out: there are none.
  func readLiquidation() {
    guard let section = root.section("liquidation") else { return }
    let standard = LiquidationStandard.self
    func rate(_ key: String, _ fallback: Int64) -> Rate { Rate(section.decimal(key, digits: 9) ?? fallback) }
    let fund = UInt32(section.requiredInteger("fund", in: 1...Int(UInt32.max)))
    if !accountIds.contains(fund) { section.issue("fund", "there is no account \(fund).") }
    let message = SetLiquidationParameters(
      requestId: 0, firstCall: rate("first_call", standard.firstCall),
      secondCall: rate("second_call", standard.secondCall), hysteresis: rate("hysteresis", standard.hysteresis),
      target: rate("target", standard.target), takeover: rate("takeover", standard.takeover), fund: AccountId(fund),
      interval: UInt32(section.integer("interval_ms", in: 1...3_600_000) ?? standard.interval),
      staleTimeout: UInt32(section.integer("stale_timeout_ms", in: 0...Int(UInt32.max)) ?? 0),
      attempts: UInt16(section.integer("attempts", in: 1...65_535) ?? standard.attempts))
    add(message, at: section.line(), "liquidation parameters")
    section.finish()
  }

  /// What a venue file that does not say otherwise means.
  private enum LiquidationStandard {
    static let firstCall: Int64 = 800_000_000
    static let secondCall: Int64 = 900_000_000
    static let hysteresis: Int64 = 20_000_000
    static let target: Int64 = 1_100_000_000
    static let takeover: Int64 = 666_666_667
    static let interval = 100
    static let attempts = 10
  }

  /// `[[keys]]`: who may log in, and to do what.
  func readKeys(publicKey: (String) throws(ClientError) -> Bytes32) {
    let sections = root.sections("keys")
    var hasRegistrar = false
    for section in sections {
      let id = KeyId(UInt32(section.requiredInteger("id", in: 1...Int(UInt32.max))))
      let roles = readRoles(in: section)
      hasRegistrar = hasRegistrar || roles.contains(.registrar)
      if let file = section.text("key_file") { names.keyFiles[id] = file }
      let name = section.text("name").map { " (\($0))" } ?? ""
      add(
        DefineKey(
          requestId: 0, key: id, master: MasterId(UInt32(section.integer("master", in: 1...Int(UInt32.max)) ?? 0)),
          publicKey: readPublicKey(in: section, publicKey: publicKey), roles: roles),
        at: section.line(), "key \(id.rawValue)\(name)")
      section.finish()
    }
    if !hasRegistrar {
      root.issue(
        "keys", "no key has the role \"registrar\": nobody could ever create accounts or keys on this venue.")
    }
  }

  private func readRoles(in section: TomlSection) -> Roles {
    let known = TypeDescription.roles.values
    if !section.has("roles") { section.issue("roles", "is missing.") }
    var roles = Roles()
    for text in section.texts("roles") {
      if let role = known.first(where: { snakeCase($0.name) == text }) {
        roles.insert(Roles(rawValue: 1 << UInt16(role.code)))
      } else {
        section.issue("roles", unknown("role", text, among: known.map { snakeCase($0.name) }))
      }
    }
    return roles
  }

  private func readPublicKey(
    in section: TomlSection, publicKey: (String) throws(ClientError) -> Bytes32
  ) -> Bytes32 {
    switch (section.text("public_key"), section.text("key_file")) {
    case (let text?, nil):
      if let key = Bytes32(hexadecimal: text) { return key }
      section.issue("public_key", "should be 64 hexadecimal digits (lockstep keygen prints them).")
    case (nil, let path?):
      do throws(ClientError) {
        return try publicKey(path)
      } catch {
        section.issue("key_file", "\(error)")
      }
    case (nil, nil):
      section.issue("public_key", "is missing (or key_file, the name of a file that lockstep keygen made).")
    case (.some, .some):
      section.issue("key_file", "give either public_key or key_file, not both.")
    }
    return Bytes32()
  }
}

import Margin
import Matching
import Values
import Wire

/// What happens to one underlying in a stress test.
struct Shock {
  /// Slot of the asset; 0: every asset without a shock of its own.
  var asset: UInt32
  /// Change of its price and of the marks on it.
  var price: Rate
  /// Relative change of the implied volatilities on it.
  var volatility: Rate
}

extension Kernel {
  /// Accounts that one answer to QueryStress holds: each is recomputed in full, and the venue waits meanwhile.
  public static var accountsPerStress: Int { 64 }

  /// Answers QueryStress: margin in full on shocked prices, which are put back before anything else happens.
  mutating func answerStress(
    _ frame: Frame, _ key: KeyId, output: inout Output
  ) throws(Reject) -> (rows: Int, more: Bool) {
    let query = frame.decode(QueryStress.self)
    let slot = keys.find(key)
    try require(slot != 0 && keys.records[slot].roles != [], Reject(.unknownKey))
    let roles = keys.records[slot].roles
    let seesAll = !roles.isDisjoint(with: [.observer, .operator, .treasurer, .registrar, .riskAdmin])
    try require(seesAll || roles.contains(.trader), Reject(.notPermitted))
    let shocks = try shocks(in: frame)
    let most = query.count == 0 ? Self.accountsPerStress : min(Int(query.count), Self.accountsPerStress)
    var chosen: [UInt32] = []
    var account = query.first == .none ? 1 : ledger.find(query.first)
    var more = false
    while account != 0 && Int(account) <= ledger.accounts.count {
      let master = ledger.masters[ledger.accounts[account].master].id
      if seesAll || master == keys.records[slot].master {
        more = chosen.count == most
        if more { break }
        chosen.append(account)
      }
      account += 1
    }
    let stressed = margins(of: chosen, after: shocks)
    for (index, account) in chosen.enumerated() {
      output.append(
        StressReport(
          queryId: query.queryId, account: ledger.accounts[account].id,
          master: ledger.masters[ledger.accounts[account].master].id, now: ledger.currentMargin(of: account),
          stressed: stressed[index]), to: key)
    }
    return (chosen.count, more)
  }

  private func shocks(in frame: Frame) throws(Reject) -> [Shock] {
    var shocks: [Shock] = []
    for index in 0..<frame.rowCount(of: QueryStress.self) {
      let row = frame.row(index, of: QueryStress.self)
      let asset = row.asset == .settlement ? 0 : ledger.find(row.asset)
      try require(asset != 0 || row.asset == .settlement, Reject(.unknownAsset))
      let range = Rate(-1_000_000_000)...Rate.maximum
      try require(range.contains(row.price), .invalid(QueryStress.Field.price))
      try require(range.contains(row.volatility), .invalid(QueryStress.Field.volatility))
      try require(!shocks.contains { $0.asset == asset }, .invalid(QueryStress.Field.asset))
      shocks.append(Shock(asset: asset, price: row.price, volatility: row.volatility))
    }
    return shocks
  }

  /// Margin of accounts on shocked prices, by the auditor's plain recompute: it reads no cached sum, so no cache learns of
  /// the shock. O(instruments + assets + positions and orders of the accounts).
  mutating func margins(of accounts: [UInt32], after shocks: [Shock]) -> [AccountMargin] {
    var instruments: [Instrument] = []
    var assets: [Asset] = []
    for slot in 1..<UInt32(ledger.instruments.count + 1) { instruments.append(ledger.instruments[slot]) }
    for slot in 1..<UInt32(ledger.assets.count + 1) { assets.append(ledger.assets[slot]) }
    apply(shocks)
    var margins: [AccountMargin] = []
    for account in accounts {
      let plain = PlainMargin(of: account, ledger: ledger, books: books)
      margins.append(
        AccountMargin(
          equity: Money(plain.equity), initialEquity: Money(plain.initialEquity),
          initialMargin: Money(plain.initialMargin), maintenanceMargin: Money(plain.maintenanceMargin)))
    }
    for (index, record) in instruments.enumerated() { ledger.instruments[UInt32(index + 1)] = record }
    for (index, record) in assets.enumerated() { ledger.assets[UInt32(index + 1)] = record }
    return margins
  }

  private mutating func apply(_ shocks: [Shock]) {
    func shock(of asset: UInt32) -> Shock? { shocks.first { $0.asset == asset } ?? shocks.first { $0.asset == 0 } }
    for slot in 1..<UInt32(ledger.assets.count + 1) {
      guard let shock = shock(of: slot) else { continue }
      ledger.assets[slot].price = shocked(ledger.assets[slot].price, shock.price, upTo: Limits.assetPrice)
      ledger.assets[slot].stablePrice = shocked(ledger.assets[slot].stablePrice, shock.price, upTo: Limits.assetPrice)
    }
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      guard let shock = shock(of: ledger.instruments[slot].baseAsset), !ledger.instruments[slot].isExpired else {
        continue
      }
      let highest = ledger.instruments[slot].maximumPrice.rawValue
      ledger.instruments[slot].mark = shocked(ledger.instruments[slot].mark, shock.price, upTo: highest)
      if ledger.instruments[slot].kind == .option { apply(shock, toOption: slot) }
    }
  }

  /// An option is priced anew with the shocked underlying and volatility.
  private mutating func apply(_ shock: Shock, toOption slot: UInt32) {
    let option = ledger.instruments[slot].option
    guard option.volatility > .zero else { return }
    ledger.instruments[slot].option.underlying = shocked(option.underlying, shock.price, upTo: Limits.price)
    let factor = Rate(1_000_000_000 + shock.volatility.rawValue)
    let volatility = factor.roundedUp(of: Money(option.volatility.rawValue)).rawValue
    ledger.instruments[slot].option.volatility = Rate(Int64(min(Int128(Rate.maximum.rawValue), max(1, volatility))))
    if let mark = ledger.modelMark(of: slot) { ledger.instruments[slot].mark = mark }
  }

  /// A price after a change by `rate`, to the nearest unit below, at least one; none stays none.
  func shocked(_ price: Price, _ rate: Rate, upTo highest: Int64) -> Price {
    if price == Price(0) { return price }
    let factor = Rate(1_000_000_000 + rate.rawValue)
    let moved = factor.roundedDown(of: Money(price.rawValue)).rawValue
    return Price(Int64(min(Int128(highest), max(1, moved))))
  }
}

import Margin
import Matching
import Values

// The auditor: margin as a plain function of the durable state, written apart from the incremental code. It shares the
// records and the bracket tables with it, and nothing else: every sum, worst case and rate is reckoned here once more.

/// A difference between the incremental engine and the full recompute: a program error.
public struct AuditFinding: Error, Sendable, CustomStringConvertible {
  public let account: AccountId
  public let what: String
  public let incremental: String
  public let recomputed: String

  public var description: String {
    "audit of account \(account.rawValue): \(what) is \(incremental), full recompute says \(recomputed)"
  }
}

extension Kernel {
  /// Recomputes one account in full, the next in turn, and compares. Changes no durable state. O(positions + orders).
  public mutating func auditNext() -> AuditFinding? {
    if ledger.accounts.count == 0 { return nil }
    auditCursor = auditCursor % UInt32(ledger.accounts.count) + 1
    return audit(auditCursor)
  }

  /// Audits every account and checks that money and contracts are conserved.
  public mutating func auditAll() -> AuditFinding? {
    for account in 1..<UInt32(ledger.accounts.count + 1) {
      if let finding = audit(account) { return finding }
    }
    for instrument in 1..<UInt32(ledger.instruments.count + 1) where !isOptionMarked(instrument) {
      return AuditFinding(
        account: .none, what: "mark of option \(ledger.instruments[instrument].id.rawValue)",
        incremental: "\(ledger.instruments[instrument].mark.rawValue)",
        recomputed: "\(ledger.modelMark(of: instrument)?.rawValue ?? 0)")
    }
    if let broken = markFault() {
      return AuditFinding(account: .none, what: broken, incremental: "kept", recomputed: "another")
    }
    if case let missed = missedByBands(), missed != 0 {
      return AuditFinding(
        account: ledger.accounts[missed].id, what: "state", incremental: "\(ledger.accounts[missed].state)",
        recomputed: "past its edge, and its bands do not tell")
    }
    if let broken = conservationFault() {
      return AuditFinding(account: .none, what: broken, incremental: "broken", recomputed: "conserved")
    }
    if let broken = interestFault() {
      return AuditFinding(account: .none, what: broken, incremental: "broken", recomputed: "as it should be")
    }
    if let broken = rateFault() {
      return AuditFinding(account: .none, what: broken, incremental: "broken", recomputed: "as it should be")
    }
    return nil
  }

  /// Whether an instrument that is an option, and has not expired, has the mark its underlying and volatility give.
  func isOptionMarked(_ instrument: UInt32) -> Bool {
    let record = ledger.instruments[instrument]
    if record.kind != .option || record.isExpired { return true }
    return record.mark == ledger.modelMark(of: instrument) ?? Price(0)
  }

  private mutating func audit(_ account: UInt32) -> AuditFinding? {
    let incremental = ledger.currentMargin(of: account)
    let plain = PlainMargin(of: account, ledger: ledger, books: books)
    func finding(_ what: String, _ one: Int128, _ other: Int128) -> AuditFinding? {
      if one == other { return nil }
      return AuditFinding(
        account: ledger.accounts[account].id, what: what, incremental: "\(one)", recomputed: "\(other)")
    }
    return finding("open orders", Int128(ledger.accounts[account].openOrders), Int128(plain.openOrders))
      ?? finding("open lots", plain.openLotsFault, 0)
      ?? finding("equity", incremental.equity.rawValue, plain.equity)
      ?? finding("initial equity", incremental.initialEquity.rawValue, plain.initialEquity)
      ?? finding("initial margin", incremental.initialMargin.rawValue, plain.initialMargin)
      ?? finding("maintenance margin", incremental.maintenanceMargin.rawValue, plain.maintenanceMargin)
      ?? finding("settlement payable", ledger.accounts[account].payable.rawValue, plain.payable)
      ?? finding("settlement receivable", ledger.accounts[account].receivable.rawValue, plain.receivable)
  }

  /// Money: balances and fees add up to net deposits, asset by asset, with entry values taken off the settlement
  /// currency. Contracts: longs equal shorts, instrument by instrument. `nil`: all conserved. O(accounts + positions).
  public borrowing func conservationFault() -> String? {
    var settlement = ledger.settlement.fees + ledger.settlement.dust + ledger.settlement.interest.pool
    for account in 1..<UInt32(ledger.accounts.count + 1) { settlement += ledger.accounts[account].cash }
    var net = [Int64](repeating: 0, count: ledger.instruments.count + 1)
    var totals = [Money](repeating: .zero, count: ledger.assets.count + 1)
    for asset in 1..<UInt32(ledger.assets.count + 1) {
      totals[Int(asset)] = ledger.assets[asset].fees + ledger.assets[asset].interest.pool
    }
    for account in 1..<UInt32(ledger.accounts.count + 1) {
      var position = ledger.accounts[account].firstPosition
      while position != 0 {
        settlement -= ledger.positions[position].cost
        net[Int(ledger.positions[position].instrument)] &+= ledger.positions[position].quantity.rawValue
        position = ledger.positions[position].next
      }
      var balance = ledger.accounts[account].firstBalance
      while balance != 0 {
        totals[Int(ledger.balances[balance].asset)] += Money(ledger.balances[balance].amount)
        balance = ledger.balances[balance].next
      }
    }
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      settlement += ledger.instruments[instrument].expiry.pool + ledger.instruments[instrument].funding.pool
    }
    if settlement != ledger.settlement.deposited {
      return "settlement currency: \(settlement.rawValue) where \(ledger.settlement.deposited.rawValue) was deposited"
    }
    for asset in 1..<UInt32(ledger.assets.count + 1) where totals[Int(asset)] != ledger.assets[asset].deposited {
      return "asset \(ledger.assets[asset].id.rawValue): money is not conserved"
    }
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      // While positions are turned into money, those that are left are worth what the pool holds.
      let record = ledger.instruments[instrument]
      let value = record.phase == .expired ? Money(Int128(record.mark.rawValue) * Int128(record.multiplier)) : .zero
      let lots = net[Int(instrument)]
      if record.expiry.pool.rawValue != Int128(lots) * value.rawValue || (record.expiry.cursor == 0 && lots != 0) {
        return "instrument \(record.id.rawValue): longs and shorts differ"
      }
    }
    return nil
  }
}

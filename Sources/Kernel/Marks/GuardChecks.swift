import Margin
import Matching
import Values

// What an index that may be wrong still admits: Protocol/rules.md §5 and §3.

extension Kernel {
  /// With a guarded price only orders that reduce. `open`: lots of its account's other orders of the same side are those
  /// in the position but `replaced`.
  @inline(__always) func checkGuard(
    of instrument: UInt32, account: UInt32, side: Side, quantity: Quantity, flags: OrderFlags,
    replacing replaced: Quantity = .zero
  ) throws(Reject) {
    if ledger.instruments[instrument].oracleGuard == .normal { return }
    try checkGuarded(instrument, account, side, quantity, flags, replaced)
  }

  private func checkGuarded(
    _ instrument: UInt32, _ account: UInt32, _ side: Side, _ quantity: Quantity, _ flags: OrderFlags,
    _ replaced: Quantity
  ) throws(Reject) {
    try require(ledger.instruments[instrument].oracleGuard.admitsReducing, Reject(.instrumentHalted))
    // Spot orders are judged by the balance they pay from, when they are counted.
    if ledger.instruments[instrument].kind == .spot || flags.contains(.reduceOnly) { return }
    let position = ledger.findPosition(account: account, instrument: instrument)
    var (reducible, open): (Int64, Int64) = (0, 0)
    if position != 0 {
      reducible = ledger.positions[position].reducible(by: side)
      open = side == .buy ? ledger.positions[position].allBuy : ledger.positions[position].allSell
    }
    try require(quantity.rawValue + open - replaced.rawValue <= reducible, guarded(instrument))
  }

  private func guarded(_ instrument: UInt32) -> Reject {
    let (base, quote) = (ledger.instruments[instrument].baseAsset, ledger.instruments[instrument].quoteAsset)
    let reason: RejectReason =
      ledger.instruments[instrument].oracleGuard == .noNewRisk ? .noNewRisk : .reduceOnlyMarket
    let isQuote = quote != 0 && ledger.assets[quote].oracleGuard > ledger.assets[base].oracleGuard
    return Reject(reason, Int64((isQuote ? ledger.assets[quote].id : ledger.assets[base].id).rawValue))
  }

  /// A pair with a guarded price: nobody pays with what must be borrowed. The order is counted.
  func checkGuardedSpot(_ order: Order, instrument: UInt32) throws(Reject) {
    guard ledger.instruments[instrument].oracleGuard != .normal, ledger.instruments[instrument].kind == .spot else {
      return
    }
    let position = ledger.positions[order.position]
    let balance = order.side == .buy ? position.quoteBalance : position.baseBalance
    try require(ledger.shortfall(account: order.account, balance: balance) <= .zero, guarded(instrument))
  }

  /// Withdrawals: nothing of the account's soundness may rest on a guarded price. The amount has been taken.
  func checkGuardedWithdrawal(of account: UInt32) throws(Reject) {
    let inputs = ledger.guardedInputs(of: account)
    if let asset = inputs.needed { throw Reject(.noNewRisk, Int64(asset.rawValue)) }
    guard let held = inputs.held else { return }
    try require(
      ledger.withdrawableFree(of: account) >= inputs.holdings, Reject(.noNewRisk, Int64(held.rawValue)))
  }
}

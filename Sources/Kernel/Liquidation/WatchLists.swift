import Margin
import Values

// How long watch lists may become: Protocol/rules.md §10.

extension Kernel {
  /// An order that adds risk does not put one more account on a full watch list. The account has been touched with the
  /// order counted. O(groups), with a full list O(positions).
  func checkWatchLists(_ account: UInt32, before: AccountMargin, after: AccountMargin) throws(Reject) {
    if after.initialMargin > before.initialMargin { try checkWatchLists(account, after) }
  }

  /// What takes something from an account, or changes how it is reckoned, does not put one more account on a full watch
  /// list. The account has been touched after the change. O(groups), with a full list O(positions).
  ///
  /// It is judged at the worst of the fills of all its orders, at the edge of the state that it would be in then.
  func checkWatchLists(_ account: UInt32, _ margin: AccountMargin) throws(Reject) {
    guard isWatched(account), ledger.fullWatchList(for: account) != 0 else { return }
    var worst = margin
    worst.maintenanceMargin = ledger.bandMaintenance(of: account, worst: true)
    let state = worst.state(before: ledger.accounts[account].state, desk.parameters)
    guard let room = ledger.roomAtWorst(of: account, margin, level: nextEdge(of: state)) else { return }
    try require(room > 0 && state < .liquidation, Reject(.watchListFull, Int64(Limits.watchedAccounts)))
  }
}

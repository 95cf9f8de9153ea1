import Margin
import Values
import Wire

// Looking at an account: which state it is in, whether its bands still hold, whom to tell. Protocol/rules.md §10.

extension Kernel {
  /// Whether the account can be called and liquidated.
  @inline(__always) func isWatched(_ account: UInt32) -> Bool {
    desk.isOn && account != desk.fund && ledger.accounts[account].mode != .fullyCollateralised
  }

  /// Whether the account is in liquidation: its orders are gated, and it may send none.
  @inline(__always) func isInLiquidation(_ account: UInt32) -> Bool {
    ledger.accounts[account].state >= .liquidation
  }

  /// The level of the next edge of an account in this state: what its bands keep it from.
  func nextEdge(of state: MarginState) -> Rate {
    switch state {
    case .normal, .reduceOnly: desk.parameters.firstCall
    case .firstCall: desk.parameters.secondCall
    default: .one
    }
  }

  /// Brings the state of an account up to date after anything that changed it, tells its owners of an edge it has
  /// passed, and makes new bands when the old ones do not hold any more. O(positions + balances).
  ///
  /// An account in liquidation is judged by its rounds, not here.
  @inline(__always) mutating func review(_ account: UInt32, output: inout Output) {
    if isWatched(account) && !isInLiquidation(account) { reviewWatched(account, afterFillIn: 0, output: &output) }
  }

  /// As ``review(_:output:)`` after a fill, which has changed only this position of its account. O(1) while the account
  /// stays in its state (standard mode).
  @inline(__always) mutating func review(afterFillIn position: UInt32, output: inout Output) {
    let account = ledger.positions[position].account
    if isWatched(account) && !isInLiquidation(account) {
      reviewWatched(account, afterFillIn: position, output: &output)
    }
  }

  private mutating func reviewWatched(_ account: UInt32, afterFillIn position: UInt32, output: inout Output) {
    let margin = ledger.currentMargin(of: account)
    let before = ledger.accounts[account].state
    let state = margin.state(before: before, desk.parameters)
    if state != before { change(account, to: state, margin, output: &output) }
    if state >= .liquidation {
      ledger.removeBands(of: account)
      desk.inLiquidation += 1
      enqueue(account, in: 1)
    } else if position != 0 && state == before && ledger.bandsHold(afterFillIn: position, level: nextEdge(of: state)) {
      return
    } else {
      ledger.uncheckedAccounts.remove(account)
      if !ledger.bandsHold(of: account, margin: margin, level: nextEdge(of: state)) {
        ledger.makeBands(of: account, margin: margin, level: nextEdge(of: state))
      }
    }
  }

  /// The account passes an edge: its owners are told.
  mutating func change(_ account: UInt32, to state: MarginState, _ margin: AccountMargin, output: inout Output) {
    let before = ledger.accounts[account].state
    ledger.accounts[account].state = state
    let (sequence, time, id) = (sequence, time, ledger.accounts[account].id)
    reportToOwners(of: account, venueCommand, output: &output) { head in
      MarginCall(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time, account: id,
        state: state, before: before, margin: margin)
    }
  }

  /// The account leaves liquidation if its figures allow it: E ≥ target·MM.
  mutating func leaveLiquidation(_ account: UInt32, output: inout Output) -> Bool {
    let margin = ledger.currentMargin(of: account)
    let before = ledger.accounts[account].state
    let state = margin.state(before: before, desk.parameters)
    if state != before { change(account, to: state, margin, output: &output) }
    if state >= .liquidation { return false }
    ledger.accounts[account].fruitlessRounds = 0
    ledger.accounts[account].stalledSince = Timestamp(0)
    desk.inLiquidation -= 1
    ledger.makeBands(of: account, margin: margin, level: nextEdge(of: state))
    return true
  }

  // MARK: The auditor's part

  /// The first account that nothing pending would find although its state has passed an edge, it has less than its floor
  /// promises, or one of its triggers is crossed; by a full sweep; 0: none. O(accounts).
  mutating func missedByBands() -> UInt32 {
    guard desk.isOn, !ledger.needsSweep else { return 0 }
    for account in 1..<UInt32(ledger.accounts.count + 1)
    where isWatched(account) && !isInLiquidation(account) && !isAwaitingSweep(account) {
      if ledger.awaitsSettlement(account) { continue }
      let margin = ledger.currentMargin(of: account)
      let before = ledger.accounts[account].state
      let state = margin.state(before: before, desk.parameters)
      if ledger.uncheckedAreDue && ledger.uncheckedAccounts.contains(account) { continue }
      switch ledger.crossing(of: account) {
      case .known: continue
      case .unknown: return account
      case .none: break
      }
      if state >= .firstCall && state > before { return account }
      if !ledger.isAboveFloor(account, margin, level: nextEdge(of: before)) { return account }
    }
    return 0
  }

  /// Whether the sweep under way has still to come to the account.
  private func isAwaitingSweep(_ account: UInt32) -> Bool {
    let count = UInt32(ledger.accounts.count)
    let next = desk.sweepNext > count ? 1 : desk.sweepNext
    return (account + count - next) % count < desk.sweepLeft
  }
}

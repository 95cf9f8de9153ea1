import Margin
import Values
import Wire

// Deposits, withdrawals and transfers: Protocol/rules.md §3.

extension Kernel {
  mutating func deposit(_ message: Deposit, _ command: Command, output: inout Output) throws(Reject) {
    try require(message.amount > .zero, .invalid(Deposit.Field.amount))
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    let asset = try findAsset(message.asset)
    try require(!ledger.accounts[account].isIsolated, Reject(.invalidCombination))
    try checkArrival(message.amount, account: account, asset: asset)
    ledger.touch(account)
    ledger.deposit(message.amount, account: account, asset: asset)
    reportBalance(account, asset: asset, change: message.amount, command, output: &output)
    review(account, output: &output)
  }

  mutating func withdraw(_ message: Withdraw, _ command: Command, output: inout Output) throws(Reject) {
    try require(message.amount > .zero, .invalid(Withdraw.Field.amount))
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    let asset = try findAsset(message.asset)
    try require(!isInLiquidation(account), Reject(.inLiquidation))
    try take(message.amount, account: account, asset: asset, command, output: &output)
    if asset == 0 {
      ledger.settlement.deposited -= message.amount
    } else {
      ledger.assets[asset].deposited -= message.amount
    }
    reportBalance(account, asset: asset, change: -message.amount, command, output: &output)
    review(account, output: &output)
  }

  mutating func transfer(_ message: Transfer, _ command: Command, output: inout Output) throws(Reject) {
    try require(message.amount > .zero, .invalid(Transfer.Field.amount))
    let source = ledger.find(message.source)
    let destination = ledger.find(message.destination)
    try require(source != 0 && destination != 0, Reject(.unknownAccount))
    let asset = try findAsset(message.asset)
    try require(source != destination, Reject(.sameAccount))
    if !command.roles.contains(.treasurer) {
      try require(isOwn(source, command) && isOwn(destination, command), Reject(.notYourAccount))
    }
    let isolated = ledger.accounts[source].isIsolated || ledger.accounts[destination].isIsolated
    try require(!isInLiquidation(source), Reject(.inLiquidation))
    try require(
      source != desk.fund || command.roles.contains(.treasurer),
      Reject(.notPermitted, Int64(Roles.treasurer.rawValue)))
    try require(
      !isolated || ledger.accounts[source].master == ledger.accounts[destination].master, Reject(.notYourAccount))
    try checkArrival(message.amount, account: destination, asset: asset)
    let destinationIsNew = asset != 0 && ledger.findBalance(account: destination, asset: asset) == 0
    try take(
      message.amount, account: source, asset: asset, reservedRecords: destinationIsNew ? 1 : 0, command,
      output: &output)
    ledger.touch(destination)
    ledger.transferIn(message.amount, account: destination, asset: asset)
    reportBalance(source, asset: asset, change: -message.amount, command, output: &output)
    reportBalance(destination, asset: asset, change: message.amount, command, output: &output)
    review(source, output: &output)
    review(destination, output: &output)
  }

  func findAsset(_ id: AssetId) throws(Reject) -> UInt32 {
    if id == .settlement { return 0 }
    let asset = ledger.find(id)
    try require(asset != 0, Reject(.unknownAsset))
    return asset
  }

  /// Room for the balance record and for the amount.
  func checkArrival(_ amount: Money, account: UInt32, asset: UInt32) throws(Reject) {
    if asset != 0 && ledger.findBalance(account: account, asset: asset) == 0 {
      try require(!ledger.balances.isFull, Reject(.venueFull, Int64(ledger.balances.capacity)))
    }
    let holding = ledger.holding(account: account, asset: asset)
    try require(
      holding.amount + holding.receivable + amount <= Money(Limits.balance),
      Reject(.balanceLimit, Limits.balance))
  }

  /// The withdrawal rule; the amount is taken when it holds. `reservedRecords` balance records are spoken for.
  ///
  /// What funding has brought can be taken out: the settlement balance counts with it, and it is paid when the rule
  /// holds.
  mutating func take(
    _ amount: Money, account: UInt32, asset: UInt32, reservedRecords: Int = 0, _ command: Command,
    output: inout Output
  ) throws(Reject) {
    ledger.touch(account)
    let holding = ledger.holding(account: account, asset: asset)
    let held = asset == 0 ? ledger.settledCash(of: account) : holding.amount
    let missing = holding.payable + amount - held
    try require(
      ledger.accounts[account].mayBorrow || missing <= .zero, Reject(.insufficientBalance, missing))
    try require(missing <= Money(Limits.balance), Reject(.balanceLimit, Limits.balance))
    let isNew = asset != 0 && ledger.findBalance(account: account, asset: asset) == 0
    try require(
      !isNew || ledger.balances.count + reservedRecords < ledger.balances.capacity,
      Reject(.venueFull, Int64(ledger.balances.capacity)))
    let trial = ledger.beginMoneyTrial(account: account, asset: asset)
    ledger.transferIn(-amount, account: account, asset: asset)
    do throws(Reject) {
      if let debt = ledger.unpricedDebt(of: account) { throw Reject(.noPrice, Int64(debt.rawValue)) }
      let margin = ledger.margin(of: account)
      try require(margin.cushion >= .zero, Reject(.belowMaintenance, margin.cushion))
      let free = ledger.withdrawableFree(of: account)
      try require(free >= .zero, Reject(.insufficientMargin, free))
      try checkGuardedWithdrawal(of: account)
      if ledger.accounts[account].firstHolding != 0 { try checkWatchLists(account, margin) }
    } catch {
      ledger.transferIn(amount, account: account, asset: asset)
      if isNew { ledger.removeBalance(account: account, asset: asset) }
      ledger.undo(trial, account: account, asset: asset)
      throw error
    }
    if asset == 0 { settleFunding(ofAccount: account, command, output: &output) }
  }
}

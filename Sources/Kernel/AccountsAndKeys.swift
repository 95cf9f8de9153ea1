import Margin
import Values
import Wire

// Accounts and login keys: Protocol/rules.md §2.

extension Kernel {
  mutating func createAccount(_ message: CreateAccount, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = CreateAccount.Field
    guard let mode = message.mode else { throw .invalid(Field.mode) }
    try require(message.flags.isSubset(of: .all), .invalid(Field.flags))
    try require(message.account != .none, .invalid(Field.account))
    try require(message.master != .none, .invalid(Field.master))
    try checkAccountRanges(
      multiplier: message.multiplier, multiplierField: Field.multiplier, leverageCap: message.leverageCap,
      leverageField: Field.leverageCap, mode: mode, flags: message.flags)
    try require(ledger.find(message.account) == 0, Reject(.alreadyDefined, Int64(message.account.rawValue)))
    try require(!ledger.accounts.isFull, Reject(.venueFull, Int64(limits.accounts)))
    if message.parent == .none {
      try require(message.isolatedInstrument == .none, .invalid(Field.isolatedInstrument))
    } else {
      let parent = ledger.find(message.parent)
      try require(parent != 0, Reject(.unknownAccount))
      try require(
        ledger.masters[ledger.accounts[parent].master].id == message.master, Reject(.notYourAccount))
      try require(!ledger.accounts[parent].isIsolated, .invalid(Field.parent))
      try require(ledger.find(message.isolatedInstrument) != 0, Reject(.unknownInstrument))
    }
    ledger.add(
      Account(
        id: message.account, master: 0, parent: message.parent, isolatedInstrument: message.isolatedInstrument,
        leverageCap: message.leverageCap, mode: mode, flags: message.flags, multiplier: message.multiplier),
      of: message.master)
    acceptRequest(command, output: &output)
  }

  private func checkAccountRanges(
    multiplier: Rate, multiplierField: Int64, leverageCap: UInt16, leverageField: Int64, mode: AccountMode,
    flags: AccountFlags
  ) throws(Reject) {
    try require(
      multiplier >= .one && multiplier <= .maximum, Reject(.parameterOutOfRange, multiplierField))
    try require(leverageCap <= 1000, Reject(.parameterOutOfRange, leverageField))
    try require(mode != .fullyCollateralised || !flags.contains(.mayBorrow), Reject(.invalidCombination))
    try require(mode != .portfolio || leverageCap == 0, Reject(.invalidCombination))
  }

  mutating func changeAccount(_ message: ChangeAccount, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = ChangeAccount.Field
    guard let mode = message.mode else { throw .invalid(Field.mode) }
    try require(message.flags.isSubset(of: .all), .invalid(Field.flags))
    try require(
      message.multiplier >= .one && message.multiplier <= .maximum,
      Reject(.parameterOutOfRange, Field.multiplier))
    try require(message.leverageCap <= 1000, Reject(.parameterOutOfRange, Field.leverageCap))
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    let old = ledger.accounts[account]
    if !command.roles.contains(.registrar) {
      try require(isOwn(account, command), Reject(.notYourAccount))
      try require(
        mode == old.mode && message.flags == old.flags && message.multiplier == old.multiplier,
        Reject(.notPermitted, Int64(Roles.registrar.rawValue)))
    }
    try require(
      mode != .fullyCollateralised || !message.flags.contains(.mayBorrow), Reject(.invalidCombination))
    try require(!isInLiquidation(account), Reject(.inLiquidation))
    try require(mode != .portfolio || message.leverageCap == 0, Reject(.invalidCombination))
    if mode != old.mode {
      try require(account != desk.fund, Reject(.inUse))
      try checkModeChange(account, from: old.mode, to: mode)
    }
    ledger.touch(account)
    if !message.flags.contains(.mayBorrow) { try checkAllCovered(account) }

    ledger.setMode(of: account, to: mode)
    ledger.accounts[account].flags = message.flags
    ledger.accounts[account].multiplier = message.multiplier
    ledger.accounts[account].leverageCap = message.leverageCap
    ledger.invalidate(account)
    let after = ledger.currentMargin(of: account)
    do throws(Reject) {
      try require(after.cushion >= .zero, Reject(.belowMaintenance, after.cushion))
      try require(after.free >= .zero, Reject(.insufficientMargin, after.free))
      try checkWatchLists(account, after)
    } catch {
      ledger.setMode(of: account, to: old.mode)
      ledger.accounts[account].flags = old.flags
      ledger.accounts[account].multiplier = old.multiplier
      ledger.accounts[account].leverageCap = old.leverageCap
      ledger.invalidate(account)
      ledger.touch(account)
      throw error
    }
    acceptRequest(command, output: &output)
    if mode != old.mode {
      ledger.removeBands(of: account)
      ledger.accounts[account].state = .normal
    }
    review(account, output: &output)
  }

  /// Between standard and portfolio mode an account may take everything along; margin then decides. The maximal loss is
  /// no measure of what such an account holds.
  private func checkModeChange(_ account: UInt32, from old: AccountMode, to mode: AccountMode) throws(Reject) {
    if old == .fullyCollateralised || mode == .fullyCollateralised {
      return try require(isPlain(account), Reject(.inUse))
    }
    if mode == .portfolio {
      let bare = ledger.instrumentWithoutGroup(of: account)
      if bare != 0 { throw Reject(.noRiskGroup, Int64(ledger.instruments[bare].base.rawValue)) }
    }
    if let asset = ledger.unpricedDebt(of: account) { throw Reject(.noPrice, Int64(asset.rawValue)) }
  }

  /// Without positions, orders or balances in other assets.
  private func isPlain(_ account: UInt32) -> Bool {
    if ledger.accounts[account].openOrders > 0 { return false }
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      if ledger.positions[position].quantity != .zero { return false }
      position = ledger.positions[position].next
    }
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      if ledger.balances[balance].amount != 0 { return false }
      balance = ledger.balances[balance].next
    }
    return true
  }

  /// Every balance covers what its open orders can pay; the settlement currency is asset 0 and comes first.
  private func checkAllCovered(_ account: UInt32) throws(Reject) {
    let missing = ledger.shortfall(account: account, balance: 0)
    try require(missing <= .zero, Reject(.insufficientBalance, missing))
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      let missing = ledger.shortfall(account: account, balance: balance)
      try require(missing <= .zero, Reject(.insufficientBalance, missing))
      balance = ledger.balances[balance].next
    }
  }

  mutating func setPreventionGroup(
    _ message: SetPreventionGroup, _ command: Command, output: inout Output
  ) throws(Reject) {
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    ledger.accounts[account].preventionGroup = message.group
    acceptRequest(command, output: &output)
  }

  mutating func defineKey(_ message: DefineKey, _ command: Command, output: inout Output) throws(Reject) {
    try require(message.roles.isSubset(of: .all), .invalid(DefineKey.Field.roles))
    try require(message.key != .venue && message.key != .feed, .invalid(DefineKey.Field.key))
    try require(keys.find(message.key) == 0, Reject(.alreadyDefined, Int64(message.key.rawValue)))
    try require(!keys.records.isFull, Reject(.venueFull, Int64(limits.keys)))
    try checkGrant(message.roles, command)
    try require(
      message.roles.isDisjoint(with: [.trader, .firmAdmin]) || message.master != .none, Reject(.invalidCombination))
    keys.add(KeyRecord(id: message.key, master: message.master, roles: message.roles, publicKey: message.publicKey))
    acceptRequest(command, output: &output)
  }

  mutating func changeKeyRoles(_ message: ChangeKeyRoles, _ command: Command, output: inout Output) throws(Reject) {
    try require(message.roles.isSubset(of: .all), .invalid(ChangeKeyRoles.Field.roles))
    let slot = keys.find(message.key)
    try require(slot != 0, Reject(.unknownKey, Int64(message.key.rawValue)))
    try checkGrant(message.roles.subtracting(keys.records[slot].roles), command)
    try require(
      message.roles.isDisjoint(with: [.trader, .firmAdmin]) || keys.records[slot].master != .none,
      Reject(.invalidCombination))
    keys.records[slot].roles = message.roles
    acceptRequest(command, output: &output)
  }

  /// Nobody grants what they lack.
  private func checkGrant(_ roles: Roles, _ command: Command) throws(Reject) {
    let lacking = roles.subtracting(command.roles)
    try require(lacking == [], Reject(.cannotGrant, Int64(lacking.rawValue)))
  }
}

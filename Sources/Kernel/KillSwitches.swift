import Margin
import Values
import Wire

// Kill switches of accounts, keys, firms and the venue: Protocol/rules.md §4. No order enters under an engaged one, open
// and held ones are cancelled; positions, money and what the venue itself does are not touched.

extension Kernel {
  mutating func setKillSwitch(_ message: SetKillSwitch, _ command: Command, output: inout Output) throws(Reject) {
    guard let scope = message.scope else { throw .invalid(SetKillSwitch.Field.scope) }
    guard let engaged = message.engaged else { throw .invalid(SetKillSwitch.Field.engaged) }
    let target = try killTarget(scope, message.target)
    let authority = try killAuthority(scope, target, command)
    let old = killSwitch(scope, target)
    if !engaged {
      let higher: Roles = old == .operator ? .operator : [.operator, .firmAdmin]
      try require(old <= authority, Reject(.notPermitted, Int64(higher.rawValue)))
    }
    let starts = engaged && old == .released
    try require(!starts || !jobs.isFull, Reject(.venueFull, Int64(CancelJobs.capacity)))
    set(scope, target, to: engaged ? max(old, authority) : .released)
    acceptRequest(command, output: &output)
    guard starts else { return }
    let job =
      switch scope {
      case .account: CancelJob(.account, target, .killSwitch, first: target, sequence, command)
      case .master: jobOfMaster(target, .killSwitch, command)
      case .venue: jobOfVenue(.killSwitch, command)
      case .key: jobOfKey(target, .killSwitch, command)
      }
    start(job, command, output: &output)
  }

  /// Slot of what the switch is for; 0: the venue.
  private func killTarget(_ scope: KillScope, _ id: UInt32) throws(Reject) -> UInt32 {
    switch scope {
    case .venue: return 0
    case .account:
      let account = ledger.find(AccountId(id))
      try require(account != 0, Reject(.unknownAccount))
      return account
    case .master:
      let master = ledger.find(MasterId(id))
      try require(master != 0, Reject(.unknownAccount))
      return master
    case .key:
      let key = keys.find(KeyId(id))
      try require(key != 0, Reject(.unknownKey, Int64(id)))
      return key
    }
  }

  /// In whose name the sender may set the switch: the least that the switch asks for and the sender has.
  private func killAuthority(
    _ scope: KillScope, _ target: UInt32, _ command: Command
  ) throws(Reject) -> KillAuthority {
    if command.roles.contains(.operator) { return .operator }
    let isFirmAdmin = command.roles.contains(.firmAdmin)
    let firm: MasterId
    switch scope {
    case .venue: throw Reject(.notPermitted, Int64(Roles.operator.rawValue))
    case .account: firm = ledger.masters[ledger.accounts[target].master].id
    case .master: firm = ledger.masters[target].id
    case .key: firm = keys.records[target].master
    }
    let isForAdmins = scope == .master || (scope == .key && target != command.keySlot)
    let sufficient: Roles = [.operator, .firmAdmin]
    try require(isFirmAdmin || !isForAdmins, Reject(.notPermitted, Int64(sufficient.rawValue)))
    try require(firm == command.master, Reject(.notYourAccount))
    return isFirmAdmin ? .firmAdmin : .trader
  }

  private func killSwitch(_ scope: KillScope, _ target: UInt32) -> KillAuthority {
    switch scope {
    case .account: ledger.accounts[target].killed
    case .master: ledger.masters[target].killed
    case .venue: killed
    case .key: keys.records[target].killed
    }
  }

  private mutating func set(_ scope: KillScope, _ target: UInt32, to authority: KillAuthority) {
    if killSwitch(scope, target) != .released { engagedSwitches -= 1 }
    if authority != .released { engagedSwitches += 1 }
    switch scope {
    case .account: ledger.accounts[target].killed = authority
    case .master: ledger.masters[target].killed = authority
    case .venue: killed = authority
    case .key: keys.records[target].killed = authority
    }
  }

  /// Counts the switches that are engaged, when a state has been read.
  mutating func countKillSwitches() {
    engagedSwitches = isKilled ? 1 : 0
    for slot in 1..<UInt32(ledger.accounts.count + 1) where ledger.accounts[slot].killed != .released {
      engagedSwitches += 1
    }
    for slot in 1..<UInt32(ledger.masters.count + 1) where ledger.masters[slot].killed != .released {
      engagedSwitches += 1
    }
    for slot in 1..<UInt32(keys.records.count + 1) where keys.records[slot].killed != .released { engagedSwitches += 1 }
  }

  /// Nothing is looked up while no switch is engaged anywhere.
  @inline(__always) func checkKillSwitches(_ account: UInt32, _ command: Command) throws(Reject) {
    if engagedSwitches > 0 { try checkEngagedSwitches(account, command.keySlot) }
  }

  private func checkEngagedSwitches(_ account: UInt32, _ key: UInt32) throws(Reject) {
    let master = ledger.accounts[account].master
    let scope: KillScope? =
      isKilled
      ? .venue
      : ledger.masters[master].killed != .released
        ? .master
        : ledger.accounts[account].killed != .released
          ? .account : keys.records[key].killed != .released ? .key : nil
    if let scope { throw Reject(.killSwitchEngaged, Int64(scope.rawValue)) }
  }
}

import Margin
import Values
import Wire

// Many orders that are taken out by one request: Protocol/rules.md §7.

extension Kernel {
  /// Cancels all orders that every field given matches. The venue's operator reaches all of them, others those of their
  /// own master.
  mutating func massCancel(_ message: MassCancel, _ command: Command, output: inout Output) throws(Reject) {
    guard let side = message.side else { throw .invalid(MassCancel.Field.side) }
    try require(message.kinds.isSubset(of: .all), .invalid(MassCancel.Field.kinds))
    guard let quotesOnly = message.quotesOnly else { throw .invalid(MassCancel.Field.quotesOnly) }
    var job = try jobOfMassCancel(message, command)
    try require(message.instrument == .none || ledger.find(message.instrument) != 0, Reject(.unknownInstrument))
    try require(message.underlying == .settlement || ledger.find(message.underlying) != 0, Reject(.unknownAsset))
    try require(
      message.instrument == .none || (message.underlying == .settlement && message.kinds == []),
      Reject(.invalidCombination))
    try require(!jobs.isFull, Reject(.venueFull, Int64(CancelJobs.capacity)))
    job.side = side
    job.instrument = message.instrument
    job.underlying = message.underlying
    job.kinds = message.kinds
    job.quotesOnly = quotesOnly
    acceptRequest(command, output: &output)
    start(job, command, output: &output)
  }

  /// Whose orders are in scope: those of an account, of a key, of a firm or of the venue.
  private func jobOfMassCancel(_ message: MassCancel, _ command: Command) throws(Reject) -> CancelJob {
    let account = ledger.find(message.account)
    try require(message.account == .none || account != 0, Reject(.unknownAccount))
    try require(message.master == .none || ledger.find(message.master) != 0, Reject(.unknownAccount))
    let key = keys.find(message.orderKey)
    try require(message.orderKey == .venue || key != 0, Reject(.unknownKey, Int64(message.orderKey.rawValue)))
    let isOperator = command.roles.contains(.operator)
    if !isOperator {
      try require(account == 0 || isOwn(account, command), Reject(.notYourAccount))
      try require(message.master == .none || message.master == command.master, Reject(.notYourAccount))
      try require(key == 0 || keys.records[key].master == command.master, Reject(.notYourAccount))
    }
    var firm = message.master
    if account != 0 { try join(&firm, ledger.masters[ledger.accounts[account].master].id) }
    if key != 0 { try join(&firm, keys.records[key].master) }

    if account != 0 {
      var job = CancelJob(.account, account, .requested, first: account, sequence, command)
      job.orderKey = message.orderKey
      return job
    }
    if key != 0 { return jobOfKey(key, .requested, command) }
    if firm == .none && isOperator { return jobOfVenue(.requested, command) }
    let master = ledger.find(firm == .none ? command.master : firm)
    try require(master != 0, Reject(.unknownAccount))
    return jobOfMaster(master, .requested, command)
  }

  /// Two fields that name a firm must name the same one: else nothing could match both.
  private func join(_ firm: inout MasterId, _ other: MasterId) throws(Reject) {
    try require(firm == .none || firm == other, Reject(.invalidCombination))
    firm = other
  }

  // MARK: Jobs by scope

  func jobOfMaster(_ master: UInt32, _ reason: CancelReason, _ command: Command) -> CancelJob {
    CancelJob(.master, master, reason, first: ledger.masters[master].firstAccount, sequence, command)
  }

  func jobOfVenue(_ reason: CancelReason, _ command: Command) -> CancelJob {
    CancelJob(.venue, 0, reason, first: ledger.accounts.count > 0 ? 1 : 0, sequence, command)
  }

  /// The orders that a key entered, in the accounts of its master.
  func jobOfKey(_ key: UInt32, _ reason: CancelReason, _ command: Command) -> CancelJob {
    let master = ledger.find(keys.records[key].master)
    return CancelJob(
      .key, key, reason, first: master == 0 ? 0 : ledger.masters[master].firstAccount, sequence, command)
  }
}

import Margin
import Matching
import Values
import Wire

/// Orders being cancelled in bounded slices: a mass cancel, a kill switch or a lost session.
struct CancelJob: BitwiseCopyable {
  enum Scope: UInt8, BitwiseCopyable {
    case account
    case master
    case venue
    case key
  }

  var scope: Scope
  var side: SideScope
  var reason: CancelReason
  /// 0: all instruments.
  var instrument: InstrumentId
  /// Slot of the account or master, or of the key; 0 for the venue.
  var target: UInt32
  /// Orders that entered up to this command are covered.
  var watermark: UInt64
  /// Whom to tell at the end; key 0: nobody.
  var requester: KeyId
  var requestId: UInt64
  /// The account being worked on; 0: none left.
  var account: UInt32
  var cancelled: UInt64 = 0
}

/// The active jobs, in order of their start. At most 64.
struct CancelJobs: ~Copyable {
  static var capacity: Int { 64 }
  private var jobs = ZeroedArray<CancelJob>(count: CancelJobs.capacity)
  private(set) var count = 0

  subscript(index: Int) -> CancelJob {
    get { jobs[index] }
    set { jobs[index] = newValue }
  }

  var isFull: Bool { count == Self.capacity }

  mutating func append(_ job: CancelJob) {
    precondition(!isFull)
    jobs[count] = job
    count += 1
  }

  mutating func removeFirst() {
    precondition(count > 0)
    for index in 1..<max(count, 1) { jobs[index - 1] = jobs[index] }
    count -= 1
  }
}

extension Kernel {
  /// Why a resting order may not trade: its account is in liquidation, the first job that covers it, or its time has
  /// ended; `nil`: it may.
  @inline(__always) func gatingReason(of slot: OrderSlot) -> CancelReason? {
    if desk.inLiquidation > 0 && isInLiquidation(books[slot].account) { return .liquidation }
    if jobs.count > 0, let reason = firstGatingReason(of: slot) { return reason }
    return hasEnded(books[slot]) ? .timeExpired : nil
  }

  private func firstGatingReason(of slot: OrderSlot) -> CancelReason? {
    guard let index = firstJob(covering: slot) else { return nil }
    return jobs[index].reason
  }

  private func firstJob(covering slot: OrderSlot) -> Int? {
    let order = books[slot]
    for index in 0..<jobs.count where covers(jobs[index], order) { return index }
    return nil
  }

  /// Why a held order will not be released.
  func gatingReason(ofHeld slot: OrderSlot) -> CancelReason? {
    if isInLiquidation(held.books[slot].account) { return .liquidation }
    return firstJob(coveringHeld: slot).map { jobs[$0].reason }
  }

  private func firstJob(coveringHeld slot: OrderSlot) -> Int? {
    for index in 0..<jobs.count where covers(jobs[index], held.books[slot], side: held.terms[slot].side) {
      return index
    }
    return nil
  }

  /// Counts a held order that was about to be released for the job that covers it.
  mutating func countGated(held slot: OrderSlot) {
    if let index = firstJob(coveringHeld: slot) { jobs[index].cancelled += 1 }
  }

  /// Counts a gated order that matching came upon for the job that covers it.
  mutating func countGated(_ slot: OrderSlot) {
    if let index = firstJob(covering: slot) { jobs[index].cancelled += 1 }
  }

  private func covers(_ job: CancelJob, _ order: Order) -> Bool { covers(job, order, side: order.side) }

  func covers(_ job: CancelJob, _ order: Order, side: Side) -> Bool {
    guard order.entry <= job.watermark,
      job.instrument == .none || job.instrument == order.instrument,
      job.side == .both || job.side.rawValue == side.rawValue
    else { return false }
    switch job.scope {
    case .account: return order.account == job.target
    case .master: return ledger.accounts[order.account].master == job.target
    case .venue: return true
    case .key: return order.name.key == keys.records[job.target].id
    }
  }

  /// Starts a job and does the first slice of it. The caller has checked that there is room.
  mutating func start(_ job: CancelJob, _ command: Command, output: inout Output) {
    jobs.append(job)
    if jobs.count == 1 { work(units: limits.workPerTick, command, output: &output) }
  }

  /// Does up to `units` of work: an order cancelled or an account passed is one.
  mutating func work(units: Int, _ command: Command, output: inout Output) {
    var left = units
    while jobs.count > 0 {
      while jobs[0].account != 0 {
        if !cancelOrders(of: jobs[0].account, units: &left, command, output: &output) { return }
        if left == 0 { return }
        left -= 1
        jobs[0].account = nextAccount(of: jobs[0])
      }
      finish(jobs[0], command, output: &output)
      jobs.removeFirst()
    }
  }

  private func nextAccount(of job: CancelJob) -> UInt32 {
    switch job.scope {
    case .account: 0
    case .master, .key: ledger.accounts[job.account].nextInMaster
    case .venue: Int(job.account) < ledger.accounts.count ? job.account + 1 : 0
    }
  }

  /// Cancels the orders of one account that the first job covers. False: the units are used up before the end.
  private mutating func cancelOrders(
    of account: UInt32, units: inout Int, _ command: Command, output: inout Output
  ) -> Bool {
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      var slot = ledger.positions[position].firstOrder
      while slot != 0 {
        let next = books[slot].ownerNext
        if covers(jobs[0], books[slot]) {
          if units == 0 { return false }
          units -= 1
          jobs[0].cancelled += 1
          cancelResting(slot, reason: jobs[0].reason, command, output: &output)
        }
        slot = next
      }
      position = ledger.positions[position].next
    }
    return dropHeld(of: account, coveredBy: jobs[0], units: &units, command, output: &output)
  }

  private mutating func finish(_ job: CancelJob, _ command: Command, output: inout Output) {
    guard job.requester != .venue else { return }
    let head = nextReport(for: job.requester, command)
    output.append(
      MassCancelDone(
        reportNumber: head.reportNumber, requestId: job.requestId, sequence: sequence, time: time,
        count: job.cancelled), to: job.requester)
  }

  // MARK: Commands

  mutating func massCancel(_ message: MassCancel, _ command: Command, output: inout Output) throws(Reject) {
    guard let side = message.side else { throw .invalid(MassCancel.Field.side) }
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    try require(isOwn(account, command), Reject(.notYourAccount))
    try require(message.instrument == .none || ledger.find(message.instrument) != 0, Reject(.unknownInstrument))
    try require(!jobs.isFull, Reject(.venueFull, Int64(CancelJobs.capacity)))
    acceptRequest(command, output: &output)
    start(
      CancelJob(
        scope: .account, side: side, reason: .requested, instrument: message.instrument, target: account,
        watermark: sequence, requester: command.key, requestId: command.requestId, account: account), command,
      output: &output)
  }

  mutating func setKillSwitch(_ message: SetKillSwitch, _ command: Command, output: inout Output) throws(Reject) {
    guard let scope = message.scope else { throw .invalid(SetKillSwitch.Field.scope) }
    guard let engaged = message.engaged else { throw .invalid(SetKillSwitch.Field.engaged) }
    let account = scope == .account ? ledger.find(AccountId(message.target)) : 0
    let master = scope == .master ? ledger.find(MasterId(message.target)) : 0
    try require(scope != .account || account != 0, Reject(.unknownAccount))
    try require(scope != .master || master != 0, Reject(.unknownAccount))
    if !command.roles.contains(.operator) {
      try require(scope == .account, Reject(.notPermitted, Int64(Roles.operator.rawValue)))
      try require(isOwn(account, command), Reject(.notYourAccount))
    }
    let (jobScope, target, first, wasEngaged): (CancelJob.Scope, UInt32, UInt32, Bool) =
      switch scope {
      case .account: (.account, account, account, ledger.accounts[account].killed)
      case .master: (.master, master, ledger.masters[master].firstAccount, ledger.masters[master].killed)
      case .venue: (.venue, 0, ledger.accounts.count > 0 ? 1 : 0, isKilled)
      }
    let starts = engaged && !wasEngaged
    try require(!starts || !jobs.isFull, Reject(.venueFull, Int64(CancelJobs.capacity)))
    switch scope {
    case .account: ledger.accounts[account].killed = engaged
    case .master: ledger.masters[master].killed = engaged
    case .venue: isKilled = engaged
    }
    acceptRequest(command, output: &output)
    guard starts else { return }
    start(
      CancelJob(
        scope: jobScope, side: .both, reason: .killSwitch, instrument: .none, target: target, watermark: sequence,
        requester: command.key, requestId: command.requestId, account: first), command, output: &output)
  }
}

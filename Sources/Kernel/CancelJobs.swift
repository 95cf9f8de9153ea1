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
  var instrument = InstrumentId.none
  /// 0: whatever the instrument's base asset is.
  var underlying = AssetId.settlement
  /// Empty: all kinds of instruments.
  var kinds: InstrumentKinds = []
  /// With scope account: the key that entered the orders; 0: any.
  var orderKey = KeyId.venue
  /// Slot of the account or master, or of the key; 0 for the venue.
  var target: UInt32
  /// Orders that entered up to this command are covered.
  var watermark: UInt64
  /// Whom to tell at the end; key 0: nobody.
  var requester: KeyId
  var requestId: UInt64
  /// The account being worked on; 0: none left.
  var account: UInt32
  /// Orders that are no quotes stay.
  var quotesOnly = false
  var cancelled: UInt64 = 0

  /// Whether not all instruments are in scope for their underlying or kind.
  var picksInstruments: Bool { underlying != .settlement || kinds != [] }
}

extension CancelJob {
  /// A job of this scope for all sides and instruments, begun by the command `sequence`.
  init(
    _ scope: Scope, _ target: UInt32, _ reason: CancelReason, first account: UInt32, _ sequence: UInt64,
    _ command: Command
  ) {
    self.scope = scope
    side = .both
    self.reason = reason
    self.target = target
    watermark = sequence
    requester = command.key
    requestId = command.requestId
    self.account = account
  }
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
    if let job = firstJob(coveringHeld: slot) { return jobs[job].reason }
    let expiry = held.expiries.expiry(of: held.books[slot])
    return expiry != Timestamp(0) && expiry <= time ? .timeExpired : nil
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
    guard order.entry <= job.watermark, !job.quotesOnly || order.flags.contains(.quote),
      job.instrument == .none || job.instrument == order.instrument,
      job.side == .both || job.side.rawValue == side.rawValue,
      job.orderKey == .venue || job.orderKey == order.name.key,
      !job.picksInstruments || picks(job, ledger.find(order.instrument))
    else { return false }
    switch job.scope {
    case .account: return order.account == job.target
    case .master: return ledger.accounts[order.account].master == job.target
    case .venue: return true
    case .key: return order.name.key == keys.records[job.target].id
    }
  }

  /// Whether the underlying and kind of an instrument are those of the job.
  private func picks(_ job: CancelJob, _ instrument: UInt32) -> Bool {
    (job.underlying == .settlement || job.underlying == ledger.instruments[instrument].base)
      && (job.kinds == [] || job.kinds.contains(InstrumentKinds(ledger.instruments[instrument].kind)))
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
    let instrument = ledger.find(jobs[0].instrument)
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let isInScope =
        instrument == 0
        ? !jobs[0].picksInstruments || picks(jobs[0], ledger.positions[position].instrument)
        : ledger.positions[position].instrument == instrument
      var slot = isInScope ? ledger.positions[position].firstOrder : 0
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
}

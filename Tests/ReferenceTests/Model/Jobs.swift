import Values
import Wire

// Section 7 of the rules: mass cancels, kill switches, lost sessions, ticks.

extension ReferenceVenue {
  private var mostJobs: Int { 64 }

  func massCancel(_ message: MassCancel) throws(Reject) {
    typealias Field = MassCancel.Field
    guard let side = message.side else { throw Reject(.invalidField, Field.side) }
    try requireField(message.kinds.rawValue < 16, Field.kinds)
    try requireField(message.quotesOnlyCode <= 1, Field.quotesOnly)
    var job = newJob(.requested)
    job.side = side
    job.quotesOnly = message.quotesOnlyCode == 1
    if message.account != .none { job.account = try account(message.account) }
    if message.master != .none {
      if !accounts.contains(where: { $0.master == message.master }) { throw Reject(.unknownAccount) }
      job.master = message.master
    }
    var firms: [MasterId] = [job.account.map { accounts[$0].master }, job.master].compactMap { $0 }
    if message.orderKey != .venue {
      guard let found = keys.first(where: { $0.id == message.orderKey }) else {
        throw Reject(.unknownKey, message.orderKey.rawValue)
      }
      job.key = found.id
      firms.append(found.master)
    }
    let isOperator = roles.contains(.operator)
    if !isOperator && firms.contains(where: { $0 != master }) { throw Reject(.notYourAccount) }
    if Set(firms).count > 1 { throw Reject(.invalidCombination) }
    if let firm = firms.first { job.master = firm } else if !isOperator { job.master = master }
    if message.account == .none && message.orderKey == .venue && job.master != nil
      && !accounts.contains(where: { $0.master == job.master })
    {
      throw Reject(.unknownAccount)
    }
    if message.instrument != .none { job.instrument = try instrument(message.instrument).id }
    if message.underlying != .settlement {
      try requireAsset(message.underlying)
      job.underlying = message.underlying
    }
    if message.kinds != [] {
      job.kinds = InstrumentKind.allCases.filter { message.kinds.rawValue >> $0.rawValue & 1 == 1 }
    }
    if job.instrument != nil && (job.underlying != nil || job.kinds != nil) { throw Reject(.invalidCombination) }
    try requireRoom(jobs.count, UInt32(mostJobs))
    accept()
    start(job)
  }

  func set(_ message: SetKillSwitch) throws(Reject) {
    typealias Field = SetKillSwitch.Field
    guard let scope = message.scope else { throw Reject(.invalidField, Field.scope) }
    guard message.engagedCode <= 1 else { throw Reject(.invalidField, Field.engaged) }
    var job = newJob(.killSwitch)
    var target = KillTarget(scope: scope, id: message.target)
    switch scope {
    case .account:
      job.account = try account(AccountId(message.target))
      job.master = accounts[job.account!].master
    case .master:
      job.master = MasterId(message.target)
      if !accounts.contains(where: { $0.master == job.master }) { throw Reject(.unknownAccount) }
    case .venue: target.id = 0
    case .key:
      guard let found = keys.first(where: { $0.id.rawValue == message.target }) else {
        throw Reject(.unknownKey, message.target)
      }
      job.key = found.id
      job.master = found.master
    }
    let authority: KillAuthority =
      roles.contains(.operator) ? .operator : roles.contains(.firmAdmin) ? .firmAdmin : .trader
    if authority != .operator {
      if scope == .venue { throw Reject(.notPermitted, Roles.operator.rawValue) }
      let isForAdmins = scope == .master || (scope == .key && job.key != key)
      if isForAdmins && authority == .trader {
        throw Reject(.notPermitted, Roles.operator.rawValue + Roles.firmAdmin.rawValue)
      }
      if job.master != master { throw Reject(.notYourAccount) }
    }
    let old = kills[target]
    if message.engagedCode == 0 {
      if let old, old.rawValue > authority.rawValue {
        let firm: UInt16 = old == .firmAdmin ? Roles.firmAdmin.rawValue : 0
        throw Reject(.notPermitted, Roles.operator.rawValue + firm)
      }
      kills[target] = nil
      return accept()
    }
    if old == nil { try requireRoom(jobs.count, UInt32(mostJobs)) }
    kills[target] = KillAuthority(rawValue: max(authority.rawValue, old?.rawValue ?? 0))
    accept()
    if old == nil { start(job) }
  }

  /// Kill switch that stops a key from entering orders for an account, if any.
  func engagedKillSwitch(_ account: ModelAccount, _ key: KeyId) -> KillScope? {
    let switches = [
      KillTarget(scope: .venue, id: 0), KillTarget(scope: .master, id: account.master.rawValue),
      KillTarget(scope: .account, id: account.id.rawValue), KillTarget(scope: .key, id: key.rawValue),
    ]
    return switches.first { kills[$0] != nil }?.scope
  }

  // MARK: Sessions and time

  func opened(_ message: SessionOpened) {
    guard let index = keys.firstIndex(where: { $0.id == message.key }) else { return }
    keys[index].connection = message.connectionId
    keys[index].cancelOnDisconnect = message.cancelOnDisconnect
    keys[index].windowEnd = nil
  }

  func closed(_ message: SessionClosed) {
    guard let index = keys.firstIndex(where: { $0.id == message.key }), keys[index].connection != 0,
      keys[index].connection == message.connectionId
    else { return }
    keys[index].connection = 0
    let window = Int64(keys[index].cancelOnDisconnect) * 1_000_000
    if window > 0 { keys[index].windowEnd = time.rawValue + window }
  }

  func tick(_ message: Tick) {
    for index in keys.indices {
      guard let end = keys[index].windowEnd, end <= time.rawValue, jobs.count < mostJobs else { continue }
      keys[index].windowEnd = nil
      jobs.append(
        ModelJob(
          master: keys[index].master, key: keys[index].id, reason: .disconnected, sequence: sequence, asker: nil,
          requestId: 0))
    }
    var units = Int(message.work)
    doWhatIsDue(&units)
    endOrders(&units)
    releaseNext(&units)
    work(units: units)
  }

  func set(_ message: SetCountdown) throws(Reject) {
    if message.milliseconds != 0 && !(1_000...86_400_000).contains(message.milliseconds) {
      throw Reject(.parameterOutOfRange, SetCountdown.Field.milliseconds)
    }
    guard let index = keys.firstIndex(where: { $0.id == key }) else {
      throw Reject(.notPermitted, Roles.trader.rawValue)
    }
    let account = message.account == .none ? nil : try ownAccount(message.account)
    let end = time.rawValue + Int64(message.milliseconds) * 1_000_000
    keys[index].countdown = message.milliseconds == 0 ? nil : (end, account, requestId)
    accept(value: message.milliseconds == 0 ? 0 : end)
  }

  /// Countdowns that have ended and instruments whose time has come, by their times, countdowns first, then in order of
  /// creation.
  private func doWhatIsDue(_ units: inout Int) {
    while units > 0 {
      var due: [(time: Int64, kind: Int, index: Int)] = []
      for (index, key) in keys.enumerated() { if let end = key.countdown?.end { due.append((end, 0, index)) } }
      for instrument in instruments.values {
        if let opening = instrument.opening { due.append((opening.time, 1, instrument.number)) }
      }
      guard let first = due.min(by: { $0 < $1 }), first.time <= time.rawValue else { return }
      units -= 1
      if first.kind == 0 {
        endCountdown(of: first.index)
      } else {
        open(instruments.values.first { $0.number == first.index }!)
      }
    }
  }

  /// A countdown that finds no room for its job waits another millisecond.
  private func endCountdown(of index: Int) {
    if jobs.count == mostJobs {
      keys[index].countdown!.end = time.rawValue + 1_000_000
      return
    }
    let countdown = keys[index].countdown!
    keys[index].countdown = nil
    var job = ModelJob(reason: .countdown, sequence: sequence, asker: keys[index].id, requestId: countdown.request)
    job.account = countdown.account
    if countdown.account == nil {
      job.key = keys[index].id
      job.master = keys[index].master
    }
    jobs.append(job)
  }

  private func open(_ instrument: ModelInstrument) {
    let phase = instrument.opening!.phase
    instruments[instrument.id]!.opening = nil
    instruments[instrument.id]!.listing = .active
    instruments[instrument.id]!.phase = mayOpen(instrument, phase) ? phase : .halted
  }

  /// Whether a resting order's time has ended.
  func hasEnded(_ order: ModelOrder) -> Bool { order.expiry != 0 && order.expiry <= time.rawValue }

  /// Orders whose time has ended, the oldest end first.
  private func endOrders(_ units: inout Int) {
    var ended: [(order: ModelOrder, account: Int)] = []
    for index in accounts.indices {
      for order in accounts[index].orders where hasEnded(order) { ended.append((order, index)) }
    }
    ended.sort { ($0.order.expiry, $0.order.id) < ($1.order.expiry, $1.order.id) }
    for (order, account) in ended.prefix(units) {
      units -= 1
      cancelResting(order.name, account, .timeExpired)
    }
    let endedHeld = held.filter(hasEnded).sorted { ($0.expiry, $0.id) < ($1.expiry, $1.id) }
    for order in endedHeld.prefix(units) {
      units -= 1
      drop(order, .timeExpired)
    }
  }

  /// When the next window or order ends.
  var nextDue: Timestamp {
    let ends = (accounts.flatMap(\.orders).map(\.expiry) + held.map(\.expiry)).filter { $0 != 0 }
    return Timestamp(
      (keys.compactMap(\.windowEnd) + keys.compactMap(\.countdown?.end) + instruments.values.compactMap(\.opening?.time)
        + ends).min() ?? .max)
  }

  // MARK: Jobs

  private func newJob(_ reason: CancelReason) -> ModelJob {
    ModelJob(reason: reason, sequence: sequence, asker: key, requestId: requestId)
  }

  /// A job and its first slice; behind others it waits for ticks.
  private func start(_ job: ModelJob) {
    jobs.append(job)
    if jobs.count == 1 { work(units: Int(limits.workPerTick)) }
  }

  /// Accounts a job passes, in order of creation.
  private func accounts(of job: ModelJob) -> [Int] {
    accounts.indices.filter {
      (job.account == nil || job.account == $0) && (job.master == nil || job.master == accounts[$0].master)
    }
  }

  private func covers(_ job: ModelJob, _ order: ModelOrder, _ account: Int) -> Bool {
    let instrument = instruments[order.instrument]!
    return order.entry <= job.sequence && accounts(of: job).contains(account)
      && (job.key == nil || job.key == order.name.key)
      && (job.side == .both || job.side.rawValue == order.side.rawValue)
      && (job.instrument == nil || job.instrument == instrument.id)
      && (job.underlying == nil || job.underlying == instrument.base)
      && (!job.quotesOnly || order.flags.contains(.quote))
      && (job.kinds == nil || job.kinds!.contains(instrument.kind))
  }

  func covers(_ job: ModelJob, _ order: ModelHeld) -> Bool {
    let resting = ModelOrder(
      name: order.name, id: order.id, instrument: order.instrument, side: order.side, price: 0, open: 0, display: 0,
      shown: 0, flags: [], timeInForce: .goodTillCancel, orderType: .limit, selfTradePrevention: .allow,
      entry: order.entry, provisionRate: 0, provisionPrice: 0)
    return covers(job, resting, order.account)
  }

  /// The first job that gates an order.
  func gate(_ order: ModelOrder, _ account: Int) -> Int? {
    jobs.firstIndex { covers($0, order, account) }
  }

  private func work(units: Int) {
    var left = units
    while let job = jobs.first {
      let scope = accounts(of: job)
      if job.accountsPassed >= scope.count {
        finishFirstJob()
        continue
      }
      if left == 0 { return }
      left -= 1
      let account = scope[job.accountsPassed]
      let covered = accounts[account].orders.filter { covers(job, $0, account) }
      let next = covered.min { ($0.instrument, $0.entry) < ($1.instrument, $1.entry) }
      if let next {
        jobs[0].count += 1
        cancelResting(next.name, account, job.reason)
      } else if let next = held.first(where: { $0.account == account && covers(job, $0) }) {
        jobs[0].count += 1
        drop(next, job.reason)
      } else {
        jobs[0].accountsPassed += 1
      }
    }
  }

  private func finishFirstJob() {
    let job = jobs.removeFirst()
    guard let asker = job.asker, asker != .venue else { return }
    emit(
      MassCancelDone(
        reportNumber: nextReportNumber(asker), requestId: job.requestId, sequence: sequence, time: time,
        count: job.count),
      to: asker)
  }
}

import Values
import Wire

// Section 7 of the rules: mass cancels, kill switches, lost sessions, ticks.

extension ReferenceVenue {
  private var mostJobs: Int { 64 }

  func massCancel(_ message: MassCancel) throws(Reject) {
    guard let side = message.side else { throw Reject(.invalidField, MassCancel.Field.side) }
    let index = try ownAccount(message.account)
    if message.instrument != .none { _ = try instrument(message.instrument) }
    try requireRoom(jobs.count, UInt32(mostJobs))
    accept()
    startJob(.account(index, message.instrument, side), .requested, asker: key)
    beginWork()
  }

  func set(_ message: SetKillSwitch) throws(Reject) {
    typealias Field = SetKillSwitch.Field
    guard let scope = message.scope else { throw Reject(.invalidField, Field.scope) }
    guard message.engagedCode <= 1 else { throw Reject(.invalidField, Field.engaged) }
    let isEngaged = message.engagedCode == 1
    let account = accounts.firstIndex { $0.id.rawValue == message.target }
    let target = MasterId(message.target)
    let isKnown =
      switch scope {
      case .account: account != nil
      case .master: accounts.contains { $0.master == target }
      case .venue: true
      }
    if !isKnown { throw Reject(.unknownAccount) }
    if !roles.contains(.operator) {
      if scope != .account { throw Reject(.notPermitted, Roles.operator.rawValue) }
      if accounts[account!].master != master { throw Reject(.notYourAccount) }
    }
    let wasEngaged =
      switch scope {
      case .account: accounts[account!].killed
      case .master: killedMasters.contains(target)
      case .venue: isKilled
      }
    if isEngaged && !wasEngaged { try requireRoom(jobs.count, UInt32(mostJobs)) }
    switch scope {
    case .account: accounts[account!].killed = isEngaged
    case .master: if isEngaged { killedMasters.insert(target) } else { killedMasters.remove(target) }
    case .venue: isKilled = isEngaged
    }
    accept()
    if !isEngaged || wasEngaged { return }
    switch scope {
    case .account: startJob(.account(account!, .none, .both), .killSwitch, asker: key)
    case .master: startJob(.master(target), .killSwitch, asker: key)
    case .venue: startJob(.venue, .killSwitch, asker: key)
    }
    beginWork()
  }

  /// Kill switch that stops an account from entering orders, if any.
  func engagedKillSwitch(_ account: ModelAccount) -> KillScope? {
    if isKilled { return .venue }
    if killedMasters.contains(account.master) { return .master }
    return account.killed ? .account : nil
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
      startJob(.key(keys[index].id, keys[index].master), .disconnected, asker: nil)
    }
    var units = Int(message.work)
    endOrders(&units)
    releaseNext(&units)
    work(units: units)
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
  }

  /// When the next window or order ends.
  var nextDue: Timestamp {
    let ends = accounts.flatMap(\.orders).map(\.expiry).filter { $0 != 0 }
    return Timestamp((keys.compactMap(\.windowEnd) + ends).min() ?? .max)
  }

  // MARK: Jobs

  private func startJob(_ scope: ModelJob.Scope, _ reason: CancelReason, asker: KeyId?) {
    jobs.append(ModelJob(scope: scope, reason: reason, sequence: sequence, asker: asker, requestId: requestId))
  }

  /// The first slice of a job that has just started; behind others it waits for ticks.
  private func beginWork() {
    if jobs.count == 1 { work(units: Int(limits.workPerTick)) }
  }

  /// Accounts a job passes, in order of creation.
  private func accounts(of job: ModelJob) -> [Int] {
    switch job.scope {
    case .account(let index, _, _): [index]
    case .master(let master): accounts.indices.filter { accounts[$0].master == master }
    case .key(_, let master): accounts.indices.filter { accounts[$0].master == master }
    case .venue: Array(accounts.indices)
    }
  }

  private func covers(_ job: ModelJob, _ order: ModelOrder, _ account: Int) -> Bool {
    if order.entry > job.sequence { return false }
    switch job.scope {
    case .account(let index, let instrument, let side):
      return account == index && (instrument == .none || instrument == order.instrument)
        && (side == .both || side.rawValue == order.side.rawValue)
    case .master(let master): return accounts[account].master == master
    case .key(let key, let master): return accounts[account].master == master && order.name.key == key
    case .venue: return true
    }
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

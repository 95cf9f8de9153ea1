import Values
import Wire

// What time does to the venue: windows of lost sessions end, jobs go on. Time enters through Ticks only.

extension Kernel {
  mutating func tick(_ message: Tick, output: inout Output) {
    var units = Int(min(message.work, 1 << 20))
    if sessionsDue <= time { startDueJobs() }
    while units > 0, let timer = timers.takeDue(at: time) {
      units -= 1
      run(timer, output: &output)
    }
    workOnMargin(units: &units, output: &output)
    endOrders(units: &units, output: &output)
    releaseNext(units: &units, output: &output)
    work(units: max(0, units), venueCommand, output: &output)
  }

  /// Does what is due. One unit of work each.
  private mutating func run(_ timer: Timer, output: inout Output) {
    switch timer.kind {
    case .oracle:
      assessOracle(timer.target, output: &output)
    case .mark: runMarkTimer(timer.target, output: &output)
    case .settlementSample: sampleSettlement(of: timer.target)
    case .premiumSample: samplePremium(of: timer.target)
    case .funding: exchangeFunding(of: timer.target, output: &output)
    case .interest: endInterestInterval(of: timer.target, output: &output)
    case .expiry: expire(timer.target, output: &output)
    case .settlement: settleNext(of: timer.target, output: &output)
    case .volatility: sampleVolatility(of: timer.target, output: &output)
    case .liquidity: lookAtBook(of: timer.target, output: &output)
    case .repricing: repriceOnTime(timer.target)
    case .liquidation: startRound()
    case .history: samplePrices()
    case .countdown: endCountdown(of: timer.target)
    case .listing: endWait(of: timer.target, output: &output)
    }
  }

  /// Starts the cancel jobs of the sessions whose window has ended, keys in order of creation.
  private mutating func startDueJobs() {
    for slot in 1..<UInt32(keys.records.count + 1) where keys.records[slot].disconnectDeadline <= time {
      if jobs.isFull { break }
      keys.records[slot].disconnectDeadline = .never
      jobs.append(jobOfKey(slot, .disconnected, venueCommand))
    }
    recomputeNextDue()
  }

  mutating func sessionOpened(_ message: SessionOpened) {
    let slot = keys.find(message.key)
    guard slot != 0 else { return }
    keys.records[slot].connectionId = message.connectionId
    keys.records[slot].cancelOnDisconnect = message.cancelOnDisconnect
    keys.records[slot].disconnectDeadline = .never
    recomputeNextDue()
  }

  mutating func sessionClosed(_ message: SessionClosed) {
    let slot = keys.find(message.key)
    guard slot != 0, keys.records[slot].connectionId == message.connectionId, message.connectionId != 0 else { return }
    keys.records[slot].connectionId = 0
    if keys.records[slot].cancelOnDisconnect > 0 {
      let window = Int64(keys.records[slot].cancelOnDisconnect) * 1_000_000
      let (deadline, overflow) = time.rawValue.addingReportingOverflow(window)
      keys.records[slot].disconnectDeadline = overflow ? .never : Timestamp(deadline)
    }
    recomputeNextDue()
  }

  mutating func recomputeNextDue() {
    sessionsDue = .never
    for slot in 1..<UInt32(keys.records.count + 1) {
      sessionsDue = min(sessionsDue, keys.records[slot].disconnectDeadline)
    }
  }

  /// What login needs to know of a key, or `nil` when there is no such key.
  public borrowing func keyRecord(_ key: KeyId) -> KeyRecord? {
    let slot = keys.find(key)
    return slot == 0 ? nil : keys.records[slot]
  }

  /// Calls `body` for every key that is marked as logged in, in order of creation.
  public borrowing func forEachConnectedKey(_ body: (KeyRecord) -> Void) {
    for slot in 1..<UInt32(keys.records.count + 1) where keys.records[slot].connectionId != 0 {
      body(keys.records[slot])
    }
  }
}

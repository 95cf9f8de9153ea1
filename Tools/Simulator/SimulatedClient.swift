import FuzzHarness
import Session
import Values
import Wire

/// A client of the simulation: logs in, sends requests, loses its connection, comes back, asks again for what it has
/// missed and sends again what it does not know the fate of.
final class SimulatedClient {
  private enum State { case offline, negotiating, proving, establishing, live }

  let key: KeyId
  private let signing: SigningKey
  private var chance: Chance
  private var workload: Workload
  private var link: Link?
  private var state = State.offline
  private(set) var memory = ClientMemory()
  /// When it next does something by itself.
  private var nextAct: UInt64 = 0
  private var isReading = true
  private var received: [UInt8] = []
  private var negotiate: [UInt8] = []
  /// Number of the next report that the stream must bring; 0: any.
  private var expected: UInt64 = 0
  /// What it has found wrong.
  private(set) var fault: String?
  /// State hashes the server has told, by sequence.
  private(set) var told: [(sequence: UInt64, state: Bytes32, output: UInt64)] = []
  /// Requests still to be sent.
  var requestsLeft: Int
  /// Requests sent again, logins, and lost connections, for the summary.
  private(set) var resent = 0
  private(set) var logins = 0
  private(set) var receivedReports = 0
  /// Mean pause between bursts in nanoseconds.
  let pause: UInt64

  init(key: KeyId, requests: Int, pause: UInt64, chance: Chance) {
    self.key = key
    self.chance = chance
    self.pause = pause
    signing = SigningKey(key)
    requestsLeft = requests
    workload = Workload(key: key, chance: self.chance.branch())
  }

  // MARK: Time

  /// When something is due: an act of its own, or bytes to be read.
  var wake: UInt64 { min(nextAct, isReading ? link?.toClient.nextArrival ?? .max : .max) }

  func isDue(now: UInt64) -> Bool { wake <= now }

  /// The machine at the other end is gone. What it had sent still arrives, or is lost with it.
  func lostLink(now: UInt64, host: SimulatedHost) {
    guard link != nil else { return }
    if chance.once(in: 2) { read(now: .max, host: host) }
    if link != nil { goOffline(now: now) }
  }

  private func goOffline(now: UInt64) {
    link = nil
    state = .offline
    isReading = true
    received = []
    nextAct = (now == .max ? 0 : now) + chance.within(10_000...5_000_000)
  }

  /// Reads what has come, then does something if it is time.
  func act(now: UInt64, host: SimulatedHost) {
    if isReading { read(now: now, host: host) }
    if now < nextAct { return }
    nextAct = now + pause / 2 + chance.within(0...pause)
    switch state {
    case .offline: connect(now: now, host: host)
    case .live: live(now: now, host: host)
    default: break
    }
  }

  // MARK: Connection

  private func connect(now: UInt64, host: SimulatedHost) {
    guard let link = host.connect() else { return }
    self.link = link
    if chance.once(in: 60) {
      host.send((0..<chance.below(300)).map { _ in UInt8(truncatingIfNeeded: chance.next()) }, over: link)
      return goOffline(now: now)
    }
    state = .negotiating
    negotiate = frameBytes(Negotiate(key: key, version: Schema.version, clientName: "simulated"))
    host.send(negotiate, over: link)
  }

  private func loseConnection(_ link: Link, now: UInt64) {
    switch chance.below(3) {
    case 0: link.clientFinished = true
    case 1: link.isReset = true
    default: link.hasVanished = true
    }
    goOffline(now: now)
  }

  // MARK: Sending

  private func live(now: UInt64, host: SimulatedHost) {
    guard let link else { return }
    if chance.once(in: 100) { return loseConnection(link, now: now) }
    if chance.once(in: 150) {
      isReading = false
      nextAct = now + chance.within(1_000_000...500_000_000)
      return
    }
    isReading = true
    if key == Fixture.observer {
      host.send(frameBytes(QueryStatus(queryId: 1, withStateHash: true)), over: link)
      return
    }
    if chance.once(in: 30) { host.send(frameBytes(Sequence(nextReport: 0)), over: link) }
    var burst: [UInt8] = []
    for _ in 0..<min(requestsLeft, 1 + chance.below(chance.once(in: 8) ? 200 : 20)) {
      requestsLeft -= 1
      memory.lastRequest += 1
      let frame = workload.next(requestId: memory.lastRequest)
      memory.noteSent(frame)
      memory.pending.append((memory.lastRequest, frame))
      burst += frame
      if chance.once(in: 50) { burst += frame }
    }
    if !burst.isEmpty { host.send(burst, over: link) }
  }

  // MARK: Reading

  private func read(now: UInt64, host: SimulatedHost) {
    guard let link else { return }
    link.toClient.deliver(now: now)
    received += link.toClient.take(.max >> 1)
    var offset = 0
    received.withUnsafeBytes { bytes in
      while self.link != nil {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        guard case .frame(let length) = Frame.scan(rest, maximum: Int(UInt16.max)) else { break }
        take(Frame(UnsafeRawBufferPointer(rebasing: rest[..<length])), now: now, host: host)
        offset += length
      }
    }
    if self.link == nil { return }
    received.removeFirst(offset)
    if link.serverFinished && link.toClient.count == 0 { goOffline(now: now) }
  }

  private func take(_ frame: Frame, now: UInt64, host: SimulatedHost) {
    guard let link else { return }
    let template = frame.template
    switch template {
    case .challenge where state == .negotiating:
      let challenge = frame.decode(Challenge.self)
      let text = LoginProof.text(
        venueId: challenge.venueId, nonce: challenge.nonce, connectionId: challenge.connectionId, key: key,
        negotiate: negotiate)
      var signature = signing.sign(text)
      if chance.once(in: 40) { signature.high.word3 ^= 1 }
      host.send(frameBytes(Proof(signature: signature)), over: link)
      state = .proving
    case .negotiateAck where state == .proving:
      // Now and then it has forgotten the last reports, or all of them.
      let forgotten = chance.once(in: 4) ? UInt64(chance.below(chance.once(in: 4) ? Int(Int32.max) : 50)) : 0
      let last = memory.lastReport - min(memory.lastReport, forgotten)
      expected = last + 1
      host.send(
        frameBytes(
          Establish(
            lastReport: last, keepAlive: 1_000, cancelOnDisconnect: chance.once(in: 3) ? 100 : 0)), over: link)
      state = .establishing
    case .establishAck where state == .establishing: established(frame.decode(EstablishAck.self), link, host: host)
    case .sessionReject: forget(frame.decode(SessionReject.self).requestId)
    case .statusReport:
      let status = frame.decode(StatusReport.self)
      told.append((status.sequence, status.stateHash, status.outputDigest))
    case .terminate: goOffline(now: now)
    default: if template.isReport { report(frame) }
    }
  }

  private func established(_ ack: EstablishAck, _ link: Link, host: SimulatedHost) {
    state = .live
    logins += 1
    if ack.journalRegressed != false || ack.lastReport < memory.lastReport {
      note("the venue knows \(ack.lastReport) reports, and \(memory.lastReport) had been received")
    }
    // What the venue no longer keeps is told as a gap.
    if ack.oldestReport > expected { expected = ack.oldestReport }
    memory.pending.removeAll { $0.requestId <= ack.lastRequest }
    memory.lastRequest = max(memory.lastRequest, ack.lastRequest)
    resent += memory.pending.count
    for request in memory.pending { host.send(request.frame, over: link) }
  }

  private func report(_ frame: Frame) {
    let number = UInt64(
      littleEndian: frame.bytes.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self))
    if number == 0 { return }
    let requestId = UInt64(
      littleEndian: frame.bytes.loadUnaligned(fromByteOffset: FrameHeader.length + 8, as: UInt64.self))
    if number != expected { note("report \(number) came where \(expected) was due") }
    expected = number + 1
    receivedReports += 1
    if let wrong = memory.take(number, frame.bytes) { note(wrong) }
    forget(requestId)
  }

  /// What is known of a request: it need not be sent again.
  private func forget(_ requestId: UInt64) {
    if let first = memory.pending.first, first.requestId == requestId {
      memory.pending.removeFirst()
    } else {
      memory.pending.removeAll { $0.requestId == requestId }
    }
  }

  private func note(_ text: String) { if fault == nil { fault = "key \(key.rawValue): \(text)" } }
}

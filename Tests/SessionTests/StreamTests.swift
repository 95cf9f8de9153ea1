import Session
import Testing
import Values
import Wire

@Suite("Limits, heartbeats and recovery of a live session")
struct StreamTests {
  @Test("Requests over the rate are refused with the rate, and the bucket fills again")
  func throttle() {
    var settings = SessionSettings()
    settings.requestsPerSecond = 10
    var core = makeCore(settings: settings)
    core.advance(to: .established)
    let order = frame(CancelOrder(requestId: 5, orderRequestId: 1, orderKey: KeyId(0)))
    for _ in 0..<12 { core.receive(order) }
    for _ in 0..<10 { #expect(name(core.next(now: 0)) == "command cancelOrder") }
    #expect(name(core.next(now: 0)) == "wait")
    let rejects = core.takeOutput().compactMap { decode($0, SessionReject.self) }
    #expect(rejects.count == 2)
    #expect(rejects[0] == SessionReject(requestId: 5, detail: 10, reason: .throttled, template: 71))
    core.receive(order)
    #expect(name(core.next(now: 100 * millisecond)) == "command cancelOrder")
  }

  @Test("Queries have a lower limit of their own")
  func queryThrottle() {
    var settings = SessionSettings()
    settings.queriesPerSecond = 2
    var core = makeCore(settings: settings)
    core.advance(to: .established)
    core.receive(zeroFrame(.queryStatus) + zeroFrame(.subscribe) + zeroFrame(.queryInstruments) + zeroFrame(.newOrder))
    #expect(name(core.next(now: 0)) == "query queryStatus")
    #expect(name(core.next(now: 0)) == "subscribe")
    #expect(name(core.next(now: 0)) == "command newOrder")
    #expect(decode(core.takeOutput()[0], SessionReject.self)?.detail == 2)
  }

  @Test("A rate of zero is no limit")
  func noThrottle() {
    var throttle = Throttle(perSecond: 0)
    var admitted = 0
    for _ in 0..<100_000 where throttle.admit(now: 0) { admitted += 1 }
    #expect(admitted == 100_000)
  }

  @Test("Heartbeats are due when the server is silent; the client has twice the interval")
  func keepAlive() {
    var core = makeCore()
    core.advance(to: .established, now: 0, keepAlive: 1000)
    var timer = core.expire(now: 999 * millisecond)
    #expect(timer == .nothing)
    timer = core.expire(now: 1000 * millisecond)
    #expect(timer == .heartbeat)
    core.sendHeartbeat(nextReport: 11, now: 1000 * millisecond)
    #expect(decode(core.takeOutput(now: 1000 * millisecond)[0], Sequence.self)?.nextReport == 11)
    core.receive(frame(Sequence(nextReport: 0)), now: 1500 * millisecond)
    _ = core.next(now: 1500 * millisecond)
    timer = core.expire(now: 2000 * millisecond)
    #expect(timer == .heartbeat)
    core.sendHeartbeat(nextReport: 11, now: 3400 * millisecond)
    timer = core.expire(now: 3499 * millisecond)
    #expect(timer == .nothing)
    timer = core.expire(now: 3500 * millisecond)
    #expect(timer == .terminated && core.end == .terminated(.keepAliveTimeout, detail: 1000))
    timer = core.expire(now: 4499 * millisecond)
    #expect(timer == .nothing)
    timer = core.expire(now: 4500 * millisecond)
    #expect(timer == .drop)
  }

  @Test(
    "The keep-alive interval is moved into its bounds",
    arguments: [(0, 100), (100, 100), (5000, 5000), (60_000, 60_000), (4_000_000_000, 60_000)])
  func keepAliveBounds(asked: UInt32, granted: UInt64) {
    var core = makeCore()
    core.advance(to: .established, keepAlive: asked)
    #expect(core.deadline == granted * millisecond)
  }

  @Test("A client that does not read is told so behind the frame it is in the middle of")
  func slowConsumer() {
    var settings = SessionSettings()
    settings.outputBytes = 900
    var core = makeCore(settings: settings)
    core.advance(to: .established)
    let report = report(number: 1, sequence: 1)
    for _ in 0..<20 { report.withUnsafeBytes { core.output.append($0) } }
    core.sent(report.count * 2 + 5, now: 1)
    let isSlow = core.terminateIfSlow(now: 2)
    let isSlowAgain = core.terminateIfSlow(now: 2)
    #expect(isSlow && !isSlowAgain)
    let bytes = Array(core.output.bytes)
    #expect(bytes.count == report.count - 5 + Terminate.frameLength)
    #expect(decode(Array(bytes[(report.count - 5)...]), Terminate.self)?.reason == .slowConsumer)
  }

  @Test("One answer may go over the limit, but the next query waits and reports stay bounded")
  func largeAnswer() {
    var settings = SessionSettings()
    settings.outputBytes = 1000
    var core = makeCore(settings: settings)
    core.advance(to: .established)
    let row = frame(QueryEnd(queryId: 1, rows: 0, more: false, reason: nil))
    core.output.appendAnswer { queue in
      for _ in 0..<1000 { row.withUnsafeBytes { queue.append($0) } }
    }
    var isSlow = core.terminateIfSlow(now: 0)
    #expect(!isSlow)
    core.receive(zeroFrame(.queryStatus))
    #expect(name(core.next(now: 0)) == "wait")
    for _ in 0..<50 { row.withUnsafeBytes { core.output.append($0) } }
    isSlow = core.terminateIfSlow(now: 0)
    #expect(isSlow)
  }

  @Test("A broken connection ends the session without a message")
  func lost() {
    var core = makeCore()
    core.advance(to: .established)
    core.connectionLost(now: 3)
    let waiting = core.output.count
    #expect(core.end == .lost && waiting == 0)
    #expect(name(core.next(now: 3)) == "closed")
  }

  @Test("Reports are sent again from the one asked for")
  func retransmission() {
    var ring = ReportRing(limit: 1 << 16)
    for number in 5...9 { append(report(number: UInt64(number), sequence: UInt64(number)), to: &ring) }
    var core = makeCore()
    core.advance(to: .established)
    core.receive(frame(RetransmitRequest(firstReport: 7, count: 2)))
    guard case .retransmit(let request) = core.next(now: 0) else {
      Issue.record("no retransmission")
      return
    }
    core.retransmit(request, ring: ring)
    let frames = core.takeOutput()
    #expect(decode(frames[0], Retransmission.self) == Retransmission(firstReport: 7, count: 2))
    #expect(frames[1...].compactMap { decode($0, MassCancelDone.self)?.reportNumber } == [7, 8])
    core.retransmit(RetransmitRequest(firstReport: 1, count: 3), ring: ring)
    #expect(decode(core.takeOutput()[0], Retransmission.self) == Retransmission(firstReport: 5, count: 3))
    core.retransmit(RetransmitRequest(firstReport: 10, count: 3), ring: ring)
    #expect(decode(core.takeOutput()[0], Retransmission.self) == Retransmission(firstReport: 10, count: 0))
    core.resend(from: 9, ring: ring)
    #expect(core.takeOutput().map { decode($0, MassCancelDone.self)?.reportNumber } == [9])
    core.resend(from: 12, ring: ring)
    let nothing = core.takeOutput()
    #expect(nothing.isEmpty)
  }

  @Test("A ring drops its oldest reports, but none of the last command")
  func ringBounds() {
    let size = report(number: 1, sequence: 1).count
    var ring = ReportRing(limit: size * 4)
    for number in 1...10 { append(report(number: UInt64(number), sequence: UInt64(number)), to: &ring) }
    #expect(ring.oldest == 7 && ring.newest == 10 && ring.byteCount == 4 * size)
    for number in 11...30 { append(report(number: UInt64(number), sequence: 11), to: &ring) }
    #expect(ring.oldest == 11 && ring.newest == 30)
    append(report(number: 31, sequence: 12), to: &ring)
    #expect(ring.oldest == 28 && ring.newest == 31)
    append(report(number: 90, sequence: 13), to: &ring)
    #expect(ring.oldest == 90 && ring.newest == 90)
  }

  @Test("An empty ring has nothing to send")
  func emptyRing() {
    let ring = ReportRing(limit: 100)
    #expect(ring.oldest == 0 && ring.slice(from: 1).count == 0 && ring.slice(from: 0).bytes.isEmpty)
  }

  @Test("Only numbered reports are kept")
  func whatIsKept() {
    #expect(report(number: 1, sequence: 1).withUnsafeBytes { ReportRing.holds($0) })
    // Reports of positions and of the margin's state are as numbered as those of orders.
    let call = MarginCall(
      reportNumber: 2, requestId: 0, sequence: 1, time: Timestamp(1), account: AccountId(1), state: .firstCall,
      before: .normal, margin: AccountMargin())
    #expect(frame(call).withUnsafeBytes { ReportRing.holds($0) })
    #expect(!report(number: 0, sequence: 1).withUnsafeBytes { ReportRing.holds($0) })
    #expect(!frame(Sequence(nextReport: 4)).withUnsafeBytes { ReportRing.holds($0) })
  }

  @Test("Who may ask what")
  func queryAccess() {
    #expect(QueryAccess.allows(.queryMargin, roles: .trader) && !QueryAccess.allows(.queryMargin, roles: .oracle))
    #expect(
      QueryAccess.allows(.queryAccounts, roles: .registrar) && !QueryAccess.allows(.queryAccounts, roles: .oracle))
    #expect(QueryAccess.allows(.subscribe, roles: .oracle) && !QueryAccess.allows(.subscribe, roles: []))
    #expect(QueryAccess.allowsStateHash(roles: .observer) && !QueryAccess.allowsStateHash(roles: .trader))
  }
}

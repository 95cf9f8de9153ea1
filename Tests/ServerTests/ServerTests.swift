import Glibc
import Server
import Storage
import Testing
import Values
import Wire

@Suite("A server on a loopback port", .serialized)
struct ServerTests {
  let directory = TemporaryDirectory()

  @Test("Two traders meet; reports, market data and status agree")
  func trade() throws {
    let server = try #require(TestServer(directory: directory.path))
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    let seller = try TestClient(port: server.port, TestVenue.seller)
    let staff = try TestClient(port: server.port, TestVenue.staff)
    let welcome = try staff.next(EstablishAck.self)
    #expect(welcome.lastReport == 0 && welcome.journalRegressed == false && welcome.ordersPerAccount == 512)
    staff.send(Subscribe(queryId: 1, instrument: TestVenue.instrument, feed: .orders))
    let book = try staff.next(BookSnapshot.self)
    #expect(book.rows == 0 && book.phase == .continuous && book.feedSequence == 0)
    #expect(try staff.next(QueryEnd.self).queryId == 1)

    buyer.send(buyer.order(TestVenue.buyer, 1, .buy, lots: 10))
    #expect(try buyer.next(OrderAccepted.self).reportNumber == 1)
    seller.send(seller.order(TestVenue.seller, 1, .sell, lots: 4))
    let sold = try seller.next(OrderFilled.self)
    let bought = try buyer.next(OrderFilled.self)
    #expect(sold.tradeId == bought.tradeId && sold.quantity == Quantity(4) && bought.open == Quantity(6))
    #expect(sold.liquidity == .taker && bought.liquidity == .maker)

    #expect(try staff.next(BookOrder.self).feedSequence == 1)
    let changed = try staff.next(BookOrderChanged.self)
    #expect(changed.feedSequence == 2 && changed.quantity == Quantity(6))
    let tape = try staff.next(Trade.self)
    #expect(tape.feedSequence == 3 && tape.quantity == Quantity(4) && tape.takerSide == .sell)

    staff.send(QueryStatus(queryId: 2, withStateHash: true))
    let status = try staff.next(StatusReport.self)
    #expect(status.trades == 1 && status.orders == 1 && status.sessions == 3 && status.durability == .os)
    #expect(status.stateHash != Bytes32())
    buyer.send(QueryStatus(queryId: 3, withStateHash: true))
    #expect(try buyer.next(QueryEnd.self).reason == .notPermitted)
    #expect(server.stop() == 0)
    #expect(try buyer.next(Terminate.self).reason == .shutdown)
    #expect(server.log.contains("key 7 disconnected (shutdown)"))
  }

  @Test("After a crash a client gets the reports it has missed, and goes on")
  func crash() throws {
    let server = try #require(TestServer(directory: directory.path))
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    for id in 1...5 { buyer.send(buyer.order(TestVenue.buyer, UInt64(id), .buy, price: Int64(90 + id))) }
    for _ in 1...5 { _ = try buyer.next(OrderAccepted.self) }
    let left = directory.copy()
    #expect(server.stop() == 0)

    let again = try #require(TestServer(directory: left.path))
    let back = try TestClient(port: again.port, TestVenue.buyer, lastReport: 3)
    let ack = try back.next(EstablishAck.self)
    // Said when the loop begins, which may be after the port is known.
    #expect(again.log.contains("key 7 was connected"))
    #expect(ack.lastReport == 5 && ack.lastRequest == 5 && ack.oldestReport == 1)
    #expect(try back.next(OrderAccepted.self).reportNumber == 4)
    #expect(try back.next(OrderAccepted.self).reportNumber == 5)
    back.send(back.order(TestVenue.buyer, 5, .buy))
    let duplicate = try back.next(OrderRejected.self)
    #expect(duplicate.reason == .duplicateRequest && duplicate.reportNumber == 0)
    back.send(CancelOrder(requestId: 6, orderRequestId: 1, orderKey: .venue))
    #expect(try back.next(OrderCancelled.self).reportNumber == 6)
    let ahead = try TestClient(port: again.port, TestVenue.seller, lastReport: 9)
    #expect(try ahead.next(EstablishAck.self).journalRegressed == true)
    #expect(again.stop() == 0)
  }

  @Test("An orderly stop leaves a snapshot to start from")
  func restart() throws {
    let server = try #require(TestServer(directory: directory.path))
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    buyer.send(buyer.order(TestVenue.buyer, 1, .buy))
    _ = try buyer.next(OrderAccepted.self)
    #expect(server.stop() == 0)
    #expect(directory.names.contains { $0.hasPrefix("snapshot-") })
    let again = try #require(TestServer(directory: directory.path))
    #expect(again.log.contains("state of snapshot at sequence"))
    let back = try TestClient(port: again.port, TestVenue.buyer)
    #expect(try back.next(OrderAccepted.self).reportNumber == 1, "kept beside the snapshot")
    let staff = try TestClient(port: again.port, TestVenue.staff)
    staff.send(Subscribe(queryId: 1, instrument: TestVenue.instrument, feed: .levels))
    #expect(try staff.next(BookSnapshot.self).rows == 1)
    #expect(try staff.next(BookLevel.self).quantity == Quantity(10))
    #expect(again.stop() == 0)
  }

  @Test("A wrong signature and an unknown key get the same answer, and five failures lock the address out")
  func failedLogins() throws {
    let server = try #require(TestServer(directory: directory.path))
    for attempt in 1...5 {
      let client = TestClient(port: server.port)
      let stranger = TestUser(key: KeyId(12345), seed: 7, account: .none)
      try client.prove(attempt % 2 == 0 ? TestVenue.buyer : stranger, spoil: true)
      #expect(try client.next(Terminate.self) == Terminate(reason: .notAuthenticated, detail: 0))
      #expect(client.isClosed())
    }
    let late = TestClient(port: server.port)
    #expect(try late.next(Terminate.self).reason == .lockedOut)
    #expect(server.stop() == 0)
  }

  @Test("A second login of a key ends the first session")
  func superseded() throws {
    let server = try #require(TestServer(directory: directory.path))
    let first = try TestClient(port: server.port, TestVenue.buyer)
    _ = try first.next(EstablishAck.self)
    let second = try TestClient(port: server.port, TestVenue.buyer)
    _ = try second.next(EstablishAck.self)
    #expect(try first.next(Terminate.self).reason == .superseded)
    #expect(first.isClosed())
    second.send(second.order(TestVenue.buyer, 1, .buy))
    _ = try second.next(OrderAccepted.self)
    #expect(server.stop() == 0)
  }

  @Test("A key whose roles are taken away loses its session")
  func revoked() throws {
    let server = try #require(TestServer(directory: directory.path))
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    _ = try buyer.next(EstablishAck.self)
    let staff = try TestClient(port: server.port, TestVenue.staff)
    staff.send(ChangeKeyRoles(requestId: 1, key: TestVenue.buyer.key, roles: []))
    _ = try staff.next(RequestAccepted.self)
    #expect(try buyer.next(Terminate.self).reason == .revoked)
    let again = TestClient(port: server.port)
    let negotiate = frame(Negotiate(key: TestVenue.buyer.key, version: 1, clientName: "test"))
    again.send(negotiate)
    again.send(Proof(signature: TestVenue.buyer.sign(try again.next(Challenge.self), negotiate)))
    #expect(try again.next(Terminate.self).reason == .notAuthenticated)
    #expect(server.stop() == 0)
  }

  @Test("A lost session's orders are cancelled when its window has passed")
  func cancelOnDisconnect() throws {
    let server = try #require(TestServer(directory: directory.path))
    let staff = try TestClient(port: server.port, TestVenue.staff)
    staff.send(Subscribe(queryId: 1, instrument: TestVenue.instrument, feed: .orders))
    do {
      let buyer = try TestClient(port: server.port, TestVenue.buyer, cancelOnDisconnect: 50)
      buyer.send(buyer.order(TestVenue.buyer, 1, .buy))
      _ = try buyer.next(OrderAccepted.self)
    }
    _ = try staff.next(BookOrder.self)
    _ = try staff.next(BookOrderRemoved.self)
    let back = try TestClient(port: server.port, TestVenue.buyer)
    #expect(try back.next(OrderCancelled.self).reason == .disconnected)
    #expect(server.stop() == 0)
  }

  @Test("A countdown goes on without its session and while the server is down; orders are cancelled at its end")
  func countdown() throws {
    let server = try #require(TestServer(directory: directory.path))
    do {
      let buyer = try TestClient(port: server.port, TestVenue.buyer)
      buyer.send(buyer.order(TestVenue.buyer, 1, .buy))
      _ = try buyer.next(OrderAccepted.self)
      buyer.send(SetCountdown(requestId: 2, milliseconds: 1_000, account: .none))
      #expect(try buyer.next(RequestAccepted.self).value > 0)
    }
    #expect(server.stop() == 0)
    let again = try #require(TestServer(directory: directory.path))
    let back = try TestClient(port: again.port, TestVenue.buyer, lastReport: 2)
    #expect(try back.next(OrderCancelled.self).reason == .countdown)
    let done = try back.next(MassCancelDone.self)
    #expect(done.count == 1 && done.requestId == 2)
    #expect(again.stop() == 0)
  }

  @Test("A stopped key cancels but enters nothing until it is released; another key's session is told nothing")
  func killedKey() throws {
    let server = try #require(TestServer(directory: directory.path))
    let staff = try TestClient(port: server.port, TestVenue.staff)
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    buyer.send(buyer.order(TestVenue.buyer, 1, .buy))
    _ = try buyer.next(OrderAccepted.self)
    func set(_ id: UInt64, engaged: Bool) throws {
      staff.send(
        SetKillSwitch(requestId: id, target: TestVenue.buyer.key.rawValue, scope: .key, engaged: engaged))
      _ = try staff.next(RequestAccepted.self)
    }
    try set(1, engaged: true)
    #expect(try staff.next(MassCancelDone.self).count == 1)
    #expect(try buyer.next(OrderCancelled.self).reason == .killSwitch)
    buyer.send(buyer.order(TestVenue.buyer, 2, .buy))
    let refusal = try buyer.next(OrderRejected.self)
    #expect(refusal.reason == .killSwitchEngaged && refusal.detail == Int64(KillScope.key.rawValue))
    buyer.send(QueryKeys(queryId: 3, first: .venue, count: 0))
    let key = try buyer.next(KeyReport.self)
    #expect(key.key == TestVenue.buyer.key && key.kill == .operator && key.connected == true)
    try set(2, engaged: false)
    buyer.send(buyer.order(TestVenue.buyer, 4, .buy))
    _ = try buyer.next(OrderAccepted.self)
    #expect(server.stop() == 0)
  }

  @Test("A snapshot is announced to the session that asked when the file is safe")
  func snapshot() throws {
    let server = try #require(TestServer(directory: directory.path))
    let staff = try TestClient(port: server.port, TestVenue.staff)
    staff.send(TakeSnapshot(requestId: 5))
    let accepted = try staff.next(RequestAccepted.self)
    let taken = try staff.next(SnapshotTaken.self)
    #expect(taken.requestId == 5 && taken.sequence == accepted.sequence && taken.stateHash != Bytes32())
    #expect(directory.names.contains { $0.hasPrefix("snapshot-") })
    staff.send(QueryStatus(queryId: 1, withStateHash: true))
    let status = try staff.next(StatusReport.self)
    #expect(status.snapshotSequence == taken.sequence && status.stateHash == taken.stateHash)
    #expect(server.stop() == 0)
  }

  @Test("Who asked for a snapshot that cannot be written is told so, and the market goes on")
  func failedSnapshot() throws {
    let server = try #require(TestServer(directory: directory.path))
    let staff = try TestClient(port: server.port, TestVenue.staff)
    staff.send(QueryStatus(queryId: 1, withStateHash: false))
    let sequence = try staff.next(StatusReport.self).sequence
    // A directory in the place of the temporary file.
    for next in sequence...sequence + 9 {
      let digits = String(next)
      let name = "reports-" + String(repeating: "0", count: 20 - digits.count) + digits + ".lsr.tmp"
      #expect(mkdir(directory.path + "/" + name, 0o700) == 0)
    }
    staff.send(TakeSnapshot(requestId: 5))
    let accepted = try staff.next(RequestAccepted.self)
    let taken = try staff.next(SnapshotTaken.self)
    #expect(taken.requestId == 5 && taken.sequence == accepted.sequence && taken.bytes == 0)
    #expect(waitUntil { server.log.contains("snapshot of sequence \(taken.sequence) failed") })
    for name in directory.names where name.hasSuffix(".tmp") { rmdir(directory.path + "/" + name) }
    staff.send(TakeSnapshot(requestId: 6))
    let again = try staff.next(SnapshotTaken.self)
    #expect(again.requestId == 6 && again.bytes > 0)
    #expect(server.stop() == 0)
  }

  @Test("Frames may arrive byte by byte; damaged ones end the session")
  func bytes() throws {
    let server = try #require(TestServer(directory: directory.path))
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    for byte in frame(buyer.order(TestVenue.buyer, 1, .buy)) { buyer.send([byte]) }
    _ = try buyer.next(OrderAccepted.self)
    buyer.send([200, 0, 0, 0])
    #expect(try buyer.next(Terminate.self) == Terminate(reason: .malformedFrame, detail: 3))
    #expect(buyer.isClosed())
    #expect(server.stop() == 0)
  }

  @Test("More connections than slots are turned away; those present go on")
  func sessionLimit() throws {
    let server = try #require(TestServer(directory: directory.path) { $0.connections = 1 })
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    _ = try buyer.next(EstablishAck.self)
    let visitor = TestClient(port: server.port)
    #expect(try visitor.next(Terminate.self).reason == .sessionLimit)
    buyer.send(buyer.order(TestVenue.buyer, 1, .buy))
    _ = try buyer.next(OrderAccepted.self)
    #expect(server.stop() == 0)
  }

  @Test("A client that does not read is ended, and the others do not notice")
  func slowConsumer() throws {
    let server = try #require(
      TestServer(directory: directory.path) {
        $0.session.outputBytes = 1 << 16
        $0.session.requestsPerSecond = 0
      })
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    _ = try buyer.next(EstablishAck.self)
    var id: UInt64 = 0
    let isEnded = waitUntil {
      for _ in 0..<2000 {
        id += 1
        buyer.send(CancelOrder(requestId: id, orderRequestId: 9999, orderKey: .venue))
      }
      return server.log.contains("key 7 disconnected (slowConsumer")
    }
    #expect(isEnded)
    let seller = try TestClient(port: server.port, TestVenue.seller)
    seller.send(seller.order(TestVenue.seller, 1, .sell))
    _ = try seller.next(OrderAccepted.self)
    #expect(server.stop() == 0)
  }

  @Test("A recording fed to a replay target gives the same digest and state")
  func replayTarget() throws {
    let capture = directory.path + "/capture.lsc"
    let server = try #require(TestServer(directory: directory.path) { $0.capture = capture })
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    let seller = try TestClient(port: server.port, TestVenue.seller)
    for id in 1...20 {
      buyer.send(buyer.order(TestVenue.buyer, UInt64(id), .buy, price: Int64(95 + id % 5)))
      seller.send(seller.order(TestVenue.seller, UInt64(id), .sell, price: Int64(97 + id % 5)))
    }
    _ = try buyer.next(OrderFilled.self)
    let staff = try TestClient(port: server.port, TestVenue.staff)
    staff.send(QueryStatus(queryId: 1, withStateHash: true))
    let original = try staff.next(StatusReport.self)
    #expect(server.stop() == 0)

    let target = TemporaryDirectory()
    let replica = try #require(TestServer(directory: target.path, replayTarget: true))
    #expect(replica.log.contains("waiting for the recording"))
    let feeder = TestClient(port: replica.port)
    feeder.send(Negotiate(key: .venue, version: 1, clientName: "replay"))
    #expect(try feeder.next(NegotiateAck.self).replayTarget == true)
    var reader = try JournalReader(file: capture)
    while let record = try reader.next() {
      guard record.kind == .input, record.sequence <= original.sequence else { continue }
      feeder.send(frame(ReplayHeader(time: record.time, sequence: record.sequence, key: record.key)))
      feeder.send(Array(record.frame))
    }
    feeder.send(QueryStatus(queryId: 2, withStateHash: true))
    let copy = try feeder.next(StatusReport.self)
    #expect(copy.sequence == original.sequence && copy.outputDigest == original.outputDigest)
    #expect(copy.stateHash == original.stateHash && copy.time == original.time && copy.replayTarget == true)
    feeder.send(ReplayHeader(time: Timestamp(.max - 1), sequence: 3, key: .venue))
    feeder.send(Tick(work: 1))
    let end = try feeder.next(Terminate.self)
    #expect(end == Terminate(reason: .wrongState, detail: Int64(original.sequence + 1)))
    #expect(replica.stop() == 0)
    #expect(TestServer(directory: directory.path, replayTarget: true) == nil, "not its own directory")
  }

  @Test("Without a venue file an empty directory is refused, and a directory in use as well")
  func refusals() throws {
    #expect(TestServer(directory: directory.path) { $0.genesis = [] } == nil)
    let server = try #require(TestServer(directory: directory.path))
    #expect(TestServer(directory: directory.path) == nil)
    #expect(server.stop() == 0)
  }
}

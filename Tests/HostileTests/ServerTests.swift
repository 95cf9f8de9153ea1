import FuzzHarness
import Session
import Testing
import Values
import Wire

/// A real server among hostile clients: it stays up, everybody gets the documented answer, and an honest session that
/// trades all the while does not notice.
@Suite("A server among hostile clients")
struct ServerTests {
  /// An honest trader.
  private final class Witness {
    private let client: RawClient
    private var requestId: UInt64 = 100

    init(_ server: LoopbackServer) throws { client = try RawClient(server, key: Fixture.traders[2]) }

    /// Enters an order far from the market and takes it out again.
    func trade() throws {
      requestId += 2
      client.send(
        NewOrder(
          requestId: requestId, account: AccountId(3), instrument: Fixture.perpetual, price: Price(9_000),
          quantity: Quantity(1), display: Quantity(0), side: .buy, orderType: .limit, timeInForce: .goodTillCancel,
          flags: [], selfTradePrevention: .allow))
      #expect(try client.nextFrame().decoded(OrderAccepted.self)?.requestId == requestId)
      client.send(CancelOrder(requestId: requestId + 1, orderRequestId: requestId, orderKey: .venue))
      #expect(try client.nextFrame().decoded(OrderCancelled.self)?.requestId == requestId + 1)
    }
  }

  /// Runs `attack` against a fresh server; the witness trades before, after and whenever it is called.
  private func withServer(_ attack: (LoopbackServer, _ witness: () throws -> Void) throws -> Void) throws {
    let server = try LoopbackServer()
    do {
      let witness = try Witness(server)
      try witness.trade()
      try attack(server, witness.trade)
      try witness.trade()
    }
    #expect(server.stop() == 0, "\(server.log)")
  }

  @Test("Frames that are none end the session with the reason and its number")
  func malformed() throws {
    try withServer { server, witness in
      let good = frameBytes(CancelOrder(requestId: 1, orderRequestId: 1, orderKey: .venue))
      let rows = FrameShape.of(.defineSchedule).zeroFrame
      func damaged(_ frame: [UInt8], _ place: Int, _ value: UInt8) -> [UInt8] {
        var copy = frame
        copy[place] = value
        return copy
      }
      let faults: [(FrameError, [UInt8])] = [
        (.tooShort, damaged(good, 0, 11)), (.tooLong, damaged(good, 1, 5)), (.wrongEncoding, damaged(good, 2, 0)),
        (.wrongSchema, damaged(good, 8, 0)), (.unknownTemplate, damaged(good, 7, 0xFF)),
        (.blockTooShort, damaged(good, 4, 1)), (.wrongLength, damaged(good, 4, 200)),
        (.wrongRows, damaged(rows, rows.count - 2, 1)),
      ]
      #expect(Set(faults.map(\.0)) == Set(FrameError.allCases))
      for key in [nil, Fixture.traders[0]] {
        for (fault, bytes) in faults {
          let client = try key.map { try RawClient(server, key: $0) } ?? RawClient(server)
          client.send(bytes)
          let end = client.end()
          #expect(end?.reason == .malformedFrame && end?.detail == Int64(fault.rawValue), "\(fault)")
        }
        try witness()
      }
    }
  }

  @Test("Every message in every state before a session is live is taken in its turn or ends it")
  func outOfState() throws {
    try withServer { server, witness in
      for shape in FrameShape.all {
        let template = shape.template
        for isProved in [false, true] {
          if template == (isProved ? .establish : .negotiate) { continue }
          let client = try RawClient(server)
          if isProved { try client.prove(Fixture.traders[0]) }
          client.send(shape.zeroFrame)
          let end = client.end()
          let expected: TerminateReason = template == .terminate ? .finished : .wrongState
          #expect(end?.reason == expected, "\(template), proved: \(isProved)")
          #expect(end?.detail == (template == .terminate ? 0 : Int64(template.rawValue)), "\(template)")
        }
      }
      try witness()
    }
  }

  @Test("Messages that no client may send are refused on a live session, logins end it")
  func wrongDirection() throws {
    try withServer { server, witness in
      for shape in FrameShape.all {
        let template = shape.template
        let client = try RawClient(server, key: Fixture.traders[0])
        client.send(shape.zeroFrame)
        switch template.rawValue {
        case 10: #expect(client.end()?.reason == .finished)
        case 1, 3, 5:
          let end = client.end()
          #expect(end?.reason == .wrongState && end?.detail == Int64(template.rawValue), "\(template)")
        case 7, 8, 20...89, 120...129, 143, 145, 147, 149, 150, 151, 177, 180, 184, 187, 214: break
        default:
          let reject = try client.next(SessionReject.self)
          #expect(reject.reason == .notAllowedHere && reject.template == template.rawValue, "\(template)")
          #expect(reject.detail == Int64(template.rawValue))
        }
      }
      try witness()
    }
  }

  @Test("Every command and query with edges in its fields is answered")
  func edges() throws {
    try withServer { server, witness in
      for key in [Fixture.everything, Fixture.traders[1]] {
        var client = try RawClient(server, key: key)
        var requestId: UInt64 = 1_000
        for shape in FrameShape.all where (20...89).contains(shape.template.rawValue) {
          // Sooner or later these would take the witness's market away.
          if [.changeKeyRoles, .setKillSwitch, .setPhase, .markPrice].contains(shape.template) { continue }
          for edge in UInt8(240)...255 {
            requestId += 1
            let bytes = [UInt8](repeating: edge, count: 60)
            var frame = bytes.withUnsafeBytes { shape.frame($0, nextRequest: requestId) }
            for index in 0..<8 { frame[12 + index] = UInt8(truncatingIfNeeded: requestId >> UInt64(8 * index)) }
            if frame.count > Limits.frameBytes { continue }
            client.send(frame)
            // A mass cancel has two answers; the second one is skipped with the next request.
            while try !client.nextFrame().bytes.withUnsafeBytes({ ServerTests.names(requestId, $0) }) {}
          }
        }
        for shape in FrameShape.all where TemplateClass(shape.template) == .query {
          for edge in UInt8(240)...255 {
            let bytes = [UInt8](repeating: edge, count: 20)
            client.send(bytes.withUnsafeBytes { shape.frame($0, nextRequest: 5) })
            _ = try client.next(QueryEnd.self)
          }
        }
        try witness()
        client = try RawClient(server)
      }
    }
  }

  /// Whether a report names this request: its second field.
  private static func names(_ requestId: UInt64, _ report: UnsafeRawBufferPointer) -> Bool {
    report.loadUnaligned(fromByteOffset: FrameHeader.length + 8, as: UInt64.self) == requestId
  }

  @Test("An order cut at any byte by the end of the connection is no order")
  func cutOrders() throws {
    try withServer { server, witness in
      let order = frameBytes(
        NewOrder(
          requestId: 500, account: AccountId(1), instrument: Fixture.perpetual, price: Price(9_000),
          quantity: Quantity(1), display: Quantity(0), side: .buy, orderType: .limit, timeInForce: .goodTillCancel,
          flags: [], selfTradePrevention: .allow))
      for length in 1..<order.count {
        let client = try RawClient(server, key: Fixture.traders[0])
        client.send(Array(order[..<length]))
        client.finishSending()
        #expect(client.rest().isEmpty)
      }
      let client = try RawClient(server, key: Fixture.traders[0])
      for byte in order { client.send([byte]) }
      #expect(try client.nextFrame().decoded(OrderAccepted.self)?.requestId == 500)
      try witness()
    }
  }

  @Test("Many orders in one piece are answered one by one")
  func coalesced() throws {
    try withServer { server, witness in
      let client = try RawClient(server, key: Fixture.traders[0])
      let requests = UInt64(1)...300
      client.send(requests.flatMap { frameBytes(CancelOrder(requestId: $0, orderRequestId: 1, orderKey: .venue)) })
      for request in requests {
        #expect(try client.nextFrame().decoded(OrderRejected.self)?.requestId == request)
      }
      try witness()
    }
  }

  @Test("Wrong proofs and floods before login end the connection and nothing else")
  func logins() throws {
    try withServer { server, witness in
      for key in [Fixture.traders[0], Fixture.revoked, KeyId(99), .venue] {
        let client = try RawClient(server)
        client.send(Negotiate(key: key, version: 1, clientName: "liar"))
        _ = try client.next(Challenge.self)
        client.send(Proof(signature: SigningKey(KeyId(3)).sign([1, 2, 3])))
        #expect(client.end()?.reason == .notAuthenticated, "key \(key.rawValue)")
      }
      let flood = try RawClient(server)
      var long = FrameShape.of(.negotiate).zeroFrame + [UInt8](repeating: 0, count: 1_000)
      (long[0], long[1]) = (0, 4)
      (long[4], long[5]) = (0xF4, 3)
      flood.send(Array(long.prefix(1_024)))
      #expect(flood.end()?.reason == .loginTimeout)
      try witness()
    }
  }

  @Test("Random bytes, before login and after, are survived")
  func garbage() throws {
    try withServer { server, witness in
      var generator = SeededGenerator(state: 11)
      for round in 0..<120 {
        let client = round % 2 == 0 ? try RawClient(server) : try RawClient(server, key: Fixture.traders[round % 4 / 2])
        var bytes = (0..<200).map { _ in UInt8(generator.below(256)) }
        // Every other one begins like a frame.
        if round % 4 < 2 { bytes.replaceSubrange(0..<12, with: FrameShape.all[round / 2].zeroFrame.prefix(12)) }
        client.send(bytes)
        client.finishSending()
        _ = client.rest()
      }
      try witness()
    }
  }
}

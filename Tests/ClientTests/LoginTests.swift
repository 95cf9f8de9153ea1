import CSodium
import Testing
import Values
import Wire

@testable import Client

@Suite("Login") struct LoginTests {
  @Test func theProofSignsContextVenueNonceConnectionKeyAndNegotiate() throws {
    let server = FakeServer()
    server.session.connected(at: server.now)
    let negotiate = try #require(server.sent().first)
    #expect(decode(negotiate, as: Negotiate.self).key == KeyId(101))

    server.send(Challenge(nonce: Bytes32(1, 2, 3, 4), connectionId: 0x0102, venueId: 0x0A0B))
    #expect(try server.event() == nil)
    let proof = decode(try #require(server.sent().first), as: Proof.self)

    var text = Array("lockstep-login-1".utf8)
    text += [0x0B, 0x0A, 0, 0, 0, 0, 0, 0]
    for word in [UInt8(1), 2, 3, 4] { text += [word, 0, 0, 0, 0, 0, 0, 0] }
    text += [0x02, 0x01, 0, 0, 0, 0, 0, 0]
    text += [101, 0, 0, 0]
    text += negotiate
    let signature = proof.signature.low.bytes + proof.signature.high.bytes
    #expect(crypto_sign_verify_detached(signature, text, UInt64(text.count), server.keyPair.publicKey.bytes) == 0)
  }

  @Test func afterTheLoginTheClientAsksForReportsAfterTheLastOneItHasSeen() throws {
    let server = FakeServer(lastReport: 41)
    server.session.connected(at: server.now)
    server.send(Challenge(nonce: Bytes32(), connectionId: 1, venueId: 1))
    _ = try server.event()
    _ = server.sent()
    server.send(FakeServer.identity)
    _ = try server.event()
    let establish = decode(try #require(server.sent().first), as: Establish.self)
    #expect(establish.lastReport == 41)
    #expect(establish.keepAlive == 1000)
    #expect(establish.cancelOnDisconnect == 0)
  }

  @Test func aRefusalArrivesAsAnEvent() throws {
    let server = FakeServer()
    server.session.connected(at: server.now)
    server.send(Terminate(reason: .notAuthenticated, detail: 0))
    #expect(try server.event() == .terminated(Terminate(reason: .notAuthenticated, detail: 0)))
  }

  @Test func aServerThatSkipsTheChallengeIsNotTrusted() throws {
    let server = FakeServer()
    server.session.connected(at: server.now)
    server.send(FakeServer.identity)
    #expect(throws: ClientError.unexpected(.negotiateAck)) { _ = try server.event() }
  }

  @Test func aReplayTargetAdmitsWithoutAChallenge() throws {
    let server = FakeServer()
    server.session.connected(at: server.now)
    var identity = FakeServer.identity
    identity.replayTargetCode = 1
    server.send(identity)
    #expect(try server.event() == nil)
    #expect(server.session.state == .establishing)
  }

  @Test func bytesThatAreNoFrameAreAnError() {
    let server = FakeServer()
    server.session.connected(at: server.now)
    server.session.receive(bytes: Array("HTTP/1.1 400 Bad Request".utf8), at: server.now)
    #expect(throws: ClientError.malformedFrame(.wrongEncoding)) { _ = try server.event() }
  }

  @Test func framesMayArriveByteByByte() throws {
    let server = FakeServer()
    _ = try server.establish()
    for byte in frame(accepted(report: 1, request: 0)) {
      #expect(try server.event() == nil)
      server.session.receive(bytes: [byte], at: server.now)
    }
    #expect(try server.event() == .requestAccepted(accepted(report: 1, request: 0)))
  }
}

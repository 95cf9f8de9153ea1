import Session
import Testing
import Values
import Wire

@Suite("Login")
struct LoginTests {
  @Test("A key that signs the challenge is let in and gets its stream")
  func happyPath() {
    var core = makeCore()
    let negotiate = frame(Negotiate(key: KeyId(7), version: 1, clientName: "tester"))
    core.receive(negotiate)
    #expect(name(core.next(now: 0)) == "wait")
    let challenge = decode(core.takeOutput()[0], Challenge.self)
    #expect(challenge == Challenge(nonce: testNonce, connectionId: 99, venueId: 4711))
    let text = LoginProof.text(
      venueId: 4711, nonce: testNonce, connectionId: 99, key: KeyId(7), negotiate: negotiate)
    core.receive(frame(Proof(signature: testKey.sign(text))))
    #expect(name(core.next(now: 0)) == "verify")
    let isProved = core.verifyLogin(testRecord)
    #expect(isProved && core.state == .authenticated)
    let welcome = decode(core.takeOutput()[0], NegotiateAck.self)
    #expect(welcome?.key == KeyId(7) && welcome?.master == MasterId(5) && welcome?.durability == .batch)
    core.receive(frame(Establish(lastReport: 11, keepAlive: 50, cancelOnDisconnect: 0)))
    guard case .establish(let request) = core.next(now: 0) else {
      Issue.record("no establish")
      return
    }
    core.established(request, start: testStart, now: 0)
    let ack = decode(core.takeOutput()[0], EstablishAck.self)
    #expect(ack?.keepAlive == 100, "the interval is moved to the lower bound")
    #expect(ack?.journalRegressed == true, "the client has seen report 11, the venue knows 10")
    #expect(ack?.lastRequest == 20 && ack?.oldestReport == 3 && ack?.lastReport == 10)
  }

  @Test("The signed text is laid out as documented")
  func signedText() {
    let text = LoginProof.text(
      venueId: 0x0102_0304_0506_0708, nonce: Bytes32(1, 2, 3, 4), connectionId: 0x11, key: KeyId(0x22),
      negotiate: [0xAA, 0xBB])
    #expect(text.count == 16 + 8 + 32 + 8 + 4 + 2)
    #expect(Array(text[0..<16]) == Array("lockstep-login-1".utf8))
    #expect(Array(text[16..<24]) == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(text[24] == 1 && text[32] == 2 && text[40] == 3 && text[48] == 4)
    #expect(text[56] == 0x11 && text[64] == 0x22 && Array(text[68...]) == [0xAA, 0xBB])
  }

  enum Fault: CaseIterable {
    case unknownKey, revokedKey, otherKey, flippedSignature, otherNonce, otherConnection, otherVenue
  }

  @Test("Every kind of wrong proof fails in the same way", arguments: Fault.allCases)
  func wrongProof(fault: Fault) {
    var core = makeCore()
    let negotiate = frame(Negotiate(key: KeyId(7), version: 1, clientName: "tester"))
    core.receive(negotiate)
    _ = core.next(now: 0)
    let text = LoginProof.text(
      venueId: fault == .otherVenue ? 1 : 4711, nonce: fault == .otherNonce ? Bytes32(9) : testNonce,
      connectionId: fault == .otherConnection ? 98 : 99, key: KeyId(7), negotiate: negotiate)
    var signature = testKey.sign(text)
    if fault == .flippedSignature { signature.low.word1 ^= 1 }
    core.receive(frame(Proof(signature: signature)))
    _ = core.next(now: 0)
    var record: LoginKey? = testRecord
    if fault == .unknownKey { record = nil }
    if fault == .revokedKey { record?.roles = [] }
    if fault == .otherKey { record?.publicKey = TestKey(seed: 2).publicKey }
    let isProved = core.verifyLogin(record)
    #expect(!isProved)
    core.terminate(.notAuthenticated, now: 0)
    let frames = core.takeOutput()
    #expect(decode(frames[1], Terminate.self) == Terminate(reason: .notAuthenticated, detail: 0))
  }

  @Test("The proof waits, however often the server looks, until the server can afford the check")
  func deferredCheck() {
    var core = makeCore()
    core.advance(to: .challenged)
    core.receive(
      frame(Proof(signature: Bytes64())) + frame(Establish(lastReport: 0, keepAlive: 0, cancelOnDisconnect: 0)))
    #expect(name(core.next(now: 0)) == "verify")
    #expect(name(core.next(now: 0)) == "verify")
    core.terminate(.busy, now: 0)
    #expect(name(core.next(now: 0)) == "closed")
  }

  @Test("A client too old for every version we speak is told ours")
  func oldVersion() {
    var core = makeCore()
    core.receive(frame(Negotiate(key: KeyId(7), version: 0, clientName: "old")))
    #expect(name(core.next(now: 0)) == "closed")
    #expect(decode(core.takeOutput()[0], Terminate.self) == Terminate(reason: .unsupportedVersion, detail: 1))
  }

  @Test("A login that takes more than two seconds is ended")
  func slowLogin() {
    var core = makeCore(now: 5)
    core.advance(to: .authenticated, now: 6)
    #expect(core.deadline == 2_000_000_005)
    var timer = core.expire(now: 2_000_000_004)
    #expect(timer == .nothing)
    timer = core.expire(now: 2_000_000_005)
    #expect(timer == .terminated)
    #expect(core.end == .terminated(.loginTimeout, detail: 0))
  }

  @Test("Before login 512 bytes are read and no more")
  func byteLimit() {
    var core = makeCore()
    #expect(core.readable(upTo: 65536) == 512)
    core.advance(to: .authenticated)
    let left = core.readable(upTo: 65536)
    #expect(left == 512 - Negotiate.frameLength - Proof.frameLength)
    // The beginning of a frame of 1,000 bytes.
    var long = zeroFrame(.establish) + [UInt8](repeating: 0, count: 1000 - Establish.frameLength)
    (long[0], long[1]) = (UInt8(1000 & 0xFF), UInt8(1000 >> 8))
    (long[4], long[5]) = (UInt8(988 & 0xFF), UInt8(988 >> 8))
    core.receive(Array(long[..<left]))
    #expect(name(core.next(now: 0)) == "closed")
    #expect(core.end == .terminated(.loginTimeout, detail: 0))
    #expect(core.readable(upTo: 65536) == 0)
  }

  @Test("Five failures within a minute lock the address out for a minute, and no other address")
  func lockOut() {
    var gate = LoginGate(settings: SessionSettings())
    let address = PeerAddress(ipv4: 0x7F00_0001)
    let second: UInt64 = 1_000_000_000
    for attempt in 1...4 {
      let locks = gate.recordFailure(address, now: UInt64(attempt) * second)
      #expect(!locks)
    }
    #expect(!gate.isLockedOut(address, now: 5 * second))
    let locks = gate.recordFailure(address, now: 5 * second)
    #expect(locks)
    #expect(gate.isLockedOut(address, now: 64 * second))
    #expect(!gate.isLockedOut(PeerAddress(ipv4: 0x7F00_0002), now: 6 * second))
    #expect(!gate.isLockedOut(address, now: 65 * second))
  }

  @Test("Failures further apart than the window do not add up")
  func slowFailures() {
    var gate = LoginGate(settings: SessionSettings())
    for attempt in 0..<20 {
      let locks = gate.recordFailure(PeerAddress(ipv6High: 1, 2), now: UInt64(attempt) * 61_000_000_000)
      #expect(!locks)
    }
  }

  @Test("Addresses beyond the table's size push out the oldest")
  func manyAddresses() {
    var gate = LoginGate(settings: SessionSettings())
    for address in 0..<5000 { _ = gate.recordFailure(PeerAddress(ipv4: UInt32(address)), now: UInt64(address)) }
    for attempt in 0..<5 { _ = gate.recordFailure(PeerAddress(ipv4: 1), now: UInt64(20_000 + attempt)) }
    #expect(gate.isLockedOut(PeerAddress(ipv4: 1), now: 20_010))
  }

  @Test("At most a hundred signature checks per second")
  func verificationRate() {
    var gate = LoginGate(settings: SessionSettings())
    var admitted = 0
    for _ in 0..<1000 where gate.admitVerification(now: 0) { admitted += 1 }
    for _ in 0..<1000 where gate.admitVerification(now: 10 * millisecond) { admitted += 1 }
    #expect(admitted == 101)
  }
}

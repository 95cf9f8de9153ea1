import CSodium
import MarketData
import Session
import Values
import Wire

/// The bytes of `message` as one frame.
func frame<M: Message>(_ message: M) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
    message.encode(to: buffer.baseAddress!)
    count = M.frameLength
  }
}

/// A frame of `template` whose block is all zero, without rows.
func zeroFrame(_ template: Template) -> [UInt8] {
  let rows = template.rowLength > 0
  let length = FrameHeader.length + template.blockLength + (rows ? FrameHeader.rowsLength : 0)
  var bytes: [UInt8] = []
  for word in [
    UInt16(length), FrameHeader.encoding, UInt16(template.blockLength), template.rawValue, Schema.id, Schema.version,
  ] { bytes += [UInt8(word & 0xFF), UInt8(word >> 8)] }
  bytes += [UInt8](repeating: 0, count: template.blockLength)
  if rows { bytes += [UInt8(template.rowLength), 0, 0, 0] }
  return bytes
}

/// An Ed25519 key pair for tests.
struct TestKey {
  let publicKey: Bytes32
  let secret: [UInt8]

  init(seed: UInt8) {
    var publicBytes = [UInt8](repeating: 0, count: 32)
    var secretBytes = [UInt8](repeating: 0, count: 64)
    crypto_sign_seed_keypair(&publicBytes, &secretBytes, [UInt8](repeating: seed, count: 32))
    publicKey = publicBytes.withUnsafeBytes { bytes32($0, at: 0) }
    secret = secretBytes
  }

  func sign(_ text: [UInt8]) -> Bytes64 {
    var signature = [UInt8](repeating: 0, count: 64)
    crypto_sign_detached(&signature, nil, text, UInt64(text.count), secret)
    return signature.withUnsafeBytes { Bytes64(low: bytes32($0, at: 0), high: bytes32($0, at: 32)) }
  }
}

func bytes32(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bytes32 {
  let word = { (index: Int) in
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8 * index, as: UInt64.self))
  }
  return Bytes32(word(0), word(1), word(2), word(3))
}

let testVenue = VenueIdentity(venueId: 4711, name: "test", durability: .batch, replayTarget: false)
let testNonce = Bytes32(1, 2, 3, 4)
let millisecond: UInt64 = 1_000_000
let testKey = TestKey(seed: 1)
let testRecord = LoginKey(publicKey: testKey.publicKey, roles: [.trader], master: MasterId(5))
let testStart = StreamStart(
  lastReport: 10, oldestReport: 3, lastRequest: 20, sequence: 30, time: Timestamp(40), ordersPerAccount: 50)

func makeCore(
  settings: SessionSettings = SessionSettings(), venue: VenueIdentity = testVenue, now: UInt64 = 0
) -> SessionCore {
  SessionCore(connectionId: 99, nonce: testNonce, venue: venue, settings: settings, now: now)
}

extension SessionCore {
  mutating func receive(_ bytes: [UInt8], now: UInt64 = 0) {
    bytes.withUnsafeBytes { receive($0, now: now) }
  }

  /// Takes all output as whole frames.
  mutating func takeOutput(now: UInt64 = 0) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    let bytes = output.bytes
    var offset = 0
    while offset < bytes.count {
      let length = ByteQueue.frameLength(in: bytes, at: offset)
      frames.append(Array(bytes[offset..<offset + length]))
      offset += length
    }
    sent(bytes.count, now: now)
    return frames
  }

  /// Brings a new connection to `state` the ordinary way, with `testKey`, and empties its output.
  mutating func advance(to state: SessionState, now: UInt64 = 0, keepAlive: UInt32 = 1000) {
    if state == .closing { terminate(.finished, now: now) }
    let steps = [SessionState.challenged, .authenticated, .established]
    guard let last = steps.firstIndex(of: state) else { return output.removeFirst(output.count) }
    let negotiate = frame(Negotiate(key: KeyId(7), version: 1, clientName: "tester"))
    receive(negotiate, now: now)
    _ = next(now: now)
    if last >= 1 {
      let text = LoginProof.text(
        venueId: testVenue.venueId, nonce: testNonce, connectionId: 99, key: KeyId(7), negotiate: negotiate)
      receive(frame(Proof(signature: testKey.sign(text))), now: now)
      _ = next(now: now)
      _ = verifyLogin(testRecord)
    }
    if last == 2 {
      receive(frame(Establish(lastReport: 0, keepAlive: keepAlive, cancelOnDisconnect: 0)), now: now)
      if case .establish(let request) = next(now: now) { established(request, start: testStart, now: now) }
    }
    output.removeFirst(output.count)
  }
}

/// The frame decoded; `nil` when it is another message.
func decode<M: Message>(_ bytes: [UInt8], _ type: M.Type) -> M? {
  bytes.withUnsafeBytes { raw in
    let frame = Frame(raw)
    return frame.template == M.template ? frame.decode(type) : nil
  }
}

/// What an action is, without its payload.
func name(_ action: SessionAction) -> String {
  switch action {
  case .wait: "wait"
  case .verify: "verify"
  case .establish: "establish"
  case .command(let frame): "command \(frame.template)"
  case .replay(let header, let frame): "replay \(header.sequence) \(frame.template)"
  case .query(let frame): "query \(frame.template)"
  case .subscribe: "subscribe"
  case .unsubscribe: "unsubscribe"
  case .retransmit: "retransmit"
  case .closed: "closed"
  }
}

func report(number: UInt64, sequence: UInt64) -> [UInt8] {
  frame(MassCancelDone(reportNumber: number, requestId: 0, sequence: sequence, time: Timestamp(1), count: 0))
}

func append(_ report: [UInt8], to ring: inout ReportRing) { report.withUnsafeBytes { ring.append($0) } }

/// A small generator with a fixed sequence.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

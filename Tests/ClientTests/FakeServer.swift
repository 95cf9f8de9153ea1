import CSodium
import Values
import Wire

@testable import Client

/// Plays the server's part by hand: tests say what it sends.
final class FakeServer {
  var session: ClientSession
  let keyPair: KeyPair
  var now: Int64 = 1_000_000_000

  static let second: Int64 = 1_000_000_000

  init(lastReport: UInt64 = 0, lastRequest: UInt64 = 0) {
    keyPair = KeyPair(seed: [UInt8](repeating: 7, count: 32))
    var settings = ClientSettings()
    settings.keepAlive = .seconds(1)
    session = ClientSession(
      key: KeyId(101), keyPair: keyPair, settings: settings, lastReport: lastReport, lastRequest: lastRequest)
  }

  /// Gives the client one message.
  func send<M: Message>(_ message: M) {
    session.receive(bytes: frame(message), at: now)
  }

  /// Lets time pass.
  func tick(at time: Int64) -> Bool { session.tick(at: time) }

  /// Sends a request of the client.
  func request<R: Request>(_ request: R) -> UInt64 { session.send(request) }

  func request(frame: [UInt8]) -> UInt64 { session.send(requestFrame: frame) }

  /// The next event, if any.
  func event() throws -> Event? { try session.nextEvent(at: now) }

  /// All frames that the client wants to send.
  func sent() -> [[UInt8]] {
    var bytes = session.withOutput { Array($0) }
    session.outputSent(bytes.count, at: now)
    var frames: [[UInt8]] = []
    while case .frame(let length) = bytes.withUnsafeBytes({ Frame.scan($0, maximum: 65_535) }) {
      frames.append(Array(bytes[..<length]))
      bytes.removeFirst(length)
    }
    return frames
  }

  static let identity = NegotiateAck(
    key: KeyId(101), master: MasterId(9), roles: .trader, durability: .batch, replayTarget: false, venueName: "test")

  static func terms(
    lastReport: UInt64 = 0, oldestReport: UInt64 = 0, lastRequest: UInt64 = 0, regressed: Bool = false
  ) -> EstablishAck {
    EstablishAck(
      lastReport: lastReport, oldestReport: oldestReport, lastRequest: lastRequest, sequence: 1, time: Timestamp(1),
      keepAlive: 1000, requestsPerSecond: 1000, frameBytes: 1024, ordersPerAccount: 100, journalRegressed: regressed)
  }

  /// Goes through the whole login.
  func establish(_ terms: EstablishAck = terms()) throws -> Event? {
    session.connected(at: now)
    _ = sent()
    send(Challenge(nonce: Bytes32(1, 2, 3, 4), connectionId: 5, venueId: 6))
    _ = try event()
    _ = sent()
    send(Self.identity)
    _ = try event()
    _ = sent()
    send(terms)
    return try event()
  }
}

extension ClientSession {
  mutating func receive(bytes: [UInt8], at now: Int64) {
    bytes.withUnsafeBytes { receive($0, at: now) }
  }
}

func frame<M: Message>(_ message: M) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: M.frameLength)
  bytes.withUnsafeMutableBytes { message.encode(to: $0.baseAddress!) }
  return bytes
}

func decode<M: Message>(_ bytes: [UInt8], as type: M.Type) -> M {
  bytes.withUnsafeBytes { Frame($0).decode(type) }
}

/// An answer to an administrative request.
func accepted(report: UInt64, request: UInt64) -> RequestAccepted {
  RequestAccepted(
    reportNumber: report, requestId: request, sequence: report, time: Timestamp(1), value: 0,
    template: Template.setPhase.rawValue)
}

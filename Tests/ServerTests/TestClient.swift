import Glibc
import Testing
import Values
import Wire

/// A client made of a blocking socket and nothing else.
final class TestClient {
  private let descriptor: Int32
  private var received: [UInt8] = []
  /// Frames seen so far that `next` was not asked for.
  private(set) var skipped: [Template] = []

  init(port: UInt16) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(result == 0, "cannot connect")
    var timeout = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Connects and logs in.
  convenience init(port: UInt16, _ user: TestUser, lastReport: UInt64 = 0, cancelOnDisconnect: UInt32 = 0) throws {
    self.init(port: port)
    try prove(user)
    send(Establish(lastReport: lastReport, keepAlive: 60_000, cancelOnDisconnect: cancelOnDisconnect))
  }

  deinit { close(descriptor) }

  /// Negotiate and Proof, up to NegotiateAck.
  func prove(_ user: TestUser, spoil: Bool = false) throws {
    let negotiate = frame(Negotiate(key: user.key, version: 1, clientName: "test"))
    send(negotiate)
    let challenge = try next(Challenge.self)
    var signature = user.sign(challenge, negotiate)
    if spoil { signature.high.word3 ^= 1 << 60 }
    send(Proof(signature: signature))
    if !spoil { _ = try next(NegotiateAck.self) }
  }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }

  func send<M: Message>(_ message: M) { send(frame(message)) }

  struct Ended: Error {}

  /// The next frame, whatever it is. Throws at the end of the stream or after five seconds.
  func nextFrame() throws -> [UInt8] {
    while true {
      if received.count >= 2 {
        let length = Int(received[0]) | Int(received[1]) << 8
        if received.count >= length {
          let frame = Array(received[..<length])
          received.removeFirst(length)
          return frame
        }
      }
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { throw Ended() }
      received += buffer[..<count]
    }
  }

  /// The next message of this type; others are skipped.
  func next<M: Message>(_ type: M.Type) throws -> M {
    while true {
      let bytes = try nextFrame()
      let message: M? = bytes.withUnsafeBytes { raw in
        let frame = Frame(raw)
        if frame.template == M.template { return frame.decode(type) }
        skipped.append(frame.template)
        return nil
      }
      if let message { return message }
    }
  }

  /// Whether the server has closed the connection (after what it sent before).
  func isClosed() -> Bool {
    while true {
      do { _ = try nextFrame() } catch { break }
    }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) == 0
  }

  /// An order of `user`.
  func order(
    _ user: TestUser, _ requestId: UInt64, _ side: Side, price: Int64 = 100, lots: Int64 = 10
  ) -> NewOrder {
    NewOrder(
      requestId: requestId, account: user.account, instrument: TestVenue.instrument, price: Price(price),
      quantity: Quantity(lots), display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
      selfTradePrevention: .allow)
  }
}

import FuzzHarness
import Foundation
import Session
import Values
import Wire

/// A client that sends whatever it is told to.
final class RawClient {
  private let descriptor: Int32
  private var received: [UInt8] = []

  struct Ended: Error {}

  init(_ server: LoopbackServer) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = (server.portNumber ?? 0).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, Int32(SOL_SOCKET), SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    if result != 0 { throw Ended() }
  }

  /// Connects and logs in with one of the fixture's keys.
  convenience init(_ server: LoopbackServer, key: KeyId) throws {
    try self.init(server)
    try prove(key)
    send(Establish(lastReport: 0, keepAlive: 60_000, cancelOnDisconnect: 0))
    _ = try next(EstablishAck.self)
  }

  deinit { close(descriptor) }

  /// Negotiate and Proof, up to NegotiateAck.
  func prove(_ key: KeyId) throws {
    let negotiate = frameBytes(Negotiate(key: key, version: 1, clientName: "hostile"))
    send(negotiate)
    let challenge = try next(Challenge.self)
    let text = LoginProof.text(
      venueId: challenge.venueId, nonce: challenge.nonce, connectionId: challenge.connectionId, key: key,
      negotiate: negotiate)
    send(Proof(signature: SigningKey(key).sign(text)))
    _ = try next(NegotiateAck.self)
  }

  /// Sends as much as the other side takes.
  func send(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + offset, $0.count - offset, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      offset += count
    }
  }

  func send(_ message: some Message) { send(frameBytes(message)) }

  /// Says that nothing more will be sent.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next frame. Throws at the end of the stream.
  func nextFrame() throws -> Report {
    while true {
      let scan = received.withUnsafeBytes { Frame.scan($0, maximum: Int(UInt16.max)) }
      if case .malformed(let error) = scan { throw error }
      if case .frame(let length) = scan {
        defer { received.removeFirst(length) }
        return Report(key: .venue, bytes: Array(received[..<length]))
      }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { throw Ended() }
      received += buffer[..<count]
    }
  }

  /// The next message of this kind; others are skipped.
  func next<M: Message>(_ type: M.Type) throws -> M {
    while true { if let message = try nextFrame().decoded(type) { return message } }
  }

  /// All that still comes until the server closes the connection.
  func rest() -> [Report] {
    var reports: [Report] = []
    while let report = try? nextFrame() { reports.append(report) }
    return reports
  }

  /// Why the server ended the session: its last message, which must be a Terminate.
  func end() -> Terminate? { rest().last?.decoded(Terminate.self) }
}

import CLinux
import Glibc
import Session

/// A TCP socket that listens.
struct Listener {
  let descriptor: Int32
  let address: String
  let port: UInt16
  let isLoopback: Bool

  /// Listens on a numeric address; port 0 lets the system choose.
  init(_ endpoint: ListenEndpoint, backlog: Int32) throws(ServerError) {
    var port = endpoint.port
    var loopback: Int32 = 0
    descriptor = lockstep_listen(endpoint.address, &port, backlog, &loopback)
    if descriptor < 0 { throw .cannotListen(endpoint, code: -descriptor) }
    address = endpoint.address
    self.port = port
    isLoopback = loopback != 0
  }

  enum Accepted {
    case connection(Int32, PeerAddress, text: String)
    /// Nobody is waiting, or whoever was has gone.
    case nobody
    /// No descriptors or memory are left.
    case exhausted(Int32)
  }

  /// Takes one waiting connection.
  func accept() -> Accepted {
    var peer = lockstep_peer()
    let result = lockstep_accept(descriptor, &peer)
    if result >= 0 {
      let address =
        peer.version == 4 ? PeerAddress(ipv4: peer.low) : PeerAddress(ipv6High: peer.high, peer.low)
      let text = withUnsafeBytes(of: peer.text) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .connection(result, address, text: text)
    }
    switch -result {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(-result)
    default: return .nobody
    }
  }
}

/// The outcome of one read or write of a connection.
enum Transfer: Equatable {
  case bytes(Int)
  /// Nothing can be moved just now.
  case wouldBlock
  /// The peer has closed, or the connection is broken.
  case broken
}

/// Reads and writes of connected sockets.
enum Socket {
  static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
    if count > 0 { return .bytes(count) }
    return count < 0 && isTransient(errno) ? .wouldBlock : .broken
  }

  static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
    let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return .bytes(count) }
    return isTransient(errno) ? .wouldBlock : .broken
  }

  /// Closes our half: the peer reads what has been sent, then the end.
  static func finishSending(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_WR)) }

  static func close(_ descriptor: Int32) { Glibc.close(descriptor) }

  private static func isTransient(_ code: Int32) -> Bool { code == EAGAIN || code == EWOULDBLOCK || code == EINTR }
}

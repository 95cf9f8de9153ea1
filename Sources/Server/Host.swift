import Session
import Values

/// What a server asks of the machine besides files: clocks, sockets, chance, and a helper process. The whole list, so
/// that the fault simulator can put a machine of its own in its place.
///
/// Used from one thread. Descriptors belong to the server and are given back with `close`.
public protocol Host: AnyObject {
  /// Nanoseconds since some point before the start; never goes back.
  var monotonic: UInt64 { get }
  /// Nanoseconds since the Unix epoch.
  var wall: Timestamp { get }
  /// Fills `bytes` with what nobody can guess.
  func fillRandom(_ bytes: UnsafeMutableRawBufferPointer)

  /// Listens on a numeric address; port 0 lets the system choose.
  func listen(on endpoint: ListenEndpoint, backlog: Int32) throws(ServerError) -> Listener
  /// Takes one waiting connection of a listener.
  func accept(_ listener: Int32) -> Accepted
  /// Reads what a connection has received, as far as `buffer` goes.
  func receive(_ connection: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer
  /// Sends as much of `bytes` as the connection takes at once.
  func send(_ connection: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer
  /// Closes our half: the peer reads what has been sent, then the end.
  func finishSending(_ connection: Int32)
  func close(_ descriptor: Int32)

  /// Watches a descriptor; `broken` is watched for always.
  func watch(_ descriptor: Int32, for events: Readiness) throws(ServerError)
  /// Changes what a watched descriptor is watched for.
  func change(_ descriptor: Int32, to events: Readiness)
  func unwatch(_ descriptor: Int32)
  /// Waits at most `milliseconds` (−1: for ever) until something watched is ready; returns how much is.
  func wait(milliseconds: Int32) throws(ServerError) -> Int
  /// What the last `wait` has found, by index.
  func ready(_ index: Int) -> (descriptor: Int32, events: Readiness)

  /// Runs `body` in a helper process that sees the state as it is now and keeps none of this one's descriptors. The
  /// helper's descriptor is watched and becomes readable when `body` is done.
  func startHelper(_ body: () -> [UInt8]) -> HelperStart
  /// What `body` returned; empty: the helper died. Waits for its end and gives its descriptor back.
  func finishHelper(_ helper: Helper) -> [UInt8]
}

/// A TCP socket that listens.
public struct Listener: Sendable {
  public var descriptor: Int32
  public var address: String
  public var port: UInt16
  public var isLoopback: Bool

  public init(descriptor: Int32, address: String, port: UInt16, isLoopback: Bool) {
    self.descriptor = descriptor
    self.address = address
    self.port = port
    self.isLoopback = isLoopback
  }
}

/// The outcome of one accept.
public enum Accepted: Sendable {
  /// A connection from `address`; `text` is address and port for logs.
  case connection(Int32, PeerAddress, text: String)
  /// Nobody is waiting, or whoever was has gone.
  case nobody
  /// No descriptors or memory are left; the errno.
  case exhausted(Int32)
}

/// The outcome of one read or write of a connection.
public enum Transfer: Equatable, Sendable {
  case bytes(Int)
  /// Nothing can be moved just now.
  case wouldBlock
  /// The peer has closed, or the connection is broken.
  case broken
}

/// What a descriptor is watched for, or ready for.
public struct Readiness: OptionSet, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let readable = Readiness(rawValue: 1)
  public static let writable = Readiness(rawValue: 2)
  /// Error or hang-up.
  public static let broken = Readiness(rawValue: 4)
}

/// A helper process on its way.
public struct Helper: Sendable {
  public var process: Int32
  public var descriptor: Int32

  public init(process: Int32, descriptor: Int32) {
    self.process = process
    self.descriptor = descriptor
  }
}

/// Whether a helper could be started.
public enum HelperStart: Sendable {
  case started(Helper)
  case failed(String)
}

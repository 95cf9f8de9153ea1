import Glibc
import Server
import Synchronization

/// A server on a loopback port of its own, with a data directory that goes away with it.
public final class ThrowAwayServer: Sendable {
  /// What the server's thread and its owner tell each other.
  private final class Shared: Sendable {
    let address = Mutex<String?>(nil)
    let log = Mutex<[String]>([])
    let exitCode = Mutex<Int32?>(nil)
  }

  /// What the thread is started with.
  private final class Start {
    let configuration: ServerConfiguration
    let control: ServerControl
    let shared: Shared

    init(_ configuration: ServerConfiguration, _ control: ServerControl, _ shared: Shared) {
      self.configuration = configuration
      self.control = control
      self.shared = shared
    }
  }

  /// `host:port`.
  public let address: String
  /// Where its files are, until it is stopped.
  public let directory: String
  private let control = ServerControl()
  private let shared = Shared()
  private let thread: pthread_t

  /// Starts a server and waits until clients can connect.
  ///
  /// `genesis`: the frames that create its venue; empty for a replay target. Nothing is promised about its files: they
  /// are written as the mode `none` does.
  public init(genesis: [[UInt8]], isReplayTarget: Bool = false) throws {
    directory = try makeTemporaryDirectory("lockstep-throw-away")
    var configuration = ServerConfiguration(
      listen: [ListenEndpoint(address: "127.0.0.1", port: 0)], dataDirectory: directory)
    configuration.genesis = genesis
    configuration.durability = .none
    configuration.replayTarget = isReplayTarget
    configuration.handlesSignals = false
    configuration.session.requestsPerSecond = 0
    configuration.connections = 8192
    let start = Start(configuration, control, shared)
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { argument in
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        let shared = start.shared
        let log = Log { line in shared.log.withLock { $0.append(line) } }
        let code = Server.run(start.configuration, control: start.control, log: log) { endpoints in
          shared.address.withLock { $0 = endpoints.first.map { "\($0.address):\($0.port)" } }
        }
        shared.exitCode.withLock { $0 = code }
        return nil
      }, Unmanaged.passRetained(start).toOpaque())
    guard failure == 0 else { throw TapeError("no thread for the server: \(String(cString: strerror(failure)))") }
    self.thread = thread
    while true {
      if let address = shared.address.withLock({ $0 }) {
        self.address = address
        return
      }
      if shared.exitCode.withLock({ $0 }) != nil {
        let lines = shared.log.withLock { $0.joined(separator: "\n") }
        removeTree(directory)
        throw TapeError("the throw-away server did not start:\n\(lines)")
      }
      usleep(1000)
    }
  }

  /// The log so far.
  public var log: [String] { shared.log.withLock { $0 } }

  /// Stops the server in order, waits for it and removes its files, unless they are to be looked at.
  public func stop(keepsFiles: Bool = false) {
    control.stop()
    pthread_join(thread, nil)
    if !keepsFiles { removeTree(directory) }
  }
}

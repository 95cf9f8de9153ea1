import Session
import Storage
import Values

/// Where to listen: a numeric IPv4 or IPv6 address. Port 0 lets the system choose.
public struct ListenEndpoint: Sendable, Equatable {
  public var address: String
  public var port: UInt16

  public init(address: String, port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// How the loop waits for work.
public enum PollMode: String, Sendable, CaseIterable {
  /// Never sleeps: lowest latency, one core at 100 %.
  case spin
  /// Spins for a short while after each piece of work, then sleeps.
  case adaptive
  /// Sleeps whenever there is nothing to do.
  case block
}

/// What a server is to do.
public struct ServerConfiguration: Sendable {
  public var listen: [ListenEndpoint]
  public var dataDirectory: String
  /// Frames of key 0 that create the venue in an empty data directory: DefineVenue first. Ignored when it is not empty.
  public var genesis: [[UInt8]] = []
  /// How the journal is written; its durability is what clients are promised.
  public var journal = Journal.Options()
  /// What has to survive before a report leaves.
  public var durability: Durability {
    get { journal.durability }
    set { journal.durability = newValue }
  }
  public var pollMode = PollMode.adaptive
  /// How long mode `adaptive` spins after the last work, in nanoseconds.
  public var spinTime: UInt64 = 50_000
  public var session = SessionSettings()
  /// Connections at once, those not yet logged in included.
  public var connections = 1024
  /// Bytes read from one connection per turn of the loop: nobody waits long behind a busy one.
  public var readBytes = 16 << 10
  /// Commands of one batch; more are committed and answered first.
  public var commandsPerBatch = 1024
  /// Report and feed bytes of one batch; then it is committed and sent.
  public var outputBytesPerBatch = 4 << 20
  /// A snapshot every this many commands; 0: never by count.
  public var snapshotCommands: UInt64 = 0
  /// A snapshot every this many seconds in which something was sequenced; 0: never by time.
  public var snapshotSeconds: UInt64 = 0
  /// File that gets every input and output frame; `nil`: none.
  public var capture: String?
  /// Takes a recorded command stream without login. Loopback and empty or replay-target directories only.
  public var replayTarget = false
  /// A line of figures every this many seconds; 0: never.
  public var statusSeconds: UInt64 = 0
  /// Whether SIGTERM and SIGINT stop the server. Off where it is not the whole process.
  public var handlesSignals = true
  /// Shown in the first line of the log.
  public var version = "development"

  public init(listen: [ListenEndpoint], dataDirectory: String) {
    self.listen = listen
    self.dataDirectory = dataDirectory
  }
}

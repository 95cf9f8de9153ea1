import CLinux
import Glibc
import Kernel
import MarketData
import Session
import Values
import Wire

/// The server's one thread: reads sockets, sequences, commits, sends.
///
/// One turn: wait, read what is ready (bounded per connection), work it off, commit, and only then send. Whatever a
/// command has caused waits in the output of its connection until the commit of its batch has returned.
struct EventLoop: ~Copyable {
  let configuration: ServerConfiguration
  let log: Log
  let identity: VenueIdentity
  let host: any Host
  let sessions: Sessions
  var venue: Venue
  var gate: LoginGate
  var listeners: [Listener]
  /// By descriptor.
  var connections: [Connection?] = []
  var connectionCount = 0
  /// Connections with an open venue session.
  var sessionCount = 0
  /// Connections with work that the last turn could not do (a second signature check).
  var deferred: [Connection] = []
  /// Connections that ended while they were flushed; their SessionClosed is sequenced in the next turn.
  var ended: [Connection] = []
  var snapshots: SnapshotSchedule
  var figures: Figures
  /// When a state hash was last computed for a query.
  var stateHashedAt: UInt64 = 0

  /// Monotonic time of this turn.
  var now: UInt64
  /// When some connection's timer may be due.
  var nextTimer = UInt64.max
  var lastActive: UInt64 = 0
  var hasVerified = false
  var acceptsAgainAt: UInt64?
  var acceptWarningAt: UInt64 = 0
  var lastConnectionId: UInt64 = 0
  var isStopping = false
  /// Whether the journal may want zeros written ahead at the next idle moment.
  private var mayPrepare = true
  /// Keeps strangers from filling the log.
  private var strangerLines = Throttle(perSecond: 10)
  private var suppressedLines = 0
  let signalDescriptor: Int32
  let controlDescriptor: Int32
  let readBuffer: UnsafeMutableRawBufferPointer

  init(
    configuration: ServerConfiguration, log: Log, identity: VenueIdentity, venue: consuming Venue, sessions: Sessions,
    listeners: [Listener], control: ServerControl, host: any Host
  ) {
    self.configuration = configuration
    self.log = log
    self.identity = identity
    self.sessions = sessions
    self.listeners = listeners
    self.host = host
    now = host.monotonic
    figures = Figures(now: now)
    gate = LoginGate(settings: configuration.session)
    snapshots = SnapshotSchedule(configuration: configuration, sequence: venue.kernel.sequence, now: now)
    snapshots.newest = venue.newestSnapshot
    self.venue = venue
    controlDescriptor = control.descriptor
    readBuffer = .allocate(byteCount: configuration.readBytes, alignment: 64)
    signalDescriptor = configuration.handlesSignals ? lockstep_signal_open() : -1
  }

  /// Watches what is there before the first connection.
  private func watchListeners() throws(ServerError) {
    for listener in listeners { try host.watch(listener.descriptor, for: .readable) }
    try host.watch(controlDescriptor, for: .readable)
    if signalDescriptor >= 0 { try host.watch(signalDescriptor, for: .readable) }
  }

  /// Runs until it is told to stop.
  mutating func run() throws(ServerError) {
    try watchListeners()
    closeLeftSessions()
    try settle()
    while !isStopping { try turn() }
  }

  /// Sessions that were open when the server last stopped without order are over.
  private mutating func closeLeftSessions() {
    if identity.replayTarget { return }
    var left: [KeyRecord] = []
    venue.kernel.forEachConnectedKey { left.append($0) }
    for record in left {
      log.info("key \(record.id.rawValue) was connected when the server stopped; its session is closed")
      venue.sequence(SessionClosed(connectionId: record.connectionId, key: record.id), sessions: sessions)
    }
  }

  private mutating func turn() throws(ServerError) {
    let readyCount = try host.wait(milliseconds: timeout())
    now = host.monotonic
    if readyCount > 0 { lastActive = now }
    hasVerified = false
    endFlushed()
    tickWhenDue()
    try workOffDeferred()
    var hasVisitors = false
    for index in 0..<readyCount {
      let (descriptor, events) = host.ready(index)
      if let connection = connection(at: descriptor) {
        if events.contains(.writable) { sessions.markDirty(connection) }
        if !events.isDisjoint(with: [.readable, .broken]) { try read(connection) }
      } else if descriptor == signalDescriptor {
        stopOnSignal()
      } else if descriptor == controlDescriptor {
        stop("asked to")
      } else if descriptor == snapshots.helper?.handle.descriptor {
        finishSnapshot()
      } else {
        hasVisitors = true
      }
    }
    // Last, so that no descriptor that was closed in this turn is taken for a new connection's.
    if hasVisitors { acceptVisitors() }
    runTimers()
    try settle()
    if mayPrepare && readyCount == 0 && now >= lastActive + EventLoop.idleTime {
      mayPrepare = false
      try venue.prepareAhead()
    }
    startSnapshotWhenDue()
  }

  /// Quiet for so long, the loop is taken to be idle; in nanoseconds.
  private static var idleTime: UInt64 { 10_000_000 }

  /// Logs what strangers cause, at most ten lines per second.
  mutating func warnOfStranger(_ text: @autoclosure () -> String) {
    guard strangerLines.admit(now: now) else {
      suppressedLines += 1
      return
    }
    let note = suppressedLines > 0 ? " (\(suppressedLines) lines like this left out)" : ""
    suppressedLines = 0
    log.warning(text() + note)
  }

  func connection(at descriptor: Int32) -> Connection? {
    Int(descriptor) < connections.count ? connections[Int(descriptor)] : nil
  }

  /// Commits what has been sequenced, then sends what waits: the point before which nothing may leave.
  mutating func settle() throws(ServerError) {
    if venue.batchCommands > 0 { mayPrepare = true }
    try venue.commit()
    flushAll()
  }

  /// Time passes for the kernel: one Tick, a bounded amount of work; the loop comes back at once while there is more.
  private mutating func tickWhenDue() {
    if !identity.replayTarget && venue.needsTick { venue.tick(sessions: sessions) }
  }

  private mutating func workOffDeferred() throws(ServerError) {
    if deferred.isEmpty { return }
    let list = deferred
    deferred.removeAll()
    for connection in list {
      connection.isDeferred = false
      try work(connection)
    }
  }

  /// Milliseconds to wait for the next event.
  private func timeout() -> Int32 {
    if !deferred.isEmpty || !ended.isEmpty { return 0 }
    if !identity.replayTarget && venue.kernel.hasPendingWork { return 0 }
    let time = host.monotonic
    switch configuration.pollMode {
    case .spin: return 0
    case .adaptive where time < lastActive + configuration.spinTime: return 0
    default: break
    }
    var wake = min(nextTimer, acceptsAgainAt ?? .max, snapshots.wake, figures.wake(configuration))
    if !identity.replayTarget, venue.kernel.nextDue != .never {
      let wait = max(0, venue.kernel.nextDue.rawValue - host.wall.rawValue)
      wake = min(wake, time + UInt64(wait))
    }
    if mayPrepare { wake = min(wake, lastActive + EventLoop.idleTime) }
    if wake == .max { return -1 }
    if wake <= time { return 0 }
    return Int32(clamping: (wake - time + 999_999) / 1_000_000)
  }
}

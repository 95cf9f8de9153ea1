import CLinux
import Session
import Values

extension EventLoop {
  /// Does what time asks for: heartbeats, ends of silent sessions, accepting again, the line of figures.
  mutating func runTimers() {
    resumeAcceptingWhenDue()
    if now >= figures.wake(configuration) { reportFigures() }
    if now < nextTimer { return }
    nextTimer = .max
    for case let connection? in connections {
      switch connection.core.expire(now: now) {
      case .nothing: break
      case .heartbeat:
        let lastReport = venue.kernel.keyRecord(connection.core.key)?.lastReport ?? 0
        connection.core.sendHeartbeat(nextReport: lastReport + 1, now: now)
        sessions.markDirty(connection)
      case .terminated: end(connection)
      case .drop:
        end(connection)
        drop(connection)
        continue
      }
      noteDeadline(connection)
    }
  }

  private mutating func reportFigures() {
    let rate = figures.takeRate(now: now)
    log.info(
      "sequence \(venue.kernel.sequence), \(figures.commands) commands (\(rate)/s), \(connectionCount) connections, "
        + "\(venue.feeds.subscriptionCount) subscriptions, journal \(venue.journal.bytes) bytes")
  }

  mutating func stopOnSignal() {
    let number = lockstep_signal_read(signalDescriptor)
    if number != 0 { stop("signal \(number)") }
  }

  mutating func stop(_ why: String) {
    if isStopping { return }
    isStopping = true
    log.info("shutting down (\(why))")
  }
}

/// Counts for the line of figures.
struct Figures {
  var commands: UInt64 = 0
  var logins: UInt64 = 0
  private var reportedCommands: UInt64 = 0
  private var reportedAt: UInt64

  init(now: UInt64) { reportedAt = now }

  /// When the next line is due.
  func wake(_ configuration: ServerConfiguration) -> UInt64 {
    configuration.statusSeconds == 0 ? .max : reportedAt + configuration.statusSeconds * 1_000_000_000
  }

  /// Commands per second since the last line.
  mutating func takeRate(now: UInt64) -> UInt64 {
    let rate = (commands - reportedCommands) * 1_000_000_000 / max(1, now - reportedAt)
    reportedCommands = commands
    reportedAt = now
    return rate
  }
}

import CLinux
import Glibc
import Session
import Values

extension EventLoop {
  /// Ends in order: no new connections, Terminate to all, their ends sequenced and committed, a last snapshot, the
  /// journal closed. A second signal meanwhile ends the process at once.
  consuming func shutDown() throws(ServerError) {
    if signalDescriptor >= 0 { lockstep_signal_release() }
    now = host.monotonic
    for listener in listeners {
      host.unwatch(listener.descriptor)
      host.close(listener.descriptor)
    }
    endFlushed()
    for case let connection? in connections {
      connection.core.terminate(.shutdown, now: now)
      end(connection)
    }
    try settle()
    try linger()
    for case let connection? in connections { drop(connection) }
    if snapshots.helper != nil { finishSnapshot() }
    if venue.kernel.sequence > 0 { try writeFinalSnapshot() }
    let sequence = venue.kernel.sequence
    if signalDescriptor >= 0 { close(signalDescriptor) }
    readBuffer.deallocate()
    let log = log
    try venue.close()
    log.info("stopped at sequence \(sequence)")
  }

  /// Closes everything as it is: what waits to be sent must not leave.
  mutating func closeSockets() {
    for listener in listeners { host.close(listener.descriptor) }
    for case let connection? in connections {
      // They hold each other: a process that goes on without the server would keep both.
      for subscription in connection.subscriptions { venue.feeds.unsubscribe(subscription) }
      connection.stream?.connection = nil
      drop(connection)
    }
    if signalDescriptor >= 0 { close(signalDescriptor) }
    readBuffer.deallocate()
  }

  /// Gives the clients a moment to read their last messages.
  private mutating func linger() throws(ServerError) {
    let end = now + configuration.session.linger
    while connectionCount > 0 && now < end {
      let readyCount = try host.wait(milliseconds: 10)
      now = host.monotonic
      for index in 0..<readyCount {
        let (descriptor, events) = host.ready(index)
        guard let connection = connection(at: descriptor) else { continue }
        if events.contains(.writable) { sessions.markDirty(connection) }
        if !events.isDisjoint(with: [.readable, .broken]) { try read(connection) }
      }
      flushAll()
    }
  }
}

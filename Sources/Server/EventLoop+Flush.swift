import MarketData
import Session
import Values

// Sending, after the commit.
extension EventLoop {
  /// Feed bytes that may wait in a connection's output; reports go first.
  private static var newsBytes: Int { 64 << 10 }
  /// Sends per connection and turn.
  private static var sendsPerTurn: Int { 64 }

  /// Sends what waits in all connections, then what the feeds have for them.
  mutating func flushAll() {
    let connections = connections
    let sessions = sessions
    venue.feeds.forEachChanged { subscription in
      if let connection = connections[subscription.subscriber] { sessions.markDirty(connection) }
    }
    for connection in sessions.takeDirty() { flush(connection) }
    venue.feeds.trim()
  }

  private mutating func flush(_ connection: Connection) {
    guard self.connection(at: connection.descriptor) === connection else { return }
    sending: for _ in 0..<EventLoop.sendsPerTurn {
      if connection.core.state != .closing, !connection.takeNews(upTo: EventLoop.newsBytes) {
        connection.core.terminate(.slowConsumer, now: now)
      }
      if connection.core.output.isEmpty { break }
      switch host.send(connection.descriptor, connection.core.output.bytes) {
      case .bytes(let count): connection.core.sent(count, now: now)
      case .wouldBlock: break sending
      case .broken:
        if connection.core.state == .closing {
          end(connection)
          return drop(connection)
        }
        connection.core.connectionLost(now: now)
        return noteEnd(connection)
      }
    }
    if connection.core.terminateIfSlow(now: now) || connection.core.state == .closing { noteEnd(connection) }
    let hasMore = !connection.core.output.isEmpty || connection.hasNews
    if connection.core.state == .closing && !hasMore && !connection.hasShutDown {
      connection.hasShutDown = true
      host.finishSending(connection.descriptor)
    }
    watch(connection, hasMore ? [.readable, .writable] : .readable)
    noteDeadline(connection)
  }

  /// A session that ends here is taken down in the next turn: that is a command, and this batch is committed.
  private mutating func noteEnd(_ connection: Connection) {
    if !connection.hasEnded { ended.append(connection) }
  }

  private func watch(_ connection: Connection, _ events: Readiness) {
    if connection.watched == events { return }
    connection.watched = events
    host.change(connection.descriptor, to: events)
  }
}

import Glibc
import Session
import Values
import Wire

extension EventLoop {
  /// Connections taken per turn and listener.
  private static var acceptsPerTurn: Int { 64 }
  /// How long nobody is accepted after descriptors have run out, in nanoseconds.
  private static var acceptPause: UInt64 { 100_000_000 }

  /// Between two lines about it in the log, in nanoseconds.
  private static var acceptWarningInterval: UInt64 { 10_000_000_000 }

  mutating func acceptVisitors() {
    for listener in listeners {
      taking: for _ in 0..<EventLoop.acceptsPerTurn {
        switch host.accept(listener.descriptor) {
        case .connection(let descriptor, let address, let text): admit(descriptor, address, text)
        case .nobody: break taking
        case .exhausted(let code): return pauseAccepting(code)
        }
      }
    }
  }

  private mutating func admit(_ descriptor: Int32, _ address: PeerAddress, _ peer: String) {
    lastConnectionId = max(lastConnectionId + 1, UInt64(host.wall.rawValue))
    var nonce = Bytes32()
    withUnsafeMutableBytes(of: &nonce) { host.fillRandom($0) }
    let connection = Connection(
      descriptor: descriptor, address: address, peer: peer,
      core: SessionCore(
        connectionId: lastConnectionId, nonce: nonce, venue: identity, settings: configuration.session, now: now))
    if connectionCount >= configuration.connections {
      return turnAway(connection, .sessionLimit, "all \(configuration.connections) connections are taken")
    }
    if gate.isLockedOut(address, now: now) {
      return turnAway(connection, .lockedOut, "its address is locked out after failed logins")
    }
    do { try host.watch(descriptor, for: .readable) } catch {
      return turnAway(connection, .busy, error.description)
    }
    while connections.count <= Int(descriptor) { connections.append(nil) }
    connections[Int(descriptor)] = connection
    connectionCount += 1
    noteDeadline(connection)
  }

  /// Says why, as far as the socket takes it at once, and closes.
  private mutating func turnAway(_ connection: Connection, _ reason: TerminateReason, _ why: String) {
    connection.core.terminate(reason, now: now)
    _ = host.send(connection.descriptor, connection.core.output.bytes)
    host.close(connection.descriptor)
    warnOfStranger("turned \(connection.peer) away: \(why)")
  }

  /// Out of descriptors: present sessions go on; nobody is accepted for a moment, so the loop does not spin on it.
  private mutating func pauseAccepting(_ code: Int32) {
    if acceptsAgainAt != nil { return }
    if now >= acceptWarningAt {
      log.warning("cannot accept connections: \(String(cString: strerror(code))); trying again every 100 ms")
      acceptWarningAt = now + EventLoop.acceptWarningInterval
    }
    for listener in listeners { host.change(listener.descriptor, to: []) }
    acceptsAgainAt = now + EventLoop.acceptPause
  }

  mutating func resumeAcceptingWhenDue() {
    guard let time = acceptsAgainAt, now >= time else { return }
    acceptsAgainAt = nil
    for listener in listeners { host.change(listener.descriptor, to: .readable) }
  }
}

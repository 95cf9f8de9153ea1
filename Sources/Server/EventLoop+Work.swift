import Kernel
import Session
import Values
import Wire

// Reading a connection and doing what it asks.
extension EventLoop {
  /// Reads once, at most `readBytes`, and works it off.
  mutating func read(_ connection: Connection) throws(ServerError) {
    if connection.core.state == .closing { return discard(connection) }
    let room = connection.core.readable(upTo: readBuffer.count)
    if room > 0 {
      switch host.receive(connection.descriptor, into: UnsafeMutableRawBufferPointer(rebasing: readBuffer[..<room])) {
      case .bytes(let count):
        connection.core.receive(UnsafeRawBufferPointer(rebasing: readBuffer[..<count]), now: now)
      case .wouldBlock: return
      case .broken:
        connection.core.connectionLost(now: now)
        end(connection)
        return drop(connection)
      }
    }
    try work(connection)
  }

  /// A closing connection's input is read and forgotten until its end: closing with unread input would reset the
  /// connection and might take our last message with it.
  private mutating func discard(_ connection: Connection) {
    end(connection)
    if host.receive(connection.descriptor, into: readBuffer) == .broken { drop(connection) }
  }

  /// Does what the connection's input asks for.
  mutating func work(_ connection: Connection) throws(ServerError) {
    while true {
      switch connection.core.next(now: now) {
      case .wait: return finishWork(connection)
      case .closed:
        end(connection)
        return finishWork(connection)
      case .verify:
        if !verify(connection) { return finishWork(connection) }
      case .establish(let request): establish(connection, request)
      case .command(let frame): command(frame, of: connection)
      case .replay(let header, let frame): replay(header, frame, from: connection)
      case .query(let frame): query(frame, from: connection)
      case .subscribe(let request): subscribe(request, from: connection)
      case .unsubscribe(let request): unsubscribe(request, from: connection)
      case .retransmit(let request):
        connection.core.retransmit(request, ring: sessions.stream(of: connection.core.key).ring)
      }
      if venue.batchCommands >= configuration.commandsPerBatch || venue.batchBytes >= configuration.outputBytesPerBatch
      {
        try settle()
      }
    }
  }

  private mutating func finishWork(_ connection: Connection) {
    if !connection.core.output.isEmpty { sessions.markDirty(connection) }
    noteDeadline(connection)
  }

  mutating func noteDeadline(_ connection: Connection) {
    nextTimer = min(nextTimer, connection.core.deadline)
  }

  // MARK: Login

  /// Checks one signature per turn, so that logins do not hold up the market. False: not now.
  private mutating func verify(_ connection: Connection) -> Bool {
    if hasVerified {
      if !connection.isDeferred {
        connection.isDeferred = true
        deferred.append(connection)
      }
      return false
    }
    guard gate.admitVerification(now: now) else {
      connection.core.terminate(.busy, now: now)
      return true
    }
    hasVerified = true
    let key = connection.core.key
    if connection.core.verifyLogin(loginKey(key)) { return true }
    warnOfStranger("login of key \(key.rawValue) from \(connection.peer) failed")
    if gate.recordFailure(connection.address, now: now) {
      log.warning("the address of \(connection.peer) is locked out after failed logins")
    }
    connection.core.terminate(.notAuthenticated, now: now)
    return true
  }

  private func loginKey(_ key: KeyId) -> LoginKey? {
    guard let record = venue.kernel.keyRecord(key) else { return nil }
    return LoginKey(publicKey: record.publicKey, roles: record.roles, master: record.master)
  }

  /// Opens the venue session, ends the one the key may have had, and sends the reports the client has missed.
  private mutating func establish(_ connection: Connection, _ request: Establish) {
    let key = connection.core.key
    guard let known = loginKey(key), !known.roles.isEmpty else {
      return connection.core.terminate(.notAuthenticated, now: now)
    }
    let stream = sessions.stream(of: key)
    if let old = stream.connection {
      old.core.terminate(.superseded, now: now)
      end(old)
    }
    tickBeforeCommand()
    venue.sequence(
      SessionOpened(
        connectionId: connection.core.connectionId, key: key, cancelOnDisconnect: request.cancelOnDisconnect),
      sessions: sessions)
    stream.connection = connection
    connection.stream = stream
    sessionCount += 1
    guard let record = venue.kernel.keyRecord(key) else { preconditionFailure("a key has disappeared") }
    connection.core.established(
      request,
      start: StreamStart(
        lastReport: record.lastReport, oldestReport: stream.ring.oldest, lastRequest: record.lastRequest,
        sequence: venue.kernel.sequence, time: venue.kernel.time,
        ordersPerAccount: venue.kernel.venue.ordersPerAccount), now: now)
    if request.lastReport < record.lastReport {
      connection.core.resend(from: request.lastReport + 1, ring: stream.ring)
    }
    figures.logins += 1
    log.info(
      "key \(key.rawValue) (\(connection.core.clientName)) connected from \(connection.peer), connection "
        + "\(connection.core.connectionId), last report \(request.lastReport) of \(record.lastReport)")
  }

  // MARK: Commands

  private mutating func tickBeforeCommand() {
    if venue.needsTick { venue.tick(sessions: sessions) }
  }

  private mutating func command(_ frame: Frame, of connection: Connection) {
    tickBeforeCommand()
    let key = connection.core.key
    venue.sequence(frame, key: key, time: venue.nextTime, sessions: sessions)
    figures.commands += 1
    switch frame.template {
    case .changeKeyRoles: endRevoked(frame.decode(ChangeKeyRoles.self).key)
    case .takeSnapshot: requestSnapshot(frame.decode(TakeSnapshot.self).requestId, connection)
    default: break
    }
  }

  /// A key without roles has no session.
  private mutating func endRevoked(_ key: KeyId) {
    guard let record = venue.kernel.keyRecord(key), record.roles.isEmpty,
      let connection = sessions.stream(of: key).connection
    else { return }
    connection.core.terminate(.revoked, now: now)
    end(connection)
  }

  // MARK: Ends

  /// Takes down what a session that is over still holds: its subscriptions and its venue session.
  mutating func end(_ connection: Connection) {
    if connection.hasEnded { return }
    connection.hasEnded = true
    sessions.markDirty(connection)
    for subscription in connection.subscriptions { venue.feeds.unsubscribe(subscription) }
    connection.subscriptions = []
    let key = connection.core.key
    if let stream = connection.stream, stream.connection === connection {
      stream.connection = nil
      sessionCount -= 1
      if venue.needsTick { venue.tick(sessions: sessions) }
      venue.sequence(SessionClosed(connectionId: connection.core.connectionId, key: key), sessions: sessions)
      log.info("key \(key.rawValue) disconnected (\(connection.endText)), connection \(connection.core.connectionId)")
    } else if connection.core.end != .lost {
      warnOfStranger("\(connection.peer) closed before it was established (\(connection.endText))")
    }
    connection.stream = nil
    noteDeadline(connection)
  }

  /// Closes the socket. The connection must have ended.
  mutating func drop(_ connection: Connection) {
    guard connections[Int(connection.descriptor)] === connection else { return }
    host.unwatch(connection.descriptor)
    host.close(connection.descriptor)
    connections[Int(connection.descriptor)] = nil
    connectionCount -= 1
  }

  /// Sequences the end of the sessions that broke while they were flushed.
  mutating func endFlushed() {
    if ended.isEmpty { return }
    let list = ended
    ended.removeAll()
    for connection in list {
      end(connection)
      if connection.core.end == .lost { drop(connection) }
    }
  }
}

extension Connection {
  /// Why it ended, for the log.
  var endText: String {
    switch core.end {
    case .terminated(let reason, let detail): detail == 0 ? "\(reason)" : "\(reason), \(detail)"
    case .lost: "connection lost"
    case nil: "open"
    }
  }
}

import MarketData
import Values
import Wire

extension SessionCore {
  /// Checks the proof that `next` has announced against `record`, the key's entry in the venue (`nil`: there is none).
  /// Costs one signature check whatever the outcome. On success the client is told; on failure the caller counts it
  /// and terminates with `notAuthenticated`.
  public mutating func verifyLogin(_ record: LoginKey?) -> Bool {
    guard let signature = proof else { preconditionFailure("no proof to check") }
    proof = nil
    let text = LoginProof.text(
      venueId: venue.venueId, nonce: nonce, connectionId: connectionId, key: key, negotiate: negotiate)
    let isSigned = LoginProof.verify(
      signature: signature, text: text, publicKey: record?.publicKey ?? LoginProof.nobody)
    guard let record, isSigned, !record.roles.isEmpty, key != .venue else { return false }
    output.append(
      NegotiateAck(
        key: key, master: record.master, roles: record.roles, durability: venue.durability, replayTarget: false,
        venueName: venue.name))
    state = .authenticated
    negotiate = []
    return true
  }

  /// The session is live: SessionOpened has been applied. The reports after `request.lastReport` must follow.
  public mutating func established(_ request: Establish, start: StreamStart, now: UInt64) {
    precondition(state == .authenticated, "only a proved key gets a stream")
    let granted = min(max(request.keepAlive, settings.keepAliveMinimum), settings.keepAliveMaximum)
    keepAlive = UInt64(granted) * 1_000_000
    state = .established
    heardAt = now
    output.append(
      EstablishAck(
        lastReport: start.lastReport, oldestReport: start.oldestReport, lastRequest: start.lastRequest,
        sequence: start.sequence, time: start.time, keepAlive: granted, requestsPerSecond: settings.requestsPerSecond,
        frameBytes: UInt32(Limits.frameBytes), ordersPerAccount: start.ordersPerAccount,
        journalRegressed: request.lastReport > start.lastReport))
  }

  /// Puts the reports of `ring` from `first` on into the output, at most `count`.
  public mutating func resend(from first: UInt64, count: UInt64 = .max, ring: borrowing ReportRing) {
    output.append(ring.slice(from: first, count: count).bytes)
  }

  /// Answers a RetransmitRequest: Retransmission, then the reports that are still there.
  public mutating func retransmit(_ request: RetransmitRequest, ring: borrowing ReportRing) {
    let slice = ring.slice(from: request.firstReport, count: UInt64(request.count))
    output.appendAnswer { queue in
      queue.append(Retransmission(firstReport: slice.first, count: UInt32(clamping: slice.count)))
      queue.append(slice.bytes)
    }
  }
}

// Timers.
extension SessionCore {
  /// When `expire` has something to do, unless something is received or sent before.
  public var deadline: UInt64 {
    switch state {
    case .connected, .challenged, .authenticated: acceptedAt + settings.loginTime
    case .established: keepAlive == 0 ? .max : min(heardAt + 2 * keepAlive, sentAt + keepAlive)
    case .closing: closingAt + settings.linger
    }
  }

  /// Does what is due at `now`.
  public mutating func expire(now: UInt64) -> SessionTimer {
    guard now >= deadline else { return .nothing }
    switch state {
    case .connected, .challenged, .authenticated:
      terminate(.loginTimeout, now: now)
      return .terminated
    case .established:
      if now >= heardAt + 2 * keepAlive {
        terminate(.keepAliveTimeout, detail: Int64(keepAlive / 1_000_000), now: now)
        return .terminated
      }
      return .heartbeat
    case .closing:
      return .drop
    }
  }

  /// Tells the client that the server lives, and the number of its next report. When bytes wait to be sent, the client
  /// is the silent one and nothing is added.
  public mutating func sendHeartbeat(nextReport: UInt64, now: UInt64) {
    if output.isEmpty { output.append(Sequence(nextReport: nextReport)) }
    sentAt = now
  }

  /// Notes that bytes of the output have been sent at `now`.
  public mutating func sent(_ byteCount: Int, now: UInt64) {
    output.removeFirst(byteCount)
    sentAt = now
  }

  /// Terminates a client whose unread output is over its limit. `true`: it was.
  public mutating func terminateIfSlow(now: UInt64) -> Bool {
    guard state != .closing, output.exceeds(settings.outputBytes) else { return false }
    terminate(.slowConsumer, detail: Int64(output.count), now: now)
    return true
  }
}

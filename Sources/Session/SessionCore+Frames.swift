import MarketData
import Values
import Wire

// What each message means in each state.
extension SessionCore {
  /// Takes one frame. `nil`: it is done with, look at the next one.
  mutating func take(_ frame: Frame, now: UInt64) -> SessionAction? {
    let template = frame.template
    if template == .terminate {
      terminate(.finished, now: now)
      return .closed
    }
    switch (state, template) {
    case (.connected, .negotiate): takeNegotiate(frame, now: now)
    case (.challenged, .proof): proof = frame.decode(Proof.self).signature
    case (.authenticated, .establish): return .establish(frame.decode(Establish.self))
    case (.established, _): return takeLive(frame, template, now: now)
    default: terminate(.wrongState, detail: Int64(template.rawValue), now: now)
    }
    return nil
  }

  private mutating func takeNegotiate(_ frame: Frame, now: UInt64) {
    let message = frame.decode(Negotiate.self)
    clientName = message.clientName
    if message.version < SessionCore.oldestVersion {
      terminate(.unsupportedVersion, detail: Int64(Schema.version), now: now)
    } else if venue.replayTarget {
      output.append(
        NegotiateAck(
          key: .venue, master: .none, roles: [], durability: venue.durability, replayTarget: true, venueName: venue.name
        ))
      state = .established
    } else {
      key = message.key
      negotiate = Array(frame.bytes)
      output.append(Challenge(nonce: nonce, connectionId: connectionId, venueId: venue.venueId))
      state = .challenged
    }
  }

  /// Oldest schema version that a client may speak.
  static let oldestVersion: UInt16 = 1

  private mutating func takeLive(_ frame: Frame, _ template: Template, now: UInt64) -> SessionAction? {
    if venue.replayTarget { return takeReplay(frame, template, now: now) }
    switch TemplateClass(template) {
    case .login:
      terminate(.wrongState, detail: Int64(template.rawValue), now: now)
    case .session:
      if template == .retransmitRequest, admits(frame, now: now) {
        return .retransmit(frame.decode(RetransmitRequest.self))
      }
    case .command:
      if admits(frame, now: now) { return .command(frame) }
    case .query:
      if admits(frame, now: now), admitsQuery(frame, now: now) { return .query(frame) }
    case .subscription:
      if admits(frame, now: now), admitsQuery(frame, now: now) {
        return template == .subscribe
          ? .subscribe(frame.decode(Subscribe.self)) : .unsubscribe(frame.decode(Unsubscribe.self))
      }
    case .replay, .fromVenue:
      reject(frame, .notAllowedHere, detail: Int64(template.rawValue))
    }
    return nil
  }

  /// A replay target takes pairs of ReplayHeader and frame (any command, internal ones included), QueryStatus and
  /// heartbeats; nothing may stand between a header and its frame.
  private mutating func takeReplay(_ frame: Frame, _ template: Template, now: UInt64) -> SessionAction? {
    if let header = replayHeader {
      guard (19...99).contains(template.rawValue) else {
        terminate(.wrongState, detail: Int64(template.rawValue), now: now)
        return nil
      }
      replayHeader = nil
      return .replay(header, frame)
    }
    switch template {
    case .replayHeader: replayHeader = frame.decode(ReplayHeader.self)
    case .queryStatus: return .query(frame)
    case .sequence: break
    default: terminate(.wrongState, detail: Int64(template.rawValue), now: now)
    }
    return nil
  }

  private mutating func admits(_ frame: Frame, now: UInt64) -> Bool {
    if requests.admit(now: now) { return true }
    reject(frame, .throttled, detail: Int64(requests.perSecond))
    return false
  }

  /// Queries have a limit of their own, and wait for a client that is not reading its answers.
  private mutating func admitsQuery(_ frame: Frame, now: UInt64) -> Bool {
    if output.count <= settings.outputBytes / 2, queries.admit(now: now) { return true }
    reject(frame, .throttled, detail: Int64(queries.perSecond))
    return false
  }
}

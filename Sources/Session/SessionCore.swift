import MarketData
import Values
import Wire

/// One connection's side of the protocol, without sockets and clocks: bytes in, actions out.
///
/// The server feeds it what it reads (`receive`), works off `next` until it says `wait`, tells it the time (`expire`)
/// and sends what is in `output`. What it does depends on the bytes alone, never on how they were cut into reads.
/// All times are monotonic nanoseconds.
public struct SessionCore: ~Copyable {
  /// Number of the connection, unique for the venue's life, in the login text and in SessionOpened.
  public let connectionId: UInt64
  let nonce: Bytes32
  let venue: VenueIdentity
  public let settings: SessionSettings

  public internal(set) var state = SessionState.connected
  /// The key that this connection claims; proved from state authenticated on.
  public internal(set) var key = KeyId.venue
  /// The name the client gave itself, for logs.
  public internal(set) var clientName = Symbol()
  /// Why it is closing; `nil` while it is not.
  public internal(set) var end: SessionEnd?
  /// What is to be sent.
  public var output = OutputQueue()

  var input = ByteQueue()
  /// Bytes at the front of the input that the last action's frame takes.
  var taken = 0
  /// Bytes taken before the session was established.
  var loginBytes = 0
  var negotiate: [UInt8] = []
  var proof: Bytes64?
  var replayHeader: ReplayHeader?
  var requests: Throttle
  var queries: Throttle
  /// As granted, in nanoseconds; 0: no keep-alive (replay target).
  var keepAlive: UInt64 = 0
  let acceptedAt: UInt64
  var heardAt: UInt64
  var sentAt: UInt64
  var closingAt: UInt64 = 0

  /// A connection accepted at `now`. `nonce` must be 32 fresh random bytes.
  public init(
    connectionId: UInt64, nonce: Bytes32, venue: VenueIdentity, settings: SessionSettings, now: UInt64
  ) {
    self.connectionId = connectionId
    self.nonce = nonce
    self.venue = venue
    self.settings = settings
    requests = Throttle(perSecond: venue.replayTarget ? 0 : settings.requestsPerSecond)
    queries = Throttle(perSecond: venue.replayTarget ? 0 : settings.queriesPerSecond)
    acceptedAt = now
    heardAt = now
    sentAt = now
  }

  /// Bytes that may be read from the socket now, at most `wanted`. 0 when the connection is closing, or before login
  /// when it has sent all it may.
  public func readable(upTo wanted: Int) -> Int {
    switch state {
    case .closing: 0
    case .established: wanted
    default: max(0, min(wanted, settings.loginBytes - loginBytes - (input.count - taken)))
    }
  }

  /// Takes bytes that were read at `now`.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64) {
    guard state != .closing, bytes.count > 0 else { return }
    dropTaken()
    input.append(bytes)
    heardAt = now
  }

  /// Notes that the peer has gone or the socket is broken. What was received before is no longer acted on.
  public mutating func connectionLost(now: UInt64) {
    guard state != .closing else { return }
    close(.lost, now: now)
  }

  /// What to do next. Call it again after each action until it says `wait` or `closed`.
  public mutating func next(now: UInt64) -> SessionAction {
    while true {
      if state == .closing { return .closed }
      if proof != nil { return .verify }
      dropTaken()
      let bytes = input.bytes
      switch Frame.scan(bytes, maximum: Limits.frameBytes) {
      case .incomplete:
        if state != .established && loginBytes + input.count >= settings.loginBytes {
          terminate(.loginTimeout, now: now)
          return .closed
        }
        return .wait
      case .malformed(let error):
        terminate(.malformedFrame, detail: Int64(error.rawValue), now: now)
        return .closed
      case .frame(let length):
        taken = length
        if state != .established { loginBytes += length }
        let frame = Frame(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
        if let action = take(frame, now: now) { return action }
      }
    }
  }

  /// Ends the session: Terminate is put into the output, nothing is taken any more.
  public mutating func terminate(_ reason: TerminateReason, detail: Int64 = 0, now: UInt64) {
    guard state != .closing else { return }
    if reason == .slowConsumer { output.dropUnsent() }
    output.append(Terminate(reason: reason, detail: detail))
    close(.terminated(reason, detail: detail), now: now)
  }

  /// Refuses a request without consuming its id.
  public mutating func reject(_ frame: Frame, _ reason: RejectReason, detail: Int64) {
    let requestId =
      TemplateClass.namesRequest(frame.template)
      ? UInt64(littleEndian: frame.bytes.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self)) : 0
    output.append(
      SessionReject(requestId: requestId, detail: detail, reason: reason, template: frame.template.rawValue))
  }

  private mutating func dropTaken() {
    if taken > 0 {
      input.removeFirst(taken)
      taken = 0
    }
  }

  mutating func close(_ reason: SessionEnd, now: UInt64) {
    end = reason
    state = .closing
    closingAt = now
    proof = nil
  }
}

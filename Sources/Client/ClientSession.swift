import Values
import Wire

/// The client's side of a session without any I/O: bytes in, events and bytes out, time given by the caller.
///
/// Survives reconnections: it remembers the last report it has seen, the request ids it has used and the requests that
/// nobody has answered yet. ``Client`` runs one over TCP; an event loop of your own can do the same:
/// ``connected(at:)``, then ``receive(_:at:)`` and ``nextEvent(at:)`` for what arrives, ``output`` for what must be
/// sent, ``tick(at:)`` at least every ``ClientSettings/keepAlive`` / 4. Times are nanoseconds of any steady clock.
public struct ClientSession: Sendable {
  /// Where the session stands.
  public enum State: Equatable, Sendable {
    /// Not connected.
    case idle
    /// Negotiate was sent.
    case negotiating
    /// The challenge was answered.
    case proving
    /// The login is done, the reports are being arranged.
    case establishing
    /// Requests may be sent.
    case established
  }

  public let key: KeyId
  public let settings: ClientSettings
  public private(set) var state = State.idle
  /// The newest report seen; 0: none. Keep it to continue after a restart of the program.
  public private(set) var lastReport: UInt64
  /// The highest request id used.
  public private(set) var lastRequest: UInt64

  /// Sees every frame from the server before anything is made of it, those of the login and heartbeats included.
  public var onFrame: (@Sendable (Frame) -> Void)?

  private let keyPair: KeyPair
  private var unanswered: [UInt64: Template] = [:]
  private var input = ByteQueue()
  private var waiting = ByteQueue()
  private var negotiate: [UInt8] = []
  private var identity: NegotiateAck?
  private var lastQuery: UInt64 = 0
  private var lastHeard: Int64 = 0
  private var lastSent: Int64 = 0
  private var keepAlive: Int64 = 0
  private var missed: ClosedRange<UInt64>?
  /// While reports are sent again: the last of them, and the last request that they can answer.
  private var recovery: (report: UInt64, request: UInt64)?

  /// A session of `key`. `lastReport` and `lastRequest` are what an earlier run of the program had reached; with 0 the
  /// server sends again all reports that it still has.
  public init(
    key: KeyId, keyPair: KeyPair, settings: ClientSettings = ClientSettings(), lastReport: UInt64 = 0,
    lastRequest: UInt64 = 0
  ) {
    self.key = key
    self.keyPair = keyPair
    self.settings = settings
    self.lastReport = lastReport
    self.lastRequest = lastRequest
  }

  /// Requests that were sent and not answered yet, ascending.
  public var pendingRequests: [UInt64] { unanswered.keys.sorted() }
  /// How many requests were sent and not answered yet. O(1).
  public var pendingRequestCount: Int { unanswered.count }
  /// The kind of a pending request.
  public func template(ofPending requestId: UInt64) -> Template? { unanswered[requestId] }

  // MARK: Connection

  /// A fresh connection stands: begins the login.
  public mutating func connected(at now: Int64) {
    input.removeAll()
    waiting.removeAll()
    identity = nil
    missed = nil
    recovery = nil
    keepAlive = settings.keepAlive.nanoseconds
    lastHeard = now
    lastSent = now
    let message = Negotiate(key: key, version: Schema.version, clientName: Symbol(settings.name.prefix(16)) ?? "client")
    negotiate = [UInt8](unsafeUninitializedCapacity: Negotiate.frameLength) { buffer, count in
      message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = Negotiate.frameLength
    }
    negotiate.withUnsafeBytes { waiting.append($0) }
    state = .negotiating
  }

  /// The connection is gone. What was not sent yet is dropped; pending requests stay known.
  public mutating func disconnected() {
    state = .idle
    input.removeAll()
    waiting.removeAll()
  }

  /// Bytes have arrived.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: Int64) {
    input.append(bytes)
    lastHeard = now
  }

  /// Bytes that must be sent.
  public var outputCount: Int { waiting.count }
  /// Shows the bytes that must be sent.
  public func withOutput<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { waiting.withBytes(body) }
  /// The first `length` bytes of the output have been sent.
  public mutating func outputSent(_ length: Int, at now: Int64) {
    waiting.consume(length)
    lastSent = now
  }

  /// Time has passed: queues a heartbeat when one is due. False: the server has been silent for too long.
  public mutating func tick(at now: Int64) -> Bool {
    guard state == .established else { return true }
    if now - lastHeard > 2 * keepAlive + keepAlive / 2 { return false }
    if now - lastSent >= keepAlive / 2, waiting.isEmpty { enqueue(Sequence(nextReport: 0)) }
    return true
  }

  /// When ``tick(at:)`` has to be called next, at the latest.
  public var nextTick: Int64 { state == .established ? lastSent + keepAlive / 2 : .max }

  // MARK: Requests

  /// Queues a request under the next request id, which it returns. The session must be established.
  public mutating func send<R: Request>(_ request: R) -> UInt64 {
    var request = request
    request.requestId = nextRequest(R.template)
    enqueue(request)
    return request.requestId
  }

  /// Queues a request with rows, like ``send(_:)``.
  public mutating func send<R: Request & MessageWithRows>(_ request: R, rows: [R.Row]) -> UInt64 {
    var request = request
    request.requestId = nextRequest(R.template)
    waiting.append(length: R.frameLength(rows: rows.count)) { request.encode(to: $0, rows: rows) }
    return request.requestId
  }

  /// Queues a whole frame of a request, with the next request id in place of its own.
  public mutating func send(requestFrame frame: [UInt8]) -> UInt64 {
    let template = frame.withUnsafeBytes { Frame($0).template }
    let requestId = nextRequest(template)
    waiting.append(length: frame.count) { target in
      frame.withUnsafeBytes { target.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      target.storeBytes(of: requestId.littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
    }
    return requestId
  }

  /// Queues a query under a fresh query id, which it returns.
  public mutating func ask<Q: Query>(_ query: Q) -> UInt64 {
    precondition(state == .established, "the session is not established")
    var query = query
    lastQuery += 1
    query.queryId = lastQuery
    enqueue(query)
    return lastQuery
  }

  /// Queues a query with rows, like ``ask(_:)``.
  public mutating func ask<Q: Query & MessageWithRows>(_ query: Q, rows: [Q.Row]) -> UInt64 {
    precondition(state == .established, "the session is not established")
    var query = query
    lastQuery += 1
    query.queryId = lastQuery
    waiting.append(length: Q.frameLength(rows: rows.count)) { query.encode(to: $0, rows: rows) }
    return lastQuery
  }

  /// Queues a whole frame of a query, with a fresh query id in place of its own, and returns that.
  public mutating func ask(queryFrame frame: [UInt8]) -> UInt64 {
    precondition(state == .established, "the session is not established")
    lastQuery += 1
    waiting.append(length: frame.count) { target in
      frame.withUnsafeBytes { target.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      target.storeBytes(of: lastQuery.littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
    }
    return lastQuery
  }

  /// Queues any other message, for example `Terminate` or `RetransmitRequest`.
  public mutating func enqueue<M: Message>(_ message: M) {
    waiting.append(length: M.frameLength) { message.encode(to: $0) }
  }

  private mutating func nextRequest(_ template: Template) -> UInt64 {
    precondition(state == .established, "the session is not established")
    lastRequest += 1
    unanswered[lastRequest] = template
    return lastRequest
  }

  // MARK: Events

  /// The next event among the bytes that have arrived; `nil`: they hold no further one.
  public mutating func nextEvent(at now: Int64) throws(ClientError) -> Event? {
    while true {
      if let missed {
        self.missed = nil
        return .reportsMissed(missed)
      }
      switch input.withBytes({ Frame.scan($0, maximum: Int(UInt16.max)) }) {
      case .incomplete: return nil
      case .malformed(let error): throw .malformedFrame(error)
      case .frame(let length):
        let outcome = input.withBytes { bytes in
          let frame = Frame(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
          onFrame?(frame)
          return Incoming(frame)
        }
        input.consume(length)
        if let event = try take(outcome, at: now) { return event }
      }
    }
  }

  private mutating func take(_ incoming: Incoming, at now: Int64) throws(ClientError) -> Event? {
    switch (incoming, state) {
    case (.challenge(let challenge), .negotiating):
      enqueue(Proof(signature: keyPair.sign(LoginText.bytes(challenge, key: key, negotiate: negotiate))))
      state = .proving
    case (.negotiateAck(let ack), .proving):
      establish(ack)
    case (.negotiateAck(let ack), .negotiating) where ack.replayTarget == true:
      establish(ack)
    case (.establishAck(let terms), .establishing):
      return established(terms)
    case (.event(.terminated(let message), _), _):
      return .terminated(message)
    case (.event(let event, _), .established):
      return record(event)
    case (.sequence, .established), (.retransmission, .established):
      break
    case (let other, _):
      throw .unexpected(other.template)
    }
    return nil
  }

  private mutating func establish(_ ack: NegotiateAck) {
    identity = ack
    enqueue(
      Establish(
        lastReport: lastReport, keepAlive: settings.keepAliveMilliseconds,
        cancelOnDisconnect: settings.cancelOnDisconnectMilliseconds))
    state = .establishing
  }

  private mutating func established(_ terms: EstablishAck) -> Event? {
    guard let identity else { return nil }
    state = .established
    keepAlive = Int64(terms.keepAlive) * 1_000_000
    let lost = unanswered.keys.filter { $0 > terms.lastRequest }.sorted()
    for requestId in lost { unanswered[requestId] = nil }
    lastRequest = max(lastRequest, terms.lastRequest)
    if terms.journalRegressed == true {
      lastReport = terms.lastReport
    } else if terms.lastReport > lastReport {
      let oldest = terms.oldestReport == 0 ? terms.lastReport + 1 : terms.oldestReport
      skip(to: oldest)
    }
    recovery = (terms.lastReport, terms.lastRequest)
    endRecovery()
    return .established(Establishment(identity: identity, terms: terms, lostRequests: lost))
  }

  /// Reports below `oldest` will not come any more.
  private mutating func skip(to oldest: UInt64) {
    guard oldest > lastReport + 1 else { return }
    missed = lastReport + 1...oldest - 1
    lastReport = oldest - 1
  }

  /// When the last report has been sent again, older requests without an answer will never get one.
  private mutating func endRecovery() {
    guard let recovery, lastReport >= recovery.report else { return }
    for requestId in unanswered.keys.filter({ $0 <= recovery.request }) { unanswered[requestId] = nil }
    self.recovery = nil
  }

  /// Keeps account of reports and answers. `nil`: a report that has been seen before.
  private mutating func record(_ event: Event) -> Event? {
    if let number = event.reportNumber {
      if number <= lastReport { return nil }
      skip(to: number)
      lastReport = number
    }
    if event.requestId != 0 { unanswered[event.requestId] = nil }
    endRecovery()
    return event
  }
}

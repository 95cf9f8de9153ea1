import Values
import Wire

/// A connection to a venue, one key logged in: the simple, blocking face of ``ClientSession`` over TCP.
///
/// Order entry returns at once with the request id; what becomes of it arrives as events from ``next(timeout:)``, which
/// also sends the heartbeats: call it at least every ``ClientSettings/keepAlive``. Not for use by several threads at a
/// time.
public final class Client {
  public let address: Address
  /// The protocol's state; it outlives connections.
  public private(set) var session: ClientSession
  /// Who the server is and what it grants, once connected.
  public private(set) var establishment: Establishment?
  private var connection: Connection?
  /// Events that came while something else was being waited for.
  private var held: [Event] = []
  private var heldHead = 0
  private var failure: ClientError?
  private var batchDepth = 0

  /// A client that is not connected yet.
  public init(_ session: ClientSession, to address: Address) {
    self.session = session
    self.address = address
  }

  /// A client of `key` at `address` (`host:port`), not connected yet.
  public convenience init(
    to address: String, key: KeyId, keyPair: KeyPair, settings: ClientSettings = ClientSettings()
  ) throws(ClientError) {
    self.init(ClientSession(key: key, keyPair: keyPair, settings: settings), to: try Address(address))
  }

  /// Whether requests can be sent.
  public var isConnected: Bool { connection != nil && session.state == .established }
  /// Requests that were sent and not answered yet, ascending.
  public var pendingRequests: [UInt64] { session.pendingRequests }
  /// The socket, for a poll of your own; `nil` when not connected.
  public var descriptor: Int32? { connection?.descriptor }

  // MARK: Connecting

  /// Connects, logs in and asks for the reports that this client has not seen yet; they follow as events.
  ///
  /// After a lost connection call it again: nothing is sent again by itself, but ``Establishment/lostRequests`` says
  /// which requests never arrived, and the reports of all others follow.
  @discardableResult
  public func connect(timeout: Duration = .seconds(5)) throws(ClientError) -> Establishment {
    let deadline = steadyTime().saturatingSum(timeout.nanoseconds)
    drop()
    let connection = try Connection.open(address, deadline: deadline)
    self.connection = connection
    failure = nil
    session.connected(at: steadyTime())
    while true {
      guard let event = try step(until: deadline) else {
        drop()
        throw .timedOut("logging in at \(address)")
      }
      switch event {
      case .established(let establishment):
        self.establishment = establishment
        return establishment
      case .terminated(let message):
        drop()
        throw .terminated(message.reason, detail: message.detail)
      case .disconnected(let error): throw error
      default: hold(event)
      }
    }
  }

  /// Connects as ``connect(timeout:)`` does, again and again until it works or `timeout` has passed. Ends at once when
  /// the server refuses the login.
  @discardableResult
  public func reconnect(within timeout: Duration) throws(ClientError) -> Establishment {
    let deadline = steadyTime().saturatingSum(timeout.nanoseconds)
    var pause: Int64 = 20_000_000
    while true {
      do throws(ClientError) {
        return try connect(timeout: .seconds(2))
      } catch {
        switch error {
        case .cannotConnect, .connectionLost, .timedOut, .terminated(.busy, _), .terminated(.shutdown, _): break
        default: throw error
        }
        guard steadyTime() + pause < deadline else { throw error }
      }
      sleep(nanoseconds: pause)
      pause = min(2 * pause, 500_000_000)
    }
  }

  /// Says goodbye and closes the connection.
  public func disconnect() {
    if isConnected {
      session.enqueue(Terminate(reason: .finished, detail: 0))
      _ = transmit()
    }
    drop()
  }

  private func drop() {
    connection = nil
    session.disconnected()
  }

  // MARK: Sending

  /// Sends a request and returns its id. Its answer arrives as an event.
  @discardableResult
  public func send<R: Request>(_ request: R) throws(ClientError) -> UInt64 {
    try ready()
    let requestId = session.send(request)
    return try sent(requestId)
  }

  /// Sends a request with rows and returns its id.
  @discardableResult
  public func send<R: Request & MessageWithRows>(_ request: R, rows: [R.Row]) throws(ClientError) -> UInt64 {
    try ready()
    let requestId = session.send(request, rows: rows)
    return try sent(requestId)
  }

  /// Sends a whole frame of a request, under the next request id, which it returns.
  @discardableResult
  public func send(requestFrame frame: [UInt8]) throws(ClientError) -> UInt64 {
    try ready()
    let requestId = session.send(requestFrame: frame)
    return try sent(requestId)
  }

  /// Sends a query and returns its query id. The answers arrive as events, the last one is `queryEnd`.
  @discardableResult
  public func ask<Q: Query>(_ query: Q) throws(ClientError) -> UInt64 {
    try ready()
    let queryId = session.ask(query)
    return try sent(queryId)
  }

  /// Sends a query with rows and returns its query id.
  @discardableResult
  public func ask<Q: Query & MessageWithRows>(_ query: Q, rows: [Q.Row]) throws(ClientError) -> UInt64 {
    try ready()
    let queryId = session.ask(query, rows: rows)
    return try sent(queryId)
  }

  /// Sends a whole frame of a query, under a fresh query id, which it returns.
  @discardableResult
  public func ask(queryFrame frame: [UInt8]) throws(ClientError) -> UInt64 {
    try ready()
    let queryId = session.ask(queryFrame: frame)
    return try sent(queryId)
  }

  /// Sends any other message (for tools).
  public func send<M: Message>(message: M) throws(ClientError) {
    try ready()
    session.enqueue(message)
    _ = try sent(0)
  }

  /// Sends everything that `body` asks to send in as few packets as possible.
  public func batch<Result>(_ body: (Client) throws(ClientError) -> Result) throws(ClientError) -> Result {
    batchDepth += 1
    defer { batchDepth -= 1 }
    let result = try body(self)
    if batchDepth == 1 { try flush() }
    return result
  }

  /// Sends what is waiting to be sent.
  public func flush() throws(ClientError) {
    if let error = transmit() { fail(error) }
  }

  private func ready() throws(ClientError) {
    guard isConnected else { throw failure ?? .notConnected }
  }

  private func sent(_ number: UInt64) throws(ClientError) -> UInt64 {
    if batchDepth == 0 { try flush() }
    return number
  }

  /// Writes until nothing is left, reading meanwhile so that both sides cannot block each other.
  private func transmit() -> ClientError? {
    guard let connection else { return .notConnected }
    while session.outputCount > 0 {
      switch session.withOutput({ connection.send($0) }) {
      case .bytes(let count): session.outputSent(count, at: steadyTime())
      case .failed(let error):
        // The server may have said why before it closed.
        while case .bytes = read(connection) {}
        return error
      case .nothing:
        _ = connection.wait(readable: true, writable: true, until: steadyTime() + 100_000_000)
        if case .failed(let error) = read(connection) { return error }
        if !session.tick(at: steadyTime()) { return .connectionLost("the server stopped reading and answering") }
      }
    }
    return nil
  }

  // MARK: Receiving

  /// The next event, waiting for it up to `timeout`; `nil`: none came in time.
  ///
  /// When the connection is lost the event says so; after that it throws until ``connect(timeout:)`` is called.
  public func next(timeout: Duration = .zero) throws(ClientError) -> Event? {
    if let event = takeHeld() { return event }
    return try step(until: steadyTime().saturatingSum(timeout.nanoseconds))
  }

  /// Sends a request and waits for its first report; other events are kept for ``next(timeout:)``. Throws
  /// ``ClientError/rejected(_:)`` when the venue refuses it.
  @discardableResult
  public func perform<R: Request>(_ request: R, timeout: Duration = .seconds(10)) throws(ClientError) -> Event {
    try answer(to: try send(request), timeout: timeout)
  }

  /// Waits for the first report of a request that was sent already; other events are kept.
  public func answer(to requestId: UInt64, timeout: Duration = .seconds(10)) throws(ClientError) -> Event {
    let event = try wait(for: "the answer to request \(requestId)", timeout: timeout) { $0.requestId == requestId }
    if let rejection = event.rejection { throw .rejected(rejection) }
    return event
  }

  /// Sends a query and waits for all its rows; other events are kept for ``next(timeout:)``. `more` says that the venue
  /// has further rows.
  public func rows<Q: Query>(_ query: Q, timeout: Duration = .seconds(10)) throws(ClientError) -> (
    rows: [Event], more: Bool
  ) {
    try answers(to: try ask(query), Q.template, timeout: timeout)
  }

  /// As ``rows(_:timeout:)`` for a query with rows of its own.
  public func rows<Q: Query & MessageWithRows>(
    _ query: Q, with queryRows: [Q.Row], timeout: Duration = .seconds(10)
  ) throws(ClientError) -> (rows: [Event], more: Bool) {
    try answers(to: try ask(query, rows: queryRows), Q.template, timeout: timeout)
  }

  private func answers(to queryId: UInt64, _ template: Template, timeout: Duration) throws(ClientError) -> (
    rows: [Event], more: Bool
  ) {
    var rows: [Event] = []
    while true {
      let event = try wait(for: "the answer to \(template)", timeout: timeout) { $0.queryId == queryId }
      guard case .queryEnd(let end) = event else {
        rows.append(event)
        continue
      }
      if end.reasonCode != 0 {
        let code = end.reasonCode
        throw .rejected(Rejection(reasonCode: code, detail: 0, template: template.rawValue, requestId: 0))
      }
      return (rows, end.more == true)
    }
  }

  /// Waits for an event that `matches`; keeps all others.
  public func wait(
    for what: String, timeout: Duration, matches: (Event) -> Bool
  ) throws(ClientError) -> Event {
    let deadline = steadyTime().saturatingSum(timeout.nanoseconds)
    while true {
      guard let event = try step(until: deadline) else { throw .timedOut("waiting for \(what)") }
      if matches(event) { return event }
      switch event {
      case .disconnected(let error): throw error
      case .terminated(let message): throw .terminated(message.reason, detail: message.detail)
      default: hold(event)
      }
    }
  }

  private func hold(_ event: Event) { held.append(event) }

  private func takeHeld() -> Event? {
    guard heldHead < held.count else { return nil }
    let event = held[heldHead]
    heldHead += 1
    if heldHead == held.count {
      held.removeAll(keepingCapacity: true)
      heldHead = 0
    }
    return event
  }

  /// One event from the connection.
  private func step(until deadline: Int64) throws(ClientError) -> Event? {
    while true {
      do throws(ClientError) {
        if let event = try session.nextEvent(at: steadyTime()) { return finish(event) }
      } catch {
        fail(error)
      }
      if let failure {
        guard connection != nil else { throw failure }
        drop()
        return .disconnected(failure)
      }
      guard let connection else { throw .notConnected }
      if !session.tick(at: steadyTime()) { fail(.connectionLost("the server was silent for too long")) }
      if let error = transmit() { fail(error) }
      if failure != nil { continue }
      if case .failed(let error) = receive(connection, until: min(deadline, session.nextTick)) {
        fail(error)
        continue
      }
      if steadyTime() >= deadline, failure == nil {
        return try nextWithoutWaiting()
      }
    }
  }

  private func nextWithoutWaiting() throws(ClientError) -> Event? {
    do throws(ClientError) {
      return try session.nextEvent(at: steadyTime()).map(finish)
    } catch {
      drop()
      failure = error
      return .disconnected(error)
    }
  }

  private func finish(_ event: Event) -> Event {
    if case .terminated(let message) = event, session.state == .established {
      failure = .terminated(message.reason, detail: message.detail)
      connection = nil
      session.disconnected()
    }
    return event
  }

  private func receive(_ connection: Connection, until deadline: Int64) -> Connection.Transfer {
    if session.settings.spins {
      repeat {
        let transfer = read(connection)
        if transfer != .nothing { return transfer }
      } while steadyTime() < deadline
      return .nothing
    }
    let first = read(connection)
    if first != .nothing { return first }
    return connection.wait(readable: true, writable: false, until: deadline) ? read(connection) : .nothing
  }

  private func read(_ connection: Connection) -> Connection.Transfer {
    connection.receive { session.receive($0, at: steadyTime()) }
  }

  private func fail(_ error: ClientError) {
    if failure == nil { failure = error }
  }
}

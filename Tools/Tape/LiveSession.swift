import Client
import Storage
import Values
import Wire

/// The one session that sends the recorded orders to a live venue under new names, and hears what becomes of them.
final class LiveSession {
  /// Requests that may be unanswered at one time.
  private static let window = 4096

  private(set) var sent: UInt64 = 0
  private(set) var skipped: [String: Int] = [:]
  private(set) var traces = OrderTraces()
  private(set) var collector = FillCollector()

  private let client: Client
  private let options: LiveReplay.Options
  private let roles: Roles
  private let firstRequest: UInt64
  /// Recorded names and sequences of our requests, from `firstRequest` on.
  private var names: [(name: OrderName, sequence: UInt64)] = []
  private var requests: [OrderName: UInt64] = [:]
  private var pacer: Pacer
  private var throttle: SendThrottle

  init(_ address: String, _ options: LiveReplay.Options) throws {
    self.options = options
    var settings = ClientSettings()
    settings.name = "lockstep-replay"
    client = try Client(to: address, key: options.key, keyPair: options.keyPair, settings: settings)
    let establishment = try client.connect()
    roles = establishment.identity.roles
    // An earlier life of the key may have reports that follow now; they are of requests that we do not know.
    firstRequest = client.session.lastRequest + 1
    pacer = options.pace.pacer()
    throttle = SendThrottle(perSecond: establishment.terms.requestsPerSecond, now: steadyTime())
    guard roles.contains(.trader) else { throw TapeError("key \(options.key.rawValue) is not a trader's") }
  }

  /// Whether a recorded request was sent (and did not stay behind as none of ours).
  func hasSent(_ name: OrderName) -> Bool { requests[name] != nil }

  /// Sends a recorded command, if it is one that can be sent.
  func send(_ record: Record) throws {
    let frame = Frame(record.frame)
    switch frame.template {
    case .newOrder:
      var message = frame.decode(NewOrder.self)
      let name = OrderName(key: record.key, requestId: message.requestId)
      guard let account = options.accounts[message.account.rawValue],
        let instrument = options.instruments[message.instrument.rawValue]
      else { return skip(frame) }
      message.account = AccountId(account)
      message.instrument = InstrumentId(instrument)
      try send(message, record, name)
    case .cancelOrder:
      var message = frame.decode(CancelOrder.self)
      let name = OrderName(key: record.key, requestId: message.requestId)
      message.orderRequestId = newName(message.orderRequestId, message.orderKey, record)
      message.orderKey = .venue
      try send(message, record, name)
    case .replaceOrder:
      var message = frame.decode(ReplaceOrder.self)
      let name = OrderName(key: record.key, requestId: message.requestId)
      message.orderRequestId = newName(message.orderRequestId, message.orderKey, record)
      message.orderKey = .venue
      try send(message, record, name)
    case .massCancel:
      var message = frame.decode(MassCancel.self)
      let name = OrderName(key: record.key, requestId: message.requestId)
      let instrument = message.instrument == .none ? 0 : options.instruments[message.instrument.rawValue]
      guard let account = options.accounts[message.account.rawValue], let instrument, message.orderKey == .venue,
        message.master == .none, message.underlying == .settlement
      else { return skip(frame) }
      message.account = AccountId(account)
      message.instrument = InstrumentId(instrument)
      try send(message, record, name)
    case .setPhase:
      var message = frame.decode(SetPhase.self)
      guard roles.contains(.operator), message.instrument != .none,
        let instrument = options.instruments[message.instrument.rawValue]
      else { return skip(frame) }
      message.instrument = InstrumentId(instrument)
      try send(message, record, OrderName(key: record.key, requestId: message.requestId))
    default:
      skip(frame)
    }
  }

  /// Waits for the answers to everything: a cancel of nothing is refused behind them.
  func finish() throws {
    let probe = try client.send(
      CancelOrder(requestId: 0, orderRequestId: client.session.lastRequest + 1, orderKey: .venue))
    while true {
      guard let event = try client.next(timeout: .seconds(30)) else {
        throw TapeError("the venue has not answered for 30 s")
      }
      try take(event)
      if event.requestId == probe { break }
    }
    client.disconnect()
  }

  private func skip(_ frame: Frame) { skipped["\(frame.template)", default: 0] += 1 }

  /// Our name of a recorded order. What was not sent gets a name that no order has.
  private func newName(_ requestId: UInt64, _ orderKey: KeyId, _ record: Record) -> UInt64 {
    let name = OrderName(key: orderKey == .venue ? record.key : orderKey, requestId: requestId)
    return requests[name] ?? client.session.lastRequest + 1
  }

  private func send(_ message: some Request, _ record: Record, _ name: OrderName) throws {
    try wait(for: record.time)
    while client.session.pendingRequestCount >= LiveSession.window {
      guard let event = try client.next(timeout: .seconds(30)) else {
        throw TapeError("the venue has not answered for 30 s")
      }
      try take(event)
    }
    let requestId = try client.send(message)
    requests[name] = requestId
    names.append((name, record.sequence))
    sent += 1
    if sent & 63 == 0 { try takeAll() }
  }

  /// Until its time has come and the venue's limit of requests allows it.
  private func wait(for time: Timestamp) throws {
    while true {
      let now = steadyTime()
      let delay = max(pacer.delay(for: time, now: now), throttle.delay(now: now))
      if delay == 0 { return throttle.take(now: now) }
      if let event = try client.next(timeout: .nanoseconds(min(delay, 50_000_000))) { try take(event) }
    }
  }

  private func takeAll() throws { while let event = try client.next(timeout: .zero) { try take(event) } }

  private func take(_ event: Event) throws {
    switch event {
    case .terminated(let message): throw ClientError.terminated(message.reason, detail: message.detail)
    case .disconnected(let error): throw error
    case .sessionRejected(let reject):
      throw TapeError(
        "the venue's session layer refused a request: \(reasonName(reject.reasonCode)), detail \(reject.detail)")
    case .requestRejected(let report):
      throw TapeError("the venue refused a mass cancel or a phase: \(reasonName(report.reasonCode))")
    default: break
    }
    traces.take(event, sequence: recorded(event.requestId)?.sequence ?? 0) { recorded($0)?.name }
    if case .filled(let report) = event, let order = recorded(report.orderRequestId)?.name {
      collector.add(report, order: order, cause: recorded(report.requestId)?.name ?? order)
    }
  }

  /// What a request of ours is in the recording; `nil`: it is none of the recording's.
  private func recorded(_ requestId: UInt64) -> (name: OrderName, sequence: UInt64)? {
    guard requestId >= firstRequest, requestId - firstRequest < UInt64(names.count) else { return nil }
    return names[Int(requestId - firstRequest)]
  }
}

/// Keeps below a limit of requests per second, with a tenth to spare. What was not used is saved up for a twentieth of a
/// second, far less than a venue allows, so that sleeping need not be exact.
struct SendThrottle {
  private static let saved: Int64 = 50_000_000

  private let interval: Int64
  private var next: Int64

  /// `perSecond` 0: no limit.
  init(perSecond: UInt32, now: Int64) {
    interval = perSecond == 0 ? 0 : 1_100_000_000 / Int64(perSecond)
    next = now - SendThrottle.saved
  }

  /// Nanoseconds until the next request may go.
  func delay(now: Int64) -> Int64 { max(0, next - now) }

  /// A request goes.
  mutating func take(now: Int64) { next = max(next, now - SendThrottle.saved) + interval }
}

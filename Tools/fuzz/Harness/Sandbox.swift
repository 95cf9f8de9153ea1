import Kernel
import MarketData
import Session
import Values
import Wire

/// A venue with connections, and neither sockets nor clock nor disk: what the server does between them, and checks of
/// everything that comes out.
///
/// Follows the server in order and rules (a Tick first when one is due, SessionOpened and SessionClosed through the
/// kernel, the older session of a key superseded), so that what holds here holds there.
final class Sandbox {
  static let connectionLimit = 24
  static let firstConnectionId: UInt64 = 100
  static let slots = 4

  var kernel: Kernel
  var output = Output()
  var feeds: FeedHub
  var peers: [Peer?] = Array(repeating: nil, count: slots)
  private var rings: [KeyId: RingBox] = [:]
  private var lastReports: [KeyId: UInt64] = [:]
  let settings: SessionSettings
  private let identity = VenueIdentity(
    venueId: Fixture.definition.venueId, name: "fuzz", durability: .none, replayTarget: false)
  /// Monotonic nanoseconds; the wall clock is the same plus the fixture's last logged time.
  var now: UInt64 = 1_000_000_000
  private let wallOffset: Int64
  private var connectionsMade = 0
  /// Restore steps that the program may still take.
  var restoresLeft = 0
  /// How this run differs from the plain one.
  let variant: Program.Variant?
  /// Bytes sent to connections that are gone, in order of their end.
  var finished: [[UInt8]] = []
  /// The first thing found wrong.
  private(set) var fault: String?

  /// A report ring behind a reference, as dictionary values must be copyable.
  private final class RingBox { var ring = ReportRing(limit: 2_000) }

  /// The fixture's venue, or the small one, without connections.
  init(_ variant: Program.Variant? = nil, isSmall: Bool = false) {
    kernel = Fixture.kernel(isSmall: isSmall)
    self.variant = variant
    wallOffset = kernel.time.rawValue
    settings = Sandbox.makeSettings()
    feeds = FeedHub(lagLimit: settings.feedBytes)
  }

  // A feed and its subscriptions hold each other until they are unsubscribed.
  deinit {
    for case let peer? in peers {
      for subscription in peer.subscriptions { feeds.unsubscribe(subscription) }
    }
  }

  /// Limits so low that programs reach them.
  private static func makeSettings() -> SessionSettings {
    var settings = SessionSettings()
    settings.requestsPerSecond = 30
    settings.queriesPerSecond = 8
    settings.outputBytes = 8_000
    settings.feedBytes = 2_000
    settings.reportBytes = 2_000
    settings.subscriptions = 3
    return settings
  }

  func note(_ text: @autoclosure () -> String) { if fault == nil { fault = text() } }

  /// All bytes that ever went to a client, connection by connection.
  var transcript: [[UInt8]] { finished + peers.map { $0?.sent ?? [] } }

  // MARK: Sequencing

  /// Logged time of the next command.
  var nextTime: Timestamp {
    max(Timestamp(kernel.time.rawValue + 1), Timestamp(wallOffset + Int64(clamping: now)))
  }

  private func tickBeforeCommand() {
    if kernel.hasPendingWork || nextTime >= kernel.nextDue { tick() }
  }

  func tick() { apply(Tick(work: kernel.venue.workPerTick), key: .venue) }

  private func apply<M: Message>(_ message: M, key: KeyId) {
    frameBytes(message).withUnsafeBytes { apply(Frame($0), key: key) }
  }

  /// Sequences a client's frame.
  func command(_ frame: Frame, key: KeyId) {
    tickBeforeCommand()
    apply(frame, key: key)
    if frame.template == .changeKeyRoles { endRevoked(frame.decode(ChangeKeyRoles.self).key) }
  }

  private func apply(_ frame: Frame, key: KeyId) {
    output.clear()
    kernel.apply(frame, key: key, time: nextTime, output: &output)
    output.forEachFrame { key, bytes in deliver(bytes, to: key) }
    feeds.publish(output, of: frame.template, kernel: kernel)
  }

  private func deliver(_ bytes: UnsafeRawBufferPointer, to key: KeyId) {
    guard Frame.scan(bytes, maximum: Int(UInt16.max)) == .frame(length: bytes.count) else {
      return note("a report is not a frame")
    }
    if key == .venue || key == .feed { return }
    if ReportRing.holds(bytes) {
      checkNumber(Frame(bytes), key)
      let box = rings[key] ?? RingBox()
      rings[key] = box
      box.ring.append(bytes)
    }
    for case let peer? in peers where peer.isLive && peer.core.key == key { peer.core.output.append(bytes) }
  }

  /// Numbers of a key's reports have no gaps.
  private func checkNumber(_ report: Frame, _ key: KeyId) {
    let number = report.bytes.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self)
    if let last = lastReports[key], number != last + 1 {
      note("report \(number) of key \(key.rawValue) follows \(last)")
    }
    lastReports[key] = number
  }

  // MARK: Connections

  /// Accepts a connection in `slot`, in place of the one that may be there.
  func connect(slot: Int) {
    disconnect(slot: slot)
    guard connectionsMade < Sandbox.connectionLimit else { return }
    let connectionId = Sandbox.firstConnectionId + UInt64(connectionsMade)
    connectionsMade += 1
    peers[slot] = Peer(
      core: SessionCore(
        connectionId: connectionId, nonce: Peer.nonce(of: connectionId), venue: identity, settings: settings, now: now))
  }

  /// The client goes away.
  func disconnect(slot: Int) {
    guard let peer = peers[slot] else { return }
    peer.core.connectionLost(now: now)
    end(peer)
    flush(peer)
    finished.append(peer.sent)
    peers[slot] = nil
  }

  /// Plays a client that logs in with key number `index` of the fixture, up to and including Establish.
  func logIn(slot: Int, index: Int, cancelOnDisconnect: UInt32, lastReport: UInt64) {
    connect(slot: slot)
    guard let peer = peers[slot] else { return }
    receive(Peer.negotiate(Fixture.keys[index]), peer)
    receive(peer.proof(index: index), peer)
    receive(
      frameBytes(Establish(lastReport: lastReport, keepAlive: 1_000, cancelOnDisconnect: cancelOnDisconnect)), peer)
  }

  /// Bytes arrive at a connection.
  func receive(_ bytes: [UInt8], _ peer: Peer) {
    var rest = bytes[...]
    while !rest.isEmpty && peer.core.state != .closing {
      let count = min(peer.core.readable(upTo: rest.count), variant == .fragmented ? 1 : rest.count)
      if count == 0 { break }
      rest.prefix(count).withUnsafeBytes { peer.core.receive($0, now: now) }
      rest = rest.dropFirst(count)
      work(peer)
    }
    if peer.core.state == .closing { end(peer) }
  }

  private func work(_ peer: Peer) {
    while true {
      switch peer.core.next(now: now) {
      case .wait: return
      case .closed: return end(peer)
      case .verify:
        if !peer.core.verifyLogin(loginKey(peer.core.key)) { peer.core.terminate(.notAuthenticated, now: now) }
      case .establish(let request): establish(peer, request)
      case .command(let frame): command(frame, key: peer.core.key)
      case .replay: note("a live session takes ReplayHeader")
      case .query(let frame): query(frame, peer)
      case .subscribe(let request): subscribe(request, peer)
      case .unsubscribe(let request): unsubscribe(request, peer)
      case .retransmit(let request): peer.core.retransmit(request, ring: ring(of: peer.core.key).ring)
      }
    }
  }

  private func ring(of key: KeyId) -> RingBox {
    if let box = rings[key] { return box }
    let box = RingBox()
    rings[key] = box
    return box
  }

  private func loginKey(_ key: KeyId) -> LoginKey? {
    guard let record = kernel.keyRecord(key) else { return nil }
    return LoginKey(publicKey: record.publicKey, roles: record.roles, master: record.master)
  }

  private func establish(_ peer: Peer, _ request: Establish) {
    let key = peer.core.key
    guard let known = loginKey(key), !known.roles.isEmpty else {
      return peer.core.terminate(.notAuthenticated, now: now)
    }
    for case let old? in peers where old.isLive && old.core.key == key {
      old.core.terminate(.superseded, now: now)
      end(old)
    }
    tickBeforeCommand()
    apply(
      SessionOpened(
        connectionId: peer.core.connectionId, key: key, cancelOnDisconnect: request.cancelOnDisconnect), key: .venue)
    peer.isLive = true
    guard let record = kernel.keyRecord(key) else { return note("a key has disappeared") }
    if record.connectionId != peer.core.connectionId { note("the kernel does not know who is connected") }
    let box = ring(of: key)
    peer.core.established(
      request,
      start: StreamStart(
        lastReport: record.lastReport, oldestReport: box.ring.oldest, lastRequest: record.lastRequest,
        sequence: kernel.sequence, time: kernel.time, ordersPerAccount: kernel.venue.ordersPerAccount), now: now)
    if request.lastReport < record.lastReport { peer.core.resend(from: request.lastReport + 1, ring: box.ring) }
  }

  private func endRevoked(_ key: KeyId) {
    guard let record = kernel.keyRecord(key), record.roles.isEmpty else { return }
    for case let peer? in peers where peer.isLive && peer.core.key == key {
      peer.core.terminate(.revoked, now: now)
      end(peer)
    }
  }

  /// Takes down what a session that is over still holds.
  func end(_ peer: Peer) {
    if peer.hasEnded { return }
    peer.hasEnded = true
    for subscription in peer.subscriptions { feeds.unsubscribe(subscription) }
    peer.subscriptions = []
    if !peer.isLive { return }
    peer.isLive = false
    tickBeforeCommand()
    apply(SessionClosed(connectionId: peer.core.connectionId, key: peer.core.key), key: .venue)
  }
}

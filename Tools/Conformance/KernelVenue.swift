import Kernel
import Values
import Wire

/// A venue of a script's own: a kernel in this process, as its server would run it, with a clock that moves only when the
/// script says so.
final class KernelVenue: ScriptVenue {
  static let administrator = KeyId(1)
  /// 2026-01-05T12:00:00Z, a Monday.
  static let start: Int64 = 1_767_614_400_000_000_000
  static let moneyDigits = 8

  let publicKey = String(repeating: "0", count: 64)
  let isPrivate = true
  private(set) var now = KernelVenue.start
  private var kernel: Kernel
  private var output = Output()
  private var received: [Received] = []
  private var lastRequest: [KeyId: UInt64] = [:]
  private var lastQuery: UInt64 = 0
  private var lastConnection: UInt64 = 0
  private var connections: [KeyId: UInt64] = [:]

  init() {
    let venue = DefineVenue(
      requestId: 1, venueId: 1, name: "conformance", assets: 16, schedules: 16, instruments: 16, accounts: 64, keys: 64,
      positions: 256, balances: 256, orders: 1024, ordersPerAccount: 64, workPerTick: 256, auditInterval: 1,
      moneyDigits: UInt8(KernelVenue.moneyDigits))
    kernel = Kernel(venue: venue)
    apply(venue, key: .venue)
    apply(
      DefineKey(
        requestId: 2, key: KernelVenue.administrator, master: MasterId(KernelVenue.administrator.rawValue),
        publicKey: Bytes32(), roles: .all), key: .venue)
    received = []
  }

  func send(_ frame: [UInt8], from key: KeyId, isQuery: Bool, keepsId: Bool) -> UInt64 {
    var frame = frame
    if isQuery {
      lastQuery += 1
      Self.store(lastQuery, in: &frame)
      output.clear()
      frame.withUnsafeBytes { kernel.answer(Frame($0), key: key, output: &output) }
      takeOutput()
      return lastQuery
    }
    if keepsId {
      let id = frame.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self) }
      apply(frame, key: key)
      lastRequest[key] = max(lastRequest[key] ?? 0, id)
      return id
    }
    let id = (lastRequest[key] ?? 0) + 1
    lastRequest[key] = id
    Self.store(id, in: &frame)
    apply(frame, key: key)
    return id
  }

  func collect(_ expected: [KeyId: Int]) -> [Received] {
    let all = received
    received = []
    return all
  }

  func open(_ key: KeyId) {}

  func pass(to time: Int64) {
    while kernel.nextDue.rawValue <= time {
      now = max(now, kernel.nextDue.rawValue)
      tick()
    }
    now = max(now, time)
    tick()
    finishWork()
  }

  func connect(_ key: KeyId, window: UInt32) {
    lastConnection += 1
    connections[key] = lastConnection
    apply(SessionOpened(connectionId: lastConnection, key: key, cancelOnDisconnect: window), key: .venue)
  }

  func disconnect(_ key: KeyId) {
    apply(SessionClosed(connectionId: connections[key] ?? 0, key: key), key: .venue)
  }

  // MARK: Commands

  private static func store(_ id: UInt64, in frame: inout [UInt8]) {
    frame.withUnsafeMutableBytes {
      $0.storeBytes(of: id.littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
    }
  }

  private func apply(_ message: some Message, key: KeyId) {
    var frame = [UInt8](repeating: 0, count: type(of: message).frameLength)
    frame.withUnsafeMutableBytes { message.encode(to: $0.baseAddress!) }
    apply(frame, key: key)
  }

  /// Applies a frame, then the work that a server would do before the next one.
  private func apply(_ frame: [UInt8], key: KeyId) {
    applyOnce(frame, key: key)
    finishWork()
  }

  private func applyOnce(_ frame: [UInt8], key: KeyId) {
    now = max(now, kernel.time.rawValue + 1)
    output.clear()
    frame.withUnsafeBytes { kernel.apply(Frame($0), key: key, time: Timestamp(now), output: &output) }
    takeOutput()
  }

  private func tick() {
    var frame = [UInt8](repeating: 0, count: Tick.frameLength)
    frame.withUnsafeMutableBytes { Tick(work: kernel.venue.workPerTick).encode(to: $0.baseAddress!) }
    applyOnce(frame, key: .venue)
  }

  /// Work that waits for nothing but a Tick. Bounded: what comes back at once, such as a round of liquidation that finds
  /// nothing to do, waits for the clock.
  private func finishWork() {
    var rounds = 0
    while rounds < 64 && (kernel.hasPendingWork || kernel.nextDue.rawValue <= now) {
      tick()
      rounds += 1
    }
  }

  private func takeOutput() {
    output.forEachFrame { key, bytes in
      if key != .venue && key != .feed { received.append(Received(key: key, bytes: Array(bytes))) }
    }
  }
}

import Kernel
import Values
import Wire

/// A kernel that history is driven through: frames in, with the time they are logged at, and the last answers.
final class HistoryVenue {
  private(set) var kernel: Kernel
  private var output = Output()
  private var time: Int64
  private var requests: UInt64 = 0
  private(set) var reports: [(key: KeyId, bytes: [UInt8])] = []

  static let staff = KeyId(1)

  /// A venue that begins at `start` nanoseconds.
  init(start: Int64) {
    let definition = DefineVenue(
      requestId: 1, venueId: 1, name: "history", assets: 8, schedules: 8, instruments: 8, accounts: 64, keys: 64,
      positions: 512, balances: 512, orders: 4096, ordersPerAccount: 256, workPerTick: 64, auditInterval: 0,
      moneyDigits: 8)
    kernel = Kernel(venue: definition)
    time = start
    send(definition, from: .venue)
    send(
      DefineKey(
        requestId: 0, key: Self.staff, master: .none, publicKey: Bytes32(), roles: .all.subtracting(.trader)),
      from: .venue)
  }

  /// Applies a message one nanosecond after the last one; the request id is filled in. Says whether it was taken.
  @discardableResult func send<M: Message>(_ message: M, from key: KeyId = staff) -> Bool {
    let bytes = [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
      message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = M.frameLength
    }
    return apply(bytes, from: key)
  }

  /// Lets time pass until `nanoseconds`, with the Ticks that come due on the way.
  func pass(until nanoseconds: Int64) {
    while kernel.nextDue.rawValue <= nanoseconds || kernel.hasPendingWork {
      time = max(time, min(kernel.nextDue.rawValue, nanoseconds) - 1)
      send(Tick(work: 64), from: .venue)
    }
    time = max(time, nanoseconds)
  }

  private func apply(_ original: [UInt8], from key: KeyId) -> Bool {
    var bytes = original
    time = max(time + 1, kernel.time.rawValue + 1)
    if key != .venue {
      requests += 1
      bytes.withUnsafeMutableBytes {
        $0.storeBytes(of: requests.littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
      }
    }
    output.clear()
    bytes.withUnsafeBytes { kernel.apply(Frame($0), key: key, time: Timestamp(time), output: &output) }
    reports = []
    output.forEachFrame { key, frame in reports.append((key: key, bytes: Array(frame))) }
    return all(OrderRejected.self).isEmpty && all(RequestRejected.self).isEmpty
  }

  /// The messages of one kind among the reports to the last command.
  func all<M: Message>(_ type: M.Type) -> [M] {
    reports.compactMap { report in
      report.bytes.withUnsafeBytes { Frame($0).template == M.template ? Frame($0).decode(type) : nil }
    }
  }

  /// The first row of one kind in the answer to a query.
  func ask<Q: Message, M: Message>(_ query: Q, for type: M.Type) -> M? {
    output.clear()
    let bytes = [UInt8](unsafeUninitializedCapacity: Q.frameLength) { buffer, count in
      query.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = Q.frameLength
    }
    bytes.withUnsafeBytes { kernel.answer(Frame($0), key: Self.staff, output: &output) }
    var found: M?
    output.forEachFrame { _, frame in
      if found == nil && Frame(frame).template == M.template { found = Frame(frame).decode(type) }
    }
    return found
  }

  /// A difference between the incremental engine and the full recompute, or money that is not conserved.
  func finding() -> String? { kernel.auditAll()?.description }
}

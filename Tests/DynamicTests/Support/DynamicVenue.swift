import Kernel
import Testing
import Values
import Wire

/// A kernel that is spoken to in messages, and that is checked in full after every command: every account's margin
/// against the recompute from balances, positions and orders, and the conservation of money and contracts.
final class DynamicVenue {
  private(set) var kernel: Kernel
  private var output = Output()
  /// Logged time of the last command.
  private(set) var time: Int64 = 1_700_000_000_000_000_000
  private var lastRequest: [KeyId: UInt64] = [:]
  /// Reports to the last command, and the key each went to.
  private(set) var reports: [(key: KeyId, bytes: [UInt8])] = []
  /// What the checks have found; the stream stops at the first.
  private(set) var finding: String?
  /// How often each message was applied and reported, so that a test can show that everything came up.
  private(set) var applied: [Template: Int] = [:]
  private(set) var reported: [Template: Int] = [:]
  private(set) var refused: [RejectReason: Int] = [:]
  /// Steps of liquidations, by kind.
  private(set) var actions: [LiquidationAction: Int] = [:]
  private(set) var commands = 0
  private var recent: [String] = []
  /// Of every report so far, with the key it went to. Only where a log is kept.
  private(set) var digest = Digest()
  /// Every command so far: who, when, what.
  private(set) var log: [Record] = []
  private let keepsLog: Bool

  /// A command as it was applied.
  struct Record {
    let key: KeyId
    let time: Int64
    let bytes: [UInt8]
  }

  init(_ definition: DefineVenue) {
    keepsLog = false
    kernel = Kernel(venue: definition)
    send(definition, from: .venue)
  }

  /// A venue that keeps a log and is not checked, which begins with the commands of `log`.
  init(_ definition: DefineVenue, log: [Record]) {
    keepsLog = true
    kernel = Kernel(venue: definition)
    if log.isEmpty { send(definition, from: .venue) }
    for record in log {
      time = record.time
      apply(record.bytes, from: record.key)
    }
  }

  /// Applies a message `after` nanoseconds; the request id is filled in. Due Ticks come first, as in a server.
  @discardableResult func send<M: Message>(_ message: M, from key: KeyId, after nanoseconds: Int64 = 1)
    -> [(key: KeyId, bytes: [UInt8])]
  {
    let bytes = [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
      message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = M.frameLength
    }
    return send(bytes, from: key, after: nanoseconds)
  }

  /// As above, for a message with rows.
  @discardableResult func send<M: MessageWithRows>(
    _ message: M, rows: [M.Row], from key: KeyId, after nanoseconds: Int64 = 1
  ) -> [(key: KeyId, bytes: [UInt8])] {
    let length = M.frameLength(rows: rows.count)
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!), rows: rows)
      count = length
    }
    return send(bytes, from: key, after: nanoseconds)
  }

  private func send(_ original: [UInt8], from key: KeyId, after nanoseconds: Int64) -> [(key: KeyId, bytes: [UInt8])] {
    time += nanoseconds
    tickWhenDue()
    var bytes = original
    let template = bytes.withUnsafeBytes { Frame($0).template }
    if template != .sessionOpened && template != .sessionClosed && template != .tick && key != .venue {
      lastRequest[key, default: 0] += 1
      bytes.withUnsafeMutableBytes {
        $0.storeBytes(of: lastRequest[key]!.littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
      }
    }
    apply(bytes, from: key)
    return reports
  }

  /// Applies Ticks until nothing is due and nothing waits, at most `limit` of them; lets `nanoseconds` pass first.
  func settle(after nanoseconds: Int64 = 0, work: UInt32 = 50, limit: Int = 10_000) {
    time += nanoseconds
    for _ in 0..<limit where kernel.hasPendingWork || kernel.nextDue.rawValue <= time { tick(work: work) }
  }

  /// Applies one Tick.
  func tick(work: UInt32) {
    let bytes = [UInt8](unsafeUninitializedCapacity: Tick.frameLength) { buffer, count in
      Tick(work: work).encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = Tick.frameLength
    }
    apply(bytes, from: .venue)
  }

  private func tickWhenDue() {
    if kernel.hasPendingWork || kernel.nextDue.rawValue <= time { tick(work: 7) }
  }

  private func apply(_ bytes: [UInt8], from key: KeyId) {
    time = max(time, kernel.time.rawValue + 1)
    output.clear()
    bytes.withUnsafeBytes { frame in
      applied[Frame(frame).template, default: 0] += 1
      recent.append("key \(key.rawValue) at \(time): \(FrameText.describe(Frame(frame)))")
      kernel.apply(Frame(frame), key: key, time: Timestamp(time), output: &output)
    }
    if recent.count > 60 { recent.removeFirst(30) }
    commands += 1
    var all: [(key: KeyId, bytes: [UInt8])] = []
    output.forEachFrame { key, frame in all.append((key: key, bytes: Array(frame))) }
    reports = all
    if keepsLog {
      log.append(Record(key: key, time: time, bytes: bytes))
      for report in all {
        digest.add(report.key.rawValue)
        digest.add(report.bytes)
      }
    }
    for report in all {
      report.bytes.withUnsafeBytes { frame in
        reported[Frame(frame).template, default: 0] += 1
        if Frame(frame).template == .liquidationEvent, let action = Frame(frame).decode(LiquidationEvent.self).action {
          actions[action, default: 0] += 1
        }
        if Frame(frame).template == .orderRejected, let reason = Frame(frame).decode(OrderRejected.self).reason {
          refused[reason, default: 0] += 1
        }
        if Frame(frame).template == .requestRejected, let reason = Frame(frame).decode(RequestRejected.self).reason {
          refused[reason, default: 0] += 1
        }
      }
    }
    if !keepsLog { check() }
  }

  private func check() {
    guard finding == nil, let found = kernel.auditAll() else { return }
    finding = "command \(commands): \(found)\n" + recent.suffix(12).joined(separator: "\n")
  }

  /// Writes the state, reads it into a new kernel and goes on with that. The two must have the same bytes, and be as far.
  func restart() throws {
    let before = stateBytes()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: before.count, alignment: 8)
    defer { memory.deallocate() }
    memory.copyBytes(from: before)
    var reader = StateReader(UnsafeRawBufferPointer(memory))
    let (due, hasWork) = (kernel.nextDue, kernel.hasPendingWork)
    kernel = try Kernel.restored(from: &reader)
    try #require(stateBytes() == before, "a restored kernel writes another state")
    try #require(kernel.nextDue == due && kernel.hasPendingWork == hasWork, "a restored kernel has other due times")
    check()
  }

  /// What the kernel's own full audit finds.
  func audit() -> String? { kernel.auditAll()?.description }

  /// The canonical bytes of the state.
  func stateBytes() -> [UInt8] {
    var state = StateBytes()
    kernel.writeState(to: &state)
    return state.bytes
  }

  private struct StateBytes: StateSink {
    var bytes: [UInt8] = []
    mutating func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
  }

  /// What the venue owes.
  func liabilities() -> Liabilities { kernel.liabilities() }

  /// The answers to a query.
  func answer<M: Message>(_ query: M, for key: KeyId) -> [(key: KeyId, bytes: [UInt8])] {
    output.clear()
    let bytes = [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
      query.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = M.frameLength
    }
    return answer(bytes, for: key)
  }

  /// The answers to a query with rows.
  func answer<M: MessageWithRows>(_ query: M, rows: [M.Row], for key: KeyId) -> [(key: KeyId, bytes: [UInt8])] {
    let length = M.frameLength(rows: rows.count)
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      query.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!), rows: rows)
      count = length
    }
    return answer(bytes, for: key)
  }

  private func answer(_ bytes: [UInt8], for key: KeyId) -> [(key: KeyId, bytes: [UInt8])] {
    output.clear()
    bytes.withUnsafeBytes { kernel.answer(Frame($0), key: key, output: &output) }
    var all: [(key: KeyId, bytes: [UInt8])] = []
    output.forEachFrame { key, frame in all.append((key: key, bytes: Array(frame))) }
    return all
  }

  /// The reports to the last command as text.
  var texts: String {
    reports.map { report in
      "to \(report.key.rawValue): " + report.bytes.withUnsafeBytes { FrameText.describe(Frame($0)) }
    }
    .joined(separator: "\n")
  }

  /// The messages of one kind among the reports to the last command.
  func all<M: Message>(_ type: M.Type) -> [M] { DynamicVenue.all(type, in: reports) }

  static func all<M: Message>(_ type: M.Type, in reports: [(key: KeyId, bytes: [UInt8])]) -> [M] {
    reports.compactMap { report in
      report.bytes.withUnsafeBytes { Frame($0).template == M.template ? Frame($0).decode(type) : nil }
    }
  }
}

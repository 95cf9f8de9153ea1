import Kernel
import Testing
import Values
import Wire

/// A command as the journal has it, but for its sequence.
struct Command {
  var key: KeyId
  var time: Timestamp
  var bytes: [UInt8]

  init(key: KeyId, time: Timestamp, bytes: [UInt8]) {
    self.key = key
    self.time = time
    self.bytes = bytes
  }

  init(_ message: some Message, key: KeyId, time: Timestamp) {
    self.init(key: key, time: time, bytes: frameBytes(message))
  }

  func withFrame<Result>(_ body: (Frame) -> Result) -> Result { bytes.withUnsafeBytes { body(Frame($0)) } }

  var text: String { "key \(key.rawValue) at \(time.rawValue): \(withFrame(FrameText.describe))" }
}

func frameBytes<M: Message>(_ message: M) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
    message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
    count = M.frameLength
  }
}

func frameBytes<M: MessageWithRows>(_ message: M, rows: [M.Row]) -> [UInt8] {
  let length = M.frameLength(rows: rows.count)
  return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
    message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!), rows: rows)
    count = length
  }
}

extension Report {
  func withFrame<Result>(_ body: (Frame) -> Result) -> Result { bytes.withUnsafeBytes { body(Frame($0)) } }
  var template: Template { withFrame(\.template) }
  var text: String { "to \(key.rawValue): \(withFrame(FrameText.describe))" }

  /// The message, if it is one of this kind.
  func decoded<M: Message>(_ type: M.Type) -> M? {
    template == M.template ? withFrame { $0.decode(type) } : nil
  }
}

/// Something that applies commands: the model or the kernel.
protocol Venue: AnyObject {
  func apply(_ command: Command) -> [Report]
  var nextDue: Timestamp { get }
  var hasPendingWork: Bool { get }
}

extension ReferenceVenue: Venue {
  func apply(_ command: Command) -> [Report] {
    command.withFrame { apply($0, key: command.key, time: command.time) }
  }
  var hasPendingWork: Bool { !jobs.isEmpty || hasReleases }
}

final class KernelVenue: Venue {
  private(set) var kernel: Kernel
  private var output = Output()

  init(_ venue: DefineVenue) { kernel = Kernel(venue: venue) }

  func apply(_ command: Command) -> [Report] {
    output.clear()
    command.withFrame { kernel.apply($0, key: command.key, time: command.time, output: &output) }
    var reports: [Report] = []
    output.forEachFrame { key, bytes in
      // What is published for everybody is not a report.
      if key != .feed { reports.append(Report(key: key, bytes: Array(bytes))) }
    }
    return reports
  }

  /// Writes the state, forgets the kernel, and reads the state into a new one.
  func restart() throws {
    var state = StateBytes()
    kernel.writeState(to: &state)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: state.bytes.count, alignment: 8)
    defer { memory.deallocate() }
    memory.copyBytes(from: state.bytes)
    var reader = StateReader(UnsafeRawBufferPointer(memory))
    kernel = try Kernel.restored(from: &reader)
  }

  private struct StateBytes: StateSink {
    var bytes: [UInt8] = []
    mutating func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
  }

  /// The answers to a query.
  func answer(_ query: some Message, for key: KeyId) -> [Report] {
    output.clear()
    frameBytes(query).withUnsafeBytes { kernel.answer(Frame($0), key: key, output: &output) }
    var reports: [Report] = []
    output.forEachFrame { key, bytes in reports.append(Report(key: key, bytes: Array(bytes))) }
    return reports
  }

  var nextDue: Timestamp { kernel.nextDue }
  var hasPendingWork: Bool { kernel.hasPendingWork }
}

enum VenueKind: CaseIterable, CustomTestStringConvertible {
  case model
  case kernel

  func make(_ venue: DefineVenue) -> any Venue {
    switch self {
    case .model: ReferenceVenue(venue)
    case .kernel: KernelVenue(venue)
    }
  }

  var testDescription: String { self == .model ? "model" : "kernel" }
}

func venueDefinition(
  moneyDigits: UInt8 = 0, accounts: UInt32 = 16, keys: UInt32 = 24, positions: UInt32 = 200, balances: UInt32 = 100,
  orders: UInt32 = 20_000,
  ordersPerAccount: UInt32 = 10_000, workPerTick: UInt32 = 1000
) -> DefineVenue {
  DefineVenue(
    requestId: 1, venueId: 42, name: "test", assets: 8, schedules: 16, instruments: 8, accounts: accounts, keys: keys,
    positions: positions, balances: balances, orders: orders, ordersPerAccount: ordersPerAccount,
    workPerTick: workPerTick, auditInterval: 0, moneyDigits: moneyDigits)
}

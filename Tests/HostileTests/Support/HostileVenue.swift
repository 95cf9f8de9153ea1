import FuzzHarness
import Kernel
import Values
import Wire

/// A report and whom it is for.
struct Report: Equatable {
  let key: KeyId
  let bytes: [UInt8]

  var template: Template { withFrame(\.template) }
  var text: String { "to \(key.rawValue): \(withFrame(FrameText.describe))" }

  func withFrame<Result>(_ body: (Frame) -> Result) -> Result { bytes.withUnsafeBytes { body(Frame($0)) } }

  /// The message, if it is one of this kind.
  func decoded<M: Message>(_ type: M.Type) -> M? {
    template == M.template ? withFrame { $0.decode(type) } : nil
  }

  /// Reason and detail, if it is a refusal.
  var refusal: Refusal? {
    if let rejected = decoded(OrderRejected.self) {
      return Refusal(reason: rejected.reason, detail: rejected.detail, number: rejected.reportNumber)
    }
    guard let rejected = decoded(RequestRejected.self) else { return nil }
    return Refusal(reason: rejected.reason, detail: rejected.detail, number: rejected.reportNumber)
  }
}

/// Why a request was refused.
struct Refusal: Equatable {
  /// `nil`: a code that the schema does not know.
  var reason: RejectReason?
  var detail: Int64
  /// Number of the report; 0: not numbered.
  var number: UInt64
}

/// The fixture's venue in process, whose state can be looked at and set back.
final class HostileVenue {
  private(set) var kernel: Kernel
  private var output = Output()

  init() { kernel = Fixture.kernel() }

  /// The canonical bytes of the state.
  var state: StateBytes { StateBytes(of: kernel) }

  /// Goes to another state.
  func reset(to state: StateBytes) throws { kernel = try state.restored() }

  /// Applies one frame, a microsecond after the last one.
  @discardableResult func apply(_ bytes: [UInt8], key: KeyId) -> [Report] {
    output.clear()
    bytes.withUnsafeBytes {
      kernel.apply(Frame($0), key: key, time: Timestamp(kernel.time.rawValue + 1_000), output: &output)
    }
    return takeReports()
  }

  @discardableResult func apply(_ message: some Message, key: KeyId) -> [Report] {
    apply(frameBytes(message), key: key)
  }

  /// Answers a query.
  func answer(_ bytes: [UInt8], key: KeyId) -> [Report] {
    output.clear()
    bytes.withUnsafeBytes { kernel.answer(Frame($0), key: key, output: &output) }
    return takeReports()
  }

  private func takeReports() -> [Report] {
    var reports: [Report] = []
    output.forEachFrame { key, bytes in reports.append(Report(key: key, bytes: Array(bytes))) }
    return reports
  }

  /// Margin against the full recompute, money and contracts conserved.
  func audit() -> AuditFinding? { kernel.auditAll() }

  /// The lowest request id that `key` may use now.
  func nextRequest(of key: KeyId) -> UInt64 { (kernel.keyRecord(key)?.lastRequest ?? 0) + 1 }

  /// The state after a refusal of request `requestId` of `key`: what such a request consumes and nothing else. Leaves the
  /// venue as it is.
  func stateAfterRefusal(of requestId: UInt64, key: KeyId) throws -> StateBytes {
    let before = state
    var refused = Fixture.definition
    refused.requestId = requestId
    apply(refused, key: key)
    defer { kernel = try! before.restored() }
    return state
  }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

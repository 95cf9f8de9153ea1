import Client
import Values
import Wire

/// What became of orders, report by report, without what two venues may have differently (margin, fees, ids, times).
struct OrderTraces {
  /// One report about an order, or the refusal of a request.
  enum Step: Equatable {
    case accepted(price: Int64, lots: Int64, display: Int64)
    case filled(price: Int64, lots: Int64, open: Int64, isTaker: Bool)
    case cancelled(lots: Int64, filled: Int64, reason: UInt8)
    case expired(lots: Int64, filled: Int64)
    case replaced(price: Int64, open: Int64, filled: Int64, keptPriority: Bool)
    case rejected(reason: UInt16)
  }

  /// The steps of one order (refusals: of one request), each with the recorded command that caused it.
  private var traces: [OrderName: [(step: Step, sequence: UInt64)]] = [:]

  var count: Int { traces.count }

  /// Takes in an event of the venue. `name` gives the recorded name of a request id; `nil`: not one of ours.
  mutating func take(_ event: Event, sequence: UInt64, name: (UInt64) -> OrderName?) {
    switch event {
    case .accepted(let report):
      add(
        .accepted(
          price: report.price.rawValue, lots: report.quantity.rawValue, display: report.display.rawValue),
        name(report.orderRequestId), sequence)
    case .filled(let report):
      add(
        .filled(
          price: report.price.rawValue, lots: report.quantity.rawValue, open: report.open.rawValue,
          isTaker: report.liquidity == .taker), name(report.orderRequestId), sequence)
    case .cancelled(let report):
      add(
        .cancelled(lots: report.quantity.rawValue, filled: report.filled.rawValue, reason: report.reasonCode),
        name(report.orderRequestId), sequence)
    case .expired(let report):
      add(
        .expired(lots: report.quantity.rawValue, filled: report.filled.rawValue), name(report.orderRequestId), sequence)
    case .replaced(let report):
      add(
        .replaced(
          price: report.price.rawValue, open: report.quantity.rawValue, filled: report.filled.rawValue,
          keptPriority: report.keptPriority == true), name(report.orderRequestId), sequence)
    case .rejected(let report):
      add(.rejected(reason: report.reasonCode), name(report.requestId), sequence)
    default: break
    }
  }

  private mutating func add(_ step: Step, _ name: OrderName?, _ sequence: UInt64) {
    if let name { traces[name, default: []].append((step, sequence)) }
  }

  /// Compares with what was recorded: how many differ, and which step was the first, in the order of the recording.
  func compare(with recorded: OrderTraces) -> (differing: Int, first: String?) {
    var differing = 0
    var first: (sequence: UInt64, text: String)?
    for name in Set(traces.keys).union(recorded.traces.keys) {
      let (expected, actual) = (recorded.traces[name] ?? [], traces[name] ?? [])
      if expected.elementsEqual(actual, by: { $0.step == $1.step }) { continue }
      differing += 1
      let index = zip(expected, actual).prefix { $0.step == $1.step }.count
      let sequence = (index < expected.count ? expected[index] : actual[index]).sequence
      guard first.map({ sequence < $0.sequence }) ?? true else { continue }
      func text(_ steps: [(step: Step, sequence: UInt64)]) -> String {
        index < steps.count ? "\(steps[index].step)" : "nothing more"
      }
      first = (
        sequence,
        "recorded sequence \(sequence), order or request \(name.requestId) of key \(name.key.rawValue), step \(index + 1): "
          + "recorded \(text(expected)); here \(text(actual))"
      )
    }
    return (differing, first?.text)
  }
}

extension OrderTraces.Step: CustomStringConvertible {
  var description: String {
    switch self {
    case .accepted(let price, let lots, let display):
      "accepted \(lots) at \(price)" + (display > 0 ? ", showing \(display)" : "")
    case .filled(let price, let lots, let open, let isTaker):
      "filled \(lots) at \(price) as \(isTaker ? "taker" : "maker"), \(open) open"
    case .cancelled(let lots, let filled, let reason):
      "cancelled \(lots) after \(filled) filled (\(CancelReason(rawValue: reason).map { "\($0)" } ?? "\(reason)"))"
    case .expired(let lots, let filled): "expired \(lots) after \(filled) filled"
    case .replaced(let price, let open, let filled, let keptPriority):
      "replaced: \(open) at \(price) after \(filled) filled, priority \(keptPriority ? "kept" : "lost")"
    case .rejected(let reason): "rejected \(reasonName(reason))"
    }
  }
}

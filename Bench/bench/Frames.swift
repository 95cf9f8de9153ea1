import Values
import Wire
import Workload

/// Frames one behind the other in one buffer, as they come from sockets, each with the key that sent it.
struct Frames: ~Copyable {
  private let base: UnsafeMutableRawPointer
  private let capacity: Int
  private var used = 0
  private var starts: [Int] = []
  private var keys: [UInt32] = []

  init(capacity: Int) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit { base.deallocate() }

  var count: Int { keys.count }

  /// Each frame as an array.
  var all: [[UInt8]] { (0..<count).map { Array(self[$0].bytes) } }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: used))
  }

  @inline(__always) func key(_ index: Int) -> KeyId { KeyId(keys[index]) }

  @inline(__always) subscript(index: Int) -> Frame {
    let start = base + starts[index]
    let length = Int(start.loadUnaligned(as: UInt16.self))
    return Frame(UnsafeRawBufferPointer(start: start, count: length))
  }

  mutating func append<M: Message>(_ message: M, from key: KeyId = .venue) {
    take(M.frameLength, key)
    message.encode(to: base + starts[starts.count - 1])
  }

  mutating func append<M: MessageWithRows>(_ message: M, rows: [M.Row], from key: KeyId = .venue) {
    take(M.frameLength(rows: rows.count), key)
    message.encode(to: base + starts[starts.count - 1], rows: rows)
  }

  private mutating func take(_ length: Int, _ key: KeyId) {
    precondition(used + length <= capacity)
    starts.append(used)
    keys.append(key.rawValue)
    used += length
  }
}

/// The commands of a workload, made once and read by every pass.
final class WorkloadFrames {
  let frames: Frames

  init(_ workload: Workload) { frames = Frames(workload) }
}

extension Frames {
  /// The commands of a workload. Each account has a key of its own that numbers its requests from 1.
  init(_ workload: Workload) {
    self.init(capacity: workload.operations.count * max(NewOrder.frameLength, ReplaceOrder.frameLength))
    // Request id of the order that each id of the workload stands for: its name for its life.
    var names = [UInt64](repeating: 0, count: Int(workload.header.maximumOrderId) + 1)
    var lastRequest = [UInt64](repeating: 0, count: Int(workload.header.accounts) + 1)
    for operation in workload.operations {
      lastRequest[Int(operation.account)] += 1
      let requestId = lastRequest[Int(operation.account)]
      let key = KeyId(operation.account)
      let price = Price(Int64(operation.price))
      let quantity = Quantity(Int64(operation.quantity))
      let id = Int(operation.orderId)
      switch operation.kind {
      case .add, .take:
        names[id] = requestId
        append(
          NewOrder(
            requestId: requestId, account: AccountId(operation.account),
            instrument: InstrumentId(UInt32(operation.symbol) + 1), price: price, quantity: quantity, display: .zero,
            side: operation.side == 0 ? .buy : .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
            selfTradePrevention: .cancelNewest), from: key)
      case .cancel:
        append(CancelOrder(requestId: requestId, orderRequestId: names[id], orderKey: .venue), from: key)
      case .reduce, .reprice:
        append(
          ReplaceOrder(
            requestId: requestId, orderRequestId: names[id], price: price, quantity: quantity, display: .zero,
            expectedFilled: nil, orderKey: .venue, timeInForce: .goodTillCancel), from: key)
      }
    }
  }
}

import Kernel
import Values
import Wire

/// A kernel in process with the venue of the suite, for figures that are not drawn from a workload.
struct BenchKernel: ~Copyable {
  var kernel: Kernel
  var output = Output()
  private let frame = UnsafeMutableRawPointer.allocate(byteCount: Limits.frameBytes, alignment: 64)
  /// By account, whose key has the same number.
  private var lastRequests: [UInt64]
  /// Nanoseconds of logged time that pass before the next command, beyond the one that must.
  private var pause: Int64 = 0

  init(_ venue: BenchVenue) {
    kernel = Kernel(venue: venue.definition)
    lastRequests = [UInt64](repeating: 0, count: venue.accounts + 1)
    let genesis = venue.genesis()
    for index in 0..<genesis.count {
      apply(genesis[index], key: .venue)
      mustBeAccepted()
    }
    settle()
  }

  /// What makes the venue is never refused, nor are its orders cancelled.
  private borrowing func mustBeAccepted() {
    output.forEachFrame { _, bytes in
      let report = Frame(bytes)
      if [.requestRejected, .orderRejected, .orderCancelled].contains(report.template) {
        fatalError("the venue of the suite: \(FrameText.describe(report))")
      }
    }
  }

  deinit { frame.deallocate() }

  /// Applies a frame one nanosecond later. The output is of this frame alone.
  @inline(__always) mutating func apply(_ frame: Frame, key: KeyId) {
    output.clear()
    kernel.apply(frame, key: key, time: Timestamp(kernel.time.rawValue + 1 + pause), output: &output)
    pause = 0
  }

  /// Logged time passes before the next command.
  mutating func skip(_ nanoseconds: Int64) { pause += nanoseconds }

  /// Applies a message.
  mutating func send(_ message: some Message, from key: KeyId = .venue) {
    message.encode(to: frame)
    let length = Int(frame.loadUnaligned(as: UInt16.self))
    apply(Frame(UnsafeRawBufferPointer(start: frame, count: length)), key: key)
  }

  /// The next order of an account.
  mutating func order(
    _ account: UInt32, _ side: Side, _ lots: Int64, at price: Price, _ instrument: UInt32 = 1,
    timeInForce: TimeInForce = .goodTillCancel
  ) -> NewOrder {
    lastRequests[Int(account)] += 1
    return NewOrder(
      requestId: lastRequests[Int(account)], account: AccountId(account), instrument: InstrumentId(instrument),
      price: price, quantity: Quantity(lots), display: .zero, side: side, orderType: .limit, timeInForce: timeInForce,
      flags: [], selfTradePrevention: .cancelNewest)
  }

  /// Cancels the last order of an account.
  mutating func cancel(_ account: UInt32) -> CancelOrder {
    lastRequests[Int(account)] += 1
    return CancelOrder(
      requestId: lastRequests[Int(account)], orderRequestId: lastRequests[Int(account)] - 1, orderKey: .venue)
  }

  /// Two accounts trade at the mark.
  mutating func trade(seller: UInt32, buyer: UInt32, _ lots: Int64, _ instrument: UInt32 = 1) {
    send(order(seller, .sell, lots, at: BenchVenue.mark, instrument), from: KeyId(seller))
    mustBeAccepted()
    send(order(buyer, .buy, lots, at: BenchVenue.mark, instrument, timeInForce: .immediateOrCancel), from: KeyId(buyer))
    mustBeAccepted()
  }

  /// Ticks until nothing is left to do.
  mutating func settle() {
    while kernel.hasPendingWork { send(Tick(work: kernel.venue.workPerTick)) }
  }

  /// Whether a full recompute of every account agrees, nobody was missed by the bands, and money is conserved.
  mutating func isSound() -> Bool {
    if let finding = kernel.auditAll() {
      print("WRONG: \(finding)")
      return false
    }
    return true
  }
}

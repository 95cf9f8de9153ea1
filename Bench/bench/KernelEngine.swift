import Kernel
import Values
import Wire
import Workload

/// The whole command path in process: frame in, all checks, matching, both accounts' margin, reports encoded.
struct KernelEngine: Engine, ~Copyable {
  private let workload: Workload
  private let commands: WorkloadFrames
  private var kernel: Kernel
  private var output = Output()
  private var trades: TradeNotes
  private let genesisCount: UInt64
  /// One account is recomputed in full every so many commands; 0: never.
  private let auditInterval: Int
  private var untilAudit: Int
  private var findings = 0

  init(workload: Workload, commands: WorkloadFrames, mode: AccountMode = .standard, isAudited: Bool) {
    self.workload = workload
    self.commands = commands
    var venue = BenchVenue(instruments: Int(workload.header.instruments), accounts: Int(workload.header.accounts))
    venue.mode = mode
    kernel = Kernel(venue: venue.definition)
    trades = TradeNotes(room: Int(workload.header.trades))
    auditInterval = isAudited ? Int(venue.auditInterval) : 0
    untilAudit = auditInterval
    let genesis = venue.genesis()
    genesisCount = UInt64(genesis.count)
    for index in 0..<genesis.count {
      kernel.apply(genesis[index], key: .venue, time: Timestamp(Int64(index + 1)), output: &output)
    }
    output.clear()
  }

  @inline(__always) mutating func step(_ index: Int) {
    output.clear()
    kernel.apply(
      commands.frames[index], key: commands.frames.key(index), time: Timestamp(kernel.time.rawValue + 1),
      output: &output)
    for number in 0..<output.events.count {
      let event = output.events[number]
      if event.kind == .trade {
        trades.add(maker: event.orderId, price: event.price.rawValue, quantity: event.quantity.rawValue)
      }
    }
    if auditInterval > 0 { audit() }
  }

  @inline(__always) private mutating func audit() {
    untilAudit -= 1
    if untilAudit > 0 { return }
    untilAudit = auditInterval
    if kernel.auditNext() != nil { findings += 1 }
  }

  /// The reports of the last operation, in order.
  borrowing func forEachReport(_ body: (UnsafeRawBufferPointer) -> Void) {
    output.forEachFrame { _, bytes in body(bytes) }
  }

  borrowing func result() -> EngineResult {
    let header = workload.header
    // An order's public id is the sequence of the command that entered it.
    let (digest, volume) = trades.digest { workload.operations[Int($0 - genesisCount) - 1].orderId }
    var live = 0
    for number in 1...header.instruments {
      kernel.forEachVisibleOrder(of: InstrumentId(number)) { _, _, _, _ in live += 1 }
    }
    return EngineResult(
      digest: digest, trades: UInt64(trades.count),
      isRight: digest == header.digest && UInt64(trades.count) == header.trades && volume == header.volume
        && kernel.trades == header.trades && UInt64(live) == header.liveOrders && findings == 0
        && kernel.sequence == genesisCount + header.operationCount)
  }
}

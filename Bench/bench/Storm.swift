import CBench
import Histogram
import Kernel
import Values
import Wire

/// A gap of ten percent that liquidates ten thousand accounts, turn by turn, while somebody else goes on trading.
///
/// A turn is what the server's loop does between two looks at its sockets: a Tick with the venue's work, then an order of
/// another session. Logged time rises by a millisecond a turn. Turns are measured by the thread's own clock, as a shared
/// machine takes it away for milliseconds at times.
struct Storm: ~Copyable {
  private static let holders = 10_000
  private static let lots: Int64 = 10
  private static let mostTurns = 1_000_000
  /// The other side of all positions; who buys after the gap; who goes on trading.
  private static let (seller, buyer, trader): (UInt32, UInt32, UInt32) = (1, 2, 3)
  private static let after = Price(BenchVenue.mark.rawValue * 9 / 10)

  private var bench: BenchKernel
  private var figures = StormFigures()
  private var closed = Set<UInt32>()

  init() {
    var venue = BenchVenue(instruments: 1, accounts: Self.holders + 3)
    (venue.hasLogins, venue.orders) = (false, 1 << 12)
    let notional = Self.lots * BenchVenue.mark.rawValue * 100_000
    // 10.20 to 10.46 % of what they hold: after the gap some can still be closed through the book, some cannot.
    venue.deposits = { account in
      account <= 3
        ? Money(Int64(100_000_000_000_000_000)) : Money(notional * (10_200 + Int64(account % 260)) / 100_000)
    }
    bench = BenchKernel(venue)
    for holder in 4...UInt32(Self.holders + 3) { bench.trade(seller: Self.seller, buyer: holder, Self.lots) }
    for level in 0..<20 {
      for _ in 0..<20 {
        bench.send(
          bench.order(Self.buyer, .buy, 400, at: Price(Self.after.rawValue - Int64(level))), from: KeyId(Self.buyer))
      }
    }
  }

  /// Runs the gap and everything that it brings.
  mutating func run() -> StormFigures {
    var (turns, orders) = (nanosecondHistogram(), nanosecondHistogram())
    let start = bench_cpu_now()
    bench.send(MarkPrice(requestId: 0, price: Self.after, instrument: InstrumentId(1)))
    figures.gapUs = Double(bench_cpu_now() - start) / 1000
    note()
    while (bench.kernel.hasPendingWork || bench.kernel.nextDue != .never) && figures.turns < Self.mostTurns {
      figures.turns += 1
      advance()
      let ticked = tick()
      note()
      let began = bench_cpu_now()
      if figures.turns % 2 == 1 {
        bench.send(
          bench.order(Self.trader, .buy, 1, at: Price(Self.after.rawValue - 1000)), from: KeyId(Self.trader))
      } else {
        bench.send(bench.cancel(Self.trader), from: KeyId(Self.trader))
      }
      let ordered = bench_cpu_now() - began
      turns.record(UInt64(ticked + ordered))
      orders.record(UInt64(ordered))
      figures.busyMs += Double(ticked + ordered) / 1e6
    }
    figures.turn = Microseconds(turns)
    figures.order = Microseconds(orders)
    figures.accounts = closed.count
    figures.isRight = closed.count == Self.holders && figures.turns < Self.mostTurns && bench.isSound()
    return figures
  }

  /// The loop's Tick, where one is due; returns its nanoseconds.
  private mutating func tick() -> Int64 {
    let began = bench_cpu_now()
    if bench.kernel.hasPendingWork || bench.kernel.nextDue <= bench.kernel.time {
      bench.send(Tick(work: bench.kernel.venue.workPerTick))
    }
    return bench_cpu_now() - began
  }

  /// A millisecond passes.
  private mutating func advance() { bench.skip(999_998) }

  /// Counts what the last command reported.
  private mutating func note() {
    var (steps, takeovers, calls) = (0, 0, 0)
    var ended: [UInt32] = []
    bench.output.forEachFrame { key, bytes in
      let frame = Frame(bytes)
      if key == .feed { return }
      if frame.template == .marginCall { calls += 1 }
      guard frame.template == .liquidationStep else { return }
      let step = frame.decode(LiquidationStep.self)
      steps += 1
      if step.action == .takeover || step.action == .accountTakeover { takeovers += 1 }
      if (4...UInt32(Self.holders + 3)).contains(step.account.rawValue) { ended.append(step.account.rawValue) }
    }
    figures.steps += steps
    figures.takeovers += takeovers
    figures.calls += calls
    closed.formUnion(ended)
  }
}

/// What a storm cost.
struct StormFigures: Encodable {
  /// Accounts of which at least a part was closed.
  var accounts = 0
  var calls = 0
  var steps = 0
  var takeovers = 0
  var turns = 0
  /// The mark itself, with all bands that it passes.
  var gapUs = 0.0
  /// One turn: a Tick and an order of another session.
  var turn: Microseconds?
  /// That order.
  var order: Microseconds?
  /// All turns together.
  var busyMs = 0.0
  /// Every account was liquidated, and a full recompute agrees.
  var isRight = false
}

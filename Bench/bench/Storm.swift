import CBench
import Histogram
import Kernel
import Values
import Wire

/// A gap of ten percent that liquidates ten thousand accounts, turn by turn, while somebody else goes on trading.
///
/// A turn is what the server's loop does between two looks at its sockets: a Tick with the venue's work, then an order of
/// another session. Logged time rises by a millisecond a turn.
struct Storm: ~Copyable {
  private static let holders = 10_000
  private static let lots: Int64 = 10
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
    // 12.0 to 13.4 % of what they hold: after the gap some can still be closed through the book, some cannot.
    venue.deposits = { account in
      account <= 3
        ? Money(Int64(100_000_000_000_000_000)) : Money(notional * (12_000 + Int64(account % 1400)) / 100_000)
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
    let (turns, orders) = (nanosecondHistogram(), nanosecondHistogram())
    var (turnTimes, orderTimes) = (turns, orders)
    let start = bench_now()
    bench.send(MarkPrice(requestId: 0, price: Self.after, instrument: InstrumentId(1)))
    note()
    figures.gapUs = Double(bench_now() - start) / 1000
    var busy: Int64 = 0
    while bench.kernel.hasPendingWork || bench.kernel.nextDue != .never {
      figures.turns += 1
      advance()
      let began = bench_now()
      if bench.kernel.hasPendingWork || bench.kernel.nextDue <= bench.kernel.time {
        bench.send(Tick(work: bench.kernel.venue.workPerTick))
      }
      let ticked = bench_now()
      note()
      let ordering = bench_now()
      if figures.turns % 2 == 1 {
        bench.send(
          bench.order(Self.trader, .buy, 1, at: Price(Self.after.rawValue - 1000)), from: KeyId(Self.trader))
      } else {
        bench.send(bench.cancel(Self.trader), from: KeyId(Self.trader))
      }
      let ended = bench_now()
      turnTimes.record(UInt64(ticked - began + ended - ordering))
      orderTimes.record(UInt64(ended - ordering))
      busy += ticked - began + ended - ordering
      if figures.turns == 1_000_000 { break }
    }
    figures.turn = Microseconds(turnTimes)
    figures.order = Microseconds(orderTimes)
    figures.busyMs = Double(busy) / 1e6
    figures.accounts = closed.count
    figures.isRight = closed.count == Self.holders && figures.turns < 1_000_000 && bench.isSound()
    return figures
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
      if step.account.rawValue > 3 { ended.append(step.account.rawValue) }
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

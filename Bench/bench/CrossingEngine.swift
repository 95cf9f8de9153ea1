import Kernel
import Values
import Wire

/// A mark that falls over the edge at which one holder in a hundred is called, once.
struct CrossingEngine: Steps, ~Copyable {
  private var bench: BenchKernel
  private let edge: Int64
  private let called: Int
  private var calls = 0
  private static let lots: Int64 = 5

  /// Every hundredth holder has little more than his initial margin; the others are at five times leverage.
  init(mode: AccountMode, holders: Int, edge: Int64) {
    var venue = BenchVenue(instruments: 1, accounts: holders + 1)
    (venue.mode, venue.hasLogins, venue.orders) = (mode, false, 1 << 10)
    let notional = Self.lots * BenchVenue.mark.rawValue * 100_000
    venue.deposits = { account in
      if account == 1 { return Money(Int64(100_000_000_000_000_000)) }
      // Initial margin is 2 %, in portfolio mode about a tenth.
      return account.isMultiple(of: 100)
        ? Money(notional * (mode == .portfolio ? 12 : 3) / 100) : Money(notional / 5)
    }
    bench = BenchKernel(venue)
    for holder in 2...UInt32(holders + 1) { bench.trade(seller: 1, buyer: holder, Self.lots) }
    called = (holders + 1) / 100
    self.edge = edge
    // Portfolio accounts are looked at when something moves after their trades.
    move(to: BenchVenue.mark.rawValue - 1)
    calls = 0
  }

  /// The first price, coming down, at which they are called.
  static func edge(_ mode: AccountMode) -> Int64 {
    var engine = CrossingEngine(mode: mode, holders: 100, edge: 0)
    var price = BenchVenue.mark.rawValue - 1
    while engine.calls == 0 && price > 1 {
      price -= 1
      engine.move(to: price)
    }
    return price
  }

  /// The mark, and all the Ticks that it brings.
  private mutating func move(to price: Int64) {
    bench.send(MarkPrice(requestId: 0, price: Price(price), instrument: InstrumentId(1)))
    while bench.kernel.hasPendingWork {
      bench.send(Tick(work: bench.kernel.venue.workPerTick))
      bench.output.forEachFrame { _, bytes in
        guard Frame(bytes).template == .marginCall else { return }
        if Frame(bytes).decode(MarginCall.self).stateCode >= MarginState.firstCall.rawValue { calls += 1 }
      }
    }
  }

  mutating func step(_ index: Int) { move(to: edge) }

  /// All of them were called, and nobody else.
  mutating func isRight() -> Bool { called > 0 && calls == called && bench.isSound() }
}

import Kernel
import Values
import Wire

/// A mark that moves, and holders of whom none comes near liquidation.
struct MarkEngine: Steps, ~Copyable {
  private var bench: BenchKernel
  private let moves: Frames
  private let holders: Int
  private static let lots: Int64 = 5

  /// Half of the holders are long, half short, each at about five times leverage.
  init(mode: AccountMode, holders: Int) {
    var venue = BenchVenue(instruments: 1, accounts: holders + 1)
    (venue.mode, venue.hasLogins, venue.orders) = (mode, false, 1 << 10)
    let notional = Self.lots * BenchVenue.mark.rawValue * 100_000
    // Account 1 is the other side of all.
    venue.deposits = { $0 == 1 ? Money(Int64(100_000_000_000_000_000)) : Money(notional / 5) }
    bench = BenchKernel(venue)
    self.holders = holders
    for holder in 2...UInt32(holders + 1) {
      if holder % 2 == 0 {
        bench.trade(seller: 1, buyer: holder, Self.lots)
      } else {
        bench.trade(seller: holder, buyer: 1, Self.lots)
      }
    }
    // Portfolio accounts are looked at when something moves after their trades.
    bench.send(
      MarkPrice(requestId: 0, price: Price(BenchVenue.mark.rawValue + 1), instrument: InstrumentId(1)))
    bench.settle()
    // Within a thousandth of where it began, a tick or two at a time.
    var moves = Frames(capacity: 64 * MarkPrice.frameLength)
    for number in 0..<64 {
      let distance = Int64(16 - abs(number % 64 - 32)) * 2
      moves.append(
        MarkPrice(
          requestId: 0, price: Price(BenchVenue.mark.rawValue + distance), instrument: InstrumentId(1)))
    }
    self.moves = moves
  }

  @inline(__always) mutating func step(_ index: Int) { bench.apply(moves[index % 64], key: .venue) }

  mutating func isRight() -> Bool {
    bench.kernel.trades == UInt64(holders) && !bench.kernel.hasPendingWork && bench.isSound()
  }
}

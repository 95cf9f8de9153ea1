import Kernel
import Values
import Wire

/// Fills between accounts that hold many positions: a resting order, and one of another account that takes it.
struct FillEngine: Steps, ~Copyable {
  private var bench: BenchKernel
  private let frames: Frames
  private let fills: Int
  private let opened: UInt64

  /// `positions` of each account, in as many instruments; `fills` are prepared.
  init(mode: AccountMode, positions: Int, fills: Int) {
    let pairs: UInt32 = 100
    var venue = BenchVenue(instruments: positions, accounts: 2 * Int(pairs))
    (venue.mode, venue.hasLogins) = (mode, false)
    bench = BenchKernel(venue)
    self.fills = fills
    for pair in 1...pairs {
      for instrument in 1...UInt32(positions) {
        // Half of all positions are long.
        let isLong = (pair + instrument) % 2 == 0
        bench.trade(
          seller: isLong ? pair + pairs : pair, buyer: isLong ? pair : pair + pairs, 10, instrument)
      }
    }
    opened = bench.kernel.trades
    var frames = Frames(capacity: 2 * fills * NewOrder.frameLength)
    for fill in 0..<fills {
      let round = fill / Int(pairs)
      let maker = UInt32(fill % Int(pairs)) + 1
      let instrument = UInt32(round % positions) + 1
      let side: Side = round / positions % 2 == 0 ? .sell : .buy
      frames.append(bench.order(maker, side, 1, at: BenchVenue.mark, instrument), from: KeyId(maker))
      frames.append(
        bench.order(
          maker + pairs, side.opposite, 1, at: BenchVenue.mark, instrument, timeInForce: .immediateOrCancel),
        from: KeyId(maker + pairs))
    }
    self.frames = frames
  }

  /// One fill: two commands.
  @inline(__always) mutating func step(_ index: Int) {
    bench.apply(frames[2 * index], key: frames.key(2 * index))
    bench.apply(frames[2 * index + 1], key: frames.key(2 * index + 1))
  }

  /// After all fills: whether each has happened, and every margin is right.
  mutating func isRight() -> Bool { bench.kernel.trades == opened + UInt64(fills) && bench.isSound() }
}

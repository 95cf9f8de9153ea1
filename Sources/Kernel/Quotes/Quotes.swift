import Matching
import Values
import Wire

/// The live quote of an account in an instrument: at most one order on each side.
struct QuotePair: BitwiseCopyable {
  /// Slots of the resting orders; 0: none.
  private var bid: OrderSlot = 0
  private var ask: OrderSlot = 0

  subscript(side: Side) -> OrderSlot {
    get { side == .buy ? bid : ask }
    set { if side == .buy { bid = newValue } else { ask = newValue } }
  }
}

/// All live quotes by position slot, and the rows of the acknowledgement being made. Orders that are no quotes never come
/// here.
struct Quotes: ~Copyable {
  private var pairs: ZeroedArray<QuotePair>
  /// Kept, so that a mass quote allocates nothing.
  var outcomes: ContiguousArray<QuotesAcknowledged.Row> = []

  init(positions: Int) {
    pairs = ZeroedArray(count: positions + 1)
    outcomes.reserveCapacity(Limits.quotesPerFrame)
  }

  subscript(position: UInt32) -> QuotePair {
    get { pairs[position] }
    set { pairs[position] = newValue }
  }

  /// A quote has come to rest in `slot`. False: the side has one already.
  @discardableResult mutating func enter(_ order: Order, _ slot: OrderSlot) -> Bool {
    if pairs[order.position][order.side] != 0 { return false }
    pairs[order.position][order.side] = slot
    return true
  }

  /// A quote has left its book.
  mutating func leave(_ order: Order) { pairs[order.position][order.side] = 0 }
}

extension Order {
  /// The public id of a leg of the request that came as command `sequence`: the low 56 bits are that number, which is what
  /// the ids of plain orders (leg 0) are.
  static func id(sequence: UInt64, leg: UInt32) -> UInt64 { UInt64(leg) << 56 | sequence }
}

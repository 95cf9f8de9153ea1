import Matching
import Values

/// A deterministic random source (SplitMix64), so that a failure repeats.
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(bound)) }
}

/// An order of key 1, named by `request`.
func order(_ request: UInt64, _ side: Side, at price: Int64, open: Int64, display: Int64 = 0) -> Order {
  Order(
    name: OrderName(key: KeyId(1), requestId: request), id: request, entry: request, instrument: InstrumentId(1),
    position: 1, account: 1, side: side, price: Price(price), open: Quantity(open), display: Quantity(display))
}

/// The request ids of a side's orders in priority order.
func walk(_ books: borrowing OrderBooks, _ side: Side, in book: UInt32) -> [UInt64] {
  var requests: [UInt64] = []
  var slot = books.best(side, in: book)
  while slot != 0 {
    requests.append(books[slot].name.requestId)
    slot = books.next(after: slot, in: book)
  }
  return requests
}

/// A side's levels, best first.
func levels(_ books: borrowing OrderBooks, _ side: Side, in book: UInt32) -> [BookLevel] {
  var found: [BookLevel] = []
  var level = books.bestLevel(side, in: book)
  while level != 0 {
    found.append(books[level: level])
    level = books.nextLevel(after: level)
  }
  return found
}

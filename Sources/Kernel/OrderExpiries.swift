import Matching
import Values

/// When a resting order ends.
struct OrderExpiry: BitwiseCopyable {
  let due: Timestamp
  let id: UInt64
  let slot: OrderSlot

  static func < (left: OrderExpiry, right: OrderExpiry) -> Bool {
    left.due != right.due ? left.due < right.due : left.id < right.id
  }
}

/// When resting orders end: a binary heap by time, then by order id, so that the order of entering does not matter.
///
/// An order knows its place in the heap, so one that leaves takes its time along. Room for all orders of the venue; memory
/// is touched as it fills.
struct OrderExpiries: ~Copyable {
  private var heap: ZeroedArray<OrderExpiry>
  private var count = 0
  /// When the first order ends; ``Timestamp/never`` when none does.
  private(set) var nextDue = Timestamp.never

  init(orders: Int) { heap = ZeroedArray(count: orders) }

  /// When `order` ends; 0: never.
  func expiry(of order: Order) -> Timestamp { order.expiry == 0 ? Timestamp(0) : heap[Int(order.expiry) - 1].due }

  /// The order that ends first, if it has ended by `time`; else 0.
  func firstDue(at time: Timestamp) -> OrderSlot { nextDue <= time ? heap[0].slot : 0 }

  /// The order in `slot` ends at `due`. O(log orders that end).
  mutating func insert(_ slot: OrderSlot, due: Timestamp, in books: inout OrderBooks) {
    place(OrderExpiry(due: due, id: books[slot].id, slot: slot), at: count, in: &books)
    count += 1
    rise(from: count - 1, in: &books)
    nextDue = heap[0].due
  }

  /// The order in `slot`, which ends some time, leaves. O(log orders that end).
  mutating func remove(_ slot: OrderSlot, in books: inout OrderBooks) {
    let position = Int(books[slot].expiry) - 1
    precondition(position >= 0 && position < count && heap[position].slot == slot, "the order ends at no time")
    books[slot].expiry = 0
    count -= 1
    if position < count {
      place(heap[count], at: position, in: &books)
      rise(from: position, in: &books)
      sink(from: position, in: &books)
    }
    nextDue = count == 0 ? .never : heap[0].due
  }

  private mutating func place(_ entry: OrderExpiry, at position: Int, in books: inout OrderBooks) {
    heap[position] = entry
    books[entry.slot].expiry = UInt32(position + 1)
  }

  private mutating func rise(from start: Int, in books: inout OrderBooks) {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard heap[position] < heap[parent] else { return }
      exchange(position, parent, in: &books)
      position = parent
    }
  }

  private mutating func sink(from start: Int, in books: inout OrderBooks) {
    var position = start
    while true {
      var least = position
      for child in [2 * position + 1, 2 * position + 2] where child < count && heap[child] < heap[least] {
        least = child
      }
      if least == position { return }
      exchange(position, least, in: &books)
      position = least
    }
  }

  private mutating func exchange(_ one: Int, _ other: Int, in books: inout OrderBooks) {
    let kept = heap[one]
    place(heap[other], at: one, in: &books)
    place(kept, at: other, in: &books)
  }
}

extension Kernel {
  /// When an order of that time in force ends, if it enters now; 0: never. Protocol/rules.md §5.
  func checkExpiry(_ expiry: Timestamp, _ timeInForce: TimeInForce) throws(Reject) -> Timestamp {
    if timeInForce == .goodTillDate {
      try require(expiry > time, Reject(.invalidExpiry, time.rawValue))
      return expiry
    }
    try require(expiry == Timestamp(0), Reject(.invalidExpiry))
    if timeInForce != .day { return Timestamp(0) }
    let day: Int64 = 86_400_000_000_000
    let (midnight, overflow) = (time.rawValue / day + 1).multipliedReportingOverflow(by: day)
    return overflow ? Timestamp(Int64.max - 1) : Timestamp(midnight)
  }

  /// Whether a resting order's time has ended: a Tick will take it out, and until then it does not trade.
  @inline(__always) func hasEnded(_ order: Order) -> Bool {
    expiries.nextDue <= time && order.expiry != 0 && expiries.expiry(of: order) <= time
  }

  /// Takes out orders whose time has ended, in order of their times and then of their ids, those in the books before
  /// those that are held; one unit each.
  mutating func endOrders(units: inout Int, output: inout Output) {
    while units > 0, case let slot = expiries.firstDue(at: time), slot != 0 {
      units -= 1
      cancelResting(slot, reason: .timeExpired, venueCommand, output: &output)
    }
    while units > 0, case let slot = held.expiries.firstDue(at: time), slot != 0 {
      units -= 1
      dropHeld(slot, reason: .timeExpired, venueCommand, output: &output)
    }
  }
}

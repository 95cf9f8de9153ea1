import Values

/// What a due time is for. Where several are due at once they run in this order, then by target.
enum TimerKind: UInt8, BitwiseCopyable, CaseIterable {
  /// The age of an index price changes what it admits. Target: slot of an asset.
  case oracle
  /// The basis is sampled, or a mark that had to wait is published. Target: slot of an instrument.
  case mark
  /// The mark and the open interest are sampled, and the rates that follow them move. Target: slot of an instrument.
  case volatility
  /// The book is looked at, and the impact curves that follow it move. Target: slot of an instrument.
  case liquidity
  /// An index price is sampled for a settlement price. Target: slot of an instrument.
  case settlementSample
  /// The premium of a perpetual is sampled, and its funding exchanged. Target: slot of an instrument.
  case premiumSample
  case funding
  /// An interval of interest ends. Target: slot of an asset; 0: the settlement currency.
  case interest
  /// An instrument expires.
  case expiry
  /// Positions of an expired instrument are turned into money.
  case settlement
  /// An option is priced anew (time decay). Target: slot of an instrument.
  case repricing
  /// A round of liquidation begins. Target: 0.
  case liquidation
  /// The prices are sampled for value at risk. Target: 0.
  case history
  /// A countdown ends. Target: slot of a key.
  case countdown
  /// An instrument is activated or delisted. Target: its slot.
  case listing
}

/// A due time.
struct Timer: BitwiseCopyable, Equatable {
  var due: Timestamp
  var kind: TimerKind
  /// Slot of the instrument or asset; 0 for the venue.
  var target: UInt32

  static func < (left: Timer, right: Timer) -> Bool {
    if left.due != right.due { return left.due < right.due }
    return left.kind == right.kind ? left.target < right.target : left.kind.rawValue < right.kind.rawValue
  }
}

/// The due times of the venue, at most one for each kind and target: a binary heap, so the order in which they were set
/// does not matter.
///
/// Not durable: every feature keeps its next time in its own record and sets its timer again when a state is read.
struct Timers: ~Copyable {
  private var heap: ZeroedArray<Timer>
  /// Place in the heap plus one, by kind and target; 0: not set.
  private var places: ZeroedArray<UInt32>
  private let targets: Int
  private var count = 0

  /// Room for every kind with targets 0…`targets`.
  init(targets: Int) {
    self.targets = targets + 1
    heap = ZeroedArray(count: TimerKind.allCases.count * (targets + 1))
    places = ZeroedArray(count: TimerKind.allCases.count * (targets + 1))
  }

  /// When the first one is due; ``Timestamp/never`` when none is set.
  var nextDue: Timestamp { count == 0 ? .never : heap[0].due }

  /// Sets a due time in place of the one that was set before; ``Timestamp/never`` takes it away. O(log timers).
  mutating func set(_ kind: TimerKind, _ target: UInt32, at due: Timestamp) {
    let timer = Timer(due: due, kind: kind, target: target)
    let known = places[index(timer)]
    if known != 0 { remove(at: Int(known) - 1) }
    guard due != .never else { return }
    place(timer, at: count)
    count += 1
    rise(from: count - 1)
  }

  /// Takes out the first one that is due at `time`, if there is one.
  mutating func takeDue(at time: Timestamp) -> Timer? {
    guard count > 0, heap[0].due <= time else { return nil }
    let first = heap[0]
    remove(at: 0)
    return first
  }

  private func index(_ timer: Timer) -> Int {
    precondition(Int(timer.target) < targets, "a timer for a slot that cannot be")
    return Int(timer.kind.rawValue) * targets + Int(timer.target)
  }

  private mutating func place(_ timer: Timer, at position: Int) {
    heap[position] = timer
    places[index(timer)] = UInt32(position + 1)
  }

  private mutating func remove(at position: Int) {
    places[index(heap[position])] = 0
    count -= 1
    if position == count { return }
    place(heap[count], at: position)
    rise(from: position)
    sink(from: position)
  }

  private mutating func rise(from start: Int) {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard heap[position] < heap[parent] else { return }
      exchange(position, parent)
      position = parent
    }
  }

  private mutating func sink(from start: Int) {
    var position = start
    while true {
      var least = position
      for child in [2 * position + 1, 2 * position + 2] where child < count && heap[child] < heap[least] {
        least = child
      }
      if least == position { return }
      exchange(position, least)
      position = least
    }
  }

  private mutating func exchange(_ one: Int, _ other: Int) {
    let kept = heap[one]
    place(heap[other], at: one)
    place(kept, at: other)
  }
}

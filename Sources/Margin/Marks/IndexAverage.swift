import Values

/// Time-weighted average (TWAP) of an index price over the last five minutes.
///
/// The area under the price is kept exactly, in price × nanoseconds, with checkpoints at least ten seconds apart. The
/// average reaches back to the newest checkpoint that is five minutes old, or to the first price while there is none.
@frozen public struct IndexAverage: BitwiseCopyable {
  /// The area up to a moment.
  @frozen public struct Checkpoint: BitwiseCopyable, Equatable, Sendable {
    public var time: Timestamp
    public var area: Int128

    public init(time: Timestamp = Timestamp(0), area: Int128 = 0) {
      self.time = time
      self.area = area
    }
  }

  /// An average as an exact fraction: price = area / span.
  @frozen public struct Mean: BitwiseCopyable, Equatable, Sendable {
    public var area: Int128
    /// Nanoseconds, above 0.
    public var span: Int64

    /// In price units of the asset, rounded down.
    public var roundedDown: Int64 { Int64(area.dividedRoundingDown(by: Int128(span))) }

    /// Whether `price` is further from the average than `limit` of it. Exact; at the limit it is not.
    public func isExceeded(by price: Int64, limit: Rate) -> Bool {
      let difference = Int128(price) * Int128(span) - area
      let distance = difference.magnitude.multipliedFullWidth(by: 1_000_000_000)
      let most = area.magnitude.multipliedFullWidth(by: UInt128(limit.rawValue))
      return (distance.high, distance.low) > (most.high, most.low)
    }
  }

  public static var window: Int64 { 300_000_000_000 }
  public static var spacing: Int64 { 10_000_000_000 }
  /// One more than fit into the window at their closest, so that one of them is always outside.
  public static var capacity: Int { 32 }

  /// Since when the price is what it is, and the area up to then.
  public private(set) var now = Checkpoint()
  /// 0: there has been none.
  public private(set) var price: Int64 = 0
  public private(set) var count = 0
  /// The oldest checkpoint.
  private var first = 0
  private var ring = InlineArray<32, Checkpoint>(repeating: Checkpoint())

  public init() {}

  /// An average with these checkpoints, oldest first; `nil` when they cannot be.
  public init?(now: Checkpoint, price: Int64, checkpoints: some Collection<Checkpoint>) {
    guard checkpoints.count <= Self.capacity, (price == 0) == checkpoints.isEmpty,
      (0...Limits.assetPrice).contains(price), now.time >= Timestamp(0)
    else { return nil }
    var previous: Checkpoint?
    for checkpoint in checkpoints {
      guard checkpoint.time >= Timestamp(0), checkpoint.area >= 0,
        previous.map({
          Self.isPossible($0, then: checkpoint) && checkpoint.time.rawValue - $0.time.rawValue >= Self.spacing
        })
          ?? true
      else { return nil }
      ring[count] = checkpoint
      count += 1
      previous = checkpoint
    }
    guard previous.map({ Self.isPossible($0, then: now) }) ?? (now == Checkpoint()) else { return nil }
    self.now = now
    self.price = price
  }

  /// The area can have grown like this.
  private static func isPossible(_ earlier: Checkpoint, then later: Checkpoint) -> Bool {
    guard later.time >= earlier.time, later.area >= earlier.area, later.area < 1 << 96 else { return false }
    let span = Int128(later.time.rawValue - earlier.time.rawValue)
    return later.area - earlier.area <= span * Int128(Limits.assetPrice)
  }

  /// Checkpoint `index` in 0 ..< count, oldest first.
  public func checkpoint(_ index: Int) -> Checkpoint {
    precondition(index >= 0 && index < count)
    return ring[(first + index) % Self.capacity]
  }

  /// The price is `price` (above 0) from `time` on, which is not before the last change.
  public mutating func record(_ price: Int64, at time: Timestamp) {
    precondition(price > 0 && price <= Limits.assetPrice && time >= now.time)
    if self.price > 0 { now.area = area(at: time) }
    now.time = time
    self.price = price
    if count == 0 || time.rawValue - checkpoint(count - 1).time.rawValue >= Self.spacing { keep(now) }
  }

  /// The average of the five minutes up to `time`; `nil` while no time has passed since the first price.
  public func mean(at time: Timestamp) -> Mean? {
    guard count > 0 else { return nil }
    var index = count - 1
    while index > 0 && time.rawValue - checkpoint(index).time.rawValue < Self.window { index -= 1 }
    let start = checkpoint(index)
    let span = time.rawValue - start.time.rawValue
    return span > 0 ? Mean(area: area(at: time) - start.area, span: span) : nil
  }

  private func area(at time: Timestamp) -> Int128 {
    now.area + Int128(price) * Int128(time.rawValue - now.time.rawValue)
  }

  private mutating func keep(_ checkpoint: Checkpoint) {
    if count == Self.capacity {
      ring[first] = checkpoint
      first = (first + 1) % Self.capacity
    } else {
      ring[(first + count) % Self.capacity] = checkpoint
      count += 1
    }
  }
}

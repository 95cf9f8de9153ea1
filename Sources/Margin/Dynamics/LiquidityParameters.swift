import Values

/// How an instrument's impact curves follow its own book (README.md, "Liquidity from the book").
@frozen public struct LiquidityParameters: BitwiseCopyable, Equatable, Sendable {
  /// Time between two looks at the book, in nanoseconds.
  public var interval: Int64 = 0
  /// The sizes in lots at which depth is measured, rising.
  public var sizes = DepthValues(repeating: 0)
  /// M: the least depth of this many looks counts.
  public var window: UInt8 = 1
  /// The curve moves by 2^−smoothing of the difference per look.
  public var smoothing: UInt8 = 0
  /// Lowest impact at any size.
  public var floor = Rate.zero
  /// λ_cap: impact of lots that nobody bids for, and the highest of the curve.
  public var cap = Rate.zero
  /// Most that the impact at one size changes per look, up or down.
  public var change = Rate.zero

  public init() {}

  // MARK: Ranges

  /// 100 ms … 1 day.
  public static var intervals: ClosedRange<Int64> { 100_000_000...86_400_000_000_000 }
  public static var windows: ClosedRange<UInt8> { 1...UInt8(ImpactWindow.depth) }
  public static var smoothings: ClosedRange<UInt8> { 0...16 }
  /// Orders looked at per side and look: what one command could trade with.
  public static var ordersPerSide: Int { Limits.fillsPerCommand }

  /// The parameters, in the order in which they are checked.
  public enum Fault: Equatable, Sendable {
    case interval, window, smoothing, floor, cap, change
    /// Sizes must be 1 … ``Limits/quantity`` and rise strictly.
    case size(Int)
  }

  /// The first parameter outside its range, or `nil`.
  public var fault: Fault? {
    if !Self.intervals.contains(interval) { return .interval }
    if !Self.windows.contains(window) { return .window }
    if !Self.smoothings.contains(smoothing) { return .smoothing }
    if floor < .zero || floor > .one { return .floor }
    if cap < floor || cap <= .zero || cap > .one { return .cap }
    if change <= .zero || change > .one { return .change }
    var previous: Int64 = 0
    for index in 0..<8 {
      if sizes.at(index) <= previous || sizes.at(index) > Limits.quantity { return .size(index) }
      previous = sizes.at(index)
    }
    return nil
  }

  public static func == (left: LiquidityParameters, right: LiquidityParameters) -> Bool {
    left.interval == right.interval && left.window == right.window && left.smoothing == right.smoothing
      && left.floor == right.floor && left.cap == right.cap && left.change == right.change
      && left.sizes.isEqual(to: right.sizes)
  }
}

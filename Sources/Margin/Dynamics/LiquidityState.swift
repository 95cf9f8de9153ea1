import Values

/// One instrument's measured depth and the impact curves that follow it, which move in ``look(longs:shorts:)`` only.
@frozen public struct LiquidityState: BitwiseCopyable, Equatable, Sendable {
  public private(set) var parameters: LiquidityParameters
  /// Impacts in force at the eight sizes, for closing longs (into the bids) and shorts (into the asks).
  public private(set) var longs: DepthValues
  public private(set) var shorts: DepthValues
  public private(set) var longWindow = ImpactWindow()
  public private(set) var shortWindow = ImpactWindow()
  /// Orders that entered by this command have rested since the last look; only they count.
  public var restedSince: UInt64

  /// Starts from the curves in force, read at the eight sizes and brought between floor and cap.
  public init(_ parameters: LiquidityParameters, from long: ImpactCurve, _ short: ImpactCurve, restedSince: UInt64) {
    precondition(parameters.fault == nil)
    self.parameters = parameters
    longs = DepthValues(repeating: 0)
    shorts = DepthValues(repeating: 0)
    self.restedSince = restedSince
    start(from: long, short)
  }

  /// A state that was stored.
  public init(
    _ parameters: LiquidityParameters, longs: DepthValues, shorts: DepthValues, longWindow: ImpactWindow,
    shortWindow: ImpactWindow, restedSince: UInt64
  ) {
    precondition(parameters.fault == nil && longWindow.count == shortWindow.count)
    self.parameters = parameters
    self.longs = longs
    self.shorts = shorts
    self.longWindow = longWindow
    self.shortWindow = shortWindow
    self.restedSince = restedSince
  }

  /// Other parameters from now on; with other sizes the measurements begin anew.
  public mutating func change(to new: LiquidityParameters) {
    precondition(new.fault == nil)
    let (long, short) = (longCurve, shortCurve)
    if !new.sizes.isEqual(to: parameters.sizes) {
      longWindow.clear()
      shortWindow.clear()
    }
    parameters = new
    start(from: long, short)
  }

  private mutating func start(from long: ImpactCurve, _ short: ImpactCurve) {
    for index in 0..<8 {
      let size = Quantity(parameters.sizes.at(index))
      longs.set(index, to: min(parameters.cap, max(parameters.floor, long.rate(size))).rawValue)
      shorts.set(index, to: min(parameters.cap, max(parameters.floor, short.rate(size))).rawValue)
    }
  }

  public var longCurve: ImpactCurve { curve(longs) }
  public var shortCurve: ImpactCurve { curve(shorts) }

  private func curve(_ rates: DepthValues) -> ImpactCurve {
    ImpactCurve(knots: (0..<8).lazy.map { (Quantity(parameters.sizes.at($0)), Rate(rates.at($0))) })
  }

  /// One look: what was measured on both sides goes into the windows, and each curve takes one step. Whether one changed.
  public mutating func look(longs measuredLongs: DepthValues, shorts measuredShorts: DepthValues) -> Bool {
    longWindow.append(measuredLongs)
    shortWindow.append(measuredShorts)
    let (oldLongs, oldShorts) = (longs, shorts)
    for index in 0..<8 {
      longs.set(index, to: moved(longs.at(index), toward: longWindow.worst(index, of: parameters.window)))
      shorts.set(index, to: moved(shorts.at(index), toward: shortWindow.worst(index, of: parameters.window)))
    }
    return !longs.isEqual(to: oldLongs) || !shorts.isEqual(to: oldShorts)
  }

  /// The impact in force moved by 2^−smoothing of the difference (away from zero when rising, toward zero when falling),
  /// by at most `change`, between floor and cap.
  ///
  /// Monotone in both arguments: a curve stays non-decreasing, and less depth never gives a lower one.
  private func moved(_ rate: Int64, toward measured: Int64) -> Int64 {
    let smoothed = rate - ((rate - measured) >> Int64(parameters.smoothing))
    let limited = min(rate + parameters.change.rawValue, max(rate - parameters.change.rawValue, smoothed))
    return min(parameters.cap.rawValue, max(parameters.floor.rawValue, limited))
  }

  public static func == (left: LiquidityState, right: LiquidityState) -> Bool {
    left.parameters == right.parameters && left.longs.isEqual(to: right.longs)
      && left.shorts.isEqual(to: right.shorts) && left.longWindow == right.longWindow
      && left.shortWindow == right.shortWindow && left.restedSince == right.restedSince
  }
}

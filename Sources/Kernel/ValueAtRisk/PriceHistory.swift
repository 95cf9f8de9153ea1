import Margin
import Values
import Wire

/// How the prices of all assets have moved, interval by interval: the scenarios of value at risk.
///
/// A ring of the newest 256 samples; each holds the relative change of every asset's price since the sample before, so
/// that a sample is one joint move of the market. An asset without a price at either end did not move.
struct PriceHistory: ~Copyable {
  /// Samples kept.
  static var capacity: Int { 256 }
  /// Shortest and longest interval, in milliseconds: a second and a week.
  static var intervals: ClosedRange<UInt32> { 1_000...604_800_000 }

  private let assets: Int
  /// Time between samples, in milliseconds; 0: none are taken.
  var interval: UInt32 = 0
  /// When the next one is due; ``Timestamp/never`` while there is no interval.
  var nextSample = Timestamp.never
  /// Samples that are known.
  private(set) var count = 0
  /// Where the next one goes.
  private var next = 0
  /// Whether ``lastPrices`` are of a sample.
  private var hasPrices = false
  private var lastPrices: ZeroedArray<Int64>
  private var returns: ZeroedArray<Int64>

  /// Room for assets 1…`assets`.
  init(assets: Int) {
    self.assets = assets + 1
    lastPrices = ZeroedArray(count: assets + 1)
    returns = ZeroedArray(count: Self.capacity * (assets + 1))
  }

  /// Forgets everything, and begins anew with another interval.
  mutating func restart(interval: UInt32, next: Timestamp) {
    self.interval = interval
    nextSample = next
    count = 0
    self.next = 0
    hasPrices = false
  }

  /// The relative change of an asset's price in the sample that is `age` samples old (0: the newest).
  func change(of asset: UInt32, age: Int) -> Rate {
    precondition(age < count, "no such sample")
    return Rate(returns[place(age) * assets + Int(asset)])
  }

  /// Takes a sample of `prices`, one for each of assets 1…n; zero: it has none.
  mutating func add(assets known: Int, price: (UInt32) -> Int64) {
    for asset in 1..<UInt32(assets) {
      let now = Int(asset) <= known ? price(asset) : 0
      let before = lastPrices[Int(asset)]
      if hasPrices {
        let change =
          before > 0 && now > 0
          ? (Int128(now - before) * 1_000_000_000).dividedRoundingDown(by: Int128(before)) : 0
        returns[next * assets + Int(asset)] = Int64(min(Int128(Rate.maximum.rawValue), change))
      }
      lastPrices[Int(asset)] = now
    }
    if hasPrices {
      next = (next + 1) % Self.capacity
      count = min(count + 1, Self.capacity)
    }
    hasPrices = true
  }

  private func place(_ age: Int) -> Int { (next + Self.capacity - 1 - age) % Self.capacity }

  // MARK: State

  /// Prices and samples, oldest first, of assets 1…n.
  func write(assets known: Int, to sink: inout StateChunk) {
    sink.put(interval)
    if interval == 0 { return }
    sink.put(nextSample.rawValue)
    sink.put(hasPrices)
    if !hasPrices { return }
    for asset in 1..<(known + 1) { sink.put(lastPrices[asset]) }
    sink.put(UInt32(count))
    for age in (0..<count).reversed() {
      for asset in 1..<(known + 1) { sink.put(returns[place(age) * assets + asset]) }
    }
  }

  mutating func read(assets known: Int, from reader: inout StateReader) throws(StateError) {
    interval = try reader.get()
    if interval == 0 { return }
    nextSample = Timestamp(try reader.get())
    hasPrices = try reader.flag("price history")
    guard Self.intervals.contains(interval), nextSample > Timestamp(0) else { throw .invalid("price history") }
    if !hasPrices { return }
    for asset in 1..<(known + 1) {
      lastPrices[asset] = try reader.get()
      guard (0...Limits.assetPrice).contains(lastPrices[asset]) else { throw .invalid("price history") }
    }
    count = try reader.count("price samples", atMost: Self.capacity)
    for sample in 0..<count {
      for asset in 1..<(known + 1) {
        let change = try reader.get(Int64.self)
        guard (-1_000_000_000...Rate.maximum.rawValue).contains(change) else { throw .invalid("price history") }
        returns[sample * assets + asset] = change
      }
    }
    next = count % Self.capacity
  }
}

extension Kernel {
  /// Protocol/rules.md §2.
  mutating func setPriceHistory(
    _ message: SetPriceHistory, _ command: Command, output: inout Output
  ) throws(Reject) {
    let interval = message.interval
    try require(
      interval == 0 || PriceHistory.intervals.contains(interval),
      Reject(.parameterOutOfRange, SetPriceHistory.Field.interval))
    if interval != history.interval {
      history.restart(interval: interval, next: interval == 0 ? .never : nextSampleTime(interval))
      armHistory()
    }
    acceptRequest(command, output: &output)
  }

  /// The next whole multiple of the interval.
  private func nextSampleTime(_ interval: UInt32) -> Timestamp {
    let length = Int64(interval) * 1_000_000
    let (next, overflow) = (time.rawValue / length + 1).multipliedReportingOverflow(by: length)
    return overflow ? .never : Timestamp(next)
  }

  mutating func armHistory() { timers.set(.history, 0, at: history.nextSample) }

  /// Takes the sample that is due; those that were missed are part of it.
  mutating func samplePrices() {
    let count = ledger.assets.count
    var prices = [Int64](repeating: 0, count: count + 1)
    for asset in 1..<UInt32(count + 1) { prices[Int(asset)] = ledger.assets[asset].price.rawValue }
    history.add(assets: count) { prices[Int($0)] }
    history.nextSample = nextSampleTime(history.interval)
    armHistory()
  }
}

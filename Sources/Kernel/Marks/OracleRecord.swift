import Margin
import Values

/// The last word of one oracle key on an asset's price.
struct OracleSource: BitwiseCopyable, Equatable {
  var key: KeyId
  var time: Timestamp
  /// In the asset's price units; may be zero or negative.
  var price: Int64
  /// Half the width of its confidence interval; 0: it gave none.
  var confidence: Int64
  /// The slow price it gave; 0: none.
  var stablePrice: Int64
}

/// The index of one asset: what its sources say and what became of it. All zero bytes: no parameters are set, and every
/// IndexPrice is the index.
struct OracleRecord: BitwiseCopyable {
  var limits: OracleLimits
  private(set) var sourceCount: Int
  private var sources: InlineArray<8, OracleSource>
  /// The index as its quorum last had it. Not the asset's price where it is not positive.
  var index: Int64
  var hasIndex: Bool
  /// The sources' median confidence, in the index's units.
  var confidence: Int64
  /// When the index last had its quorum: its age counts from here.
  var heardAt: Timestamp
  /// Why it is guarded.
  var cause: OracleCause
  /// Since when nobody is liquidated on it; 0: somebody may be.
  var suspectSince: Timestamp
  /// When the guard was last looked at: what the next look is due after.
  var assessedAt = Timestamp(0)
  var average: IndexAverage
  /// Cached: the instruments whose marks are made from it, by slot.
  var firstMarked: UInt32

  /// No parameters.
  static var none: OracleRecord {
    OracleRecord(
      limits: OracleLimits(riskAge: 0, liquidationAge: 0, deviation: .zero, confidence: .zero, quorum: 0),
      sourceCount: 0,
      sources: .init(
        repeating: OracleSource(key: .venue, time: Timestamp(0), price: 0, confidence: 0, stablePrice: 0)),
      index: 0, hasIndex: false, confidence: 0, heardAt: Timestamp(0), cause: .none, suspectSince: Timestamp(0),
      average: IndexAverage(), firstMarked: 0)
  }

  var isSet: Bool { limits.quorum > 0 }

  func source(_ number: Int) -> OracleSource {
    precondition(number < sourceCount)
    return sources[number]
  }

  /// Where a source may speak: its own place, a new one, or that of the one silent for longest, if it is older than a2.
  func place(for key: KeyId, at time: Timestamp) -> Int? {
    for number in 0..<sourceCount where sources[number].key == key { return number }
    if sourceCount < SourceMedian.capacity { return sourceCount }
    var oldest = 0
    for number in 1..<sourceCount where sources[number].time < sources[oldest].time { oldest = number }
    return time.rawValue - sources[oldest].time.rawValue > limits.liquidationAge ? oldest : nil
  }

  mutating func set(_ source: OracleSource, at place: Int) {
    precondition(place <= sourceCount && place < SourceMedian.capacity)
    sources[place] = source
    sourceCount = max(sourceCount, place + 1)
  }

  /// Whether a source's word still counts.
  func isFresh(_ number: Int, at time: Timestamp) -> Bool {
    time.rawValue - sources[number].time.rawValue <= limits.riskAge
  }

  /// The newest moment since which a quorum has spoken, or `nil`.
  private var quorumTime: Timestamp? {
    var newest: Timestamp?
    for number in 0..<sourceCount {
      let time = sources[number].time
      var heard = 0
      for other in 0..<sourceCount where sources[other].time >= time { heard += 1 }
      if heard >= limits.quorum && time > newest ?? Timestamp(-1) { newest = time }
    }
    return newest
  }

  /// Takes the index anew from the fresh sources. With fewer of them than the quorum nothing moves.
  /// - Returns: the price and slow price that the asset has from now on; `nil`: they stay.
  mutating func move(at time: Timestamp) -> (price: Price, stable: Price?)? {
    if let quorumTime { heardAt = max(heardAt, quorumTime) }
    var (prices, confidences, stables) = (SourceMedian(), SourceMedian(), SourceMedian())
    for number in 0..<sourceCount where isFresh(number, at: time) {
      prices.insert(sources[number].price)
      confidences.insert(sources[number].confidence)
      if sources[number].stablePrice > 0 { stables.insert(sources[number].stablePrice) }
    }
    guard prices.count >= limits.quorum, let price = prices.median else { return nil }
    index = price
    hasIndex = true
    confidence = confidences.median ?? 0
    guard price > 0 else { return nil }
    average.record(price, at: time)
    return (Price(price), stables.median.map { Price($0) })
  }

  /// A first index that no source has named: it counts as heard by a quorum at `time`.
  mutating func adopt(_ price: Price, at time: Timestamp) {
    index = price.rawValue
    hasIndex = true
    confidence = 0
    heardAt = time
    average.record(price.rawValue, at: time)
  }

  func age(at time: Timestamp) -> Int64 { time.rawValue - heardAt.rawValue }

  /// The guard it must stand under at `time`.
  func assess(at time: Timestamp) -> (guard: OracleGuard, cause: OracleCause) {
    isSet
      ? limits.assess(
        price: hasIndex ? index : nil, age: age(at: time), mean: average.mean(at: time), confidence: confidence)
      : (.normal, .none)
  }

  /// When its age next changes what it admits.
  func nextChange(at time: Timestamp) -> Timestamp {
    guard isSet, hasIndex, age(at: time) <= limits.liquidationAge else { return .never }
    let limit = age(at: time) <= limits.riskAge ? limits.riskAge : limits.liquidationAge
    let (due, overflow) = heardAt.rawValue.addingReportingOverflow(limit + 1)
    return overflow ? .never : Timestamp(due)
  }
}

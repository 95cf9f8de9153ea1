import Margin
import Values

/// How an instrument's mark is made from the index, its book and its last trade; set by the risk administrator.
struct MarkParameters: BitwiseCopyable, Equatable {
  /// Between two samples of the basis, in nanoseconds; 0: the mark is not computed, oracle keys set it.
  var interval: Int64
  /// Least time between two publications, in nanoseconds.
  var minimumInterval: Int64
  /// Least move that is published, in price units, at least 1.
  var minimumMove: Int64
  /// How far the mark may be from the index, as a rate of it.
  var band: Rate
  /// Weight of one sample in the average basis.
  var basisWeight: Rate
}

/// The mark of one instrument. All zero bytes: it is not computed.
struct MarkRecord: BitwiseCopyable {
  var parameters: MarkParameters
  var basis: BasisAverage
  /// When the mark was last published.
  var publishedAt: Timestamp
  /// When the basis is next sampled.
  var sampleDue: Timestamp
  /// When a move that came too soon after the last one is published; ``Timestamp/never``: none waits.
  var publicationDue: Timestamp
  /// Cached: 10^x/priceUnit of the index, and the next instrument of the same index.
  var numerator: Int64
  var denominator: Int64
  var nextMarked: UInt32

  /// Not computed.
  static var none: MarkRecord {
    MarkRecord(
      parameters: MarkParameters(interval: 0, minimumInterval: 0, minimumMove: 0, band: .zero, basisWeight: .zero),
      basis: BasisAverage(), publishedAt: Timestamp(0), sampleDue: Timestamp(0), publicationDue: Timestamp(0),
      numerator: 0, denominator: 0, nextMarked: 0)
  }

  var isSet: Bool { parameters.interval > 0 }
}

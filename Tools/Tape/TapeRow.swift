import Values

/// One command of a tape, in the tape's own units.
public struct TapeRow: Equatable, Sendable {
  /// What a row asks for; the raw value is its letter in the file.
  public enum Kind: UInt8, CaseIterable, Sendable {
    /// An order resting at the start: added without matching.
    case resting = 0x53
    /// A change while the market is not trading: price and size are set without matching; an unknown id is added.
    case revision = 0x52
    /// A new limit order; what does not trade stays.
    case limit = 0x4E
    /// A new order that trades at once; what is left is cancelled.
    case immediate = 0x49
    /// A new limit order that is refused if it would trade at once.
    case postOnly = 0x50
    /// Cancels what is left; unknown or done ids are ignored.
    case cancel = 0x43
    /// Changes price and size; an unknown or done id acts as ``limit``.
    case modify = 0x4D
    /// Changes into an order that trades at once; what is left is cancelled.
    case modifyImmediate = 0x4A

    /// Whether the row takes part in trading, so that the instrument must be in continuous trading.
    public var needsContinuousTrading: Bool {
      switch self {
      case .resting, .revision, .cancel: false
      case .limit, .immediate, .postOnly, .modify, .modifyImmediate: true
      }
    }

    /// Whether the row adds or changes an order without matching, so that the instrument must be closed to matching.
    public var needsClosedMarket: Bool { self == .resting || self == .revision }

    /// The letter in the file.
    public var letter: String { String(Unicode.Scalar(rawValue)) }
  }

  /// The tape's number of the command; fills refer to it.
  public var sequence: UInt64
  /// Nanoseconds since the Unix epoch.
  public var time: Int64
  public var kind: Kind
  public var orderId: UInt64
  public var side: Side
  public var price: Int64
  public var size: Int64
  /// What an iceberg shows at a time; 0: the order is plain.
  public var display: Int64
  /// What an iceberg holds besides ``size``; counts only when ``display`` is above 0.
  public var hidden: Int64

  public init(
    sequence: UInt64, time: Int64, kind: Kind, orderId: UInt64, side: Side, price: Int64, size: Int64,
    display: Int64 = 0, hidden: Int64 = 0
  ) {
    self.sequence = sequence
    self.time = time
    self.kind = kind
    self.orderId = orderId
    self.side = side
    self.price = price
    self.size = size
    self.display = display
    self.hidden = hidden
  }

  /// All that the order holds: the hidden part of an iceberg included.
  public var quantity: Int64 { display > 0 ? size + hidden : size }
}

/// One published fill, in the tape's own units.
public struct TapeFill: Equatable, Sendable {
  /// Number of the command that caused it.
  public var sequence: UInt64
  public var takerId: UInt64
  public var makerId: UInt64
  public var price: Int64
  public var size: Int64

  public init(sequence: UInt64, takerId: UInt64, makerId: UInt64, price: Int64, size: Int64) {
    self.sequence = sequence
    self.takerId = takerId
    self.makerId = makerId
    self.price = price
    self.size = size
  }
}

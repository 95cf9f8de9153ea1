import Values

// Records of portfolio mode. Risk groups and credits are durable; everything else is derived from positions and marks.

/// All instruments of one underlying asset, for portfolio mode.
@frozen public struct RiskGroup: BitwiseCopyable {
  /// Slot of the underlying asset.
  public var asset: UInt32
  public var parameters: GroupParameters
  /// First relation to another group; each group has a list through ``GroupCredit``.
  public var firstCredit: UInt32 = 0
  /// Cached. Rises with every change of the parameters.
  public var epoch: UInt64 = 1
  /// Cached: accounts on its watch list.
  public var watched: UInt32 = 0

  public init(asset: UInt32, parameters: GroupParameters) {
    self.asset = asset
    self.parameters = parameters
  }
}

/// Cached: the risk array of an instrument, and what it was made of.
@frozen public struct InstrumentRisk: BitwiseCopyable {
  public var array = RiskArray()
  public var epoch: UInt64 = 0
  public var groupEpoch: UInt64 = 0
  public var range = Rate.zero

  public init() {}
}

/// What one account has in one risk group. All of it is cached.
@frozen public struct Holding: BitwiseCopyable {
  /// S = Σ c(q), and W = Σ min(c(x+), c(x−)).
  public var held = ScanVector(repeating: 0)
  public var worst = ScanVector(repeating: 0)
  /// Σ lots × reach. Above ``RiskArray/narrow`` vectors, expiries and figures here mean nothing: it is all reckoned anew,
  /// with 128 bits, when it is asked for.
  public var reach: Int128 = 0
  public var group: UInt32
  /// Next holding of the account, by id of the underlying.
  public var next: UInt32 = 0
  public var firstExpiry: UInt32 = 0
  public var legCount: UInt32 = 0
  /// Short option lots: as they are, and with all open sells filled.
  public var shortHeld: Int64 = 0
  public var shortWorst: Int64 = 0
  @usableFromInline var heldFigures = NarrowFigures()
  @usableFromInline var worstFigures = NarrowFigures()
  /// What the vectors were made with; epoch 0: they are stale.
  public var range = Rate.zero
  public var groupEpoch: UInt64 = 0

  public init(group: UInt32) { self.group = group }

  @inlinable @inline(__always) public var isWide: Bool { reach > RiskArray.narrow }
}

/// ``GroupFigures`` without the short option minimum, in the 64 bits that they have while reach is narrow.
@frozen @usableFromInline struct NarrowFigures: BitwiseCopyable {
  @usableFromInline var scanLoss: Int64 = 0
  @usableFromInline var spread: Int64 = 0
  @usableFromInline var delta: Int64 = 0

  @inlinable init() {}
}

/// Cached: delta notional of one account in one expiry of a group (perpetuals: expiry 0), and its bounds over all fills.
@frozen public struct ExpiryDelta: BitwiseCopyable {
  public let expiry: Int64
  public var next: UInt32 = 0
  public var legCount: UInt32 = 0
  public var held: Int64 = 0
  public var low: Int64 = 0
  public var high: Int64 = 0

  public init(expiry: Int64) { self.expiry = expiry }
}

/// Cached: the lots with which a position stands in its holding's vectors: q, x+ and x−.
@frozen public struct PortfolioLeg: BitwiseCopyable {
  public let holding: UInt32
  public let expiry: UInt32
  public var held: Int64 = 0
  public var long: Int64 = 0
  public var short: Int64 = 0

  public init(holding: UInt32, expiry: UInt32) {
    self.holding = holding
    self.expiry = expiry
  }

  @inlinable @inline(__always) var isEmpty: Bool { held | long | short == 0 }
}

import Values

// The records of the ledger's pools. Fields under "cached" are derived and never written to a snapshot.

/// The owner of accounts.
@frozen public struct Master: BitwiseCopyable {
  public var id: MasterId
  public var killed = KillAuthority.released
  public var accountCount: UInt32 = 0
  /// First and last of its accounts, in order of creation.
  public var firstAccount: UInt32 = 0
  public var lastAccount: UInt32 = 0
  /// Cached. Rises when an exposure of the master changes: its accounts' terms may be stale.
  public var epoch: UInt64 = 1

  public init(id: MasterId) { self.id = id }
}

/// A trading account: one pool of money and one requirement.
@frozen public struct Account: BitwiseCopyable {
  public var id: AccountId
  public var master: UInt32
  /// Isolated sub-accounts: the account that funds it and the one instrument it trades.
  public var parent: AccountId
  public var isolatedInstrument: InstrumentId
  public var leverageCap: UInt16
  public var mode: AccountMode
  public var flags: AccountFlags
  public var killed = KillAuthority.released
  /// House policy: requirements times this, at least 1.
  public var multiplier: Rate
  /// What it pays of the instruments' fees.
  public var feeTier = FeeTier()
  /// Self-trade prevention: accounts of the same group count as one; 0: those of its master.
  public var preventionGroup: UInt32 = 0
  /// The kernel has controls before trading for it.
  public var isLimited = false
  /// Settlement balance, mq, and the index of its interest that it was last settled at (zero: 1).
  public var cash = Money.zero
  public var cashIndex = InterestIndex.one
  /// What open orders can pay out of, and bring into, the settlement balance.
  public var payable = Money.zero
  public var receivable = Money.zero
  public var openOrders: UInt32 = 0
  public var positionCount: UInt32 = 0
  /// Positions in order of instrument id; balances in order of asset id.
  public var firstPosition: UInt32 = 0
  public var firstBalance: UInt32 = 0
  /// Next account of the same master, in order of creation.
  public var nextInMaster: UInt32 = 0

  /// How it stands: the last edge that was found passed.
  public var state = MarginState.normal
  /// In liquidation: the queue it is in, and the next account there.
  public var queue: UInt8 = 0
  public var nextInQueue: UInt32 = 0
  /// In liquidation: rounds in a row that brought nothing, and since when its markets stand still (0: they do not).
  public var fruitlessRounds: UInt16 = 0
  public var stalledSince = Timestamp(0)

  /// Cached: sums over the positions (see ``PositionTerms``), in portfolio mode with what the risk groups need.
  public var terms = PositionTerms()
  /// Cached, portfolio mode: the holdings by risk group, and what all of them add to the sums.
  public var firstHolding: UInt32 = 0
  public var groupMaintenance = Money.zero
  public var groupInitial = Money.zero
  /// Cached: value of the other assets.
  public var collateralMaintenance = Money.zero
  public var collateralInitial = Money.zero
  /// Cached: reserve for all open spot orders.
  public var spotReserve = Money.zero
  /// Cached: ledger and master epochs of the last refresh.
  public var seenEpoch: UInt64 = 0
  public var seenMasterEpoch: UInt64 = 0
  /// Cached: interest that the settlement balance has coming: counts in full in both equities.
  public var interestDue = Money.zero
  /// Within one command: interest that was paid and has not been reported.
  public var settledInterest = Money.zero
  /// What the account's positions and balances add at least to ℓ·E − k·MM while their coordinates stay in their bands:
  /// Bands/Floors.swift.
  public var bandFloor = Money.zero
  /// Portfolio mode: it is on the watch lists of its risk groups (Bands/WatchList.swift).
  public var isWatched = false
  /// Cached: the spot reserve must be reckoned anew.
  public var spotStale = false
  /// Within one command: the command that first came to this account as a maker, and its standing then.
  public var standing = false
  public var standingCommand: UInt64 = 0

  public init(
    id: AccountId, master: UInt32, parent: AccountId, isolatedInstrument: InstrumentId, leverageCap: UInt16,
    mode: AccountMode, flags: AccountFlags, multiplier: Rate
  ) {
    self.id = id
    self.master = master
    self.parent = parent
    self.isolatedInstrument = isolatedInstrument
    self.leverageCap = leverageCap
    self.mode = mode
    self.flags = flags
    self.multiplier = multiplier
  }

  @inlinable @inline(__always) public var mayBorrow: Bool { flags.contains(.mayBorrow) }
  @inlinable @inline(__always) public var isIsolated: Bool { parent != .none }
}

/// A balance in an asset other than the settlement currency.
@frozen public struct Balance: BitwiseCopyable {
  public var account: UInt32
  public var asset: UInt32
  public var next: UInt32 = 0
  /// Quanta of the asset; negative: a debt. As of the last change: ``Ledger/amount(of:)`` says what it is now.
  public var amount: Int64 = 0
  /// The index of its interest that it was last settled at (zero: 1).
  public var index = InterestIndex.one
  /// What open orders can pay out of, and bring into, it.
  public var payable = Money.zero
  public var receivable = Money.zero

  /// Cached values, and the asset's epoch they belong to.
  public var epoch: UInt64 = 0
  public var valueMaintenance = Money.zero
  public var valueInitial = Money.zero
  /// Within one command: interest that was paid and has not been reported.
  public var settledInterest = Money.zero

  public init(account: UInt32, asset: UInt32) {
    self.account = account
    self.asset = asset
  }
}

/// The worst-case lots of one master in one instrument: Σ max(0, x+) and Σ max(0, −x−) over its accounts.
@frozen public struct Exposure: BitwiseCopyable {
  public var long: Int64 = 0
  public var short: Int64 = 0
  /// Rises with every change.
  public var epoch: UInt64 = 1

  public init() {}
}

/// What one position adds to its account's sums.
@frozen public struct PositionTerms: BitwiseCopyable, Equatable, Sendable {
  /// U: unrealised profit at the mark.
  public var profit = Money.zero
  /// min(U, ⌊w·U⌋): what initial equity counts of it.
  public var profitInitial = Money.zero
  /// Funding it has coming: counts in full in both equities.
  public var fundingDue = Money.zero
  public var maintenanceMargin = Money.zero
  /// max(I(x+), I(x−)) + open loss + fee provision.
  public var initialMargin = Money.zero
  /// All lots, open orders included, at the worst of mark and limits: for the entry bound only.
  public var gross = Money.zero

  public init() {}

  @inlinable @inline(__always) public static func += (left: inout PositionTerms, right: PositionTerms) {
    left.profit += right.profit
    left.profitInitial += right.profitInitial
    left.fundingDue += right.fundingDue
    left.maintenanceMargin += right.maintenanceMargin
    left.initialMargin += right.initialMargin
    left.gross += right.gross
  }

  @inlinable @inline(__always) public static func -= (left: inout PositionTerms, right: PositionTerms) {
    left.profit -= right.profit
    left.profitInitial -= right.profitInitial
    left.fundingDue -= right.fundingDue
    left.maintenanceMargin -= right.maintenanceMargin
    left.initialMargin -= right.initialMargin
    left.gross -= right.gross
  }
}

/// I(x) as it was last reckoned: it holds for the same lots, the same lots of the whole master, and the same epoch.
@frozen public struct KnownMargin: BitwiseCopyable {
  @usableFromInline let lots: Int64
  @usableFromInline let whole: Int64
  @usableFromInline let amount: Money

  @inlinable init(lots: Int64 = 0, whole: Int64 = 0, amount: Money = .zero) {
    self.lots = lots
    self.whole = whole
    self.amount = amount
  }
}

/// An account's position and open orders in one instrument. Spot pairs have no position, only orders.
@frozen public struct Position: BitwiseCopyable {
  public var account: UInt32
  public var instrument: UInt32
  public var exposure: UInt32
  /// Next position of the account, by instrument id.
  public var next: UInt32 = 0
  /// Spot: balance records of base and quote; zero for the settlement currency.
  public var baseBalance: UInt32 = 0
  public var quoteBalance: UInt32 = 0
  /// First and last open order, by entry; kept by the kernel.
  public var firstOrder: UInt32 = 0
  public var lastOrder: UInt32 = 0
  /// Cached, portfolio mode: its place in a risk group; zero in the other modes.
  public var leg: UInt32 = 0
  /// q, signed.
  public var quantity = Quantity.zero
  /// Signed entry value of the open lots, mq. No average price is kept apart from it.
  public var cost = Money.zero
  /// F0: the funding index it was last settled at.
  public var funding = FundingIndex.zero
  /// Lots of open orders: B, S and their reduce-only parts.
  public var openBuy = Quantity.zero
  public var openSell = Quantity.zero
  public var reduceBuy = Quantity.zero
  public var reduceSell = Quantity.zero
  /// Bx, Sx: worst own limit since that side was last empty; meaningless while the side is empty.
  public var worstBuy = Price(0)
  public var worstSell = Price(0)
  /// Fee provisions of the open orders, in quanta of the quote asset.
  public var provision = Money.zero

  /// Its part of the account's ``Account/bandFloor``.
  public var bandFloor = Money.zero

  /// Cached: terms, and the epochs they belong to.
  public var terms = PositionTerms()
  public var epoch: UInt64 = 0
  public var exposureEpoch: UInt64 = 0
  /// Cached: I(x+), I(x−), and the lots that the maintenance margin in the terms is of. They belong to ``epoch``.
  @usableFromInline var longMargin = KnownMargin()
  @usableFromInline var shortMargin = KnownMargin()
  @usableFromInline var maintenanceLots: Int64 = 0
  /// Cached: this account's part of the master's exposure.
  public var exposedLong: Int64 = 0
  public var exposedShort: Int64 = 0
  /// Within one fill-or-kill count: lots counted so far, and the command they belong to.
  public var countedLots: Int64 = 0
  public var countedCommand: UInt64 = 0

  public init(account: UInt32, instrument: UInt32, exposure: UInt32) {
    self.account = account
    self.instrument = instrument
    self.exposure = exposure
  }

  /// x+: position if all buys fill (reduce-only ones as far as they reduce).
  @inlinable @inline(__always) public var worstLong: Int64 { worstLong(with: 0, isReduceOnly: false) }
  /// x−: position if all sells fill.
  @inlinable @inline(__always) public var worstShort: Int64 { worstShort(with: 0, isReduceOnly: false) }

  /// x+ with one more buy order.
  @inlinable @inline(__always) public func worstLong(with lots: Int64, isReduceOnly: Bool) -> Int64 {
    let (open, reduce) = isReduceOnly ? (0, lots) : (lots, 0)
    return quantity.rawValue + openBuy.rawValue + open + min(reduceBuy.rawValue + reduce, max(-quantity.rawValue, 0))
  }
  /// x− with one more sell order.
  @inlinable @inline(__always) public func worstShort(with lots: Int64, isReduceOnly: Bool) -> Int64 {
    let (open, reduce) = isReduceOnly ? (0, lots) : (lots, 0)
    return quantity.rawValue - openSell.rawValue - open - min(reduceSell.rawValue + reduce, max(quantity.rawValue, 0))
  }
  /// B': buy lots that can really fill; reduce-only ones also close what open sells may build up first.
  @inlinable @inline(__always) public var reachableBuy: Int64 {
    openBuy.rawValue + min(reduceBuy.rawValue, max(-quantity.rawValue, 0) + openSell.rawValue)
  }
  /// S'.
  @inlinable @inline(__always) public var reachableSell: Int64 {
    openSell.rawValue + min(reduceSell.rawValue, max(quantity.rawValue, 0) + openBuy.rawValue)
  }
  /// Whether it has lots, held or on order. A record without any is as good as none.
  @inlinable public var isHeld: Bool { quantity != .zero || allBuy + allSell > 0 }
  @inlinable @inline(__always) public var allBuy: Int64 { openBuy.rawValue + reduceBuy.rawValue }
  @inlinable @inline(__always) public var allSell: Int64 { openSell.rawValue + reduceSell.rawValue }

  /// Lots by which an order of `side` can reduce the position.
  @inlinable @inline(__always) public func reducible(by side: Side) -> Int64 {
    side == .buy ? max(0, -quantity.rawValue) : max(0, quantity.rawValue)
  }
}

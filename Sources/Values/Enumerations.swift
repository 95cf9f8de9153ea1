// The codes of the wire, as Swift enumerations. Protocol/lockstep.xml lists the same names and codes; a test compares.

/// Which side of the book an order is on.
@frozen public enum Side: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case buy = 0
  case sell = 1

  @inlinable public var opposite: Side { self == .buy ? .sell : .buy }

  /// Whether an order of this side at `limit` trades with a resting order at `price`.
  @inlinable public func crosses(limit: Price, resting price: Price) -> Bool {
    self == .buy ? price <= limit : price >= limit
  }
}

/// Which sides a mass cancel covers.
@frozen public enum SideScope: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case buy = 0
  case sell = 1
  case both = 2
}

@frozen public enum OrderType: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case limit = 0
  /// Trades at once, never worse than the order's price field (the protection price); never rests.
  case market = 1
  /// Becomes a limit order at the best opposite price, but no worse than its price field; the rest stays there.
  case marketToLimit = 2
}

@frozen public enum TimeInForce: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case goodTillCancel = 0
  case immediateOrCancel = 1
  case fillOrKill = 2
  /// Good till the next midnight UTC.
  case day = 3
  /// Good till its expiry.
  case goodTillDate = 4

  /// Whether what does not trade at once stays in the book.
  @inlinable public var rests: Bool { self != .immediateOrCancel && self != .fillOrKill }
}

/// What happens when an order would trade with an order of the same master.
@frozen public enum SelfTradePrevention: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case allow = 0
  case cancelNewest = 1
  case cancelOldest = 2
  case cancelBoth = 3
  /// Both lose the lots that the smaller one has open; no trade.
  case decrement = 4
}

/// The price that a contingent order waits for.
@frozen public enum TriggerSource: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case mark = 0
  /// The last trade.
  case last = 1
  /// The index of the base asset, in the instrument's price units, while it is not guarded.
  case index = 2
}

/// Which way the price must come from.
@frozen public enum TriggerCondition: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Against the order's side: a buy is released at or above its trigger price, a sell at or below it.
  case stop = 0
  /// For the order's side: a buy is released at or below its trigger price, a sell at or above it.
  case takeProfit = 1
}

/// What the trigger price of a contingent order does.
@frozen public enum TrailingUnit: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// It stands still.
  case none = 0
  /// It follows the best price at a distance in price units.
  case ticks = 1
  /// At a distance that is a part of the best price, rounded down, at least one price unit.
  case partsPerMillion = 2
}

@frozen public enum InstrumentKind: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case spot = 0
  case perpetual = 1
  /// Linear, with an expiry.
  case future = 2
  /// European, premium style.
  case option = 3

  /// Worth lots × mark − cost: a perpetual or a dated future.
  @inlinable public var isLinear: Bool { self == .perpetual || self == .future }
  /// Held as a position, not as balances.
  @inlinable public var isDerivative: Bool { self != .spot }
}

/// Which right an option gives.
@frozen public enum OptionType: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Pays max(0, settlement price − strike).
  case call = 0
  /// Pays max(0, strike − settlement price).
  case put = 1
}

/// What a row of Greeks is about.
@frozen public enum GreeksScope: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case position = 0
  /// A balance in the underlying itself.
  case balance = 1
  /// The sum over an underlying, and its hedge.
  case underlying = 2
  /// The sum over the account.
  case account = 3
}

/// What an instrument admits just now.
@frozen public enum Phase: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Only cancels.
  case halted = 0
  /// Orders are accepted, replaced and cancelled but nothing trades; the book may stand crossed.
  case closedToMatching = 1
  case continuous = 2
  /// Its settlement price is set; it never trades again.
  case expired = 3
}

/// Where an instrument stands in its life, beside its phase.
@frozen public enum Listing: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Its phase says what it admits.
  case active = 0
  /// Halted until the time of its activation.
  case pending = 1
  /// Halted until the operator resumes it.
  case suspended = 2
  /// It never trades again, and its id is not used again.
  case delisted = 3
}

/// The next step of an instrument's life.
@frozen public enum ListingAction: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Opens a new or halted instrument, at once or at a time.
  case activate = 0
  /// Halts it; orders stay.
  case suspend = 1
  /// Ends a suspension.
  case resume = 2
  /// Cancels its orders; positions in a perpetual are settled at its mark.
  case delist = 3
}

@frozen public enum AccountMode: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Instrument-specific requirements (margin tiers, size, volatility, liquidity).
  case standard = 0
  /// The requirement is the maximal loss: never called, never liquidated.
  case fullyCollateralised = 1
  /// Sixteen scenarios per underlying over all its positions, with credits between underlyings.
  case portfolio = 2
}

/// What the venue did with an account in liquidation, or with one that has to stand in for another.
@frozen public enum LiquidationAction: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// A fill of an order that the venue sent for the account.
  case orderFilled = 0
  /// Paid to the insurance fund.
  case penalty = 1
  /// The insurance fund has taken the position at the bankruptcy price.
  case takeover = 2
  /// The insurance fund has taken the whole account at the marks.
  case accountTakeover = 3
  /// A fill of an order of the insurance fund.
  case unwound = 4
  /// The position was closed against one of the insurance fund.
  case deleveraged = 5
  /// A part of open profits went to the insurance fund, which had nothing left.
  case lossShared = 6
}

/// What a trigger band is about.
@frozen public enum BandFactor: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Mark of the instrument, in price units.
  case mark = 0
  /// Volatility rate of the instrument and all rises of its impact curve so far, in ppb.
  case rate = 1
  /// Price of the asset.
  case price = 2
  /// Underlying price behind the mark of an option, in price units.
  case underlying = 3
  /// Implied volatility behind the mark of an option, in ppb.
  case impliedVolatility = 4
  /// Time from the last pricing of an option to its expiry, in nanoseconds.
  case timeToExpiry = 5
  /// Samples of the settlement price of an option still to come.
  case samples = 6
  /// Upper bound: as ``rate``, of the instrument that the scan range follows. Lower bound: its volatility rate.
  case scanRange = 7
}

/// How an account stands, from good to bad. Edges and hysteresis are liquidation parameters of the venue.
@frozen public enum MarginState: UInt8, BitwiseCopyable, CaseIterable, Comparable, Sendable {
  case normal = 0
  /// Initial equity is below initial margin: only orders that reduce risk.
  case reduceOnly = 1
  /// Maintenance margin uses more of equity than the first, or the second, call level.
  case firstCall = 2
  case secondCall = 3
  /// Equity fell below maintenance margin: the venue closes positions.
  case liquidation = 4
  /// Equity is negative.
  case bankrupt = 5

  @inlinable public static func < (left: MarginState, right: MarginState) -> Bool { left.rawValue < right.rawValue }
}

@frozen public enum KillScope: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case account = 0
  case master = 1
  case venue = 2
  /// The session of a login key: the orders that it entered.
  case key = 3
}

/// Who engaged a kill switch. It is released by the same authority or a higher one.
@frozen public enum KillAuthority: UInt8, BitwiseCopyable, CaseIterable, Comparable, Sendable {
  /// Not engaged.
  case released = 0
  /// A trader, on its own account or key.
  case trader = 1
  /// The firm's administrator.
  case firmAdmin = 2
  /// The venue's operator, or the venue itself.
  case `operator` = 3

  @inlinable public static func < (left: KillAuthority, right: KillAuthority) -> Bool {
    left.rawValue < right.rawValue
  }
}

@frozen public enum Liquidity: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case maker = 0
  case taker = 1
}

/// What survives what, once a report has been seen.
@frozen public enum Durability: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Nothing is promised.
  case none = 0
  /// Survives the death of the process (kill −9), not of the machine.
  case os = 1
  /// Survives power loss: reports wait for the disk.
  case batch = 2
}

/// What a market-data subscription tells.
@frozen public enum FeedKind: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Every visible order.
  case orders = 0
  /// Aggregated price levels.
  case levels = 1
  /// What moves margin: rates, marks, funding, liquidations. No book; numbers run on from the snapshot's.
  case risk = 2
  /// Best bid and ask, once per command that has changed them. Of one instrument, or of all.
  case best = 3
  /// Trades alone. Of one instrument, or of all.
  case trades = 4
  /// What was traded since midnight UTC. Of one instrument, or of all.
  case statistics = 5
  /// Definitions and phases of all instruments.
  case instruments = 6
}

/// Order attributes that are bits on the wire.
@frozen public struct OrderFlags: OptionSet, BitwiseCopyable, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Reject instead of taking liquidity.
  @inlinable public static var postOnly: OrderFlags { OrderFlags(rawValue: 1) }
  /// Only ever brings the position nearer to zero.
  @inlinable public static var reduceOnly: OrderFlags { OrderFlags(rawValue: 2) }
  /// With ``postOnly``: where it would take liquidity, its price moves to the best that does not.
  @inlinable public static var reprice: OrderFlags { OrderFlags(rawValue: 4) }
  /// With ``reduceOnly``: the quantity is the whole position; the quantity field is 0.
  @inlinable public static var closePosition: OrderFlags { OrderFlags(rawValue: 8) }
  /// One side of a quote. Set by the venue, never by an order.
  @inlinable public static var quote: OrderFlags { OrderFlags(rawValue: 128) }
  /// All that an order may ask for.
  @inlinable public static var all: OrderFlags { [.postOnly, .reduceOnly, .reprice, .closePosition] }
}

/// What must hold for a guarded order to enter.
@frozen public struct OrderGuards: OptionSet, BitwiseCopyable, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// The account's tag must be the one given.
  @inlinable public static var account: OrderGuards { OrderGuards(rawValue: 1) }
  /// The market's tag must be the one given.
  @inlinable public static var market: OrderGuards { OrderGuards(rawValue: 2) }
  /// The book's tag must be the one given.
  @inlinable public static var book: OrderGuards { OrderGuards(rawValue: 4) }
  /// Initial margin after the order must not be above the one given.
  @inlinable public static var maximumInitialMargin: OrderGuards { OrderGuards(rawValue: 8) }
  /// Free margin after the order must not be below the one given.
  @inlinable public static var minimumFree: OrderGuards { OrderGuards(rawValue: 16) }
  @inlinable public static var all: OrderGuards { OrderGuards(rawValue: 31) }
}

/// Kinds of instruments, as a choice of several.
@frozen public struct InstrumentKinds: OptionSet, BitwiseCopyable, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public static var spot: InstrumentKinds { InstrumentKinds(.spot) }
  @inlinable public static var perpetual: InstrumentKinds { InstrumentKinds(.perpetual) }
  @inlinable public static var future: InstrumentKinds { InstrumentKinds(.future) }
  @inlinable public static var option: InstrumentKinds { InstrumentKinds(.option) }
  @inlinable public static var all: InstrumentKinds { InstrumentKinds(rawValue: 15) }
  /// One kind.
  @inlinable public init(_ kind: InstrumentKind) { self.init(rawValue: 1 << kind.rawValue) }
}

/// Account attributes that are bits on the wire.
@frozen public struct AccountFlags: OptionSet, BitwiseCopyable, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Balances may become negative (a debt), at margin.
  @inlinable public static var mayBorrow: AccountFlags { AccountFlags(rawValue: 1) }
  @inlinable public static var all: AccountFlags { [.mayBorrow] }
}

/// What a key may do. The kernel checks the bits at the moment a command is applied.
@frozen public struct Roles: OptionSet, BitwiseCopyable, Hashable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// Orders, transfers and queries on the accounts of the key's own master.
  @inlinable public static var trader: Roles { Roles(rawValue: 1 << 0) }
  /// Mass quotes on the accounts of the key's own master.
  @inlinable public static var marketMaker: Roles { Roles(rawValue: 1 << 1) }
  /// Deposits, withdrawals, transfers between masters.
  @inlinable public static var treasurer: Roles { Roles(rawValue: 1 << 2) }
  /// Accounts, keys and roles; cannot grant what it lacks.
  @inlinable public static var registrar: Roles { Roles(rawValue: 1 << 3) }
  /// Schedules, margin parameters, impact curves.
  @inlinable public static var riskAdmin: Roles { Roles(rawValue: 1 << 4) }
  /// Assets, instruments, phases, halts, kill switch, snapshots.
  @inlinable public static var `operator`: Roles { Roles(rawValue: 1 << 5) }
  /// Index and mark prices.
  @inlinable public static var oracle: Roles { Roles(rawValue: 1 << 6) }
  /// Reserved for volatility surfaces and risk-model parameters.
  @inlinable public static var riskModel: Roles { Roles(rawValue: 1 << 7) }
  /// Reads everything, changes nothing.
  @inlinable public static var observer: Roles { Roles(rawValue: 1 << 8) }
  /// Kill switches and mass cancels for the accounts and keys of its own master; enters no orders.
  @inlinable public static var firmAdmin: Roles { Roles(rawValue: 1 << 9) }
  @inlinable public static var all: Roles { Roles(rawValue: (1 << 10) - 1) }
}

/// Why an order that had been accepted is no longer open (or lost lots) without a fill.
@frozen public enum CancelReason: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Its owner asked (cancel or mass cancel).
  case requested = 0
  /// Immediate-or-cancel or market: nothing more to trade with at its limit.
  case immediateOrCancel = 1
  /// It would have traded with an order of the same master.
  case selfTrade = 2
  /// Reduce-only, and there is no position left to reduce.
  case reduceOnly = 3
  /// Resting order of an account that may not take the fill (margin).
  case makerMargin = 4
  /// Resting order of an account without the balance to deliver, and without the permission to borrow.
  case makerBalance = 5
  /// The command reached its bound of fills or cancels (`Limits.fillsPerCommand`, `Limits.cancelsPerCommand`).
  case matchLimit = 6
  /// The account's free margin is negative and the next fill would not have reduced its risk.
  case takerMargin = 7
  /// The session was lost and its cancel-on-disconnect window has passed.
  case disconnected = 8
  /// The kill switch of the account, its master, the venue or the key.
  case killSwitch = 9
  /// The account is in liquidation.
  case liquidation = 10
  /// The instrument has expired.
  case instrumentExpired = 11
  /// The day, or the date it was good till, has ended.
  case timeExpired = 12
  /// A contingent order whose partner was released (one cancels the other).
  case partnerReleased = 13
  /// The countdown of a key has ended.
  case countdown = 20
  /// The instrument was delisted.
  case instrumentDelisted = 21
}

/// Why a session ends.
@frozen public enum TerminateReason: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// The client asked.
  case finished = 0
  /// A frame could not be read: wrong length, encoding, schema, template or block length.
  case malformedFrame = 1
  /// A message that this state of the session does not allow.
  case wrongState = 2
  /// Unknown key, revoked key or wrong signature. Never says which.
  case notAuthenticated = 3
  /// The login took too long or sent too many bytes.
  case loginTimeout = 4
  /// Too many logins just now; try again later.
  case busy = 5
  /// Nothing was heard for too long.
  case keepAliveTimeout = 6
  /// The output buffer is full: the client reads too slowly.
  case slowConsumer = 7
  /// The same key has logged in again.
  case superseded = 8
  /// The server is shutting down.
  case shutdown = 9
  /// The schema version is not supported.
  case unsupportedVersion = 10
  /// The address is locked out after failed logins.
  case lockedOut = 11
  /// All session slots are taken.
  case sessionLimit = 12
  /// The key was revoked while it was logged in.
  case revoked = 13
}

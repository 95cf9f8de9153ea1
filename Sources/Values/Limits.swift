/// Every bound of the venue in one place.
///
/// Static members are properties of the number formats; instance members size the tables and come from the venue's
/// configuration. `lockstep admin limits` prints them and EstablishAck sends those a client needs.
@frozen public struct Limits: BitwiseCopyable, Equatable, Sendable {
  // MARK: Bounds of numbers. They keep every product of the margin formulas inside 128 bits.

  /// Largest position and order, in lots (2^44).
  @inlinable public static var quantity: Int64 { 1 << 44 }
  /// Largest price in price units (2^53: exact in every language's number type).
  @inlinable public static var price: Int64 { 1 << 53 }
  /// Largest price of an asset (2^32), so that balance × price × rate fits 128 bits.
  @inlinable public static var assetPrice: Int64 { 1 << 32 }
  /// Largest money-quanta multiplier of an instrument (10^15).
  @inlinable public static var multiplier: Int64 { 1_000_000_000_000_000 }
  /// Largest sum of notionals of one account, open orders included, in mq (10^18).
  @inlinable public static var notionalPerAccount: Int64 { 1_000_000_000_000_000_000 }
  /// Largest magnitude of a balance in quanta (2·10^18).
  @inlinable public static var balance: Int64 { 2_000_000_000_000_000_000 }
  /// Most notional of one order that its fee provision is reckoned on, in mq (10^24): above all that the fills of one
  /// command can be worth, and small enough for every product with a rate.
  @inlinable public static var provisionNotional: Int128 { 1_000_000_000_000_000_000_000_000 }
  /// Longest age limit of an index price, in milliseconds (30 days).
  @inlinable public static var oracleAge: UInt32 { 2_592_000_000 }
  /// Shortest and longest time between two samples of a mark, in milliseconds.
  @inlinable public static var shortestInterval: UInt32 { 100 }
  @inlinable public static var longestInterval: UInt32 { 3_600_000 }
  /// Rows of a bracket table or impact curve.
  @inlinable public static var scheduleRows: Int { 16 }

  /// Relations between risk groups of the whole venue.
  @inlinable public static var groupCredits: Int { 1024 }

  /// Accounts on the watch list of a risk group: when so many are on it, no order may add one.
  @inlinable public static var watchedAccounts: Int { 1_000 }

  // MARK: Bounds of work per command. What is over is done by later ticks or refused, never left undone silently.

  /// Fills of one command; what is left of the order is cancelled `matchLimit`.
  @inlinable public static var fillsPerCommand: Int { 4096 }
  /// Trailing orders of one instrument: at most so many become active or are reached by one price.
  @inlinable public static var trailingOrders: Int { 4096 }
  /// Resting orders cancelled by one command while it matches.
  @inlinable public static var cancelsPerCommand: Int { 4096 }
  /// Fills of one order that the venue sends for an account in liquidation, or for the insurance fund, and resting orders
  /// cancelled on its way: a Tick sends several.
  @inlinable public static var fillsPerLiquidation: Int { 64 }
  /// Entries of one mass quote: what fits the longest frame.
  @inlinable public static var quotesPerFrame: Int { 24 }
  /// Longest frame a client may send, in bytes.
  @inlinable public static var frameBytes: Int { 1024 }

  // MARK: Sizes of tables, fixed when the venue is created.

  public var assets = 256
  public var schedules = 1024
  public var instruments = 1024
  public var accounts = 65_536
  public var keys = 4096
  /// (account, instrument) pairs that hold a position or orders.
  public var positions = 262_144
  /// (account, asset) pairs other than the settlement currency.
  public var balances = 131_072
  /// Resting orders of the whole venue.
  public var orders = 1_048_576
  /// Resting orders of one account.
  public var ordersPerAccount = 100_000
  /// Work units of one tick (an order cancelled is one unit).
  public var workPerTick = 256
  /// One account is audited by full recompute every this many commands (0: never).
  public var auditInterval = 64

  @inlinable public init() {}
}

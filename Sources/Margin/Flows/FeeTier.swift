import Values

/// What an account pays of the fees of an instrument: multiples of its maker and taker fee, in parts per billion.
///
/// 600,000,000: 60 % of it; 0: nothing; negative: a rebate where others pay a fee.
@frozen public struct FeeTier: BitwiseCopyable, Equatable, Sendable {
  public var maker: Rate
  public var taker: Rate

  @inlinable public init(maker: Rate = .one, taker: Rate = .one) {
    self.maker = maker
    self.taker = taker
  }

  /// −100 % … 200 %.
  @inlinable public static var range: ClosedRange<Rate> { Rate(-1_000_000_000)...Rate(2_000_000_000) }

  /// A fee at a multiple of it, rounded up: against the account.
  @inlinable public static func fee(_ fee: Rate, at multiple: Rate) -> Rate {
    multiple == .one ? fee : Rate(Int64(multiple.roundedUp(of: Money(fee.rawValue)).rawValue))
  }
}

/// The lowest and highest multiples among all accounts, those without a tier of their own included.
@frozen public struct FeeTierRange: BitwiseCopyable, Equatable, Sendable {
  public private(set) var lowest = FeeTier()
  public private(set) var highest = FeeTier()

  public init() {}

  public mutating func include(_ tier: FeeTier) {
    lowest = FeeTier(maker: min(lowest.maker, tier.maker), taker: min(lowest.taker, tier.taker))
    highest = FeeTier(maker: max(highest.maker, tier.maker), taker: max(highest.taker, tier.taker))
  }

  /// Whether maker and taker fee together are never negative, whoever trades with whom: no trade costs the venue money.
  ///
  /// A fee at a multiple is linear in it, so the extremes stand at the ends.
  public func covers(maker: Rate, taker: Rate) -> Bool {
    let makers = min(FeeTier.fee(maker, at: lowest.maker), FeeTier.fee(maker, at: highest.maker))
    let takers = min(FeeTier.fee(taker, at: lowest.taker), FeeTier.fee(taker, at: highest.taker))
    return makers.rawValue + takers.rawValue >= 0
  }
}

extension Ledger {
  /// The range of all accounts' tiers, with another tier in place of one account's. O(accounts).
  public func feeTiers(replacing account: UInt32 = 0, with tier: FeeTier = FeeTier()) -> FeeTierRange {
    var range = FeeTierRange()
    for slot in 1..<UInt32(accounts.count + 1) { range.include(slot == account ? tier : accounts[slot].feeTier) }
    return range
  }

  @inlinable @inline(__always) public func makerFee(of account: UInt32, in instrument: UInt32) -> Rate {
    FeeTier.fee(instruments[instrument].makerFee, at: accounts[account].feeTier.maker)
  }

  @inlinable @inline(__always) public func takerFee(of account: UInt32, in instrument: UInt32) -> Rate {
    FeeTier.fee(instruments[instrument].takerFee, at: accounts[account].feeTier.taker)
  }

  /// Rate at which the provision of a resting order is reckoned.
  @inlinable @inline(__always) public func restingFee(of account: UInt32, in instrument: UInt32) -> Rate {
    max(makerFee(of: account, in: instrument), .zero)
  }

  /// Rate at which the provision of an incoming order is reckoned.
  @inlinable @inline(__always) public func enteringFee(of account: UInt32, in instrument: UInt32) -> Rate {
    max(makerFee(of: account, in: instrument), max(takerFee(of: account, in: instrument), .zero))
  }
}

import Values
import Wire

/// The command being applied, as its handlers need it.
struct Command {
  let key: KeyId
  /// Slot of the key's record; 0 for the venue itself.
  let keySlot: UInt32
  let master: MasterId
  let roles: Roles
  let template: Template
  let requestId: UInt64
  /// What an order reject names: set as the checks find it.
  var account: UInt32 = 0
  var accountId = AccountId.none
  var instrumentId = InstrumentId.none
  var orderRequestId: UInt64 = 0

  var isVenue: Bool { keySlot == 0 }
}

/// A refused request: nothing has changed when this is thrown.
struct Reject: Error {
  let reason: RejectReason
  let detail: Int64

  init(_ reason: RejectReason, _ detail: Int64 = 0) {
    self.reason = reason
    self.detail = detail
  }

  init(_ reason: RejectReason, _ detail: Money) { self.init(reason, detail.wireValue) }

  /// A field outside its codes.
  static func invalid(_ field: Int64) -> Reject { Reject(.invalidField, field) }
}

/// Throws unless `condition` holds.
@inline(__always) func require(_ condition: Bool, _ reject: @autoclosure () -> Reject) throws(Reject) {
  if !condition { throw reject() }
}

extension Template {
  /// Roles any of which is sufficient for a command; empty: only the venue itself.
  var sufficientRoles: Roles {
    switch self {
    case .setMarkParameters, .setOracleParameters: .riskAdmin
    case .setVolatilityParameters, .setLiquidityParameters: .riskAdmin
    case .defineAsset, .defineInstrument, .defineFuture, .defineOption, .setFeeTier, .setPhase, .setListing,
      .takeSnapshot:
      .operator
    case .setOptionParameters: .riskAdmin
    case .setImpliedVolatility: .riskModel
    case .setRiskGroup, .setGroupCredit: .riskAdmin
    case .defineSchedule, .setMarginParameters, .setImpactCurve, .setFundingParameters, .setInterestParameters:
      .riskAdmin
    case .setLiquidationParameters, .setPriceHistory, .setAccountLimits: .riskAdmin
    case .createAccount, .defineKey, .changeKeyRoles, .setPreventionGroup: .registrar
    case .changeAccount: [.registrar, .trader]
    case .deposit, .withdraw, .fundInsurance: .treasurer
    case .transfer: [.trader, .treasurer]
    case .indexPrice, .markPrice: .oracle
    case .setKillSwitch, .massCancel: [.operator, .trader, .firmAdmin]
    case .newOrder, .newGuardedOrder, .cancelOrder, .replaceOrder: .trader
    case .setCountdown: .trader
    case .massQuote: .marketMaker
    case .newContingentOrder, .replaceContingentOrder: .trader
    case .setSchedule: .riskAdmin
    case .setAssetParameters, .setInstrumentLimits: [.riskAdmin, .operator]
    default: []
    }
  }

  /// Whether the message begins with a request id.
  @inline(__always) var hasRequestId: Bool { self != .tick && self != .sessionOpened && self != .sessionClosed }

  /// Makes, changes or ends orders by their names.
  var entersOrders: Bool { isOrderRequest || self == .massQuote }

  /// Refused with OrderRejected rather than RequestRejected.
  var isOrderRequest: Bool {
    switch self {
    case .newOrder, .cancelOrder, .replaceOrder, .newGuardedOrder, .newContingentOrder, .replaceContingentOrder: true
    default: false
    }
  }
}

extension Limits {
  /// The table sizes that a venue's first record names.
  public init(_ venue: DefineVenue) {
    self.init()
    assets = Int(venue.assets)
    schedules = Int(venue.schedules)
    instruments = Int(venue.instruments)
    accounts = Int(venue.accounts)
    keys = Int(venue.keys)
    positions = Int(venue.positions)
    balances = Int(venue.balances)
    orders = Int(venue.orders)
    ordersPerAccount = Int(venue.ordersPerAccount)
    workPerTick = Int(venue.workPerTick)
    auditInterval = Int(venue.auditInterval)
  }

  /// Why these sizes cannot be used, or `nil`.
  public var fault: String? {
    let sizes = [
      ("assets", assets, 65_535), ("schedules", schedules, 65_535), ("instruments", instruments, 1 << 20),
      ("accounts", accounts, 1 << 24), ("keys", keys, 1 << 20), ("positions", positions, 1 << 27),
      ("balances", balances, 1 << 27), ("orders", orders, 1 << 27), ("ordersPerAccount", ordersPerAccount, 1 << 27),
      ("workPerTick", workPerTick, 1 << 20),
    ]
    for (name, size, most) in sizes where size < 1 || size > most {
      return "\(name) must be in 1…\(most), not \(size)"
    }
    return auditInterval < 0 || auditInterval > 1 << 30 ? "auditInterval must be in 0…\(1 << 30)" : nil
  }
}

import Values
import Wire

/// A report as the model gives it: where it goes and its whole frame.
struct Report: Equatable {
  var key: KeyId
  var bytes: [UInt8]
}

/// Why a command was refused. Thrown before anything has changed.
struct Reject: Error {
  var reason: RejectReason
  var detail: Int128
  /// Duplicates and unknown keys are answered without a report number.
  var isNumbered = true

  init(_ reason: RejectReason, _ detail: some BinaryInteger, isNumbered: Bool = true) {
    self.reason = reason
    self.detail = Int128(detail)
    self.isNumbered = isNumbered
  }

  init(_ reason: RejectReason, isNumbered: Bool = true) {
    self.init(reason, 0, isNumbered: isNumbered)
  }
}

/// The slow, obviously right venue: Protocol/rules.md read aloud, with every figure recomputed in full each time.
final class ReferenceVenue {
  let limits: DefineVenue
  let fault: PlantedFault
  var sequence: UInt64 = 0
  var time = Timestamp(0)
  var schedules: [ScheduleId: ModelSchedule] = [:]
  var assets: [AssetId: ModelAsset] = [:]
  var instruments: [InstrumentId: ModelInstrument] = [:]
  /// In order of creation.
  var accounts: [ModelAccount] = []
  /// In order of creation.
  var keys: [ModelKey] = []
  /// Who engaged the kill switches that are engaged.
  var kills: [KillTarget: KillAuthority] = [:]
  /// In order of their start.
  var jobs: [ModelJob] = []
  /// Contingent orders, by entry.
  var held: [ModelHeld] = []
  /// Instruments with an order that its price has reached, and the prices seen since.
  var crossed: [InstrumentId: [TriggerSource: (low: Int128, high: Int128)]] = [:]
  /// Counts what becomes of trailing orders.
  var trailingNumber = 0
  var trades: UInt64 = 0
  /// Account of every resting order.
  var restingOrders: [OrderName: Int] = [:]
  var fees: [AssetId: Int128] = [:]
  var netDeposits: [AssetId: Int128] = [:]

  // The command being applied.
  var reports: [Report] = []
  var key = KeyId.venue
  var requestId: UInt64 = 0
  var template = Template.tick
  var rejectedOrder = RejectedOrder()
  /// Whether an account had free margin when the command first came to it as a maker.
  var standings: [AccountId: Bool] = [:]

  /// What an `OrderRejected` tells besides the reason.
  struct RejectedOrder {
    var orderRequestId: UInt64 = 0
    var account = AccountId.none
    var instrument = InstrumentId.none
    var marginOf: Int?
  }

  init(_ limits: DefineVenue, fault: PlantedFault = .none) {
    self.limits = limits
    self.fault = fault
  }

  func apply(_ frame: Frame, key: KeyId, time: Timestamp) -> [Report] {
    sequence += 1
    self.time = time
    self.key = key
    template = frame.template
    requestId = frame.hasRequestId ? frame.bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self) : 0
    reports = []
    rejectedOrder = RejectedOrder()
    standings = [:]
    do throws(Reject) {
      try admit(frame)
      nameRejectedOrder(frame)
      try perform(frame)
    } catch {
      report(error)
    }
    noteMarks()
    return reports
  }

  /// Checks 2–4 of every command.
  private func admit(_ frame: Frame) throws(Reject) {
    if key == .venue {
      if [.newOrder, .cancelOrder, .replaceOrder, .newContingentOrder, .replaceContingentOrder, .massQuote].contains(
        template)
      {
        throw Reject(.notPermitted, Roles.trader.rawValue)
      }
      return
    }
    guard let index = keys.firstIndex(where: { $0.id == key }), !keys[index].roles.isEmpty else {
      throw Reject(.unknownKey, isNumbered: false)
    }
    if frame.hasRequestId {
      if requestId <= keys[index].lastRequest {
        throw Reject(.duplicateRequest, keys[index].lastRequest, isNumbered: false)
      }
      keys[index].lastRequest = requestId
    }
    let sufficient = template.roles
    if keys[index].roles.isDisjoint(with: sufficient) { throw Reject(.notPermitted, sufficient.rawValue) }
  }

  private func perform(_ frame: Frame) throws(Reject) {
    switch frame.template {
    case .defineVenue: try defineVenue()
    case .defineSchedule:
      try define(frame.decode(DefineSchedule.self), rows: frame.rows(of: DefineSchedule.self), frame)
    case .defineAsset: try define(frame.decode(DefineAsset.self))
    case .defineInstrument: try define(frame.decode(DefineInstrument.self))
    case .setMarginParameters: try set(frame.decode(SetMarginParameters.self))
    case .setImpactCurve: try set(frame.decode(SetImpactCurve.self), rows: frame.rows(of: SetImpactCurve.self), frame)
    case .createAccount: try create(frame.decode(CreateAccount.self))
    case .changeAccount: try change(frame.decode(ChangeAccount.self))
    case .setAccountLimits: try set(frame.decode(SetAccountLimits.self))
    case .setPreventionGroup: try set(frame.decode(SetPreventionGroup.self))
    case .defineKey: try define(frame.decode(DefineKey.self))
    case .changeKeyRoles: try change(frame.decode(ChangeKeyRoles.self))
    case .deposit: try deposit(frame.decode(Deposit.self))
    case .withdraw: try withdraw(frame.decode(Withdraw.self))
    case .transfer: try transfer(frame.decode(Transfer.self))
    case .indexPrice: try set(frame.decode(IndexPrice.self))
    case .markPrice: try set(frame.decode(MarkPrice.self))
    case .setPhase: try set(frame.decode(SetPhase.self))
    case .setKillSwitch: try set(frame.decode(SetKillSwitch.self))
    case .setCountdown: try set(frame.decode(SetCountdown.self))
    case .setListing: try set(frame.decode(SetListing.self))
    case .takeSnapshot: accept()
    case .newOrder: try enter(frame.decode(NewOrder.self))
    case .newContingentOrder: try hold(frame.decode(NewContingentOrder.self))
    case .replaceContingentOrder: try replace(frame.decode(ReplaceContingentOrder.self))
    case .cancelOrder: try cancel(frame.decode(CancelOrder.self))
    case .replaceOrder: try replace(frame.decode(ReplaceOrder.self))
    case .massCancel: try massCancel(frame.decode(MassCancel.self))
    case .massQuote: try quote(frame.decode(MassQuote.self), rows: frame.rows(of: MassQuote.self), frame)
    case .tick: tick(frame.decode(Tick.self))
    case .sessionOpened: opened(frame.decode(SessionOpened.self))
    case .sessionClosed: closed(frame.decode(SessionClosed.self))
    default: preconditionFailure("not a command")
    }
  }

  // MARK: Finding things

  /// Roles of the command's key; the venue itself may do everything.
  var roles: Roles { key == .venue ? .all : keys.first { $0.id == key }?.roles ?? [] }
  /// Master of the command's key.
  var master: MasterId { keys.first { $0.id == key }?.master ?? .none }

  func account(_ id: AccountId) throws(Reject) -> Int {
    guard let index = accounts.firstIndex(where: { $0.id == id }) else { throw Reject(.unknownAccount) }
    return index
  }

  func ownAccount(_ id: AccountId) throws(Reject) -> Int {
    let index = try account(id)
    if accounts[index].master != master { throw Reject(.notYourAccount) }
    return index
  }

  func instrument(_ id: InstrumentId) throws(Reject) -> ModelInstrument {
    guard let instrument = instruments[id] else { throw Reject(.unknownInstrument) }
    return instrument
  }

  func requireAsset(_ id: AssetId) throws(Reject) {
    if id != .settlement && assets[id] == nil { throw Reject(.unknownAsset) }
  }

  // MARK: Records, which stay once they are made

  var positionRecords: Int { accounts.reduce(0) { $0 + $1.positions.count } }
  var balanceRecords: Int { accounts.reduce(0) { $0 + $1.balances.count - 1 } }
}

extension Template {
  /// Roles of which a key needs one.
  fileprivate var roles: Roles {
    switch self {
    case .defineSchedule, .setMarginParameters, .setImpactCurve, .setAccountLimits: .riskAdmin
    case .defineAsset, .defineInstrument, .setPhase, .setListing, .takeSnapshot: .operator
    case .createAccount, .defineKey, .changeKeyRoles, .setPreventionGroup: .registrar
    case .changeAccount: [.registrar, .trader]
    case .deposit, .withdraw: .treasurer
    case .transfer: [.trader, .treasurer]
    case .indexPrice, .markPrice: .oracle
    case .setKillSwitch, .massCancel: [.operator, .trader, .firmAdmin]
    case .massQuote: .marketMaker
    case .newOrder, .cancelOrder, .replaceOrder, .newContingentOrder, .replaceContingentOrder, .setCountdown: .trader
    default: []
    }
  }
}

extension Frame {
  var hasRequestId: Bool {
    switch template {
    case .tick, .sessionOpened, .sessionClosed: false
    default: true
    }
  }

  func rows<M: MessageWithRows>(of type: M.Type) -> [M.Row] {
    (0..<rowCount(of: type)).map { row($0, of: type) }
  }
}

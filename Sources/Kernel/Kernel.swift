import Margin
import Matching
import Values
import Wire

/// The deterministic state machine of the venue: a frame in, frames out.
///
/// A pure function of its log: no I/O, no clock, no floating point, no allocation once the output buffer has its size.
/// It owns the books and the ledger and runs them in lockstep: both accounts of a fill are up to date before the first
/// report of it is written. The rules are in Protocol/rules.md.
public struct Kernel: ~Copyable {
  /// The record that created the venue.
  public let venue: DefineVenue
  public let limits: Limits
  /// Number of the last command; 0: none yet.
  public internal(set) var sequence: UInt64 = 0
  /// Logged time of the last command.
  public internal(set) var time = Timestamp(0)
  /// When the next Tick is due; ``Timestamp/never`` when nothing waits for time to pass.
  public var nextDue: Timestamp { min(sessionsDue, timers.nextDue, expiries.nextDue, held.expiries.nextDue) }
  /// Trades so far; the number of the newest one.
  public internal(set) var trades: UInt64 = 0
  /// Who has engaged the venue's kill switch.
  var killed = KillAuthority.released
  /// Whether the venue's kill switch is engaged.
  public var isKilled: Bool { killed != .released }
  /// Kill switches that are engaged, of all scopes. Not durable: counted anew when a state is read.
  var engagedSwitches = 0

  private let inPlace = InPlace()
  var ledger: Ledger
  var books: OrderBooks
  var keys: KeyTable
  var jobs = CancelJobs()
  var timers: Timers
  var expiries: OrderExpiries
  var history: PriceHistory
  var held: HeldOrders
  var quotes: Quotes
  /// By account slot; of use where ``Account/isLimited`` says so.
  var accountLimits: ZeroedArray<AccountLimits>
  /// When the first window of a lost session ends.
  var sessionsDue = Timestamp.never
  /// Indexes by slot of the asset, marks by slot of the instrument.
  var oracles: ZeroedArray<OracleRecord>
  var marks: ZeroedArray<MarkRecord>
  var desk = LiquidationDesk()
  /// Next account slot the auditor looks at.
  var auditCursor: UInt32 = 0
  /// Stamp of the present walk through a book: what an account's standing and the lots counted for it belong to. The
  /// sequence while a command is applied; a number of its own for each rehearsal.
  var walk: UInt64 = 0
  /// Rehearsals so far.
  var rehearsals: UInt64 = 0

  /// An empty venue. The record itself is then applied as command 1. Traps when the sizes are not usable (see
  /// ``Limits/fault``) or the memory cannot be mapped.
  public init(venue: DefineVenue) {
    let limits = Limits(venue)
    precondition(limits.fault == nil, limits.fault ?? "")
    precondition(venue.moneyDigits <= 18, "the money quantum has at most 18 digits")
    self.venue = venue
    self.limits = limits
    ledger = Ledger(limits: limits, moneyDigits: venue.moneyDigits)
    books = OrderBooks(orders: limits.orders, instruments: limits.instruments)
    keys = KeyTable(capacity: limits.keys)
    expiries = OrderExpiries(orders: limits.orders)
    accountLimits = ZeroedArray(count: limits.accounts + 1)
    history = PriceHistory(assets: limits.assets)
    held = HeldOrders(orders: limits.orders, instruments: limits.instruments, accounts: limits.accounts)
    quotes = Quotes(positions: limits.positions)
    timers = Timers(targets: max(limits.instruments, limits.assets, limits.keys))
    oracles = ZeroedArray(count: limits.assets + 1)
    marks = ZeroedArray(count: limits.instruments + 1)
  }

  /// Whether Ticks have work to do besides what time brings.
  public var hasPendingWork: Bool { jobs.count > 0 || hasLiquidationWork || hasReleases }

  /// Applies one frame as command `sequence + 1` at `time`, which must be later than the last command's.
  ///
  /// Every outcome, refusals included, is in `output`, which is appended to. Any frame that `Frame.scan` accepted is
  /// safe to apply.
  public mutating func apply(_ frame: Frame, key: KeyId, time: Timestamp, output: inout Output) {
    precondition(time > self.time, "logged time must rise")
    sequence += 1
    walk = sequence
    self.time = time
    let template = frame.template
    if key == .venue && applyInternal(frame, template, output: &output) {
      if ledger.movedMarks.count > 0 { noteMarks() }
      return reportInterest(venueCommand, output: &output)
    }

    let slot = keys.find(key)
    let requestId = template.hasRequestId ? frame.bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self) : 0
    var command = Command(
      key: key, keySlot: slot, master: slot == 0 ? .none : keys.records[slot].master,
      roles: key == .venue ? .all : slot == 0 ? [] : keys.records[slot].roles, template: template, requestId: requestId)
    do throws(Reject) {
      try admit(&command)
      try dispatch(frame, &command, output: &output)
    } catch {
      refuse(error, command, output: &output)
    }
    if ledger.movedMarks.count > 0 { noteMarks() }
    reportInterest(command, output: &output)
  }

  /// Checks 2–4 of every command; from the third on the request id is consumed.
  private mutating func admit(_ command: inout Command) throws(Reject) {
    if command.key == .venue {
      // Orders are named by key and request id, and key 0 repeats request ids.
      return try require(!command.template.entersOrders, Reject(.notPermitted, Int64(Roles.trader.rawValue)))
    }
    try require(command.keySlot != 0 && command.roles != [], Reject(.unknownKey))
    if command.template.hasRequestId {
      let last = keys.records[command.keySlot].lastRequest
      try require(command.requestId > last, Reject(.duplicateRequest, Int64(clamping: last)))
      keys.records[command.keySlot].lastRequest = command.requestId
    }
    let sufficient = command.template.sufficientRoles
    try require(
      !command.roles.isDisjoint(with: sufficient), Reject(.notPermitted, Int64(sufficient.rawValue)))
  }

  private mutating func dispatch(_ frame: Frame, _ command: inout Command, output: inout Output) throws(Reject) {
    switch command.template {
    case .newOrder: try newOrder(frame.decode(NewOrder.self), &command, output: &output)
    case .newContingentOrder:
      try newContingentOrder(frame.decode(NewContingentOrder.self), &command, output: &output)
    case .replaceContingentOrder:
      try replaceContingentOrder(frame.decode(ReplaceContingentOrder.self), &command, output: &output)
    case .newGuardedOrder: try newGuardedOrder(frame.decode(NewGuardedOrder.self), &command, output: &output)
    case .cancelOrder: try cancelOrder(frame.decode(CancelOrder.self), &command, output: &output)
    case .replaceOrder: try replaceOrder(frame.decode(ReplaceOrder.self), &command, output: &output)
    case .massCancel: try massCancel(frame.decode(MassCancel.self), command, output: &output)
    case .massQuote: try massQuote(frame, &command, output: &output)
    case .indexPrice: try indexPrice(frame.decode(IndexPrice.self), command, output: &output)
    case .setOracleParameters:
      try setOracleParameters(frame.decode(SetOracleParameters.self), command, output: &output)
    case .setMarkParameters: try setMarkParameters(frame.decode(SetMarkParameters.self), command, output: &output)
    case .markPrice: try markPrice(frame.decode(MarkPrice.self), command, output: &output)
    case .deposit: try deposit(frame.decode(Deposit.self), command, output: &output)
    case .withdraw: try withdraw(frame.decode(Withdraw.self), command, output: &output)
    case .transfer: try transfer(frame.decode(Transfer.self), command, output: &output)
    case .setPhase: try setPhase(frame.decode(SetPhase.self), command, output: &output)
    case .setListing: try setListing(frame.decode(SetListing.self), command, output: &output)
    case .setSchedule: try setSchedule(frame, command, output: &output)
    case .setAssetParameters:
      try setAssetParameters(frame.decode(SetAssetParameters.self), command, output: &output)
    case .setInstrumentLimits:
      try setInstrumentLimits(frame.decode(SetInstrumentLimits.self), command, output: &output)
    case .setKillSwitch: try setKillSwitch(frame.decode(SetKillSwitch.self), command, output: &output)
    case .setCountdown: try setCountdown(frame.decode(SetCountdown.self), command, output: &output)
    case .takeSnapshot: acceptRequest(command, output: &output)
    case .defineSchedule: try defineSchedule(frame, command, output: &output)
    case .defineAsset: try defineAsset(frame.decode(DefineAsset.self), command, output: &output)
    case .defineInstrument: try defineInstrument(frame.decode(DefineInstrument.self), command, output: &output)
    case .defineFuture: try defineFuture(frame.decode(DefineFuture.self), command, output: &output)
    case .defineOption: try defineOption(frame.decode(DefineOption.self), command, output: &output)
    case .setOptionParameters:
      try setOptionParameters(frame.decode(SetOptionParameters.self), command, output: &output)
    case .setImpliedVolatility:
      try setImpliedVolatility(frame.decode(SetImpliedVolatility.self), command, output: &output)
    case .setMarginParameters:
      try setMarginParameters(frame.decode(SetMarginParameters.self), command, output: &output)
    case .setFundingParameters:
      try setFundingParameters(frame.decode(SetFundingParameters.self), command, output: &output)
    case .setInterestParameters:
      try setInterestParameters(frame.decode(SetInterestParameters.self), command, output: &output)
    case .setPreventionGroup:
      try setPreventionGroup(frame.decode(SetPreventionGroup.self), command, output: &output)
    case .setFeeTier: try setFeeTier(frame.decode(SetFeeTier.self), command, output: &output)
    case .setImpactCurve: try setImpactCurve(frame, command, output: &output)
    case .setVolatilityParameters:
      try setVolatilityParameters(frame.decode(SetVolatilityParameters.self), command, output: &output)
    case .setLiquidityParameters: try setLiquidityParameters(frame, command, output: &output)
    case .setRiskGroup: try setRiskGroup(frame.decode(SetRiskGroup.self), command, output: &output)
    case .setGroupCredit: try setGroupCredit(frame.decode(SetGroupCredit.self), command, output: &output)
    case .setAccountLimits: try setAccountLimits(frame.decode(SetAccountLimits.self), command, output: &output)
    case .setPriceHistory: try setPriceHistory(frame.decode(SetPriceHistory.self), command, output: &output)
    case .setLiquidationParameters:
      try setLiquidationParameters(frame.decode(SetLiquidationParameters.self), command, output: &output)
    case .fundInsurance: try fundInsurance(frame.decode(FundInsurance.self), command, output: &output)
    case .createAccount: try createAccount(frame.decode(CreateAccount.self), command, output: &output)
    case .changeAccount: try changeAccount(frame.decode(ChangeAccount.self), command, output: &output)
    case .defineKey: try defineKey(frame.decode(DefineKey.self), command, output: &output)
    case .changeKeyRoles: try changeKeyRoles(frame.decode(ChangeKeyRoles.self), command, output: &output)
    case .defineVenue:
      try require(command.isVenue, Reject(.notPermitted))
      try require(sequence == 1, Reject(.alreadyDefined))
      acceptRequest(command, output: &output)
    default: throw Reject(.notPermitted)
    }
  }

  /// Frames that only the venue itself makes. False: it is an ordinary command of key 0 (genesis).
  private mutating func applyInternal(_ frame: Frame, _ template: Template, output: inout Output) -> Bool {
    switch template {
    case .tick: tick(frame.decode(Tick.self), output: &output)
    case .sessionOpened: sessionOpened(frame.decode(SessionOpened.self))
    case .sessionClosed: sessionClosed(frame.decode(SessionClosed.self))
    default: return false
    }
    return true
  }
}

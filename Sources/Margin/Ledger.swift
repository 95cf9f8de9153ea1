import Values

/// All accounts of the venue with their balances, positions and requirements: the margin half of the lockstep.
///
/// Every change of a position, balance or open order brings the account's sums up to date in the same call, at a cost
/// that does not depend on how many positions the account has. A move of a mark or price costs O(1): it makes the terms
/// of its holders stale, and ``touch(_:)`` refreshes an account's stale terms before the account is looked at.
@frozen public struct Ledger: ~Copyable {
  public var schedules: Pool<Schedule>
  public var curves: Pool<ImpactCurve>
  public var volatilities: Pool<MeasuredVolatility>
  public var liquidities: Pool<MeasuredLiquidity>
  public var assets: Pool<Asset>
  public var instruments: Pool<Instrument>
  public var masters: Pool<Master>
  public var accounts: Pool<Account>
  public var positions: Pool<Position>
  public var balances: Pool<Balance>
  public var exposures: Pool<Exposure>
  public var groups: Pool<RiskGroup>
  public var credits: Pool<GroupCredit>
  /// Cached: risk arrays, in the slots of their instruments.
  public var risks: Pool<InstrumentRisk>
  /// Cached: what accounts in portfolio mode have in the risk groups.
  public var holdings: Pool<Holding>
  public var expiries: Pool<ExpiryDelta>
  public var legs: Pool<PortfolioLeg>
  /// Where each account must be looked at again: its trigger bands.
  public var triggers: TriggerLadders
  /// Cached: instruments and assets one of whose triggers may be crossed.
  public var crossedInstruments: SlotSet
  /// Accounts in portfolio mode that have traded since their bands were last looked at. While nothing has moved their states
  /// are right; with the next move of any coordinate they are due: Ticks look at them before anything else.
  public var uncheckedAccounts: SlotSet
  public var uncheckedAreDue = false
  public var crossedAssets: SlotSet
  /// Requirements have changed in a way that no coordinate tells: every account must be looked at.
  public var needsSweep = false
  /// Instruments whose mark may have moved since the kernel looked; only while it wants to know.
  public var movedMarks: SlotSet
  public var tracksMarks = false
  /// Cached, within one command: whose balances have been settled and not reported.
  public internal(set) var settledAccounts: SlotSet
  public internal(set) var settledBalances: SlotSet
  /// Fees, interest and net deposits of the settlement currency.
  public var settlement: Asset
  /// Decimal digits of the money quantum.
  public let moneyDigits: UInt8
  /// Rises with every change of a mark, price or parameter.
  public var epoch: UInt64 = 1
  /// Assets without a price: while there are none, no debt can lack one.
  public var unpricedAssets = 0
  /// Assets whose index price is guarded: while there are none, no account need be looked at for them.
  public internal(set) var guardedAssets = 0

  @usableFromInline let inPlace = InPlace()
  @usableFromInline var scheduleIndex: SlotTable
  @usableFromInline var assetIndex: SlotTable
  @usableFromInline var instrumentIndex: SlotTable
  @usableFromInline var masterIndex: SlotTable
  @usableFromInline var accountIndex: SlotTable
  @usableFromInline var positionIndex: SlotTable
  @usableFromInline var balanceIndex: SlotTable
  @usableFromInline var exposureIndex: SlotTable

  /// An empty ledger with tables of the sizes in `limits`.
  public init(limits: Limits, moneyDigits: UInt8) {
    schedules = Pool(capacity: limits.schedules)
    curves = Pool(capacity: limits.instruments * 2)
    volatilities = Pool(capacity: limits.instruments)
    liquidities = Pool(capacity: limits.instruments)
    assets = Pool(capacity: limits.assets)
    instruments = Pool(capacity: limits.instruments)
    masters = Pool(capacity: limits.accounts)
    accounts = Pool(capacity: limits.accounts)
    positions = Pool(capacity: limits.positions)
    balances = Pool(capacity: limits.balances)
    exposures = Pool(capacity: limits.positions)
    groups = Pool(capacity: limits.assets)
    credits = Pool(capacity: Limits.groupCredits)
    risks = Pool(capacity: limits.instruments)
    holdings = Pool(capacity: limits.positions)
    expiries = Pool(capacity: limits.positions)
    legs = Pool(capacity: limits.positions)
    triggers = TriggerLadders(
      triggers: Self.triggerCount(positions: limits.positions, balances: limits.balances),
      ladders: (limits.instruments + 1) * Int(Self.laddersPerInstrument) + 2 * (limits.assets + 1))
    crossedInstruments = SlotSet(highest: limits.instruments)
    uncheckedAccounts = SlotSet(highest: limits.accounts)
    movedMarks = SlotSet(highest: limits.instruments)
    crossedAssets = SlotSet(highest: limits.assets)
    settledAccounts = SlotSet(highest: limits.accounts)
    settledBalances = SlotSet(highest: limits.balances)
    scheduleIndex = SlotTable(capacity: limits.schedules)
    assetIndex = SlotTable(capacity: limits.assets)
    instrumentIndex = SlotTable(capacity: limits.instruments)
    masterIndex = SlotTable(capacity: limits.accounts)
    accountIndex = SlotTable(capacity: limits.accounts)
    positionIndex = SlotTable(capacity: limits.positions)
    balanceIndex = SlotTable(capacity: limits.balances)
    exposureIndex = SlotTable(capacity: limits.positions)
    self.moneyDigits = moneyDigits
    settlement = Asset(
      id: .settlement, symbol: Symbol(), digits: moneyDigits, priceScale: 0, haircutMaintenance: 0, haircutInitial: 0,
      debtAddonMaintenance: .zero, debtAddonInitial: .zero)
  }

  // MARK: Looking things up. Each returns a slot, or 0. Expected O(1).

  @inlinable public func find(_ id: ScheduleId) -> UInt32 { scheduleIndex.find(0, UInt64(id.rawValue)) }
  @inlinable public func find(_ id: AssetId) -> UInt32 { assetIndex.find(0, UInt64(id.rawValue)) }
  @inlinable public func find(_ id: InstrumentId) -> UInt32 { instrumentIndex.find(0, UInt64(id.rawValue)) }
  @inlinable public func find(_ id: MasterId) -> UInt32 { masterIndex.find(0, UInt64(id.rawValue)) }
  @inlinable public func find(_ id: AccountId) -> UInt32 { accountIndex.find(0, UInt64(id.rawValue)) }

  @inlinable public func findPosition(account: UInt32, instrument: UInt32) -> UInt32 {
    positionIndex.find(UInt64(account), UInt64(instrument))
  }

  @inlinable public func findBalance(account: UInt32, asset: UInt32) -> UInt32 {
    balanceIndex.find(UInt64(account), UInt64(asset))
  }

  // MARK: Adding. The caller has checked that the id is new and that there is room.

  public mutating func add(_ schedule: Schedule) {
    scheduleIndex.insert(0, UInt64(schedule.id.rawValue), slot: schedules.insert(schedule))
  }

  public mutating func add(_ asset: Asset) {
    assetIndex.insert(0, UInt64(asset.id.rawValue), slot: assets.insert(asset))
    if !asset.hasPrice { unpricedAssets += 1 }
  }

  public mutating func add(_ instrument: Instrument) {
    let slot = instruments.insert(instrument)
    let risk = risks.insert(InstrumentRisk())
    precondition(slot == risk, "every instrument has its risk array in the same slot")
    instrumentIndex.insert(0, UInt64(instrument.id.rawValue), slot: slot)
    if instrument.kind == .option { linkOption(slot) }
    refreshGuard(of: slot)
  }

  /// Puts an option behind the others on its base asset.
  private mutating func linkOption(_ slot: UInt32) {
    let asset = instruments[slot].baseAsset
    if assets[asset].lastOption == 0 {
      assets[asset].firstOption = slot
    } else {
      instruments[assets[asset].lastOption].nextOption = slot
    }
    assets[asset].lastOption = slot
  }

  /// The master's slot, made when it is new. There are never more masters than accounts.
  mutating func master(_ id: MasterId) -> UInt32 {
    let known = find(id)
    if known != 0 { return known }
    let slot = masters.insert(Master(id: id))
    masterIndex.insert(0, UInt64(id.rawValue), slot: slot)
    return slot
  }

  /// Adds an account for `master` and links it behind the master's other accounts.
  @discardableResult public mutating func add(_ account: Account, of master: MasterId) -> UInt32 {
    let owner = self.master(master)
    var record = account
    record.master = owner
    let slot = accounts.insert(record)
    accountIndex.insert(0, UInt64(account.id.rawValue), slot: slot)
    if masters[owner].lastAccount == 0 {
      masters[owner].firstAccount = slot
    } else {
      accounts[masters[owner].lastAccount].nextInMaster = slot
    }
    masters[owner].lastAccount = slot
    masters[owner].accountCount += 1
    return slot
  }

  /// Whether the records an order of `account` in `instrument` needs are there or can be made; else the full table.
  public func roomForPosition(account: UInt32, instrument: UInt32) -> FullTable? {
    if findPosition(account: account, instrument: instrument) != 0 { return nil }
    if positions.isFull { return .positions(positions.capacity) }
    if exposures.isFull && exposureIndex.find(UInt64(accounts[account].master), UInt64(instrument)) == 0 {
      return .positions(exposures.capacity)
    }
    guard instruments[instrument].kind == .spot else { return nil }
    var needed = 0
    for asset in [instruments[instrument].baseAsset, instruments[instrument].quoteAsset] where asset != 0 {
      if findBalance(account: account, asset: asset) == 0 { needed += 1 }
    }
    return balances.count + needed > balances.capacity ? .balances(balances.capacity) : nil
  }

  /// The position record, made when it is new; there must be room.
  public mutating func position(account: UInt32, instrument: UInt32) -> UInt32 {
    let known = findPosition(account: account, instrument: instrument)
    if known != 0 { return known }
    let master = accounts[account].master
    var exposure = exposureIndex.find(UInt64(master), UInt64(instrument))
    if exposure == 0 {
      exposure = exposures.insert(Exposure())
      exposureIndex.insert(UInt64(master), UInt64(instrument), slot: exposure)
    }
    var record = Position(account: account, instrument: instrument, exposure: exposure)
    record.funding = instruments[instrument].funding.index
    if instruments[instrument].kind == .spot {
      let (base, quote) = (instruments[instrument].baseAsset, instruments[instrument].quoteAsset)
      if base != 0 { record.baseBalance = balance(account: account, asset: base) }
      if quote != 0 { record.quoteBalance = balance(account: account, asset: quote) }
    }
    let slot = positions.insert(record)
    positionIndex.insert(UInt64(account), UInt64(instrument), slot: slot)
    link(position: slot, of: account)
    if accounts[account].mode == .portfolio && instruments[instrument].kind != .spot { attachLeg(to: slot) }
    return slot
  }

  /// Puts a position into its account's list, which is in order of instrument id.
  private mutating func link(position slot: UInt32, of account: UInt32) {
    let id = instruments[positions[slot].instrument].id
    var previous: UInt32 = 0
    var next = accounts[account].firstPosition
    while next != 0 && instruments[positions[next].instrument].id < id {
      previous = next
      next = positions[next].next
    }
    positions[slot].next = next
    if previous == 0 { accounts[account].firstPosition = slot } else { positions[previous].next = slot }
    accounts[account].positionCount += 1
  }

  /// The balance record of an asset other than the settlement currency, made when it is new; there must be room.
  public mutating func balance(account: UInt32, asset: UInt32) -> UInt32 {
    let known = findBalance(account: account, asset: asset)
    if known != 0 { return known }
    let slot = balances.insert(Balance(account: account, asset: asset))
    balanceIndex.insert(UInt64(account), UInt64(asset), slot: slot)
    var previous: UInt32 = 0
    var next = accounts[account].firstBalance
    while next != 0 && assets[balances[next].asset].id < assets[asset].id {
      previous = next
      next = balances[next].next
    }
    balances[slot].next = next
    if previous == 0 { accounts[account].firstBalance = slot } else { balances[previous].next = slot }
    return slot
  }
}

/// A table of the ledger that has no room left, with its capacity.
public enum FullTable {
  case positions(Int)
  case balances(Int)

  public var capacity: Int {
    switch self {
    case .positions(let capacity), .balances(let capacity): capacity
    }
  }
}

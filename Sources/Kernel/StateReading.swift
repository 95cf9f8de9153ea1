import Margin
import Matching
import Values
import Wire

// Reading back what StateWriting.swift writes. The bytes are checked as if they came from an enemy: every count, code
// and reference, so that a damaged snapshot is an error and never a trap or a wrong state.

extension Kernel {
  /// A kernel in the state whose canonical bytes `reader` holds.
  ///
  /// A function and not an initialiser, because an initialiser of a noncopyable type cannot throw half way.
  public static func restored(from reader: inout StateReader) throws(StateError) -> Kernel {
    let version = try reader.get(UInt32.self)
    guard version == stateVersion else { throw .invalid("layout version \(version)") }
    var kernel = Kernel(venue: try reader.venue())
    try kernel.readState(from: &reader)
    return kernel
  }

  private mutating func readState(from reader: inout StateReader) throws(StateError) {
    try readTotals(from: &reader)
    try readSchedules(from: &reader)
    try readAssets(from: &reader)
    try readInstruments(from: &reader)
    try readOracles(from: &reader)
    try readMarks(from: &reader)
    try readRiskGroups(from: &reader)
    try history.read(assets: ledger.assets.count, from: &reader)
    let masters = try readMasters(from: &reader)
    try readAccounts(masters, from: &reader)
    try sumInterest()
    try readKeys(from: &reader)
    try readJobs(from: &reader)
    try readOrders(from: &reader)
    try readHeldOrders(from: &reader)
    try readDesk(from: &reader)
    try readTriggers(from: &reader)
    guard reader.isAtEnd else { throw .invalid("bytes after the end") }
    if let broken = conservationFault() { throw .invalid(broken) }
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      armExpiry(of: instrument)
      armFunding(of: instrument)
      armListing(of: instrument)
    }
    for asset in 0..<UInt32(ledger.assets.count + 1) { armInterest(of: asset) }
    armHistory()
    for key in 1..<UInt32(keys.records.count + 1) { armCountdown(of: key) }
    recomputeNextDue()
    countKillSwitches()
  }

  private mutating func readTotals(from reader: inout StateReader) throws(StateError) {
    sequence = try reader.counter("sequence")
    time = Timestamp(try reader.get())
    trades = try reader.counter("trades")
    killed = try reader.code("venue kill switch")
    ledger.settlement.fees = try reader.money()
    ledger.settlement.deposited = try reader.money()
    ledger.settlement.dust = try reader.money()
    ledger.settlement.interest = try readInterest(from: &reader)
    guard sequence >= 1, time > Timestamp(0) else { throw .invalid("sequence or time") }
  }

  private mutating func readSchedules(from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("schedules", atMost: limits.schedules)) {
      let id = ScheduleId(try reader.get())
      let count = Int(try reader.get(UInt8.self))
      var rows: [Bracket] = []
      for _ in 0..<count { rows.append(Bracket(lower: Money(try reader.get(Int64.self)), rate: try reader.rate())) }
      guard count >= 1, count <= Limits.scheduleRows, Schedule.firstFault(in: rows) == nil, id != .none,
        ledger.find(id) == 0
      else { throw .invalid("schedule \(id.rawValue)") }
      ledger.add(Schedule(id: id, rows: rows))
    }
  }

  private mutating func readAssets(from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("assets", atMost: limits.assets)) {
      let id = AssetId(try reader.get())
      var asset = Asset(
        id: id, symbol: try reader.symbol(), digits: try reader.get(), priceScale: try reader.get(),
        haircutMaintenance: try reader.get(), haircutInitial: try reader.get(),
        debtAddonMaintenance: try reader.rate(), debtAddonInitial: try reader.rate())
      asset.price = try reader.price()
      asset.stablePrice = try reader.price()
      asset.flatVolatility = try reader.rate()
      asset.fees = try reader.money()
      asset.deposited = try reader.money()
      asset.interest = try readInterest(from: &reader)
      let prices = Price(0)...Price(Limits.assetPrice)
      let rates = Rate.zero...Rate.maximum
      let tables = UInt32(ledger.schedules.count)
      guard id != .settlement, ledger.find(id) == 0, asset.digits <= 18, asset.priceScale <= 18,
        asset.haircutMaintenance <= tables, asset.haircutInitial <= tables,
        hasRatesUpToOne(asset.haircutMaintenance), hasRatesUpToOne(asset.haircutInitial),
        rates.contains(asset.debtAddonMaintenance), rates.contains(asset.debtAddonInitial),
        prices.contains(asset.price), prices.contains(asset.stablePrice), rates.contains(asset.flatVolatility)
      else { throw .invalid("asset \(id.rawValue)") }
      ledger.add(asset)
    }
  }

  private func hasRatesUpToOne(_ schedule: UInt32) -> Bool {
    schedule == 0 || ledger.schedules[schedule].lastRate <= .one
  }

  private mutating func readInstruments(from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("instruments", atMost: limits.instruments)) {
      let id = InstrumentId(try reader.get())
      let kind = try reader.code("instrument kind", InstrumentKind.self)
      let phase = try reader.code("phase", Phase.self)
      let listing = try reader.code("listing", Listing.self)
      let listingPhase = try reader.code("phase to enter", Phase.self)
      let listingTime = Timestamp(try reader.get())
      let hasParameters = try reader.flag("instrument parameters")
      let hasPriceCap = try reader.flag("instrument price cap")
      let baseAsset = try reader.get(UInt32.self)
      let quoteAsset = try reader.get(UInt32.self)
      let assets = UInt32(ledger.assets.count)
      guard baseAsset >= 1, baseAsset <= assets, quoteAsset <= assets, id != .none, ledger.find(id) == 0 else {
        throw .invalid("instrument \(id.rawValue)")
      }
      var instrument = Instrument(
        id: id, base: ledger.assets[baseAsset].id,
        quote: quoteAsset == 0 ? .settlement : ledger.assets[quoteAsset].id, kind: kind, hasPriceCap: hasPriceCap,
        symbol: try reader.symbol(), priceUnit: try reader.get(), lotSize: try reader.get(),
        multiplier: try reader.get(), baseLot: try reader.get(), maximumPrice: try reader.price(),
        priceBand: try reader.rate(), maximumOrder: try reader.quantity(), positionLimit: try reader.quantity(),
        makerFee: try reader.rate(), takerFee: try reader.rate(), book: 0, baseAsset: baseAsset,
        quoteAsset: quoteAsset, longCurve: 0, shortCurve: 0)
      instrument.phase = phase
      instrument.listing = listing
      instrument.listingPhase = listingPhase
      instrument.listingTime = listingTime
      instrument.hasParameters = hasParameters
      instrument.mark = try reader.price()
      instrument.parameters = try readParameters(from: &reader)
      let (longs, shorts) = (try readCurve(from: &reader), try readCurve(from: &reader))
      instrument.expiry = try readExpiry(from: &reader)
      if kind == .option { instrument.option = try readOption(from: &reader) }
      instrument.funding = try readFunding(from: &reader)
      let rises = (try reader.get(Int64.self), try reader.get(Int64.self))
      guard (0..<1 << 60).contains(rises.0), (0..<1 << 60).contains(rises.1) else {
        throw .invalid("rises of an impact curve")
      }
      guard isSound(instrument) else { throw .invalid("instrument \(id.rawValue)") }
      instrument.book = books.addBook()
      instrument.longCurveRise = rises.0
      instrument.shortCurveRise = rises.1
      instrument.longCurve = ledger.curves.insert(longs)
      instrument.shortCurve = ledger.curves.insert(shorts)
      ledger.add(instrument)
      guard isOptionSound(ledger.find(id)) else { throw .invalid("option \(id.rawValue)") }
      try readMeasured(of: ledger.find(id), from: &reader)
    }
  }

  private func isSound(_ instrument: Instrument) -> Bool {
    let fees = Rate(-100_000_000)...Rate(100_000_000)
    return instrument.priceUnit > 0 && instrument.lotSize > 0 && instrument.multiplier >= 1
      && instrument.multiplier <= Limits.multiplier && instrument.baseLot >= 0
      && instrument.baseLot <= 1_000_000_000_000_000_000 && (instrument.kind.isDerivative || instrument.baseLot >= 1)
      && isExpirySound(instrument) && (instrument.kind == .perpetual || instrument.funding == Funding())
      && (1...Limits.price).contains(instrument.maximumPrice.rawValue)
      && (Price(0)...instrument.maximumPrice).contains(instrument.mark)
      && (Rate.zero...Rate.one).contains(instrument.priceBand)
      && (1...Limits.quantity).contains(instrument.maximumOrder.rawValue)
      && (1...Limits.quantity).contains(instrument.positionLimit.rawValue)
      && fees.contains(instrument.makerFee) && fees.contains(instrument.takerFee)
  }

  private func readParameters(from reader: inout StateReader) throws(StateError) -> MarginParameters {
    var parameters = MarginParameters()
    parameters.maintenanceTiers = try reader.get()
    parameters.initialTiers = try reader.get()
    parameters.maintenanceBase = try reader.rate()
    parameters.initialBase = try reader.rate()
    parameters.sizeFactor = try reader.rate()
    parameters.maintenanceVolatility = try reader.rate()
    parameters.initialVolatility = try reader.rate()
    parameters.volatilityRatio = try reader.rate()
    parameters.profitWeight = try reader.rate()
    parameters.liquidationFee = try reader.rate()
    parameters.maximumSlippage = try reader.rate()
    let rates = Rate.zero...Rate.maximum
    let tables = UInt32(ledger.schedules.count)
    guard parameters.maintenanceTiers <= tables, parameters.initialTiers <= tables,
      rates.contains(parameters.maintenanceBase), rates.contains(parameters.initialBase),
      rates.contains(parameters.sizeFactor), rates.contains(parameters.maintenanceVolatility),
      rates.contains(parameters.initialVolatility), rates.contains(parameters.volatilityRatio),
      (Rate.zero...Rate.one).contains(parameters.profitWeight), rates.contains(parameters.liquidationFee),
      rates.contains(parameters.maximumSlippage)
    else { throw .invalid("margin parameters") }
    return parameters
  }

  private func readFunding(from reader: inout StateReader) throws(StateError) -> Funding {
    var funding = Funding()
    guard try reader.flag("funding") else { return funding }
    funding.parameters.interval = try reader.get()
    funding.parameters.period = try reader.get()
    funding.parameters.sampling = try reader.get()
    funding.parameters.interest = try reader.rate()
    funding.parameters.clamp = try reader.rate()
    funding.parameters.cap = try reader.rate()
    funding.parameters.marginFactor = try reader.rate()
    let isFixed = try reader.flag("fixed funding rate")
    let fixed = try reader.rate()
    funding.parameters.fixed = isFixed ? fixed : nil
    funding.index = try reader.fundingIndex()
    funding.average.sum = try reader.get()
    funding.average.count = try reader.get()
    funding.rate = try reader.rate()
    funding.nextSample = Timestamp(try reader.get())
    funding.next = Timestamp(try reader.get())
    funding.pool = try reader.money()
    let isOff = funding.parameters.interval == 0
    let times = Int64(1)...1 << 62
    guard Self.faultyField(in: funding.parameters) == nil, isFixed || fixed == .zero,
      (0...1 << 40).contains(funding.average.count),
      funding.average.sum.magnitude <= UInt128(funding.average.count) * 1_000_000_000,
      funding.rate.rawValue.magnitude <= Rate.one.rawValue.magnitude,
      isOff == (funding.next == .never), isOff == (funding.nextSample == .never),
      isOff || (times.contains(funding.next.rawValue) && times.contains(funding.nextSample.rawValue))
    else { throw .invalid("funding") }
    return funding
  }

  private func readExpiry(from reader: inout StateReader) throws(StateError) -> Expiry {
    var expiry = Expiry()
    guard try reader.flag("expiry") else { return expiry }
    expiry.time = Timestamp(try reader.get())
    expiry.window = try reader.get()
    expiry.interval = try reader.get()
    expiry.nextSample = Timestamp(try reader.get())
    expiry.average.sum = try reader.get()
    expiry.average.count = try reader.get()
    expiry.price = try reader.price()
    expiry.cursor = try reader.get()
    expiry.pool = try reader.money()
    let day: Int64 = 86_400_000_000_000
    guard (1...1 << 62).contains(expiry.time.rawValue), (1...day).contains(expiry.window), expiry.interval >= 1,
      expiry.window % expiry.interval == 0, expiry.window / expiry.interval <= Expiry.mostSamples,
      (0...expiry.samples).contains(expiry.average.count),
      (0...Int128(expiry.average.count) * Int128(Limits.assetPrice)).contains(expiry.average.sum),
      (0...Limits.price).contains(expiry.price.rawValue), Int(expiry.cursor) <= limits.accounts,
      expiry.nextSample == .never
        || (expiry.nextSample <= expiry.time && expiry.nextSample.rawValue > expiry.time.rawValue - expiry.window
          && (expiry.time.rawValue - expiry.nextSample.rawValue) % expiry.interval == 0)
    else { throw .invalid("expiry") }
    return expiry
  }

  /// Whether an instrument's kind, phase and expiry go together.
  private func isExpirySound(_ instrument: Instrument) -> Bool {
    let expires = instrument.kind == .future || instrument.kind == .option
    let isDelisted = instrument.listing == .delisted
    guard instrument.expiry.isSet == (expires || isDelisted), isListingSound(instrument) else { return false }
    if instrument.isExpired {
      return instrument.expiry.time <= time && instrument.expiry.nextSample == .never
        && instrument.mark == ledger.payoff(of: instrument, at: instrument.expiry.price)
    }
    return instrument.expiry.cursor == 0 && instrument.expiry.pool == .zero && instrument.expiry.price == Price(0)
  }

  /// Whether what is due in its life fits where an instrument stands.
  private func isListingSound(_ instrument: Instrument) -> Bool {
    let isDue = (1...1 << 62).contains(instrument.listingTime.rawValue)
    switch instrument.listing {
    case .active: return isDue || instrument.listingTime == .never
    case .pending: return isDue && instrument.phase == .halted
    case .suspended: return (isDue || instrument.listingTime == .never) && instrument.phase == .halted
    case .delisted: return instrument.listingTime == .never && instrument.isExpired
    }
  }

  private func readCurve(from reader: inout StateReader) throws(StateError) -> ImpactCurve {
    let count = Int(try reader.get(UInt8.self))
    var knots: [(Quantity, Rate)] = []
    for _ in 0..<count { knots.append((try reader.quantity(), try reader.rate())) }
    guard count <= Limits.scheduleRows, ImpactCurve.firstFault(in: knots) == nil else { throw .invalid("impact curve") }
    return ImpactCurve(knots: knots)
  }

  private func readMasters(from reader: inout StateReader) throws(StateError) -> [(MasterId, KillAuthority)] {
    var masters: [(MasterId, KillAuthority)] = []
    for _ in 0..<(try reader.count("masters", atMost: limits.accounts)) {
      masters.append((MasterId(try reader.get()), try reader.code("master kill switch")))
    }
    return masters
  }

  private mutating func readAccounts(
    _ masters: [(MasterId, KillAuthority)], from reader: inout StateReader
  ) throws(StateError) {
    for _ in 0..<(try reader.count("accounts", atMost: limits.accounts)) {
      let id = AccountId(try reader.get())
      let master = Int(try reader.get(UInt32.self))
      var account = Account(
        id: id, master: 0, parent: AccountId(try reader.get()), isolatedInstrument: InstrumentId(try reader.get()),
        leverageCap: try reader.get(), mode: try reader.code("account mode"),
        flags: AccountFlags(rawValue: try reader.get()), multiplier: .one)
      account.killed = try reader.code("account kill switch")
      account.multiplier = try reader.rate()
      account.feeTier = FeeTier(maker: try reader.rate(), taker: try reader.rate())
      account.preventionGroup = try reader.get()
      let controls = try readLimits(from: &reader)
      account.isLimited = controls.isSet
      account.cash = try reader.money()
      account.cashIndex = InterestIndex(rawValue: try reader.get())
      account.state = try reader.code("margin state")
      account.fruitlessRounds = try reader.get()
      account.stalledSince = Timestamp(try reader.get())
      account.bandFloor = try reader.money()
      account.isWatched = try reader.flag("watch list")
      guard id != .none, ledger.find(id) == 0, master >= 1, master <= masters.count, masters[master - 1].0 != .none,
        account.flags.isSubset(of: .all), account.leverageCap <= (account.mode == .portfolio ? 0 : 1000),
        (Rate.one...Rate.maximum).contains(account.multiplier), FeeTier.range.contains(account.feeTier.maker),
        FeeTier.range.contains(account.feeTier.taker),
        isSettled(account.cash.rawValue, at: account.cashIndex, ledger.settlement.interest)
      else { throw .invalid("account \(id.rawValue)") }
      let slot = ledger.add(account, of: masters[master - 1].0)
      accountLimits[slot] = controls
      guard ledger.accounts[slot].master == UInt32(master) else { throw .invalid("order of masters") }
      try readBalances(of: slot, from: &reader)
      try readPositions(of: slot, from: &reader)
    }
    guard areRebatesCovered(by: ledger.feeTiers()) else { throw .invalid("fee tiers") }
    guard ledger.masters.count == masters.count else { throw .invalid("masters without accounts") }
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      guard Int(ledger.instruments[instrument].expiry.cursor) <= ledger.accounts.count else {
        throw .invalid("an instrument's settlement")
      }
    }
    for (index, master) in masters.enumerated() { ledger.masters[UInt32(index + 1)].killed = master.1 }
  }

  private mutating func readBalances(of account: UInt32, from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("balances", atMost: limits.assets)) {
      let asset = try reader.get(UInt32.self)
      let amount = try reader.get(Int64.self)
      let index = InterestIndex(rawValue: try reader.get())
      // Beside the bound a balance was entered under: a sale above its limit, by one notional bound, and interest.
      guard asset >= 1, asset <= UInt32(ledger.assets.count), amount.magnitude <= 3 * UInt64(Limits.balance),
        isSettled(Int128(amount), at: index, ledger.assets[asset].interest),
        !ledger.balances.isFull, ledger.findBalance(account: account, asset: asset) == 0
      else { throw .invalid("balance of account \(ledger.accounts[account].id.rawValue)") }
      let slot = ledger.balance(account: account, asset: asset)
      ledger.balances[slot].amount = amount
      ledger.balances[slot].index = index
    }
  }

  private mutating func readPositions(of account: UInt32, from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("positions", atMost: limits.instruments)) {
      let instrument = try reader.get(UInt32.self)
      let quantity = try reader.quantity()
      let cost = try reader.money()
      let funding = try reader.fundingIndex()
      let floor = try reader.money()
      let worst = (try reader.price(), try reader.price())
      let prices = Price(0)...Price(Limits.price)
      guard instrument >= 1, instrument <= UInt32(ledger.instruments.count),
        quantity.rawValue.magnitude <= UInt64(Limits.quantity),
        isHeld(quantity.magnitude.rawValue, at: Price(1), of: instrument),
        prices.contains(worst.0), prices.contains(worst.1),
        ledger.instruments[instrument].kind != .option || cost == .zero,
        quantity == .zero
          || (ledger.instruments[instrument].kind.isDerivative
            && (ledger.instruments[instrument].hasMark || ledger.instruments[instrument].isExpired)),
        ledger.accounts[account].mode != .portfolio || ledger.instruments[instrument].kind == .spot
          || ledger.riskGroup(ofInstrument: instrument) != 0,
        ledger.findPosition(account: account, instrument: instrument) == 0,
        ledger.roomForPosition(account: account, instrument: instrument) == nil
      else { throw .invalid("position of account \(ledger.accounts[account].id.rawValue)") }
      let slot = ledger.position(account: account, instrument: instrument)
      ledger.positions[slot].quantity = quantity
      ledger.positions[slot].cost = cost
      ledger.positions[slot].funding = funding
      ledger.positions[slot].bandFloor = floor
      ledger.positions[slot].worstBuy = worst.0
      ledger.positions[slot].worstSell = worst.1
      ledger.instruments[instrument].openInterest += Quantity(max(0, quantity.rawValue))
    }
  }

  /// Whether an account can have come to so many lots, a limit or mark then being `price`: what the entry bounds admit.
  private func isHeld(_ lots: Int64, at price: Price, of instrument: UInt32) -> Bool {
    let (notional, overflow) = (Int128(lots) * Int128(price.rawValue)).multipliedReportingOverflow(
      by: Int128(ledger.instruments[instrument].multiplier))
    return lots <= Limits.quantity && !overflow && notional <= Int128(Limits.notionalPerAccount)
  }

  private mutating func readKeys(from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("keys", atMost: limits.keys)) {
      var key = KeyRecord(
        id: KeyId(try reader.get()), master: MasterId(try reader.get()), roles: Roles(rawValue: try reader.get()),
        publicKey: Bytes32(try reader.get(), try reader.get(), try reader.get(), try reader.get()))
      key.lastRequest = try reader.get()
      key.lastReport = try reader.counter("report number")
      key.connectionId = try reader.get()
      key.killed = try reader.code("key kill switch")
      key.cancelOnDisconnect = try reader.get()
      key.disconnectDeadline = Timestamp(try reader.get())
      key.countdown = try reader.get()
      key.countdownAccount = try reader.get()
      key.countdownEnd = Timestamp(try reader.get())
      key.countdownRequest = try reader.get()
      guard key.countdownAccount <= UInt32(ledger.accounts.count), (key.countdown == 0) == (key.countdownEnd == .never)
      else { throw .invalid("countdown of key \(key.id.rawValue)") }
      guard key.id != .venue, key.roles.isSubset(of: .all), keys.find(key.id) == 0 else {
        throw .invalid("key \(key.id.rawValue)")
      }
      keys.add(key)
    }
  }

  private func readJob(from reader: inout StateReader) throws(StateError) -> CancelJob {
    CancelJob(
      scope: try reader.code("job scope"), side: try reader.code("job side"), reason: try reader.code("job reason"),
      instrument: InstrumentId(try reader.get()), underlying: AssetId(try reader.get()),
      kinds: InstrumentKinds(rawValue: try reader.get()), orderKey: KeyId(try reader.get()), target: try reader.get(),
      watermark: try reader.get(), requester: KeyId(try reader.get()), requestId: try reader.get(),
      account: try reader.get(), quotesOnly: try reader.flag("quotes only"))
  }

  private mutating func readJobs(from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("cancel jobs", atMost: CancelJobs.capacity)) {
      var job = try readJob(from: &reader)
      job.cancelled = try reader.counter("cancelled orders")
      let targets =
        switch job.scope {
        case .account: ledger.accounts.count
        case .master: ledger.masters.count
        case .key: keys.records.count
        case .venue: 0
        }
      guard job.account <= UInt32(ledger.accounts.count), job.target <= UInt32(targets),
        job.scope == .venue || job.target >= 1
      else { throw .invalid("cancel job") }
      jobs.append(job)
    }
  }

  /// Orders in priority order; the owners' lists are rebuilt by entry afterwards.
  private mutating func readOrders(from reader: inout StateReader) throws(StateError) {
    var entries: [(entry: UInt64, id: UInt64, slot: OrderSlot)] = []
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      for side in Side.allCases {
        while try reader.flag("order marker") {
          let slot = try readOrder(instrument, side, from: &reader)
          entries.append((books[slot].entry, books[slot].id, slot))
        }
      }
    }
    // The two sides of a quote enter by one command.
    entries.sort { ($0.entry, $0.id) < ($1.entry, $1.id) }
    for (_, _, slot) in entries { link(slot) }
    for account in 1..<UInt32(ledger.accounts.count + 1) { ledger.touch(account) }
  }

  private mutating func readOrder(
    _ instrument: UInt32, _ side: Side, from reader: inout StateReader
  ) throws(StateError) -> OrderSlot {
    let name = OrderName(
      key: KeyId(try reader.get()), requestId: try reader.get(), leg: UInt32(try reader.get(UInt8.self)))
    let (id, entry) = (try reader.get(UInt64.self), try reader.get(UInt64.self))
    let account = try reader.get(UInt32.self)
    let price = try reader.price()
    let (open, visible, display) = (try reader.quantity(), try reader.quantity(), try reader.quantity())
    let filled = try reader.quantity()
    let accrued = try reader.get(Int128.self)
    let timeInForce = try reader.code("time in force", TimeInForce.self)
    let flags = OrderFlags(rawValue: try reader.get())
    let prevention = try reader.code("self-trade prevention", SelfTradePrevention.self)
    let expiry = Timestamp(try reader.get())
    let ends = timeInForce == .day || timeInForce == .goodTillDate
    let lots = 1...Limits.quantity
    guard account >= 1, account <= UInt32(ledger.accounts.count), timeInForce.rests,
      expiry >= Timestamp(0), (expiry > Timestamp(0)) == ends,
      flags.isSubset(of: OrderFlags.all.union(.quote)), flags.contains(.quote) == (name.leg > 0),
      Int(name.leg) <= 2 * Limits.quotesPerFrame, price >= Price(0),
      price <= ledger.instruments[instrument].maximumPrice,
      lots.contains(open.rawValue), (1...open.rawValue).contains(visible.rawValue),
      (0...Limits.quantity).contains(display.rawValue), (0...Int64.max / 2).contains(filled.rawValue),
      display == .zero ? visible == open : visible <= display, accrued.magnitude < 1 << 110, entry <= sequence,
      id & (1 << 56 - 1) <= entry, !books.isFull, books.find(name) == 0,
      case let position = ledger.findPosition(account: account, instrument: instrument), position != 0
    else { throw .invalid("order \(name.requestId) of key \(name.key.rawValue)") }
    let lotsBefore =
      ledger.positions[position].quantity.magnitude.rawValue + ledger.positions[position].allBuy
      + ledger.positions[position].allSell
    let highest = max(price, ledger.positions[position].worstBuy, ledger.positions[position].worstSell)
    guard isHeld(lotsBefore + open.rawValue, at: highest, of: instrument) else { throw .invalid("open lots") }
    var order = Order(
      name: name, id: id, entry: entry, instrument: ledger.instruments[instrument].id, position: position,
      account: account, side: side, price: price, open: open, display: display, filled: filled, feeAccrued: accrued,
      timeInForce: timeInForce, flags: flags, prevention: prevention)
    order.visible = visible
    let worst = (ledger.positions[position].worstBuy, ledger.positions[position].worstSell)
    let slot = books.restore(order, in: ledger.instruments[instrument].book)
    if flags.contains(.quote) && !quotes.enter(order, slot) { throw .invalid("quotes") }
    if ends { expiries.insert(slot, due: expiry, in: &books) }
    ledger.addOpen(openLots(order, instrument: instrument), to: position)
    // The sticky worst limits are durable: an order that is gone may have set them.
    if side == .buy { ledger.restoreWorst(.buy, to: max(worst.0, price), in: position) }
    if side == .sell { ledger.restoreWorst(.sell, to: min(worst.1, price), in: position) }
    return slot
  }
}

extension StateReader {
  /// The venue's first record, as a whole frame.
  fileprivate mutating func venue() throws(StateError) -> DefineVenue {
    let bytes = try take(DefineVenue.frameLength)
    guard case .frame(let length) = Frame.scan(bytes, maximum: Limits.frameBytes), length == bytes.count,
      Frame(bytes).template == .defineVenue
    else { throw .invalid("venue record") }
    let venue = Frame(bytes).decode(DefineVenue.self)
    guard Limits(venue).fault == nil, venue.moneyDigits <= 18 else { throw .invalid("venue record") }
    return venue
  }
}

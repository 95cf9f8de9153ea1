import Margin
import Matching
import Values
import Wire

// Answers to queries. Reads never settle: nothing durable changes, so that a read can stand anywhere in the log or not
// at all. Stale caches are refreshed on the way, which no hash covers.

extension Kernel {
  /// Most rows of one answer; `QueryEnd.more` says that there are more.
  public static var rowsPerAnswer: Int { 4096 }

  /// Answers QueryMargin … QueryBalances for `key`; the answers end with QueryEnd. Any other frame is answered with
  /// `notPermitted`. QueryStatus is the server's to answer.
  public mutating func answer(_ frame: Frame, key: KeyId, output: inout Output) {
    let queryId = frame.bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self)
    var rows = 0
    var more = false
    var reason: RejectReason?
    do throws(Reject) {
      switch frame.template {
      case .queryMargin:
        let query = frame.decode(QueryMargin.self)
        rows = answerMargin(query, try visible(query.account, to: key), key, output: &output)
      case .queryPositions:
        let query = frame.decode(QueryPositions.self)
        rows = answerPositions(query, try visible(query.account, to: key), key, output: &output)
      case .queryBalances:
        let query = frame.decode(QueryBalances.self)
        rows = answerBalances(query, try visible(query.account, to: key), key, output: &output)
      case .queryOpenOrders:
        let query = frame.decode(QueryOpenOrders.self)
        (rows, more) = answerOrders(query, try visible(query.account, to: key), key, output: &output)
      case .preview:
        reason = answerPreview(frame.decode(Preview.self), key, output: &output)
        rows = reason == nil ? 1 : 0
      case .queryRelief:
        let query = frame.decode(QueryRelief.self)
        let account = try visible(query.account, to: key)
        try require(
          query.amount >= .zero && query.amount <= Money(Limits.balance), .invalid(QueryRelief.Field.amount))
        rows = answerRelief(query, account, key, output: &output)
      case .queryValueAtRisk:
        let query = frame.decode(QueryValueAtRisk.self)
        rows = answerValueAtRisk(query, try visible(query.account, to: key), key, output: &output)
      case .queryHedge:
        let query = frame.decode(QueryHedge.self)
        rows = answerHedge(query, try visible(query.account, to: key), key, output: &output)
      case .queryStress:
        (rows, more) = try answerStress(frame, key, output: &output)
      case .queryAccounts:
        (rows, more) = answerAccounts(frame.decode(QueryAccounts.self), key, output: &output)
      case .queryKeys: (rows, more) = answerKeys(frame.decode(QueryKeys.self), key, output: &output)
      case .queryInstruments:
        (rows, more) = answerInstruments(frame.decode(QueryInstruments.self), key, output: &output)
      case .queryGreeks:
        let query = frame.decode(QueryGreeks.self)
        (rows, more) = answerGreeks(query, try visible(query.account, to: key), key, output: &output)
      case .queryParameters:
        (rows, more) = try answerParameters(frame.decode(QueryParameters.self), key, output: &output)
      case .queryMarks: (rows, more) = try answerMarks(frame.decode(QueryMarks.self), key, output: &output)
      case .queryBands:
        let query = frame.decode(QueryBands.self)
        rows = answerBands(query, try visible(query.account, to: key), key, output: &output)
      case .queryInterest:
        rows = answerInterest(frame.decode(QueryInterest.self), key, output: &output)
      case .queryInsurance:
        try requireStaff(key)
        answerInsurance(frame.decode(QueryInsurance.self), key, output: &output)
        rows = 1
      default: throw Reject(.notPermitted)
      }
    } catch {
      reason = error.reason
    }
    output.append(QueryEnd(queryId: queryId, rows: UInt32(rows), more: more, reason: reason), to: key)
  }

  /// The account's slot, touched, if the key may look at it.
  private mutating func visible(_ id: AccountId, to key: KeyId) throws(Reject) -> UInt32 {
    let account = ledger.find(id)
    let keySlot = keys.find(key)
    try require(keySlot != 0 && keys.records[keySlot].roles != [], Reject(.unknownKey))
    let roles = keys.records[keySlot].roles
    let seesAll = !roles.isDisjoint(with: [.observer, .operator, .treasurer, .registrar, .riskAdmin])
    try require(seesAll || roles.contains(.trader), Reject(.notPermitted))
    try require(account != 0, Reject(.unknownAccount))
    let isOwn = ledger.masters[ledger.accounts[account].master].id == keys.records[keySlot].master
    try require(seesAll || isOwn, Reject(.notYourAccount))
    ledger.touch(account)
    return account
  }

  private mutating func answerMargin(
    _ query: QueryMargin, _ account: UInt32, _ key: KeyId, output: inout Output
  ) -> Int {
    let record = ledger.accounts[account]
    let margin = ledger.margin(of: account)
    output.append(
      MarginReport(
        queryId: query.queryId, account: record.id, master: ledger.masters[record.master].id, sequence: sequence,
        time: time, margin: margin, cash: record.cash, collateralInitial: record.collateralInitial,
        collateralMaintenance: record.collateralMaintenance, profitInitial: record.terms.profitInitial,
        profitMaintenance: record.terms.profit, spotReserve: record.spotReserve, openOrders: record.openOrders,
        mode: record.mode, reduceOnly: margin.free < .zero, belowMaintenance: margin.cushion < .zero,
        fundingDue: record.terms.fundingDue, interestDue: record.interestDue), to: key)
    var rows = 1
    var position = record.firstPosition
    while position != 0 {
      if ledger.instruments[ledger.positions[position].instrument].kind.isDerivative {
        output.append(marginTerm(of: position, queryId: query.queryId, account: record.id), to: key)
        rows += 1
      }
      position = ledger.positions[position].next
    }
    var holding = record.firstHolding
    while holding != 0 {
      output.append(groupTerm(of: holding, account, queryId: query.queryId), to: key)
      rows += 1
      holding = ledger.holdings[holding].next
    }
    return rows
  }

  private func groupTerm(of holding: UInt32, _ account: UInt32, queryId: UInt64) -> GroupTerm {
    let terms = ledger.groupTerms(of: holding, account: account)
    return GroupTerm(
      queryId: queryId, account: ledger.accounts[account].id, asset: ledger.assets[terms.asset].id,
      scenario: UInt8(terms.held.scenario), worstScenario: UInt8(terms.worst.scenario), range: terms.range,
      scanLoss: terms.held.figures.scanLoss, credit: terms.held.credit, spread: terms.held.figures.spread,
      shortOptions: terms.held.figures.shortOptions, maintenanceMargin: terms.held.requirement,
      delta: terms.held.figures.delta, worstScanLoss: terms.worst.figures.scanLoss, worstCredit: terms.worst.credit,
      worstSpread: terms.worst.figures.spread, worstShortOptions: terms.worst.figures.shortOptions,
      certainDelta: terms.worst.figures.delta, initialMultiplier: terms.initialMultiplier,
      initialMargin: terms.initialMargin)
  }

  private func marginTerm(of slot: UInt32, queryId: UInt64, account: AccountId) -> MarginTerm {
    let position = ledger.positions[slot]
    let instrument = ledger.instruments[position.instrument]
    let isExpired = instrument.isExpired
    let rates = isExpired ? RequirementRates() : ledger.bindingRates(of: slot)
    return MarginTerm(
      queryId: queryId, account: account, instrument: instrument.id, position: position.quantity,
      worstLong: Quantity(position.worstLong), worstShort: Quantity(position.worstShort),
      mark: instrument.hasMark ? instrument.mark : nil, profit: position.terms.profit,
      maintenanceMargin: position.terms.maintenanceMargin,
      positionMargin: isExpired ? .zero : ledger.positionMargin(of: slot),
      openLoss: isExpired ? .zero : ledger.openLoss(of: slot),
      feeProvision: isExpired ? .zero : position.provision, tierRate: rates.tier,
      sizeRate: rates.size, volatilityRate: rates.volatility, leverageRate: rates.leverage,
      liquidityRate: rates.liquidity, openInterestRate: rates.openInterest, fundingDue: position.terms.fundingDue)
  }

  private func answerPositions(
    _ query: QueryPositions, _ account: UInt32, _ key: KeyId, output: inout Output
  ) -> Int {
    var rows = 0
    var slot = ledger.accounts[account].firstPosition
    while slot != 0 {
      let position = ledger.positions[slot]
      let instrument = ledger.instruments[position.instrument]
      output.append(
        PositionReport(
          queryId: query.queryId, account: query.account, instrument: instrument.id, position: position.quantity,
          cost: position.cost, mark: instrument.hasMark ? instrument.mark : nil, profit: position.terms.profit,
          openBuys: Quantity(position.allBuy), openSells: Quantity(position.allSell),
          worstBuy: position.allBuy > 0 ? position.worstBuy : Price(0),
          worstSell: position.allSell > 0 ? position.worstSell : Price(0)), to: key)
      rows += 1
      slot = position.next
    }
    return rows
  }

  private func answerBalances(
    _ query: QueryBalances, _ account: UInt32, _ key: KeyId, output: inout Output
  ) -> Int {
    let record = ledger.accounts[account]
    let cash = ledger.cash(of: account)
    output.append(
      BalanceReport(
        queryId: query.queryId, account: record.id, asset: .settlement, balance: cash,
        initialValue: cash, maintenanceValue: cash, payable: record.payable), to: key)
    var rows = 1
    var slot = record.firstBalance
    while slot != 0 {
      let balance = ledger.balances[slot]
      output.append(
        BalanceReport(
          queryId: query.queryId, account: record.id, asset: ledger.assets[balance.asset].id,
          balance: Money(ledger.amount(of: slot)), initialValue: balance.valueInitial,
          maintenanceValue: balance.valueMaintenance, payable: balance.payable), to: key)
      rows += 1
      slot = balance.next
    }
    return rows
  }

  private func heldReport(of slot: UInt32, queryId: UInt64, account: AccountId) -> HeldOrderReport {
    let (order, terms) = (held.books[slot], held.terms[slot])
    return HeldOrderReport(
      queryId: queryId, orderRequestId: order.name.requestId, orderKey: order.name.key, account: account,
      instrument: order.instrument, side: terms.side, orderType: terms.type, timeInForce: order.timeInForce,
      flags: order.flags, triggerPrice: held.trigger(of: slot, instrument: ledger.find(order.instrument)),
      price: terms.limit, quantity: terms.quantity,
      display: terms.display, partner: terms.partner, source: terms.source, condition: terms.condition,
      trailing: terms.trailing, expiry: held.expiries.expiry(of: order), distance: UInt64(terms.distance),
      activationPrice: terms.activation)
  }

  private func answerOrders(
    _ query: QueryOpenOrders, _ account: UInt32, _ key: KeyId, output: inout Output
  ) -> (rows: Int, more: Bool) {
    var rows = 0
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      var slot = ledger.positions[position].firstOrder
      if query.instrument != .none
        && ledger.instruments[ledger.positions[position].instrument].id != query.instrument
      {
        slot = 0
      }
      while slot != 0 {
        if rows == Self.rowsPerAnswer { return (rows, true) }
        let order = books[slot]
        output.append(
          OpenOrderReport(
            queryId: query.queryId, orderRequestId: order.name.requestId, orderKey: order.name.key,
            account: query.account, instrument: order.instrument, side: order.side, timeInForce: order.timeInForce,
            flags: order.flags, price: order.price, open: order.open, display: order.display, filled: order.filled,
            orderId: order.id, expiry: expiries.expiry(of: order)), to: key)
        rows += 1
        slot = order.ownerNext
      }
      position = ledger.positions[position].next
    }
    var slot = firstHeld(of: account, in: query.instrument)
    while slot != 0 {
      if rows == Self.rowsPerAnswer { return (rows, true) }
      if query.instrument == .none || held.books[slot].instrument == query.instrument {
        output.append(heldReport(of: slot, queryId: query.queryId, account: query.account), to: key)
        rows += 1
      }
      slot = held.books[slot].ownerNext
    }
    return (rows, false)
  }

  /// Accounts in order of creation, from the one named (0: the first); traders see those of their master.
  private mutating func answerAccounts(
    _ query: QueryAccounts, _ key: KeyId, output: inout Output
  ) -> (rows: Int, more: Bool) {
    let keySlot = keys.find(key)
    guard keySlot != 0 else { return (0, false) }
    let seesAll = !keys.records[keySlot].roles.isDisjoint(
      with: [.observer, .operator, .treasurer, .registrar, .riskAdmin])
    let most = query.count == 0 ? Self.rowsPerAnswer : min(Int(query.count), Self.rowsPerAnswer)
    var rows = 0
    var slot = query.first == .none ? 1 : ledger.find(query.first)
    while slot != 0 && Int(slot) <= ledger.accounts.count {
      let master = ledger.masters[ledger.accounts[slot].master].id
      if seesAll || master == keys.records[keySlot].master {
        if rows == most { return (rows, true) }
        let margin = ledger.currentMargin(of: slot)
        let record = ledger.accounts[slot]
        output.append(
          AccountReport(
            queryId: query.queryId, account: record.id, master: master, parent: record.parent,
            isolatedInstrument: record.isolatedInstrument, leverageCap: record.leverageCap, mode: record.mode,
            flags: record.flags,
            killed: max(record.killed, ledger.masters[record.master].killed, killed) != .released,
            accountKill: record.killed, masterKill: ledger.masters[record.master].killed, venueKill: killed,
            multiplier: record.multiplier, openOrders: record.openOrders, positions: record.positionCount,
            margin: margin, makerMultiple: record.feeTier.maker, takerMultiple: record.feeTier.taker,
            preventionGroup: record.preventionGroup), to: key)
        rows += 1
      }
      slot += 1
    }
    return (rows, false)
  }

  private func answerInstruments(
    _ query: QueryInstruments, _ key: KeyId, output: inout Output
  ) -> (rows: Int, more: Bool) {
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      if Int(slot) > Self.rowsPerAnswer { return (Self.rowsPerAnswer, true) }
      let instrument = ledger.instruments[slot]
      let isOption = instrument.kind == .option
      output.append(
        InstrumentReport(
          queryId: query.queryId, instrument: instrument.id, base: instrument.base, quote: instrument.quote,
          symbol: instrument.symbol, priceUnit: instrument.priceUnit, lotSize: instrument.lotSize,
          multiplier: Money(instrument.multiplier), maximumPrice: instrument.maximumPrice,
          priceBand: instrument.priceBand, maximumOrder: instrument.maximumOrder,
          positionLimit: instrument.positionLimit, makerFee: instrument.makerFee, takerFee: instrument.takerFee,
          mark: instrument.hasMark ? instrument.mark : nil, bestBid: books.bestPrice(.buy, in: instrument.book),
          bestAsk: books.bestPrice(.sell, in: instrument.book), openInterest: instrument.openInterest,
          kind: instrument.kind, phase: instrument.phase,
          expiry: instrument.expiry.isSet ? instrument.expiry.time : Timestamp(0),
          strike: isOption ? instrument.option.strike : nil,
          underlying: instrument.option.volatility > .zero ? instrument.option.underlying : nil,
          volatility: instrument.option.volatility, optionType: instrument.option.isCall ? .call : .put,
          listing: instrument.listing,
          fundingRate: instrument.funding.rate,
          nextFunding: instrument.funding.next == .never ? Timestamp(0) : instrument.funding.next,
          listingTime: instrument.listingTime == .never ? Timestamp(0) : instrument.listingTime), to: key)
    }
    return (ledger.instruments.count, false)
  }
}

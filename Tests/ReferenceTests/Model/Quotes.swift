import Values
import Wire

// Mass quotes. A quote is an order among the others; which one it is follows from its flag, instrument and side.

extension ReferenceVenue {
  func quote(_ message: MassQuote, rows: [MassQuote.Row], _ frame: Frame) throws(Reject) {
    try requireField(message.isPostOnlyCode <= 1, MassQuote.Field.isPostOnly)
    try requireField(message.selfTradePrevention != nil, MassQuote.Field.selfTradePrevention)
    if rows.isEmpty || rows.count > 24 { throw Reject(.malformed, frame.bytes.count) }
    let index = try ownAccount(message.account)
    if let scope = engagedKillSwitch(accounts[index], key) { throw Reject(.killSwitchEngaged, scope.rawValue) }
    var outcomes: [QuotesAcknowledged.Row] = []
    for (number, row) in rows.enumerated() {
      var outcome = QuotesAcknowledged.Row(
        bidOpen: .zero, askOpen: .zero, detail: 0, instrument: row.instrument, reason: .malformed)
      outcome.reasonCode = 0
      do throws(Reject) {
        try enter(row, UInt32(number), message, index)
      } catch {
        outcome.reasonCode = error.reason.rawValue
        outcome.detail = Int64(clamping: error.detail)
      }
      outcome.bidOpen = Quantity(Int64(live(row.instrument, .buy, accounts[index])?.open ?? 0))
      outcome.askOpen = Quantity(Int64(live(row.instrument, .sell, accounts[index])?.open ?? 0))
      outcomes.append(outcome)
    }
    emit(
      QuotesAcknowledged(
        reportNumber: nextReportNumber(key), requestId: requestId, sequence: sequence, time: time,
        account: message.account, margin: reportedMargin(index)),
      rows: outcomes, to: key)
  }

  /// The account's quote on one side of an instrument.
  private func live(_ instrument: InstrumentId, _ side: Side, _ account: ModelAccount) -> ModelOrder? {
    account.orders.first { $0.instrument == instrument && $0.side == side && $0.flags.contains(.quote) }
  }

  private func isGated(_ order: ModelOrder, _ index: Int) -> Bool { gate(order, index) != nil }

  private func enter(
    _ row: MassQuote.Row, _ number: UInt32, _ message: MassQuote, _ index: Int
  ) throws(Reject) {
    let instrument = try instrument(row.instrument)
    let account = accounts[index]
    let flags: OrderFlags = message.isPostOnlyCode == 1 ? [.quote, .postOnly] : [.quote]
    var wanted: [ModelOrder] = []
    for (side, price, quantity) in [
      (Side.buy, row.bidPrice, row.bidQuantity), (.sell, row.askPrice, row.askQuantity),
    ] where quantity != .zero {
      let leg = number * 2 + (side == .buy ? 1 : 2)
      wanted.append(
        ModelOrder(
          name: OrderName(key: key, requestId: requestId, leg: leg), id: UInt64(leg) << 56 + sequence,
          instrument: instrument.id, side: side, price: Int128(price.rawValue), open: Int128(quantity.rawValue),
          display: 0, shown: 0, flags: flags, timeInForce: .goodTillCancel, orderType: .limit,
          selfTradePrevention: message.selfTradePrevention!, entry: sequence, provisionRate: 0, provisionPrice: 0))
    }
    let old = [Side.buy, .sell].compactMap { live(instrument.id, $0, account) }
    func keeps(_ new: ModelOrder) -> ModelOrder? {
      old.first {
        $0.side == new.side && $0.name.key == key && $0.price == new.price && new.open > 0 && new.open <= $0.open
          && !isGated($0, index)
      }
    }
    let fresh = wanted.filter { keeps($0) == nil }
    let gone = old.filter { order in !wanted.contains { keeps($0)?.name == order.name } }

    if !wanted.isEmpty {
      try requireOpenMarket(instrument, isLimit: true, .goodTillCancel)
      for order in wanted { try requireNumbers(order, instrument) }
      if wanted.count == 2 && wanted[0].price >= wanted[1].price { throw Reject(.quoteCrossed, wanted[1].price) }
      if account.isolatedInstrument != .none && account.isolatedInstrument != instrument.id {
        throw Reject(.wrongInstrument, account.isolatedInstrument.rawValue)
      }
      if instrument.isPerpetual {
        if instrument.parameters == nil { throw Reject(.noMarginParameters) }
        if instrument.mark == nil { throw Reject(.noMark) }
      }
      for order in wanted { try requireBand(order, instrument) }
    }
    if !fresh.isEmpty { try requireRoom(fresh, gone, account, instrument, isPostOnly: flags.contains(.postOnly), old) }

    // The pair as one change.
    var after = account
    for side in [Side.buy, .sell] {
      if let order = gone.first(where: { $0.side == side }) { after.remove(order.name) }
      if let new = wanted.first(where: { $0.side == side }), let kept = keeps(new) {
        after.orders[after.index(kept.name)].open = new.open
        after.orders[after.index(kept.name)].shown = new.open
      }
    }
    for order in fresh {
      var order = order
      provide(&order, instrument)
      let before = after
      after.add(order)
      try requireBounds(before: before, after: after, order, instrument)
      try requireCap(after, order, instrument)
    }
    if !fresh.isEmpty {
      let marginBefore = margin(of: account)
      let marginAfter = margin(of: after)
      try requireSound(marginBefore, marginAfter)
      if !acceptable(marginBefore, marginAfter) { throw Reject(.insufficientMargin, marginAfter.free) }
      try requireCovered(after, instrument)
    }
    let gates = gone.map { gate($0, index) }
    for (order, job) in zip(gone, gates) {
      takeFromBook(order.name, instrument.id, order.side)
      if let job { jobs[job].count += 1 }
    }
    accounts[index] = after
    for (order, job) in zip(gone, gates) {
      if let job { reportCancelled(order, index, jobs[job].reason) }
    }
    if instrument.kind == .spot && !wanted.isEmpty {
      for asset in [instrument.base, instrument.quote] { accounts[index].balances[asset, default: 0] += 0 }
    }
    if account.limits != nil { for _ in fresh { accounts[index].sentSeconds.append(second) } }
    for order in fresh { run(order.name, index) }
  }

  /// Room and controls for the orders of an entry that are new.
  private func requireRoom(
    _ fresh: [ModelOrder], _ gone: [ModelOrder], _ account: ModelAccount, _ instrument: ModelInstrument,
    isPostOnly: Bool, _ old: [ModelOrder]
  ) throws(Reject) {
    let open = account.orders.count - gone.count + fresh.count
    if open > Int(limits.ordersPerAccount) { throw Reject(.tooManyOpenOrders, limits.ordersPerAccount) }
    if restingOrders.count - gone.count + fresh.count > Int(limits.orders) { throw Reject(.venueFull, limits.orders) }
    try requirePositionRoom(account, instrument)
    if isPostOnly && instrument.phase == .continuous {
      for order in fresh {
        let own = old.first { $0.side != order.side }?.name
        if let best = instrument[order.side.opposite].first(where: { $0.name != own }), crosses(order, best.price) {
          throw Reject(.postOnlyWouldCross, best.price)
        }
      }
    }
    guard let limits = account.limits else { return }
    let most = limits.orderValue.rawValue
    for order in fresh where most > 0 {
      if order.open * max(order.price, instrument.mark ?? 0) * instrument.multiplier > most {
        throw Reject(.orderValueLimit, most)
      }
    }
    if limits.openOrders > 0 && open > Int(limits.openOrders) { throw Reject(.tooManyOpenOrders, limits.openOrders) }
    let sent = account.sentSeconds.filter { $0 == second }.count
    if limits.ordersPerSecond > 0 && sent + fresh.count > Int(limits.ordersPerSecond) {
      throw Reject(.orderRateLimit, limits.ordersPerSecond)
    }
  }
}

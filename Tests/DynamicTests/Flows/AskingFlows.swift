import Testing
import Values
import Wire

/// Asks what an order would do, then enters it: every number must come true. Guarded orders enter when nothing has
/// changed, and not when something has.
struct PreviewFlow: Flow {
  var weight: Int { 12 }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    let order = RandomOrder(venue, &random)
    let before = venue.stateBytes()
    guard let preview = DynamicVenue.all(PreviewReport.self, in: venue.answer(order.preview, for: order.key)).first
    else {
      Issue.record("a preview is not answered")
      return
    }
    #expect(venue.stateBytes() == before, "a preview has changed the state")
    // The question may stand anywhere: what is due comes before it is asked again.
    let isGuarded = random.chance(500)
    if random.chance(300) { disturb(venue, &random) }
    if venue.kernel.hasPendingWork || venue.kernel.nextDue.rawValue <= venue.time + 1 || venue.stateBytes() != before {
      return enterGuarded(order, preview, venue)
    }
    if isGuarded { enterGuarded(order, preview, venue) } else { venue.send(order.order, from: order.key) }
    compare(order, preview, venue)
  }

  /// Something else happens in between.
  private func disturb(_ venue: DynamicVenue, _ random: inout Random) {
    var flow: any Flow = random.chance(500) ? MarketFlow() : OrderFlow()
    flow.step(venue, &random)
  }

  private func enterGuarded(_ order: RandomOrder, _ preview: PreviewReport, _ venue: DynamicVenue) {
    venue.send(order.guarded(by: preview), from: order.key)
    // What was promised holds to the quantum when it gets in; nothing is promised when it does not.
    if venue.all(OrderRejected.self).isEmpty { compare(order, preview, venue) }
  }

  private func compare(_ order: RandomOrder, _ preview: PreviewReport, _ venue: DynamicVenue) {
    let text = "command \(venue.commands): \(order.order)\n\(preview)"
    if let rejected = venue.all(OrderRejected.self).first {
      #expect(preview.reason == rejected.reason && preview.detail == rejected.detail, "\(text)\n\(rejected)")
      return
    }
    #expect(preview.reason == nil, "\(text)")
    let accepted = venue.all(OrderAccepted.self)
    #expect(accepted.count == 1, "\(text)")
    // Request ids are a key's own; orders of other keys that go may have the same one.
    func isOfTheOrder(_ account: AccountId, _ request: UInt64) -> Bool {
      account == order.order.account && request == accepted.first?.orderRequestId
    }
    let fills = venue.all(OrderFilled.self).filter {
      $0.liquidity == .taker && isOfTheOrder($0.account, $0.orderRequestId)
    }
    let gone =
      venue.all(OrderCancelled.self).filter { isOfTheOrder($0.account, $0.orderRequestId) }
      .map { ($0.reason, $0.quantity) }
      + venue.all(OrderExpired.self).filter { isOfTheOrder($0.account, $0.orderRequestId) }
      .map { ($0.reason, $0.quantity) }
    let filled = fills.reduce(Quantity.zero) { $0 + $1.quantity }
    // Self-trade prevention may have taken lots away before a later fill.
    var left = order.order.quantity
    for (_, bytes) in venue.reports {
      bytes.withUnsafeBytes { frame in
        let report = Frame(frame)
        if report.template == .orderFilled, case let fill = report.decode(OrderFilled.self), fill.liquidity == .taker,
          isOfTheOrder(fill.account, fill.orderRequestId)
        {
          left = fill.open
        } else if report.template == .orderReplaced, case let change = report.decode(OrderReplaced.self),
          isOfTheOrder(change.account, change.orderRequestId)
        {
          left = change.quantity
        }
      }
    }
    #expect(preview.filled == filled && Int(preview.fills) == fills.count, "\(text)")
    #expect(preview.fees == fills.reduce(Money.zero) { $0 + $1.fee }, "\(text)")
    #expect(preview.worstPrice == fills.last?.price, "\(text)")
    #expect(preview.resting == (gone.isEmpty ? left : .zero), "\(text)")
    if let last = gone.last { #expect(preview.isRestCancelled == true && preview.restReason == last.0, "\(text)") }
    // The taker's margin after everything: of the account as it is now.
    let now = DynamicVenue.all(
      MarginReport.self, in: venue.answer(QueryMargin(queryId: 0, account: order.order.account), for: Cast.staff))
    #expect(now.first?.margin == preview.after, "\(text)\n\(venue.texts)")
  }
}

/// Asks what shocks would do. A question changes nothing; a shock of nothing gives the figures as they are.
struct StressFlow: Flow {
  var weight: Int { 4 }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    let before = venue.stateBytes()
    let price = random.pick([0, -1_000_000_000, -300_000_000, 250_000_000, 10_000_000_000] as [Int64])
    let volatility = random.pick([0, -1_000_000_000, 500_000_000] as [Int64])
    let asset = random.pick([AssetId.settlement, Cast.bitcoin, Cast.ether])
    let rows = [QueryStress.Row(price: Rate(price), volatility: Rate(volatility), asset: asset)]
    let answer = venue.answer(QueryStress(queryId: 1, first: .none, count: 0), rows: rows, for: Cast.staff)
    let reports = DynamicVenue.all(StressReport.self, in: answer)
    #expect(reports.count >= Cast.accounts.count, "a stress test is not answered")
    if price == 0 && volatility == 0 {
      for report in reports { #expect(report.now == report.stressed, "\(report)") }
    }
    #expect(venue.stateBytes() == before, "a stress test has changed the state")
  }
}

/// An order of any kind at a price near the mark, of a size that strains its account.
struct RandomOrder {
  let key: KeyId
  let order: NewOrder

  init(_ venue: DynamicVenue, _ random: inout Random) {
    let account = random.pick(Cast.accounts)
    let instrument = random.pick(venue.instruments)
    let mark = venue.mark(of: instrument) ?? Cast.startingPrice(instrument)
    let side: Side = random.chance(500) ? .buy : .sell
    let distance = mark * random.number(-25...10) / 1000
    let quantity = random.chance(300) ? random.number(1...6_000) : random.number(1...300)
    let timeInForce = random.pick(
      [TimeInForce.goodTillCancel, .goodTillDate, .day, .immediateOrCancel, .fillOrKill, .immediateOrCancel])
    let isIceberg = timeInForce.rests && random.chance(300)
    let hasMinimum = timeInForce != .fillOrKill && random.chance(150)
    key = Cast.key(of: account)
    order = NewOrder(
      requestId: 0, account: AccountId(account), instrument: instrument,
      price: Price(max(1, side == .buy ? mark - distance : mark + distance)), quantity: Quantity(quantity),
      display: isIceberg ? Quantity(max(1, quantity / 4)) : .zero, side: side,
      orderType: random.chance(800) ? .limit : timeInForce.rests ? .marketToLimit : .market, timeInForce: timeInForce,
      flags: random.chance(150) && instrument != Cast.spot ? .reduceOnly : [],
      selfTradePrevention: random.pick([.allow, .cancelNewest, .cancelOldest, .cancelBoth, .decrement]),
      minimumQuantity: hasMinimum ? Quantity(random.number(1...max(1, quantity / 8))) : .zero,
      expiry: Timestamp(timeInForce == .goodTillDate ? venue.time + random.number(1_000_000...60_000_000_000) : 0),
      budget: .zero)
  }

  var preview: Preview {
    Preview(
      queryId: 1, account: order.account, instrument: order.instrument, price: order.price, quantity: order.quantity,
      display: order.display, side: order.side!, orderType: order.orderType!, timeInForce: order.timeInForce!,
      flags: order.flags, selfTradePrevention: order.selfTradePrevention!, minimumQuantity: order.minimumQuantity,
      expiry: order.expiry, budget: order.budget)
  }

  func guarded(by preview: PreviewReport) -> NewGuardedOrder {
    NewGuardedOrder(
      requestId: 0, account: order.account, instrument: order.instrument, price: order.price,
      quantity: order.quantity, display: order.display, side: order.side!, orderType: order.orderType!,
      timeInForce: order.timeInForce!, flags: order.flags, selfTradePrevention: order.selfTradePrevention!,
      guards: .all, accountTag: preview.accountTag, marketTag: preview.marketTag, bookTag: preview.bookTag,
      maximumInitialMargin: preview.after.initialMargin, minimumFree: preview.after.free,
      minimumQuantity: order.minimumQuantity, expiry: order.expiry, budget: order.budget)
  }
}

/// Asks for value at risk and hedges. A question changes nothing; parts add up; a hedge never raises the requirement.
struct RiskQueryFlow: Flow {
  var weight: Int { 4 }

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(SetPriceHistory(requestId: 0, interval: 1_000), from: Cast.staff)
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    if random.chance(30) {
      let interval = UInt32(random.pick([0, 999, 1_000, 1_000, 2_000, 604_800_000, 604_800_001] as [Int64]))
      venue.send(SetPriceHistory(requestId: 0, interval: interval), from: Cast.staff)
      return
    }
    let before = venue.stateBytes()
    let account = AccountId(random.pick(Cast.accounts))
    let risk = venue.answer(QueryValueAtRisk(queryId: 1, account: account), for: Cast.staff)
    for report in DynamicVenue.all(ValueAtRiskReport.self, in: risk) {
      let parts = DynamicVenue.all(ValueAtRiskTerm.self, in: risk).reduce(Money.zero) { $0 + $1.tailLoss }
      #expect(parts == report.tailLoss && report.worst >= report.valueAtRisk, "\(report)")
    }
    for report in DynamicVenue.all(
      HedgeReport.self, in: venue.answer(QueryHedge(queryId: 1, account: account), for: Cast.staff))
    {
      #expect(report.after.initialMargin <= report.before.initialMargin, "\(report)")
      #expect((report.instrument == .none) == (report.quantity == .zero), "\(report)")
    }
    #expect(venue.stateBytes() == before, "a question has changed the state")
  }
}

import Testing
import Values
import Wire

/// Whose orders a mass cancel takes out, and who may stop whom, on the model and on the kernel.
///
/// Firm 1 has accounts 1 and 2 with a key each, an administrator, and firm 3 account 3. Two perpetuals and a spot pair.
@Suite struct StopScenarios {
  private static let admin = KeyId(50)
  private static let other = InstrumentId(3)

  private func desk(_ kind: VenueKind, workPerTick: UInt32 = 100) -> Desk {
    let desk = Desk(kind, venueDefinition(workPerTick: workPerTick))
    desk.openPerpetual()
    desk.openPerpetual(Self.other)
    desk.openSpot()
    desk.trader(1, cash: 10_000)
    desk.trader(2, cash: 10_000, master: 1)
    desk.trader(3, cash: 10_000)
    desk.send(
      DefineKey(requestId: desk.next(), key: Self.admin, master: MasterId(1), publicKey: Bytes32(), roles: .firmAdmin),
      from: .venue)
    return desk
  }

  /// An order in each instrument by each trader; and one by key 101 for account 2.
  private func orders(_ desk: Desk) -> [String: UInt64] {
    var names: [String: UInt64] = [:]
    for trader: UInt32 in 1...3 {
      names["perpetual \(trader)"] = desk.order(trader, .buy, 1, at: 90)
      names["other \(trader)"] = desk.order(trader, .buy, 1, at: 90, Self.other)
      names["spot \(trader)"] = desk.order(trader, .buy, 1, at: 90, Desk.spot)
    }
    names["by 101 for 2"] = desk.order(1, .buy, 1, at: 90, account: 2)
    return names
  }

  private func cancel(
    _ desk: Desk, from key: KeyId, account: UInt32 = 0, instrument: InstrumentId = .none, side: SideScope = .both,
    kinds: InstrumentKinds = [], underlying: AssetId = .settlement, master: UInt32 = 0, orderKey: KeyId = .venue
  ) {
    desk.send(
      MassCancel(
        requestId: desk.next(), account: AccountId(account), instrument: instrument, side: side, kinds: kinds,
        underlying: underlying, master: MasterId(master), orderKey: orderKey, quotesOnly: false), from: key)
  }

  /// Names of the orders that the last command cancelled.
  private func gone(_ desk: Desk, _ names: [String: UInt64]) -> Set<String> {
    let cancelled = Set(desk.all(OrderCancelled.self).map(\.orderRequestId))
    return Set(names.filter { cancelled.contains($0.value) }.keys)
  }

  private func kill(_ desk: Desk, _ scope: KillScope, _ target: UInt32, _ engaged: Bool = true, from key: KeyId) {
    desk.send(SetKillSwitch(requestId: desk.next(), target: target, scope: scope, engaged: engaged), from: key)
  }

  @Test("A firm's mass cancel reaches all its accounts, and a filter leaves the rest", arguments: VenueKind.allCases)
  func firm(kind: VenueKind) throws {
    let desk = desk(kind)
    let names = orders(desk)
    cancel(desk, from: Self.admin, kinds: .spot)
    #expect(gone(desk, names) == ["spot 1", "spot 2"])
    #expect(try desk.only(MassCancelDone.self).count == 2)
    cancel(desk, from: Desk.key(2), instrument: Self.other, side: .sell)
    #expect(try desk.only(MassCancelDone.self).count == 0)
    cancel(desk, from: Desk.key(2), instrument: Self.other)
    #expect(gone(desk, names) == ["other 1", "other 2"])
    cancel(desk, from: Desk.key(2), account: 2, orderKey: Desk.key(1))
    #expect(gone(desk, names) == ["by 101 for 2"])
    cancel(desk, from: Desk.key(2), orderKey: Desk.key(1))
    #expect(gone(desk, names) == ["perpetual 1"])
    cancel(desk, from: Desk.staff, underlying: Desk.coin)
    #expect(gone(desk, names) == ["perpetual 2", "perpetual 3", "other 3", "spot 3"])
    #expect(try desk.only(MassCancelDone.self).count == 4)
  }

  @Test("The operator cancels in one instrument, of one firm, and held orders go too", arguments: VenueKind.allCases)
  func operatorCancels(kind: VenueKind) throws {
    let desk = desk(kind)
    var names = orders(desk)
    names["held"] = desk.next()
    desk.send(
      NewContingentOrder(
        requestId: names["held"]!, account: AccountId(3), instrument: Self.other, price: Price(1),
        quantity: Quantity(1),
        display: .zero, side: .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .cancelNewest, source: .mark, condition: .stop, trailing: .none, triggerPrice: Price(80),
        partner: 0,
        expiry: Timestamp(0), distance: 0),
      from: Desk.key(3))
    cancel(desk, from: Desk.staff, instrument: Desk.perpetual)
    #expect(gone(desk, names) == ["perpetual 1", "perpetual 2", "perpetual 3", "by 101 for 2"])
    cancel(desk, from: Desk.staff, kinds: [.perpetual, .option], master: 3)
    #expect(gone(desk, names) == ["other 3", "held"])
  }

  @Test("A mass cancel that cannot be meant is refused", arguments: VenueKind.allCases)
  func refusals(kind: VenueKind) throws {
    let desk = desk(kind)
    cancel(desk, from: Desk.key(1), account: 3)
    #expect(try desk.refusal() == Refusal(.notYourAccount))
    cancel(desk, from: Self.admin, master: 3)
    #expect(try desk.refusal() == Refusal(.notYourAccount))
    cancel(desk, from: Desk.key(1), orderKey: Desk.key(3))
    #expect(try desk.refusal() == Refusal(.notYourAccount))
    cancel(desk, from: Desk.key(1), orderKey: KeyId(99))
    #expect(try desk.refusal() == Refusal(.unknownKey, 99))
    cancel(desk, from: Desk.staff, account: 1, orderKey: Desk.key(3))
    #expect(try desk.refusal() == Refusal(.invalidCombination))
    cancel(desk, from: Desk.staff, instrument: Desk.perpetual, kinds: .perpetual)
    #expect(try desk.refusal() == Refusal(.invalidCombination))
    cancel(desk, from: Desk.staff, underlying: AssetId(7))
    #expect(try desk.refusal() == Refusal(.unknownAsset))
    cancel(desk, from: Desk.staff, master: 9)
    #expect(try desk.refusal() == Refusal(.unknownAccount))
  }

  @Test("A refusal names the level of the switch", arguments: VenueKind.allCases)
  func levels(kind: VenueKind) throws {
    let desk = desk(kind)
    let names = orders(desk)
    kill(desk, .key, 101, from: Desk.key(1))
    #expect(gone(desk, names) == ["perpetual 1", "other 1", "spot 1", "by 101 for 2"])
    func refusal(_ trader: UInt32, account: UInt32) throws -> Refusal {
      desk.order(trader, .buy, 1, at: 90, account: account)
      return try desk.refusal()
    }
    #expect(try refusal(1, account: 2) == Refusal(.killSwitchEngaged, Int64(KillScope.key.rawValue)))
    // Another key of the firm goes on, for the same account too.
    desk.order(2, .buy, 1, at: 90, account: 1)
    #expect(desk.all(OrderAccepted.self).count == 1)
    kill(desk, .account, 1, from: Desk.key(2))
    #expect(try refusal(2, account: 1) == Refusal(.killSwitchEngaged, Int64(KillScope.account.rawValue)))
    kill(desk, .master, 1, from: Self.admin)
    #expect(gone(desk, names) == ["perpetual 2", "other 2", "spot 2"])
    #expect(try refusal(2, account: 2) == Refusal(.killSwitchEngaged, Int64(KillScope.master.rawValue)))
    kill(desk, .venue, 0, from: Desk.staff)
    #expect(gone(desk, names) == ["perpetual 3", "other 3", "spot 3"])
    #expect(try refusal(3, account: 3) == Refusal(.killSwitchEngaged, Int64(KillScope.venue.rawValue)))
  }

  @Test("Nobody stops more than is theirs, nor releases what a higher one engaged", arguments: VenueKind.allCases)
  func authority(kind: VenueKind) throws {
    let desk = desk(kind)
    let admins = Int64(Roles([.operator, .firmAdmin]).rawValue)
    let operators = Int64(Roles.operator.rawValue)
    kill(desk, .master, 1, from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.notPermitted, admins))
    kill(desk, .key, 102, from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.notPermitted, admins))
    kill(desk, .venue, 0, from: Self.admin)
    #expect(try desk.refusal() == Refusal(.notPermitted, operators))
    for (scope, target) in [(KillScope.account, 3), (.master, 3), (.key, 103)] as [(KillScope, UInt32)] {
      kill(desk, scope, target, from: Self.admin)
      #expect(try desk.refusal() == Refusal(.notYourAccount))
    }
    kill(desk, .key, 99, from: Self.admin)
    #expect(try desk.refusal() == Refusal(.unknownKey, 99))
    // A trader's switch becomes the firm's, and then the operator's.
    kill(desk, .account, 1, from: Desk.key(1))
    kill(desk, .account, 1, from: Self.admin)
    #expect(desk.all(MassCancelDone.self).isEmpty)
    kill(desk, .account, 1, false, from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.notPermitted, admins))
    kill(desk, .account, 1, from: Desk.staff)
    kill(desk, .account, 1, from: Desk.key(1))
    kill(desk, .account, 1, false, from: Self.admin)
    #expect(try desk.refusal() == Refusal(.notPermitted, operators))
    kill(desk, .account, 1, false, from: Desk.staff)
    desk.order(1, .buy, 1, at: 90)
    #expect(desk.all(OrderAccepted.self).count == 1)
  }

  @Test("A position stays, also one whose order would only reduce it; the administrator enters no orders")
  func positions() throws {
    for kind in VenueKind.allCases {
      let desk = desk(kind)
      desk.order(3, .sell, 2, at: 100)
      desk.order(1, .buy, 2, at: 100)
      kill(desk, .account, 1, from: Self.admin)
      desk.order(1, .sell, 2, at: 100, flags: .reduceOnly)
      #expect(try desk.refusal() == Refusal(.killSwitchEngaged, Int64(KillScope.account.rawValue)))
      let request = desk.next()
      desk.send(
        NewOrder(
          requestId: request, account: AccountId(1), instrument: Desk.perpetual, price: Price(90),
          quantity: Quantity(1),
          display: .zero, side: .buy, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
          selfTradePrevention: .cancelNewest), from: Self.admin)
      #expect(try desk.refusal() == Refusal(.notPermitted, Int64(Roles.trader.rawValue)))
    }
  }

  @Test("Switches and jobs survive a restart, and queries show them")
  func restart() throws {
    let desk = desk(.kernel, workPerTick: 1)
    let names = orders(desk)
    kill(desk, .key, 101, from: Self.admin)
    kill(desk, .account, 3, from: Desk.staff)
    let venue = try #require(desk.venue as? KernelVenue)
    try venue.restart()
    desk.tick(work: 100)
    #expect(gone(desk, names) == ["other 1", "spot 1", "by 101 for 2", "perpetual 3", "other 3", "spot 3"])
    desk.order(1, .buy, 1, at: 90)
    #expect(try desk.refusal() == Refusal(.killSwitchEngaged, Int64(KillScope.key.rawValue)))
    func keys(_ key: KeyId) -> [KeyReport] {
      venue.answer(QueryKeys(queryId: 1, first: .venue, count: 0), for: key).compactMap { $0.decoded(KeyReport.self) }
    }
    #expect(keys(Self.admin).map(\.key.rawValue) == [101, 102, 50])
    #expect(keys(Self.admin).map(\.kill) == [.firmAdmin, .released, .released])
    #expect(keys(Desk.staff).count == 5)
    let accounts = venue.answer(QueryAccounts(queryId: 1, first: .none, count: 0), for: Desk.staff).compactMap {
      $0.decoded(AccountReport.self)
    }
    #expect(accounts.map(\.accountKill) == [.released, .released, .operator])
    #expect(accounts.map(\.killed) == [false, false, true])
  }
}

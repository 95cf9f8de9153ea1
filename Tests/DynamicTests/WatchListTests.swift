import Testing
import Values
import Wire

/// A watch list that is full: what would put one more account on it is refused, and nothing else is.
///
/// A thousand accounts hold cheap options with so little beside them that the rounding of the options' marks alone could
/// carry them over an edge: every one of them has to be looked at whenever something moves.
@Suite("Watch lists") struct WatchListTests {
  private static let call = InstrumentId(60)
  private static let trader = KeyId(150)
  private static let first: UInt32 = 100
  /// Equity with options of 36 dollars, of which the scenarios take 35.60: too little for bands, and enough.
  private static let little = dollars(40)
  private static let plenty = dollars(4_000)
  private static let half = Money(rawValue: 50_000_000)
  private static let lots: Int64 = 2_000
  private let venue: DynamicVenue

  init() {
    var definition = Cast.definition
    (definition.accounts, definition.positions, definition.balances) = (1_200, 4_096, 4_096)
    // Not checked after each command, which would take hours; the whole venue is audited at the end.
    venue = DynamicVenue(definition, log: [])
    var random = Random(seed: 1)
    Cast.setUp(venue, &random)
    venue.send(
      DefineKey(requestId: 0, key: Self.trader, master: MasterId(50), publicKey: Bytes32(), roles: .trader),
      from: .venue)
    venue.send(
      SetRiskGroup(
        requestId: 0, asset: Cast.bitcoin, volatilityInstrument: .none, rangeFloor: Rate(30_000_000),
        volatilityShock: .zero, spreadRate: .zero, shortOptionMinimum: .zero, initialMultiplier: .one,
        creditCap: .zero), from: Cast.staff)
    listCall()
    open(9, mode: .standard, with: dollars(1_000_000))
    venue.send(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_667), fund: AccountId(9), interval: 100, staleTimeout: 0,
        attempts: 3), from: Cast.staff)
    open(Self.first - 1, mode: .standard, with: dollars(100_000_000))
  }

  /// A call that is worth 18 units of its price; a lot at one unit is worth a thousandth of a dollar.
  private func listCall() {
    venue.send(
      DefineOption(
        requestId: 0, instrument: Self.call, base: Cast.bitcoin, optionType: .call, symbol: "BTC-66",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero,
        expiry: Timestamp(venue.time + 3 * 86_400_000_000_000), settlementWindow: 4_000, settlementInterval: 1_000,
        strike: Price(66_000)), from: Cast.staff)
    venue.send(
      SetOptionParameters(
        requestId: 0, instrument: Self.call, repricingInterval: 3_600_000, maximumRate: Rate(150_000_000),
        minimumRate: Rate(100_000_000), maintenanceRate: Rate(75_000_000), repricingMove: .zero), from: Cast.staff)
    venue.send(SetPhase(requestId: 0, instrument: Self.call, phase: .continuous), from: Cast.staff)
    venue.send(
      SetImpliedVolatility(
        requestId: 0, instrument: Self.call, asset: .settlement, volatility: Rate(500_000_000)), from: Cast.oracle)
  }

  private func open(_ account: UInt32, mode: AccountMode, with cash: Money) {
    if account > 10 {
      venue.send(
        CreateAccount(
          requestId: 0, account: AccountId(account), master: MasterId(50), parent: .none, isolatedInstrument: .none,
          multiplier: .one, leverageCap: 0, mode: mode, flags: .mayBorrow), from: Cast.staff)
    }
    venue.send(
      Deposit(requestId: 0, account: AccountId(account), asset: .settlement, amount: cash), from: Cast.staff)
  }

  private var mark: Int64 {
    DynamicVenue.all(
      MarkReport.self, in: venue.answer(QueryMarks(queryId: 1, instrument: Self.call), for: Cast.staff)
    ).first?.mark?.rawValue ?? 0
  }

  /// The account buys the call at its mark from one that has millions, or sells it; why it may not.
  @discardableResult private func trade(_ account: UInt32, _ side: Side = .buy) -> RejectReason? {
    for (trader, side) in [(Self.first - 1, side == .buy ? Side.sell : .buy), (account, side)] {
      venue.send(
        NewOrder(
          requestId: 0, account: AccountId(trader), instrument: Self.call, price: Price(mark),
          quantity: Quantity(Self.lots), display: .zero, side: side, orderType: .limit,
          timeInForce: trader == account ? .immediateOrCancel : .goodTillCancel, flags: [],
          selfTradePrevention: .allow), from: Self.trader)
      if let reason = venue.all(OrderRejected.self).first?.reason {
        venue.send(
          MassCancel(
            requestId: 0, account: AccountId(Self.first - 1), instrument: .none, side: .both, kinds: [],
            underlying: .settlement, master: .none, orderKey: .venue, quotesOnly: false), from: Self.trader)
        return reason
      }
    }
    return nil
  }

  private func isWatched(_ account: UInt32) -> Bool? {
    let answer = venue.answer(QueryBands(queryId: 1, account: AccountId(account)), for: Cast.staff)
    return DynamicVenue.all(BandReport.self, in: answer).first?.watched
  }

  private func margin(of account: UInt32) -> AccountMargin {
    let answer = venue.answer(QueryMargin(queryId: 1, account: AccountId(account)), for: Cast.staff)
    return DynamicVenue.all(MarginReport.self, in: answer)[0].margin
  }

  private func withdraw(_ amount: Money, from account: UInt32) -> RejectReason? {
    venue.send(
      Withdraw(requestId: 0, account: AccountId(account), asset: .settlement, amount: amount), from: Cast.staff)
    return venue.all(RequestRejected.self).first?.reason
  }

  private func transfer(_ amount: Money, from account: UInt32) -> RejectReason? {
    venue.send(
      Transfer(
        requestId: 0, source: AccountId(account), destination: AccountId(Self.first - 1), asset: .settlement,
        amount: amount), from: Self.trader)
    return venue.all(RequestRejected.self).first?.reason
  }

  private func change(_ account: UInt32, to mode: AccountMode) -> RejectReason? {
    venue.send(
      ChangeAccount(
        requestId: 0, account: AccountId(account), leverageCap: 0, mode: mode, flags: .mayBorrow, multiplier: .one),
      from: Cast.staff)
    return venue.all(RequestRejected.self).first?.reason
  }

  @Test("A thousand accounts fill it; then orders, money taken out and mode switches that need a place are refused")
  func full() {
    let rich = Self.first + 1_000
    let (poor, plain) = (rich + 1, rich + 2)
    // Before the list is full: one with enough for bands, and one in standard mode, which has no place on any list.
    open(rich, mode: .portfolio, with: Self.plenty)
    #expect(trade(rich, .sell) == nil)
    #expect(isWatched(rich) == false)
    open(plain, mode: .standard, with: Self.little)
    #expect(trade(plain) == nil)
    for account in Self.first..<rich {
      open(account, mode: .portfolio, with: Self.little)
      let reason = trade(account)
      #expect(reason == nil, "account \(account), mark \(mark)")
      if reason != nil { return }
    }
    #expect(isWatched(Self.first) == true)
    #expect(isWatched(rich - 1) == true)

    open(poor, mode: .portfolio, with: Self.little)
    #expect(trade(poor) == .watchListFull)
    // So much that half a dollar is left beyond initial margin.
    let tooMuch = margin(of: rich).free - Self.half
    let before = venue.stateBytes()
    #expect(withdraw(tooMuch, from: rich) == .watchListFull)
    #expect(transfer(tooMuch, from: rich) == .watchListFull)
    #expect(change(plain, to: .portfolio) == .watchListFull)
    #expect(isWatched(rich) == false)
    #expect(before.count == venue.stateBytes().count)
    // What leaves enough is let through.
    #expect(withdraw(dollars(100), from: rich) == nil)

    // One comes off the list: there is a place for one.
    open(9, mode: .standard, with: dollars(1))
    venue.send(
      Deposit(requestId: 0, account: AccountId(Self.first), asset: .settlement, amount: Self.plenty),
      from: Cast.staff)
    #expect(isWatched(Self.first) == false)
    #expect(change(plain, to: .portfolio) == nil)
    #expect(isWatched(plain) == true)
    #expect(withdraw(margin(of: rich).free - Self.half, from: rich) == .watchListFull)
    #expect(venue.audit() == nil)
  }
}

import Values
import Wire

/// Margin calls, liquidations, the insurance fund: crashes, thin and thick books, parameters that change under way.
struct LiquidationFlow: Flow {
  var weight: Int { 9 }
  static let fund = AccountId(60)
  static let maker = AccountId(61)
  /// Accounts with little money and large positions.
  private static let gamblers: [UInt32] = Array(62...69)

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    var all: [(AccountId, Int64)] = [(Self.fund, 0), (Self.maker, 40_000_000)]
    for account in Self.gamblers { all.append((AccountId(account), 3_000)) }
    for (account, cash) in all {
      venue.send(
        CreateAccount(
          requestId: 0, account: account, master: MasterId(account.rawValue), parent: .none, isolatedInstrument: .none,
          multiplier: .one, leverageCap: 0, mode: .standard, flags: .mayBorrow), from: Cast.staff)
      if cash > 0 {
        venue.send(
          Deposit(requestId: 0, account: account, asset: .settlement, amount: Money(cash * 100_000_000)),
          from: Cast.staff)
      }
    }
    for account in [Self.maker.rawValue] + Self.gamblers {
      venue.send(
        DefineKey(
          requestId: 0, key: KeyId(100 + account), master: MasterId(account), publicKey: Bytes32(), roles: .trader),
        from: .venue)
    }
    setParameters(venue, &random)
    venue.send(FundInsurance(requestId: 0, amount: Money(random.number(1...2_000) * 100_000_000)), from: Cast.staff)
  }

  private func setParameters(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(random.number(600...800) * 1_000_000), secondCall: Rate(900_000_000),
        hysteresis: Rate(20_000_000), target: Rate(1_100_000_000),
        takeover: Rate(random.number(0...900) * 1_000_000), fund: Self.fund, interval: 100,
        staleTimeout: random.chance(500) ? 0 : 2_000, attempts: UInt16(random.number(1...6))), from: Cast.staff)
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    switch random.number(1...28) {
    case 1...5: quote(venue, &random)
    case 21...28: gamble(venue, &random)
    case 6...9: crash(venue, &random)
    case 10...13: venue.settle(after: random.number(1...200_000_000), work: UInt32(random.number(1...40)), limit: 20)
    case 14, 15: refill(venue, &random)
    case 16: setParameters(venue, &random)
    case 17: changeRates(venue, &random)
    case 18:
      let amount = random.number(-9_000...1_500) * 100_000_000
      venue.send(FundInsurance(requestId: 0, amount: Money(amount)), from: Cast.staff)
    case 19: halt(venue, &random)
    default:
      _ = venue.answer(QueryInsurance(queryId: 1), for: Cast.staff)
      _ = venue.answer(QueryBands(queryId: 2, account: AccountId(random.pick(Cast.accounts))), for: Cast.staff)
    }
  }

  /// Somebody who is always there: what a liquidation can trade with.
  private func quote(_ venue: DynamicVenue, _ random: inout Random) {
    let instrument = random.pick(Cast.perpetuals)
    let mark = venue.mark(of: instrument) ?? 100
    for side in Side.allCases {
      let distance = max(1, mark * random.number(0...4) / 1000)
      venue.send(
        NewOrder(
          requestId: 0, account: Self.maker, instrument: instrument,
          price: Price(max(1, side == .buy ? mark - distance : mark + distance)),
          quantity: Quantity(random.number(100...3_000)), display: .zero, side: side, orderType: .limit,
          timeInForce: .goodTillCancel, flags: [], selfTradePrevention: .cancelOldest),
        from: KeyId(100 + Self.maker.rawValue))
    }
  }

  /// As much as the money allows, or a little less.
  private func gamble(_ venue: DynamicVenue, _ random: inout Random) {
    let account = random.pick(Self.gamblers)
    let instrument = random.pick(Cast.perpetuals)
    let mark = venue.mark(of: instrument) ?? 100
    let side: Side = random.chance(500) ? .buy : .sell
    let isBitcoin = instrument == Cast.perpetuals[0]
    let worth = random.number(5_000...80_000)
    let lots = max(1, isBitcoin ? worth * 1_000 / mark : worth * 100 / mark)
    let slack = mark * 8 / 1_000
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: instrument,
        price: Price(max(1, side == .buy ? mark + slack : mark - slack)), quantity: Quantity(lots), display: .zero,
        side: side, orderType: .limit, timeInForce: random.chance(700) ? .immediateOrCancel : .goodTillCancel,
        flags: [], selfTradePrevention: .cancelOldest), from: KeyId(100 + account))
  }

  /// A gap of up to a third, either way, and the Ticks after it.
  private func crash(_ venue: DynamicVenue, _ random: inout Random) {
    let instrument = random.pick(Cast.perpetuals)
    let mark = venue.mark(of: instrument) ?? 100
    let price = mark + mark * random.number(-300...300) / 1000
    let start = Cast.startingPrice(instrument)
    venue.send(
      MarkPrice(requestId: 0, price: Price(min(start * 3, max(start / 8, price))), instrument: instrument),
      from: Cast.oracle)
    if random.chance(600) { venue.settle(after: 1, work: UInt32(random.number(5...60)), limit: 200) }
  }

  private func refill(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      Deposit(
        requestId: 0, account: AccountId(random.pick(random.chance(700) ? Self.gamblers : Cast.accounts)),
        asset: .settlement, amount: Money(random.number(500...6_000) * 100_000_000)), from: Cast.staff)
  }

  private func changeRates(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: random.pick(Cast.perpetuals), maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(20_000_000), initialBase: Rate(40_000_000),
        sizeFactor: Rate(random.chance(500) ? 1_000_000 : 3_000_000),
        maintenanceVolatility: Rate(random.number(5...60) * 1_000_000), initialVolatility: Rate(20_000_000),
        volatilityRatio: Rate(1_100_000_000), profitWeight: Rate(900_000_000), liquidationFee: Rate(5_000_000),
        maximumSlippage: Rate(random.number(0...14) * 1_000_000)), from: Cast.staff)
  }

  private func halt(_ venue: DynamicVenue, _ random: inout Random) {
    let instrument = random.pick(Cast.perpetuals)
    venue.send(
      SetPhase(requestId: 0, instrument: instrument, phase: random.chance(700) ? .continuous : .halted),
      from: Cast.staff)
  }
}

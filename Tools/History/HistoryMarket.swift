import Values
import Wire

/// Instruments and their parameters, and what moves them each hour: index, marks, volatility, quotes, funding.
struct HistoryMarket {
  /// Seconds at which the future and the options expire.
  let expiry: Int64
  let funding: FundingHistory
  /// Hourly variance of returns, exponentially weighted as the dynamic rates weigh it (1/32).
  private var variance = 0.6 * 0.6 / 8_760
  private var lastPrice: Int64
  /// The last hour's return, a part of the price.
  private var lastReturn = 0.0

  static let linear = [HistoryCast.perpetual, HistoryCast.future]
  private static let options = [HistoryCast.call, HistoryCast.put, HistoryCast.protection]
  /// Key of the session that sets implied volatilities and may do nothing else.
  private static let model = KeyId(2)

  init(expiry: Int64, funding: FundingHistory, price: Int64) {
    self.expiry = expiry
    self.funding = funding
    lastPrice = price
  }

  /// Asset, linear instruments and staff; a price unit is a cent, a lot 0.001 BTC.
  func define(_ venue: HistoryVenue) {
    venue.send(
      DefineAsset(
        requestId: 0, asset: HistoryCast.bitcoin, symbol: "BTC", digits: 8, priceScale: 2, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: Rate(50_000_000), debtAddonInitial: Rate(100_000_000)))
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: HistoryCast.perpetual, kind: .perpetual, base: HistoryCast.bitcoin,
        quote: .settlement, symbol: "BTC-PERP", priceUnit: 10_000_000_000, lotSize: 1_000_000_000,
        maximumPrice: Price(0), priceBand: .zero, maximumOrder: .zero, positionLimit: .zero, makerFee: .zero,
        takerFee: .zero))
    venue.send(
      DefineFuture(
        requestId: 0, instrument: HistoryCast.future, base: HistoryCast.bitcoin, symbol: "BTC-FUTURE",
        priceUnit: 10_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero,
        expiry: Timestamp(expiry * 1_000_000_000), settlementWindow: 3_600_000, settlementInterval: 60_000))
    venue.send(
      DefineKey(requestId: 0, key: Self.model, master: .none, publicKey: Bytes32(), roles: .riskModel), from: .venue)
    for instrument in Self.linear {
      setMargin(venue, instrument, volatility: (Rate(45_000_000), Rate(75_000_000)))
      venue.send(MarkPrice(requestId: 0, price: Price(lastPrice), instrument: instrument))
      venue.send(SetPhase(requestId: 0, instrument: instrument, phase: .continuous))
    }
    venue.send(
      SetRiskGroup(
        requestId: 0, asset: HistoryCast.bitcoin, volatilityInstrument: HistoryCast.perpetual,
        rangeFloor: Rate(50_000_000), volatilityShock: Rate(250_000_000), spreadRate: Rate(5_000_000),
        // 0.5 % of the price, per lot.
        shortOptionMinimum: Money(lastPrice * 5), initialMultiplier: Rate(1_250_000_000), creditCap: .zero))
    venue.send(IndexPrice(requestId: 0, price: Price(lastPrice), stablePrice: nil, asset: HistoryCast.bitcoin))
    setFunding(venue, rate: 0)
  }

  /// Bases of 2 % and 4 %, and these volatility rates; liquidation costs 0.5 %, and reaches 1 % into the book.
  func setMargin(
    _ venue: HistoryVenue, _ instrument: InstrumentId, volatility: (maintenance: Rate, initial: Rate)
  ) {
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: instrument, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(20_000_000), initialBase: Rate(40_000_000), sizeFactor: .zero,
        maintenanceVolatility: volatility.maintenance, initialVolatility: volatility.initial,
        volatilityRatio: Rate(1_100_000_000), profitWeight: .one, liquidationFee: Rate(5_000_000),
        maximumSlippage: Rate(10_000_000)))
  }

  /// Sampled every hour: z = 2 over a day, a half-life of about a day; 4 % … 40 %, stress 20 %; 1 % up and 0.05 % down an
  /// hour; maintenance is 60 %, three hours later.
  func measure(_ venue: HistoryVenue) {
    for instrument in Self.linear {
      venue.send(
        SetVolatilityParameters(
          requestId: 0, instrument: instrument, interval: 3_600_000, quantile: 2_000, horizon: 24, decay: 5, notice: 3,
          floor: Rate(40_000_000), stress: Rate(200_000_000), up: Self.ramp.up, down: Self.ramp.down,
          maintenanceShare: Rate(600_000_000), cap: Rate(400_000_000), lowerOpenInterest: .zero,
          upperOpenInterest: .zero, deviation: .zero))
    }
  }

  static let ramp = (up: Rate(10_000_000), down: Rate(500_000))

  /// Lists the options, with strikes around `price`, to the nearest 50 dollars.
  func listOptions(_ venue: HistoryVenue, price: Int64) {
    for (option, percent) in [(HistoryCast.call, 115), (HistoryCast.put, 85), (HistoryCast.protection, 95)]
      as [(InstrumentId, Int64)]
    {
      let strike = max(1, (price * percent / 100 + 2_500) / 5_000) * 5_000
      venue.send(
        DefineOption(
          requestId: 0, instrument: option, base: HistoryCast.bitcoin,
          optionType: option == HistoryCast.call ? .call : .put, symbol: Symbol("BTC-OPT-\(option.rawValue)")!,
          priceUnit: 10_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: Rate(200_000_000),
          maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero,
          expiry: Timestamp(expiry * 1_000_000_000), settlementWindow: 3_600_000, settlementInterval: 60_000,
          strike: Price(strike)))
      venue.send(
        SetOptionParameters(
          requestId: 0, instrument: option, repricingInterval: 3_600_000, maximumRate: Rate(150_000_000),
          minimumRate: Rate(100_000_000), maintenanceRate: Rate(75_000_000), repricingMove: Rate(1_000_000)))
      venue.send(SetPhase(requestId: 0, instrument: option, phase: .continuous))
    }
  }

  /// Takes in the close of an hour: how far it moved, and how much hours move.
  mutating func observe(_ price: Int64) {
    lastReturn = Double(price - lastPrice) / Double(lastPrice)
    variance += (lastReturn * lastReturn - variance) / 32
    lastPrice = price
  }

  /// Quotes away, then volatility, index and marks as they are at `time` (seconds).
  func mark(_ venue: HistoryVenue, at time: Int64) {
    venue.send(
      MassCancel(requestId: 0, account: HistoryCast.maker, instrument: .none, side: .both),
      from: HistoryCast.key(HistoryCast.maker))
    // There are no option prices in the file: a tenth above what the market itself showed, 40 % to 300 % a year.
    let volatility = min(3, max(0.4, 1.1 * (variance * 8_760).squareRoot()))
    venue.send(
      SetImpliedVolatility(
        requestId: 0, instrument: .none, asset: HistoryCast.bitcoin,
        volatility: Rate(Int64((volatility * 1_000).rounded()) * 1_000_000)), from: Self.model)
    venue.send(IndexPrice(requestId: 0, price: Price(lastPrice), stablePrice: nil, asset: HistoryCast.bitcoin))
    venue.send(MarkPrice(requestId: 0, price: Price(lastPrice), instrument: HistoryCast.perpetual))
    venue.send(
      MarkPrice(
        requestId: 0, price: Price(lastPrice + lastPrice * carry(at: time) / 1_000_000_000),
        instrument: HistoryCast.future))
  }

  /// What the future stands above the index, ppb of it: the mean funding rate of the last week, until the expiry, at most
  /// 3 % either way. Who is long the future saves what who is long the perpetual pays.
  private func carry(at time: Int64) -> Int64 {
    let whole = funding.mean(until: time, count: 21) * max(0, expiry - time) / FundingHistory.period
    return min(30_000_000, max(-30_000_000, whole))
  }

  /// The maker's quotes around the marks: 0.1 % to 0.9 % away from linear ones, 2 % to 8 % from options; the more the last
  /// hour moved, the further away (1 + move / 2 % times).
  func quote(_ venue: HistoryVenue, _ marks: [InstrumentId: Int64]) {
    let stretch = 1 + abs(lastReturn) / 0.02
    for instrument in Self.linear + Self.options {
      guard let mark = marks[instrument] else { continue }
      let isLinear = Self.linear.contains(instrument)
      let levels: [(distance: Double, dollars: Int64)] =
        isLinear
        ? [(0.001, 150_000), (0.003, 300_000), (0.006, 600_000), (0.009, 1_200_000)]
        : [(0.02, 50_000), (0.04, 100_000), (0.08, 200_000)]
      for level in levels {
        let lots = HistoryCast.lots(worth: level.dollars, at: lastPrice)
        let width = max(1, Int64((Double(mark) * level.distance * stretch).rounded(.up)))
        if lots < 1 { continue }
        if mark > width {
          HistoryCast.order(venue, HistoryCast.maker, instrument, .buy, lots, at: mark - width)
        }
        HistoryCast.order(venue, HistoryCast.maker, instrument, .sell, lots, at: mark + width)
      }
    }
  }

  /// The rate that is exchanged next: the published one, as a rate from outside.
  func setFunding(_ venue: HistoryVenue, at time: Int64) { setFunding(venue, rate: funding.rates[time] ?? 0) }

  private func setFunding(_ venue: HistoryVenue, rate: Int64) {
    venue.send(
      SetFundingParameters(
        requestId: 0, instrument: HistoryCast.perpetual, interval: 28_800_000, period: 28_800_000,
        sampling: 28_800_000, interest: .zero, clamp: .zero, cap: .one, marginFactor: .zero, fixedRate: Rate(rate),
        isFixed: true))
  }
}

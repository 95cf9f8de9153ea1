import Testing
import Values
import Wire

/// An amount of whole dollars, or of cents, in mq of 10^-8.
func dollars(_ value: Int64) -> Money { Money(value * 100_000_000) }
func cents(_ value: Int64) -> Money { Money(value * 1_000_000) }

/// A venue with one perpetual of mark 60,000 (m = 10^8 mq, one lot is 0.001 BTC) and accounts 1–5 of masters 1–5 with a
/// million each. A base of 1 % and 2 %, fixed volatility of 3 % and 5 %.
final class RateDesk {
  let venue = DynamicVenue(Cast.definition)
  static let perpetual = InstrumentId(1)

  init(base: (Int64, Int64) = (10_000_000, 20_000_000), volatility: (Int64, Int64) = (30_000_000, 50_000_000)) {
    venue.send(
      DefineKey(
        requestId: 0, key: Cast.staff, master: .none, publicKey: Bytes32(),
        roles: .all.subtracting([.trader, .firmAdmin])),
      from: .venue)
    venue.send(
      DefineAsset(
        requestId: 0, asset: Cast.bitcoin, symbol: "BTC", digits: 8, priceScale: 2, haircutMaintenance: .none,
        haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero), from: Cast.staff)
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: Self.perpetual, kind: .perpetual, base: Cast.bitcoin, quote: .settlement,
        symbol: "PERP", priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero), from: Cast.staff)
    setMargin(base: base, volatility: volatility)
    mark(60_000)
    phase(.continuous)
    for account: UInt32 in 1...5 {
      venue.send(
        CreateAccount(
          requestId: 0, account: AccountId(account), master: MasterId(account), parent: .none,
          isolatedInstrument: .none, multiplier: .one, leverageCap: 0, mode: .standard, flags: []), from: Cast.staff)
      venue.send(
        DefineKey(
          requestId: 0, key: KeyId(100 + account), master: MasterId(account), publicKey: Bytes32(), roles: .trader),
        from: .venue)
      venue.send(
        Deposit(
          requestId: 0, account: AccountId(account), asset: .settlement, amount: dollars(1_000_000)),
        from: Cast.staff)
    }
  }

  // MARK: What is done

  func setMargin(
    base: (Int64, Int64), volatility: (Int64, Int64), ratio: Int64 = 1_100_000_000, fee: Int64 = 2_000_000
  ) {
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: Self.perpetual, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(base.0), initialBase: Rate(base.1), sizeFactor: .zero,
        maintenanceVolatility: Rate(volatility.0), initialVolatility: Rate(volatility.1), volatilityRatio: Rate(ratio),
        profitWeight: .one, liquidationFee: Rate(fee), maximumSlippage: Rate(fee)), from: Cast.staff)
  }

  func mark(_ price: Int64) {
    venue.send(MarkPrice(requestId: 0, price: Price(price), instrument: Self.perpetual), from: Cast.staff)
  }

  func phase(_ phase: Phase) {
    venue.send(SetPhase(requestId: 0, instrument: Self.perpetual, phase: phase), from: Cast.staff)
  }

  /// A limit order; returns its request id.
  @discardableResult func order(
    _ account: UInt32, _ side: Side, _ lots: Int64, at price: Int64, in instrument: InstrumentId = RateDesk.perpetual
  ) -> UInt64 {
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: instrument, price: Price(price),
        quantity: Quantity(lots), display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel,
        flags: [], selfTradePrevention: .allow), from: KeyId(100 + account))
    return venue.all(OrderAccepted.self).first?.orderRequestId ?? 0
  }

  func cancel(_ account: UInt32, _ request: UInt64) {
    venue.send(
      CancelOrder(requestId: 0, orderRequestId: request, orderKey: .venue), from: KeyId(100 + account))
  }

  /// Sampled once a second: k = 4, z = 3 over 24 s, 4 % … 30 %, 1 % up, 0.1 % down, maintenance is 60 % two seconds later.
  static func volatility(_ change: (inout SetVolatilityParameters) -> Void = { _ in }) -> SetVolatilityParameters {
    var message = SetVolatilityParameters(
      requestId: 0, instrument: perpetual, interval: 1_000, quantile: 3_000, horizon: 24, decay: 4, notice: 2,
      floor: Rate(40_000_000), stress: Rate(120_000_000), up: Rate(10_000_000), down: Rate(1_000_000),
      maintenanceShare: Rate(600_000_000), cap: Rate(300_000_000), lowerOpenInterest: .zero, upperOpenInterest: .zero,
      deviation: .zero)
    change(&message)
    return message
  }

  /// Looked at once a second, at 10 … 80 lots: the least of three looks, without smoothing, 0.1 % … 10 %, 2 % a look.
  static func liquidity(_ change: (inout SetLiquidityParameters) -> Void = { _ in }) -> SetLiquidityParameters {
    var message = SetLiquidityParameters(
      requestId: 0, instrument: perpetual, interval: 1_000, window: 3, smoothing: 0, floor: Rate(1_000_000),
      cap: Rate(100_000_000), change: Rate(20_000_000))
    change(&message)
    return message
  }

  func measureDepth(
    sizes: [Int64] = [10, 20, 30, 40, 50, 60, 70, 80], _ change: (inout SetLiquidityParameters) -> Void = { _ in }
  ) {
    venue.send(
      Self.liquidity(change), rows: sizes.map { SetLiquidityParameters.Row(lots: Quantity($0)) }, from: Cast.staff)
  }

  /// Lets `seconds` pass, one Tick a second.
  func pass(_ seconds: Int) { for _ in 0..<seconds { venue.settle(after: 1_000_000_000) } }

  // MARK: What is seen

  var rejection: (RejectReason?, Int64)? {
    venue.all(RequestRejected.self).first.map { ($0.reason, $0.detail) }
  }

  func margin(_ account: UInt32) -> MarginReport {
    DynamicVenue.all(
      MarginReport.self,
      in: venue.answer(QueryMargin(queryId: 1, account: AccountId(account)), for: Cast.staff))[0]
  }

  var rates: RiskRateReport {
    DynamicVenue.all(
      RiskRateReport.self, in: venue.answer(QueryParameters(queryId: 1, instrument: Self.perpetual), for: Cast.staff))[
        0]
  }

  /// Impacts in force of closing longs (buy) or shorts, at the eight sizes.
  func impacts(_ side: Side) -> [Int64] {
    for (_, bytes) in venue.answer(QueryParameters(queryId: 1, instrument: Self.perpetual), for: Cast.staff) {
      let found = bytes.withUnsafeBytes { bytes -> [Int64]? in
        let frame = Frame(bytes)
        guard frame.template == .impactCurveReport, frame.decode(ImpactCurveReport.self).side == side else {
          return nil
        }
        return (0..<frame.rowCount(of: ImpactCurveReport.self)).map {
          frame.row($0, of: ImpactCurveReport.self).rate.rawValue
        }
      }
      if let found { return found }
    }
    return []
  }
}

import Testing
import Values
import Wire

/// The cast's venue with three sources for the index of Bitcoin and a computed mark for its perpetual: a1 10 s, a2 60 s,
/// d 10 %, c 1 %, quorum 2; band 0.5 %, a sample each second with weight 10 %, marks at least 200 ms and 1 apart.
/// One price unit is 1, the index is in hundredths; accounts 1, 2 and 3 have 100,000 each.
final class MarkDesk {
  let venue = DynamicVenue(Cast.definition)
  static let sources = [KeyId(21), KeyId(22), KeyId(23)]
  static let perpetual = Cast.perpetuals[0]
  static let coin: Int64 = 100_000_000

  init(quorum: UInt8 = 2, band: Rate = Rate(5_000_000), weight: Rate = Rate(100_000_000), speak: Bool = true) {
    var random = Random(seed: 1)
    Cast.setUp(venue, &random)
    for key in Self.sources {
      venue.send(
        DefineKey(requestId: 0, key: key, master: .none, publicKey: Bytes32(), roles: .oracle), from: .venue)
    }
    for account: UInt32 in 11...13 {
      venue.send(
        CreateAccount(
          requestId: 0, account: AccountId(account), master: MasterId(account), parent: .none,
          isolatedInstrument: .none, multiplier: .one, leverageCap: 0, mode: .standard, flags: .mayBorrow),
        from: Cast.staff)
      venue.send(
        DefineKey(
          requestId: 0, key: Self.key(account), master: MasterId(account), publicKey: Bytes32(), roles: .trader),
        from: .venue)
      deposit(account, 100_000 * Self.coin)
    }
    oracle(quorum: quorum)
    mark(band: band, weight: weight)
    if speak { for key in Self.sources { say(60_000, from: key) } }
  }

  static func key(_ account: UInt32) -> KeyId { KeyId(100 + account) }

  // MARK: The staff

  func oracle(
    quorum: UInt8 = 2, riskAge: UInt32 = 10_000, liquidationAge: UInt32 = 60_000, deviation: Rate = Rate(100_000_000),
    confidence: Rate = Rate(10_000_000), asset: AssetId = Cast.bitcoin
  ) {
    venue.send(
      SetOracleParameters(
        requestId: 0, deviation: deviation, confidence: confidence, riskAge: riskAge, liquidationAge: liquidationAge,
        asset: asset, quorum: quorum), from: Cast.staff)
  }

  func mark(
    band: Rate = Rate(5_000_000), weight: Rate = Rate(100_000_000), interval: UInt32 = 1_000,
    minimumInterval: UInt32 = 200, minimumMove: Int64 = 1, instrument: InstrumentId = MarkDesk.perpetual
  ) {
    venue.send(
      SetMarkParameters(
        requestId: 0, minimumMove: Price(minimumMove), band: band, basisWeight: weight, instrument: instrument,
        interval: interval, minimumInterval: minimumInterval), from: Cast.staff)
  }

  func deposit(_ account: UInt32, _ amount: Int64, asset: AssetId = .settlement) {
    venue.send(
      Deposit(requestId: 0, account: AccountId(account), asset: asset, amount: Money(amount)), from: Cast.staff)
  }

  func withdraw(_ account: UInt32, _ amount: Int64, asset: AssetId = .settlement) {
    venue.send(
      Withdraw(requestId: 0, account: AccountId(account), asset: asset, amount: Money(amount)), from: Cast.staff)
  }

  // MARK: Sources and traders

  /// A source names a price in whole units of the currency, after half a second.
  func say(_ price: Int64, from key: KeyId, confidence: UInt32 = 0, after nanoseconds: Int64 = 500_000_000) {
    venue.send(
      IndexPrice(
        requestId: 0, price: Price(price * 100), stablePrice: nil, asset: Cast.bitcoin, confidence: confidence),
      from: key, after: nanoseconds)
  }

  /// All three sources say the same.
  func everybodySays(_ price: Int64) { for key in Self.sources { say(price, from: key) } }

  func order(
    _ account: UInt32, _ side: Side, _ lots: Int64, at price: Int64, flags: OrderFlags = [],
    instrument: InstrumentId = MarkDesk.perpetual, timeInForce: TimeInForce = .goodTillCancel
  ) {
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: instrument, price: Price(price),
        quantity: Quantity(lots), display: .zero, side: side, orderType: .limit, timeInForce: timeInForce,
        flags: flags, selfTradePrevention: .allow), from: Self.key(account))
  }

  /// Two accounts trade `lots` at `price`.
  func trade(_ buyer: UInt32, _ seller: UInt32, _ lots: Int64, at price: Int64) {
    order(seller, .sell, lots, at: price)
    order(buyer, .buy, lots, at: price)
  }

  /// Lets time pass, with Ticks when they are due.
  func wait(_ seconds: Double) { venue.settle(after: Int64(seconds * 1_000_000_000)) }

  /// Lets time pass up to a moment, with a Tick if one is due then.
  func wait(until moment: Timestamp) { venue.settle(after: moment.rawValue - venue.time) }

  // MARK: What can be seen

  var report: MarkReport {
    get throws {
      let answer = venue.answer(QueryMarks(queryId: 1, instrument: Self.perpetual), for: Cast.staff)
      return try #require(DynamicVenue.all(MarkReport.self, in: answer).first)
    }
  }

  var index: IndexReport {
    get throws {
      let answer = venue.answer(QueryMarks(queryId: 1, instrument: Self.perpetual), for: Cast.staff)
      return try #require(DynamicVenue.all(IndexReport.self, in: answer).first)
    }
  }

  var markPrice: Int64? { get throws { try report.mark?.rawValue } }

  func guardNow() throws -> OracleGuard? { try index.oracleGuard }

  func margin(_ account: UInt32) throws -> AccountMargin {
    let answer = venue.answer(QueryMargin(queryId: 1, account: AccountId(account)), for: Cast.staff)
    return try #require(DynamicVenue.all(MarginReport.self, in: answer).first).margin
  }

  /// Reason and detail of the refusal that the last command met; `nil`: it was not refused.
  var refusal: Refused? {
    if let report = venue.all(OrderRejected.self).first { return Refused(report.reason, report.detail) }
    if let report = venue.all(RequestRejected.self).first { return Refused(report.reason, report.detail) }
    return nil
  }

  struct Refused: Equatable {
    let reason: RejectReason?
    let detail: Int64

    init(_ reason: RejectReason?, _ detail: Int64 = 0) {
      self.reason = reason
      self.detail = detail
    }
  }
}

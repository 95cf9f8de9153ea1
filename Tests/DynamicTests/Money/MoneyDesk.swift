import Testing
import Values
import Wire

/// The cast's venue with accounts 1 and 2 alone, each with a million, for examples that a pencil can check.
///
/// A lot of an instrument is 0.001 BTC, a price unit one unit of the currency, and a lot × price unit 10^5 mq.
final class MoneyDesk {
  let venue = DynamicVenue(Cast.definition)
  static let cash: Int64 = 100_000_000_000_000

  init(mayBorrow: Bool = true) {
    var random = Random(seed: 1)
    Cast.setUp(venue, &random)
    for account in Cast.accounts { drain(account) }
    for account: UInt32 in 11...12 {
      venue.send(
        CreateAccount(
          requestId: 0, account: AccountId(account), master: MasterId(account), parent: .none,
          isolatedInstrument: .none, multiplier: .one, leverageCap: 0, mode: .standard,
          flags: mayBorrow ? .mayBorrow : []), from: Cast.staff)
      venue.send(
        DefineKey(
          requestId: 0, key: KeyId(100 + account), master: MasterId(account), publicKey: Bytes32(), roles: .trader),
        from: .venue)
      deposit(Self.cash, to: account)
    }
  }

  /// Takes everything out of an account of the cast, so that only the two of the example hold anything.
  private func drain(_ account: UInt32) {
    for balance in balances(account) where balance.balance > .zero {
      venue.send(
        Withdraw(requestId: 0, account: AccountId(account), asset: balance.asset, amount: balance.balance),
        from: Cast.staff)
    }
  }

  func deposit(_ amount: Int64, to account: UInt32, asset: AssetId = .settlement) {
    venue.send(
      Deposit(requestId: 0, account: AccountId(account), asset: asset, amount: Money(amount)), from: Cast.staff)
  }

  @discardableResult func withdraw(_ amount: Int64, from account: UInt32, asset: AssetId = .settlement)
    -> RejectReason?
  {
    venue.send(
      Withdraw(requestId: 0, account: AccountId(account), asset: asset, amount: Money(amount)), from: Cast.staff)
    return venue.all(RequestRejected.self).first?.reason
  }

  @discardableResult func order(
    _ account: UInt32, _ side: Side, _ lots: Int64, at price: Int64, in instrument: InstrumentId
  ) -> RejectReason? {
    venue.send(
      NewOrder(
        requestId: 0, account: AccountId(account), instrument: instrument, price: Price(price),
        quantity: Quantity(lots), display: .zero, side: side, orderType: .limit, timeInForce: .goodTillCancel,
        flags: [], selfTradePrevention: .allow), from: KeyId(100 + account))
    return venue.all(OrderRejected.self).first?.reason
  }

  /// Account 11 buys from account 12.
  func trade(_ lots: Int64, at price: Int64, in instrument: InstrumentId) {
    order(12, .sell, lots, at: price, in: instrument)
    order(11, .buy, lots, at: price, in: instrument)
  }

  func index(_ cents: Int64, of asset: AssetId = Cast.bitcoin) {
    venue.send(IndexPrice(requestId: 0, price: Price(cents), stablePrice: nil, asset: asset), from: Cast.oracle)
  }

  func mark(_ price: Int64, of instrument: InstrumentId) {
    venue.send(MarkPrice(requestId: 0, price: Price(price), instrument: instrument), from: Cast.oracle)
  }

  func margin(_ account: UInt32) -> AccountMargin {
    let answer = venue.answer(QueryMargin(queryId: 0, account: AccountId(account)), for: Cast.staff)
    return DynamicVenue.all(MarginReport.self, in: answer)[0].margin
  }

  func balances(_ account: UInt32) -> [BalanceReport] {
    DynamicVenue.all(
      BalanceReport.self, in: venue.answer(QueryBalances(queryId: 0, account: AccountId(account)), for: Cast.staff))
  }

  func balance(_ account: UInt32, _ asset: AssetId = .settlement) -> Int128 {
    balances(account).first { $0.asset == asset }?.balance.rawValue ?? 0
  }

  /// Lots held.
  func position(_ account: UInt32, in instrument: InstrumentId) -> Int64 {
    let answer = venue.answer(QueryPositions(queryId: 0, account: AccountId(account)), for: Cast.staff)
    return DynamicVenue.all(PositionReport.self, in: answer).first { $0.instrument == instrument }?.position.rawValue
      ?? 0
  }

  /// Lets time pass up to `time` and does what is due.
  func wait(until time: Int64) { venue.settle(after: max(0, time - venue.time)) }
}

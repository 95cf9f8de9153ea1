import Client
import Testing
import Values
import Wire

@testable import ToolSupport

@Suite("Orders as reports tell them") struct OrderLedgerTests {
  private let account = AccountId(5)
  private let instrument = InstrumentId(1)

  private func accepted(_ id: UInt64, price: Int64, quantity: Int64) -> Event {
    .accepted(
      OrderAccepted(
        reportNumber: 1, requestId: id, sequence: 1, time: Timestamp(1), orderRequestId: id, account: account,
        instrument: instrument, orderId: id, price: Price(price), quantity: Quantity(quantity), display: .zero,
        side: .buy, orderType: .limit, timeInForce: .goodTillCancel, flags: [], expiry: Timestamp(0),
        margin: AccountMargin()))
  }

  private func filled(_ id: UInt64, open: Int64, position: Int64) -> Event {
    .filled(
      OrderFilled(
        reportNumber: 2, requestId: 0, sequence: 2, time: Timestamp(2), orderRequestId: id, account: account,
        instrument: instrument, tradeId: 1, price: Price(100), quantity: Quantity(1), open: Quantity(open),
        filled: Quantity(1), fee: .zero, position: Quantity(position), side: .buy, liquidity: .maker,
        margin: AccountMargin()))
  }

  private func row(_ id: UInt64, price: Int64, open: Int64) -> OpenOrderReport {
    OpenOrderReport(
      queryId: 1, orderRequestId: id, orderKey: KeyId(1), account: account, instrument: instrument, side: .buy,
      timeInForce: .goodTillCancel, flags: [], price: Price(price), open: Quantity(open), display: .zero,
      filled: .zero, orderId: id, expiry: Timestamp(0))
  }

  @Test func anOrderLivesUntilItIsFilled() {
    var ledger = OrderLedger()
    ledger.apply(accepted(7, price: 100, quantity: 3))
    ledger.apply(filled(7, open: 2, position: 1))
    #expect(ledger.orders[7]?.open == Quantity(2))
    #expect(ledger.differences(from: [row(7, price: 100, open: 2)]).isEmpty)
    ledger.apply(filled(7, open: 0, position: 3))
    #expect(ledger.orders.isEmpty)
    #expect(ledger.positions[OrderLedger.Place(account: account, instrument: instrument)] == Quantity(3))
  }

  @Test func everyKindOfDifferenceIsNamed() {
    var ledger = OrderLedger()
    ledger.apply(accepted(1, price: 100, quantity: 3))
    ledger.apply(accepted(2, price: 101, quantity: 3))
    let found = ledger.differences(from: [row(2, price: 101, open: 1), row(3, price: 99, open: 1)])
    #expect(
      found == [
        "order 2: 1 lots open at 101 at the venue, 3 at 101 according to the reports",
        "order 3 is open at the venue, and nothing said so", "order 1 was acknowledged and is not at the venue",
      ])
  }
}

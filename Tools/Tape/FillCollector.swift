import Values
import Wire

/// Puts the two reports of each trade together and names orders and commands as their tape does.
struct FillCollector {
  private struct Trade {
    var cause: OrderName?
    var taker: OrderName?
    var maker: OrderName?
    var price: Int64 = 0
    var lots: Int64 = 0
  }

  private var trades: [UInt64: Trade] = [:]

  /// A report of one side. `order` and, of the taker, the request that caused it, by their recorded names.
  mutating func add(_ report: OrderFilled, order: OrderName, cause: OrderName) {
    var trade = trades[report.tradeId] ?? Trade()
    trade.price = report.price.rawValue
    trade.lots = report.quantity.rawValue
    if report.liquidity == .taker {
      trade.taker = order
      trade.cause = cause
    } else {
      trade.maker = order
    }
    trades[report.tradeId] = trade
  }

  /// A recorded report of any kind.
  mutating func take(_ frame: Frame, for key: KeyId) {
    guard frame.template == .orderFilled else { return }
    let report = frame.decode(OrderFilled.self)
    add(
      report, order: OrderName(key: key, requestId: report.orderRequestId),
      cause: OrderName(key: key, requestId: report.requestId))
  }

  /// All trades in the order of execution. What has no name in the tape is 0.
  func fills(_ ids: TapeIds) -> [TapeFill] {
    trades.sorted { $0.key < $1.key }.map { _, trade in
      func id(_ name: OrderName?) -> TapeIds.Entry? { name.flatMap { ids.entries[$0] } }
      return TapeFill(
        sequence: id(trade.cause)?.sequence ?? 0, takerId: id(trade.taker)?.orderId ?? 0,
        makerId: id(trade.maker)?.orderId ?? 0, price: ids.scale.tapePrice(trade.price),
        size: ids.scale.tapeSize(trade.lots))
    }
  }
}

import Matching
import Values
import Workload

/// Matching alone: the order books of Sources/Matching, without accounts, margin or reports.
///
/// Orders are found by name; an amend that loses its priority is a remove and a rest under the same name.
struct BookEngine: Engine, ~Copyable {
  private let workload: Workload
  private var books: OrderBooks
  private var trades: TradeNotes
  private static let key = KeyId(1)

  init(workload: Workload) {
    self.workload = workload
    let instruments = Int(workload.header.instruments)
    books = OrderBooks(orders: 1 << 20, instruments: instruments)
    trades = TradeNotes(room: Int(workload.header.trades))
    for _ in 0..<instruments { _ = books.addBook() }
  }

  @inline(__always) mutating func step(_ index: Int) {
    let operation = workload.operations[index]
    let book = UInt32(operation.symbol)
    switch operation.kind {
    case .add:
      _ = books.rest(order(operation), in: book)
    case .cancel:
      books.remove(books.find(name(operation)), from: book)
    case .take:
      match(operation, in: book)
    case .reduce:
      books.reduce(books.find(name(operation)), to: Quantity(Int64(operation.quantity)), in: book)
    case .reprice:
      books.remove(books.find(name(operation)), from: book)
      _ = books.rest(order(operation), in: book)
    }
  }

  private func name(_ operation: Operation) -> OrderName { OrderName(key: Self.key, requestId: operation.orderId) }

  private func order(_ operation: Operation) -> Order {
    Order(
      name: name(operation), id: operation.orderId, entry: operation.orderId,
      instrument: InstrumentId(UInt32(operation.symbol) + 1), position: 1, account: operation.account,
      side: operation.side == 0 ? .buy : .sell, price: Price(Int64(operation.price)),
      open: Quantity(Int64(operation.quantity)))
  }

  @inline(__always) private mutating func match(_ operation: Operation, in book: UInt32) {
    let side: Side = operation.side == 0 ? .buy : .sell
    let limit = Price(Int64(operation.price))
    var open = Quantity(Int64(operation.quantity))
    while open > .zero {
      let maker = books.best(side.opposite, in: book)
      guard maker != 0, side.crosses(limit: limit, resting: books[maker].price) else { break }
      let lots = min(open, books[maker].visible)
      trades.add(maker: books[maker].id, price: books[maker].price.rawValue, quantity: lots.rawValue)
      _ = books.fill(maker, lots, in: book)
      if books[maker].open == .zero { books.remove(maker, from: book) }
      open -= lots
    }
    precondition(open == .zero, "a taking order of the workload is filled whole")
  }

  borrowing func result() -> EngineResult {
    let (digest, volume) = trades.digest { $0 }
    let header = workload.header
    return EngineResult(
      digest: digest, trades: UInt64(trades.count),
      isRight: digest == header.digest && UInt64(trades.count) == header.trades && volume == header.volume
        && UInt64(books.orderCount) == header.liveOrders)
  }
}

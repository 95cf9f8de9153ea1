import Values

@testable import Tape

/// The tape format's own meaning, without any venue: one list of orders by tape id, slow and obvious.
struct TapeModel {
  struct Resting {
    let id: UInt64
    let side: Side
    var price: Int64
    var open: Int64
    var shown: Int64
    var display: Int64
  }

  /// In the order of entry: priority within a price.
  private(set) var book: [Resting] = []
  private(set) var fills: [TapeFill] = []

  func resting(_ id: UInt64) -> Resting? { book.first { $0.id == id } }

  mutating func feed(_ row: TapeRow) {
    switch row.kind {
    case .resting: rest(row, row.quantity)
    case .limit: rest(row, match(row, row.quantity))
    case .immediate: _ = match(row, row.quantity)
    case .postOnly: if best(against: row.side, at: row.price) == nil { rest(row, row.quantity) }
    case .cancel: book.removeAll { $0.id == row.orderId }
    case .revision, .modify, .modifyImmediate: change(row)
    }
  }

  private mutating func change(_ row: TapeRow) {
    if let index = book.firstIndex(where: { $0.id == row.orderId }) {
      let keeps =
        book[index].price == row.price && row.quantity <= book[index].open && row.kind != .modifyImmediate
        && min(book[index].display, row.quantity) == min(row.display, row.quantity)
      if keeps {
        book[index].open = row.quantity
        book[index].display = min(row.display, row.quantity)
        book[index].shown = min(book[index].shown, row.quantity)
        return
      }
      book.remove(at: index)
    }
    if row.kind == .revision { return rest(row, row.quantity) }
    let left = match(row, row.quantity)
    if row.kind == .modify { rest(row, left) }
  }

  /// What is left stays, behind all others.
  private mutating func rest(_ row: TapeRow, _ open: Int64) {
    guard open > 0 else { return }
    let shown = row.display > 0 ? min(row.display, open) : open
    book.append(
      Resting(id: row.orderId, side: row.side, price: row.price, open: open, shown: shown, display: row.display))
  }

  /// Trades as far as prices cross; what is left.
  private mutating func match(_ row: TapeRow, _ size: Int64) -> Int64 {
    var left = size
    while left > 0, let index = best(against: row.side, at: row.price) {
      let lots = min(left, book[index].shown)
      fills.append(
        TapeFill(
          sequence: row.sequence, takerId: row.orderId, makerId: book[index].id, price: book[index].price, size: lots))
      left -= lots
      book[index].open -= lots
      book[index].shown -= lots
      guard book[index].shown == 0 else { continue }
      var maker = book.remove(at: index)
      if maker.open > 0 {
        maker.shown = min(maker.display, maker.open)
        book.append(maker)
      }
    }
    return left
  }

  private func best(against side: Side, at limit: Int64) -> Int? {
    var best: Int?
    for (index, order) in book.enumerated() where order.side != side {
      guard side == .buy ? order.price <= limit : order.price >= limit else { continue }
      if let found = best, side == .buy ? book[found].price <= order.price : book[found].price >= order.price {
        continue
      }
      best = index
    }
    return best
  }
}

import Kernel
import Values
import Wire

/// A full book as frames: BookSnapshot, then as many BookOrder or BookLevel messages as it says.
enum BookImage {
  /// Appends the book of the feed's instrument, which must exist, to `queue`; returns the number of rows: none for feeds
  /// that are of no book. O(rows).
  static func append(_ feed: Feed, of kernel: borrowing Kernel, to queue: inout ByteQueue) -> UInt32 {
    let instrument = feed.id.instrument
    var rows: UInt32 = 0
    switch feed.id.kind {
    case .orders: kernel.forEachVisibleOrder(of: instrument) { _, _, _, _ in rows += 1 }
    case .levels: kernel.forEachLevel(of: instrument) { _, _, _, _ in rows += 1 }
    default: break
    }
    queue.append(
      BookSnapshot(
        feedSequence: feed.sequence, sequence: kernel.sequence, time: kernel.time, instrument: instrument, rows: rows,
        feed: feed.id.kind, phase: kernel.phase(of: instrument)))
    switch feed.id.kind {
    case .orders:
      kernel.forEachVisibleOrder(of: instrument) { side, orderId, price, quantity in
        queue.append(
          BookOrder(
            feedSequence: 0, orderId: orderId, price: price, quantity: quantity, instrument: instrument, side: side))
      }
    case .levels:
      kernel.forEachLevel(of: instrument) { side, price, quantity, orders in
        queue.append(
          BookLevel(
            feedSequence: 0, price: price, quantity: quantity, orders: UInt32(clamping: orders), instrument: instrument,
            side: side))
      }
    default: break
    }
    return rows
  }
}

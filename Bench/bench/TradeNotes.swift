import Workload

/// Trades as an engine makes them, noted in order; their digest is reckoned when the clock has stopped.
struct TradeNotes {
  struct Note: BitwiseCopyable {
    var maker: UInt64
    var price: UInt32
    var quantity: UInt32
  }

  private var notes: [Note]
  private(set) var count = 0

  init(room: Int) { notes = Array(repeating: Note(maker: 0, price: 0, quantity: 0), count: room) }

  /// What does not fit is only counted.
  @inline(__always) mutating func add(maker: UInt64, price: Int64, quantity: Int64) {
    if count < notes.count {
      notes[count] = Note(
        maker: maker, price: UInt32(truncatingIfNeeded: price), quantity: UInt32(truncatingIfNeeded: quantity))
    }
    count += 1
  }

  /// Digest and traded lots; `orderId` turns what was noted as the maker into the workload's id.
  func digest(orderId: (UInt64) -> UInt64) -> (digest: UInt64, volume: UInt64) {
    var digest = TradeDigest()
    var volume: UInt64 = 0
    for note in notes.prefix(count) {
      digest.add(maker: orderId(note.maker), price: UInt64(note.price), quantity: UInt64(note.quantity))
      volume += UInt64(note.quantity)
    }
    return (digest.value, volume)
  }
}

import Testing
import Values
import Wire

@testable import Client

@Suite("A book of price levels") struct LevelBookTests {
  private func level(_ side: Side, _ price: Int64, _ quantity: Int64, sequence: UInt64 = 0) -> Event {
    .bookLevel(
      BookLevel(
        feedSequence: sequence, price: Price(price), quantity: Quantity(quantity), orders: 1,
        instrument: InstrumentId(1), side: side))
  }

  @Test func levelsAreSortedBestFirstChangedAndRemoved() {
    var book = LevelBook(instrument: InstrumentId(1))
    for event in [
      level(.buy, 99, 5), level(.buy, 101, 7), level(.buy, 100, 6), level(.sell, 105, 1), level(.sell, 103, 2),
    ] {
      book.apply(event)
    }
    #expect(book.bids.map(\.price.rawValue) == [101, 100, 99])
    #expect(book.asks.map(\.price.rawValue) == [103, 105])
    book.apply(level(.buy, 100, 1, sequence: 8))
    book.apply(level(.buy, 101, 0, sequence: 9))
    #expect(book.bids.map(\.quantity.rawValue) == [1, 5])
    #expect(book.feedSequence == 9)
  }

  @Test func aNewSnapshotReplacesTheBook() {
    var book = LevelBook(instrument: InstrumentId(1))
    book.apply(level(.buy, 99, 5))
    book.apply(
      .bookSnapshot(
        BookSnapshot(
          feedSequence: 4, sequence: 1, time: Timestamp(1), instrument: InstrumentId(1), rows: 0, feed: .levels,
          phase: .continuous)))
    #expect(book.bids.isEmpty)
    #expect(book.phase == .continuous)
    #expect(book.feedSequence == 4)
  }

  @Test func otherInstrumentsAreIgnored() {
    var book = LevelBook(instrument: InstrumentId(2))
    book.apply(level(.buy, 99, 5))
    #expect(book.bids.isEmpty)
  }
}

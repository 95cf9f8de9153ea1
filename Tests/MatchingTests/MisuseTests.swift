import Matching
import Testing
import Values

/// Program errors stop the process before they can spoil a book.
@Suite struct MisuseTests {
  @Test func `resting in a full pool traps`() async {
    await #expect(processExitsWith: .failure) {
      var books = OrderBooks(orders: 2, instruments: 1)
      let book = books.addBook()
      for request in 1...3 as ClosedRange<UInt64> { _ = books.rest(order(request, .buy, at: 1, open: 1), in: book) }
    }
  }

  @Test func `resting under a name in use traps`() async {
    await #expect(processExitsWith: .failure) {
      var books = OrderBooks(orders: 4, instruments: 1)
      let book = books.addBook()
      for price in 1...2 as ClosedRange<Int64> { _ = books.rest(order(1, .buy, at: price, open: 1), in: book) }
    }
  }

  @Test func `filling more than is shown traps`() async {
    await #expect(processExitsWith: .failure) {
      var books = OrderBooks(orders: 4, instruments: 1)
      let book = books.addBook()
      let slot = books.rest(order(1, .buy, at: 1, open: 10, display: 4), in: book)
      _ = books.fill(slot, Quantity(5), in: book)
    }
  }

  @Test func `removing from another book traps`() async {
    await #expect(processExitsWith: .failure) {
      var books = OrderBooks(orders: 4, instruments: 2)
      let book = books.addBook()
      let other = books.addBook()
      let slot = books.rest(order(1, .buy, at: 1, open: 1), in: book)
      books.remove(slot, from: other)
    }
  }

  @Test func `removing twice traps`() async {
    await #expect(processExitsWith: .failure) {
      var books = OrderBooks(orders: 4, instruments: 1)
      let book = books.addBook()
      let slot = books.rest(order(1, .buy, at: 1, open: 1), in: book)
      books.remove(slot, from: book)
      books.remove(slot, from: book)
    }
  }

  @Test func `adding more books than instruments traps`() async {
    await #expect(processExitsWith: .failure) {
      var books = OrderBooks(orders: 4, instruments: 1)
      _ = books.addBook()
      _ = books.addBook()
    }
  }
}

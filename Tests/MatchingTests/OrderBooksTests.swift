import Matching
import Testing
import Values

@Suite struct OrderBooksTests {
  private func slot(_ books: borrowing OrderBooks, _ request: UInt64) -> OrderSlot {
    books.find(OrderName(key: KeyId(1), requestId: request))
  }

  @Test func `an empty book has no best order, price or level`() {
    var books = OrderBooks(orders: 4, instruments: 1)
    let book = books.addBook()
    for side in Side.allCases {
      #expect(books.best(side, in: book) == 0)
      #expect(books.bestPrice(side, in: book) == nil)
      #expect(books.bestLevel(side, in: book) == 0)
      #expect(books.level(at: Price(0), side, in: book) == nil)
    }
  }

  @Test func `better prices come first, and earlier orders at one price`() {
    var books = OrderBooks(orders: 16, instruments: 1)
    let book = books.addBook()
    let prices: [Int64] = [10, 12, 10, 11, 12, 9]
    for (index, price) in prices.enumerated() {
      _ = books.rest(order(UInt64(index + 1), .buy, at: price, open: 1), in: book)
      _ = books.rest(order(UInt64(index + 101), .sell, at: price, open: 1), in: book)
    }
    #expect(walk(books, .buy, in: book) == [2, 5, 4, 1, 3, 6])
    #expect(walk(books, .sell, in: book) == [106, 101, 103, 104, 102, 105])
    #expect(books.bestPrice(.buy, in: book) == Price(12))
    #expect(books.bestPrice(.sell, in: book) == Price(9))
  }

  @Test func `the extreme prices, zero and negative ones are in order`() {
    let prices: [Int64] = [.min, .min + 1, -4097, -65, -64, -1, 0, 1, 63, 64, 4095, 4096, 1 << 60, .max - 1, .max]
    var books = OrderBooks(orders: 2 * prices.count, instruments: 1)
    let book = books.addBook()
    var random = TestRandom(seed: 1)
    for price in prices.shuffled(using: &random) {
      _ = books.rest(order(UInt64(2 * books.orderCount), .buy, at: price, open: 1), in: book)
      _ = books.rest(order(UInt64(2 * books.orderCount), .sell, at: price, open: 1), in: book)
    }
    #expect(levels(books, .sell, in: book).map(\.price.rawValue) == prices)
    #expect(levels(books, .buy, in: book).map(\.price.rawValue) == prices.reversed())
  }

  @Test func `books and sides do not see each other`() {
    var books = OrderBooks(orders: 8, instruments: 3)
    let first = books.addBook()
    let second = books.addBook()
    let third = books.addBook()
    #expect([first, second, third] == [0, 1, 2])
    _ = books.rest(order(1, .buy, at: 5, open: 1), in: first)
    _ = books.rest(order(2, .buy, at: 5, open: 2), in: third)
    _ = books.rest(order(3, .sell, at: 5, open: 3), in: third)
    #expect(walk(books, .buy, in: first) == [1])
    #expect(walk(books, .buy, in: second) == [])
    #expect(walk(books, .buy, in: third) == [2])
    #expect(walk(books, .sell, in: first) == [])
    #expect(walk(books, .sell, in: third) == [3])
  }

  @Test func `a fill lowers open and visible lots and raises filled ones`() {
    var books = OrderBooks(orders: 4, instruments: 1)
    let book = books.addBook()
    let slot = books.rest(order(1, .sell, at: 7, open: 10), in: book)
    #expect(books.fill(slot, Quantity(4), in: book) == false)
    #expect(books[slot].open == Quantity(6))
    #expect(books[slot].visible == Quantity(6))
    #expect(books[slot].filled == Quantity(4))
    #expect(books.level(of: slot) == BookLevel(price: Price(7), visible: Quantity(6), orderCount: 1))
  }

  @Test func `an order without open lots stays first until it is removed`() {
    var books = OrderBooks(orders: 4, instruments: 1)
    let book = books.addBook()
    let first = books.rest(order(1, .sell, at: 7, open: 10), in: book)
    let second = books.rest(order(2, .sell, at: 7, open: 3), in: book)
    #expect(books.fill(first, Quantity(10), in: book) == false)
    #expect(books.best(.sell, in: book) == first)
    #expect(books[first].open == .zero)
    books.remove(first, from: book)
    #expect(books.best(.sell, in: book) == second)
    #expect(books.level(of: second) == BookLevel(price: Price(7), visible: Quantity(3), orderCount: 1))
  }

  @Test func `a used-up iceberg shows its peak again behind the others`() {
    var books = OrderBooks(orders: 4, instruments: 1)
    let book = books.addBook()
    let iceberg = books.rest(order(1, .buy, at: 7, open: 10, display: 4), in: book)
    let plain = books.rest(order(2, .buy, at: 7, open: 5), in: book)
    #expect(books.level(of: plain) == BookLevel(price: Price(7), visible: Quantity(9), orderCount: 2))
    #expect(books.fill(iceberg, Quantity(3), in: book) == false)
    #expect(books.best(.buy, in: book) == iceberg)
    #expect(books.fill(iceberg, Quantity(1), in: book) == true)
    #expect(walk(books, .buy, in: book) == [2, 1])
    #expect(books[iceberg].visible == Quantity(4))
    #expect(books[iceberg].open == Quantity(6))
    books.remove(plain, from: book)
    #expect(books.fill(iceberg, Quantity(4), in: book) == true)
    #expect(books[iceberg].visible == Quantity(2), "the last peak is what is left")
    #expect(books.fill(iceberg, Quantity(2), in: book) == false)
    #expect(books[iceberg].open == .zero)
  }

  @Test func `a reduction keeps the place in the queue and never shows more`() {
    var books = OrderBooks(orders: 4, instruments: 1)
    let book = books.addBook()
    let iceberg = books.rest(order(1, .sell, at: 7, open: 10, display: 4), in: book)
    let plain = books.rest(order(2, .sell, at: 7, open: 8), in: book)
    books.reduce(iceberg, to: Quantity(5), in: book)
    #expect(books[iceberg].visible == Quantity(4))
    books.reduce(iceberg, to: Quantity(3), in: book)
    #expect(books[iceberg].visible == Quantity(3) && books[iceberg].display == Quantity(3))
    books.reduce(plain, to: Quantity(2), in: book)
    #expect(walk(books, .sell, in: book) == [1, 2])
    #expect(books.level(of: plain) == BookLevel(price: Price(7), visible: Quantity(5), orderCount: 2))
  }

  @Test func `a restored order shows what it showed`() {
    var books = OrderBooks(orders: 4, instruments: 1)
    let book = books.addBook()
    let slot = books.rest(order(1, .sell, at: 7, open: 10, display: 4), in: book)
    _ = books.fill(slot, Quantity(3), in: book)
    let saved = books[slot]
    books.remove(slot, from: book)
    let restored = books.restore(saved, in: book)
    #expect(books[restored].visible == Quantity(1))
    #expect(books.fill(restored, Quantity(1), in: book) == true)
    #expect(books[restored].visible == Quantity(4))
  }

  @Test func `a level's shown lots beyond 64 bits are clamped and come back`() {
    var books = OrderBooks(orders: 4, instruments: 1)
    let book = books.addBook()
    let first = books.rest(order(1, .sell, at: 7, open: .max), in: book)
    let second = books.rest(order(2, .sell, at: 7, open: .max), in: book)
    #expect(books.level(of: first).visible == Quantity(.max))
    books.remove(second, from: book)
    books.reduce(first, to: Quantity(5), in: book)
    #expect(books.level(of: first).visible == Quantity(5))
  }

  @Test(arguments: [Int64(1), 1000, 1 << 40])
  func `every order fits whatever the gaps between the prices`(gap: Int64) {
    let capacity = 5000
    var books = OrderBooks(orders: capacity, instruments: 2)
    let book = books.addBook()
    let other = books.addBook()
    for round in 0..<3 {
      for index in 0..<capacity {
        let side: Side = index % 2 == 0 ? .buy : .sell
        let price = Int64((index * 7919) % capacity - capacity / 2) * gap
        _ = books.rest(order(UInt64(index + 1), side, at: price, open: 1), in: index % 3 == round ? other : book)
      }
      #expect(books.isFull == true)
      #expect(books.orderCount == capacity)
      for index in 0..<capacity {
        books.remove(slot(books, UInt64(index + 1)), from: index % 3 == round ? other : book)
      }
      #expect(books.orderCount == 0)
      for side in Side.allCases {
        #expect(books.best(side, in: book) == 0)
        #expect(books.best(side, in: other) == 0)
      }
    }
  }

  @Test(arguments: [0, 0x1234_5678_9ABC_DEF0] as [UInt64])
  func `names are found through heavy churn`(seed: UInt64) {
    let capacity = 1000
    var books = OrderBooks(orders: capacity, instruments: 1, seed: seed)
    let book = books.addBook()
    var random = TestRandom(seed: 2)
    var live: [(name: OrderName, slot: OrderSlot)] = []
    var gone: [OrderName] = []
    for request in 1...20_000 as ClosedRange<UInt64> {
      if live.count == capacity {
        for _ in 0..<random.below(capacity) {
          let (name, slot) = live.swapRemove(at: random.below(live.count))
          books.remove(slot, from: book)
          gone.append(name)
        }
      }
      var new = order(request, .buy, at: Int64(random.below(50)), open: 1)
      // Few request ids under many keys, so that names differ in either half.
      new.name = OrderName(key: KeyId(UInt32(request % 61)), requestId: request / 61)
      live.append((new.name, books.rest(new, in: book)))
    }
    #expect(live.allSatisfy { books.find($0.name) == $0.slot })
    #expect(gone.allSatisfy { books.find($0) == 0 })
  }

  @Test func `names are told apart when their hashes are the same`() {
    // Among so many names some share all 32 bits of the hash that the index keeps.
    let count = 200_000
    var random = TestRandom(seed: 3)
    let requests = (0..<count).map { _ in random.next() & ~15 }
    var books = OrderBooks(orders: count, instruments: 1)
    let book = books.addBook()
    for request in requests { _ = books.rest(order(request, .buy, at: 1, open: 1), in: book) }
    let wrong = requests.count { books[slot(books, $0)].name.requestId != $0 }
    #expect(wrong == 0)
  }
}

extension Array {
  /// Takes an element out and closes the gap with the last one.
  mutating func swapRemove(at index: Int) -> Element {
    swapAt(index, count - 1)
    return removeLast()
  }
}

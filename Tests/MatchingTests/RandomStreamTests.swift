import Matching
import Testing
import Values

/// The book as one would write it without a thought for speed: a sorted array per book and side.
private struct ModelSide {
  struct Resting {
    var request: UInt64
    var slot: OrderSlot
    var price: Int64
    var open: Int64
    var visible: Int64
    var display: Int64
    var filled: Int64 = 0
  }

  let side: Side
  var orders: [Resting] = []

  mutating func rest(_ order: Resting) {
    let place = orders.firstIndex { side == .buy ? $0.price < order.price : $0.price > order.price } ?? orders.count
    orders.insert(order, at: place)
  }

  mutating func fill(at index: Int, _ lots: Int64) -> Bool {
    orders[index].open -= lots
    orders[index].visible -= lots
    orders[index].filled += lots
    guard orders[index].visible == 0, orders[index].open > 0 else { return false }
    var order = orders.remove(at: index)
    order.visible = min(order.display, order.open)
    rest(order)
    return true
  }

  var levels: [BookLevel] {
    var levels: [BookLevel] = []
    for order in orders {
      if let last = levels.last, last.price == Price(order.price) {
        levels[levels.count - 1] = BookLevel(
          price: last.price, visible: last.visible + Quantity(order.visible), orderCount: last.orderCount + 1)
      } else {
        levels.append(BookLevel(price: Price(order.price), visible: Quantity(order.visible), orderCount: 1))
      }
    }
    return levels
  }
}

/// Where a stream puts its prices.
enum PricePattern: CaseIterable {
  /// A few hundred neighbouring prices around zero.
  case dense
  /// Around a high price, now and then far away.
  case drifting
  /// Few distinct prices from clusters that are far apart.
  case clustered
  /// Anything.
  case anywhere

  func price(_ random: inout TestRandom, step: Int) -> Int64 {
    switch self {
    case .dense: Int64(random.below(300)) - 150
    case .drifting:
      random.below(50) == 0
        ? Int64(random.below(1 << 40)) : 10_000_000 + Int64(step / 20) + Int64(random.below(200) - 100)
    case .clustered: (Int64(random.below(5)) - 2) * (1 << 61) + Int64(random.below(4)) * 4096 + Int64(random.below(3))
    case .anywhere:
      switch random.below(8) {
      case 0: .min + Int64(random.below(100))
      case 1: .max - Int64(random.below(100))
      default: Int64(truncatingIfNeeded: random.next())
      }
    }
  }
}

@Suite struct RandomStreamTests {
  #if DEBUG
    static let steps = 40_000
  #else
    static let steps = 400_000
  #endif

  @Test(arguments: PricePattern.allCases)
  func `the book equals a naive model over a long random stream`(pattern: PricePattern) {
    let bookCount = 2
    let capacity = 600
    var random = TestRandom(seed: 42)
    var books = OrderBooks(orders: capacity, instruments: bookCount)
    for _ in 0..<bookCount { _ = books.addBook() }
    var model = (0..<2 * bookCount).map { ModelSide(side: $0 % 2 == 0 ? .buy : .sell) }
    // The stream alternates between filling the pool to its limit and draining it to nothing.
    var filling = true
    var timesFull = 0
    var timesEmpty = 0

    for step in 1...Self.steps {
      if filling && books.isFull {
        filling = false
        timesFull += 1
      } else if !filling && books.orderCount == 0 {
        filling = true
        timesEmpty += 1
      }
      let index = random.below(model.count)
      let book = UInt32(index / 2)
      if random.below(10) < (filling ? 7 : 3) {
        if books.isFull { continue }
        let open = Int64(1 + random.below(40))
        let display = random.below(3) == 0 ? Int64(1 + random.below(Int(open))) : 0
        let price = pattern.price(&random, step: step)
        let request = UInt64(step)
        let slot = books.rest(
          order(request, model[index].side, at: price, open: open, display: display), in: book)
        model[index].rest(
          .init(
            request: request, slot: slot, price: price, open: open, visible: display > 0 ? display : open,
            display: display))
      } else if !model[index].orders.isEmpty {
        // Mostly near the touch, as in life.
        let count = model[index].orders.count
        let place = random.below(3) == 0 ? random.below(count) : min(random.below(5), count - 1)
        let chosen = model[index].orders[place]
        switch random.below(10) {
        case 0..<4:
          books.remove(chosen.slot, from: book)
          model[index].orders.remove(at: place)
        case 4..<8:
          let lots = random.below(2) == 0 ? chosen.visible : 1 + Int64(random.below(Int(chosen.visible)))
          let refreshed = books.fill(chosen.slot, Quantity(lots), in: book)
          #expect(model[index].fill(at: place, lots) == refreshed)
          if chosen.open == lots {
            #expect(books[chosen.slot].open == .zero)
            books.remove(chosen.slot, from: book)
            model[index].orders.remove(at: place)
          }
        default:
          let open = 1 + Int64(random.below(Int(chosen.open)))
          books.reduce(chosen.slot, to: Quantity(open), in: book)
          model[index].orders[place].open = open
          model[index].orders[place].display = min(chosen.display, open)
          model[index].orders[place].visible = min(chosen.visible, open)
        }
      }
      checkTouch(books, model[index], in: book)
      if step % 199 == 0 {
        for index in model.indices { checkAll(books, model[index], in: UInt32(index / 2), random: &random) }
        #expect(books.orderCount == model.reduce(0) { $0 + $1.orders.count })
      }
    }
    #expect(timesFull > 1 && timesEmpty > 1, "the stream reached the limits of the pool")
  }

  private func checkTouch(_ books: borrowing OrderBooks, _ model: ModelSide, in book: UInt32) {
    let best = books.best(model.side, in: book)
    guard best == model.orders.first?.slot ?? 0,
      books.bestPrice(model.side, in: book)?.rawValue == model.orders.first?.price
    else {
      Issue.record("the best order differs")
      return
    }
  }

  private func checkAll(
    _ books: borrowing OrderBooks, _ model: ModelSide, in book: UInt32, random: inout TestRandom
  ) {
    #expect(walk(books, model.side, in: book) == model.orders.map(\.request))
    let expectedLevels = model.levels
    #expect(levels(books, model.side, in: book) == expectedLevels)
    for order in model.orders {
      let resting = books[order.slot]
      let same =
        books.find(resting.name) == order.slot && resting.price.rawValue == order.price
        && resting.open.rawValue == order.open && resting.visible.rawValue == order.visible
        && resting.filled.rawValue == order.filled
      if !same { Issue.record("order \(order.request) differs from \(order)") }
    }
    for level in expectedLevels {
      if books.level(at: level.price, model.side, in: book) != level { Issue.record("level \(level) differs") }
      let beside = Price(level.price.rawValue &+ (random.below(2) == 0 ? 1 : 64))
      let expected = expectedLevels.first { $0.price == beside }
      if books.level(at: beside, model.side, in: book) != expected { Issue.record("level at \(beside) differs") }
    }
  }

  @Test func `a book restored in priority order behaves the same on other slots`() {
    var random = TestRandom(seed: 7)
    var original = OrderBooks(orders: 500, instruments: 1)
    _ = original.addBook()
    for step in 1...2000 as ClosedRange<UInt64> {
      let side: Side = random.below(2) == 0 ? .buy : .sell
      if original.isFull || random.below(3) == 0 {
        let best = original.best(side, in: 0)
        if best != 0 { original.remove(best, from: 0) }
      } else {
        let price = PricePattern.dense.price(&random, step: 0)
        let open = Int64(1 + random.below(30))
        let slot = original.rest(order(step, side, at: price, open: open, display: 1 + open / 3), in: 0)
        if original[slot].visible > Quantity(1) { _ = original.fill(slot, Quantity(1), in: 0) }
      }
    }
    var restored = OrderBooks(orders: 500, instruments: 1)
    _ = restored.addBook()
    for side in Side.allCases.reversed() {
      var slot = original.best(side, in: 0)
      while slot != 0 {
        _ = restored.restore(original[slot], in: 0)
        slot = original.next(after: slot, in: 0)
      }
    }
    for side in Side.allCases {
      #expect(walk(restored, side, in: 0) == walk(original, side, in: 0))
      #expect(levels(restored, side, in: 0) == levels(original, side, in: 0))
    }
    // Fill both to nothing: every refresh must come at the same moment and leave the same queue.
    for side in Side.allCases {
      while true {
        let left = original.best(side, in: 0)
        let right = restored.best(side, in: 0)
        guard left != 0, right != 0 else {
          #expect(left == 0 && right == 0)
          break
        }
        #expect(original[left].name == restored[right].name)
        let lots = Quantity(1 + Int64(random.below(Int(original[left].visible.rawValue))))
        #expect(original.fill(left, lots, in: 0) == restored.fill(right, lots, in: 0))
        if original[left].open == .zero {
          original.remove(left, from: 0)
          restored.remove(right, from: 0)
        }
      }
    }
  }
}

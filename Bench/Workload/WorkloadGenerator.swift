#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Draws the operations of a workload and applies each to a model of the books as it goes.
///
/// Every random draw is made in a fixed order: moving one changes all workloads.
struct WorkloadGenerator {
  private static let depth = 1000
  private static let middle = 32_000
  private static let band = 3000

  private(set) var operations: [Operation] = []
  private var books: ModelBooks
  private var middles: [Int]
  private var random: RandomNumbers
  private var header = WorkloadHeader()
  private var digest = TradeDigest()
  /// Of the instruments in their order: the chance to draw one of the first so many.
  private let cumulative: [Double]
  private let instruments: Int
  private let timed: Int
  private let accounts: Int
  private let makers: Int
  private let reducePercent: Int

  init(instruments: Int, timed: Int, seed: UInt64, accounts: Int, reducePercent: Int) {
    precondition(instruments >= 1 && instruments <= 65_536 && accounts >= 10)
    self.instruments = instruments
    self.timed = timed
    self.accounts = accounts
    self.reducePercent = reducePercent
    makers = accounts * 9 / 10
    books = ModelBooks(symbols: instruments)
    middles = Array(repeating: Self.middle, count: instruments)
    random = RandomNumbers(seed: seed)
    header.seed = seed
    var sum = 0.0
    let sums = (1...instruments).map { rank in
      sum += 1.0 / Double(rank)
      return sum
    }
    cumulative = sums.map { $0 / sum }
  }

  mutating func run() {
    operations.reserveCapacity(instruments * Self.depth * 2 + timed)
    for _ in 0..<Self.depth {
      for symbol in 0..<instruments {
        add(symbol, 0)
        add(symbol, 1)
      }
    }
    header.prefillCount = UInt64(operations.count)
    for _ in 0..<timed { step() }
  }

  func finishedHeader() -> WorkloadHeader {
    var header = header
    header.operationCount = UInt64(operations.count)
    header.instruments = UInt32(instruments)
    header.accounts = UInt32(accounts)
    header.maximumOrderId = UInt64(books.orders.count - 1)
    header.minimumPrice = operations.map(\.price).min() ?? .max
    header.maximumPrice = operations.map(\.price).max() ?? 0
    header.digest = digest.value
    for side in books.sides {
      header.liveOrders += UInt64(side.live.count)
      for id in side.live { header.liveQuantity += UInt64(books.orders[id].quantity) }
    }
    return header
  }

  // MARK: Draws

  private mutating func drawSymbol() -> Int {
    if instruments == 1 { return 0 }
    let draw = random.unit()
    var (low, high) = (0, instruments)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] < draw { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// A price that crosses nothing: half of them near the touch, half anywhere within 200 ticks.
  private mutating func drawPassivePrice(_ symbol: Int, _ side: Int) -> Int {
    let isNear = random.next() & 1 != 0
    let distance = min(200, 1 + (isNear ? Int(-10.0 * log(1.0 - random.unit())) : random.below(200)))
    let price = side == 0 ? middles[symbol] - distance : middles[symbol] + distance
    let opposite = symbol * 2 + 1 - side
    if books.sides[opposite].isEmpty { return price }
    return side == 0
      ? min(price, books.sides[opposite].first - 1) : max(price, books.sides[opposite].last + 1)
  }

  // MARK: Operations

  private mutating func step() {
    let symbol = drawSymbol()
    walk(symbol)
    let side = Int(random.next() & 1)
    // Orders and cancels shift by up to five points, so that the depth is held.
    let excess = (books.sides[symbol * 2 + side].live.count - Self.depth) / 20
    let bias = max(-5, min(5, excess))
    let draw = random.below(1000)
    let adds = 450 - 10 * bias
    let cancels = 400 + 10 * bias
    if books.sides[symbol * 2].live.count < 50 || books.sides[symbol * 2 + 1].live.count < 50 {
      add(symbol, books.sides[symbol * 2].live.count < 50 ? 0 : 1)
      header.timedAdds += 1
    } else if draw < adds {
      add(symbol, side)
      header.timedAdds += 1
    } else if draw < adds + cancels {
      cancel(symbol, side)
      header.timedCancels += 1
    } else if draw < adds + cancels + 100 {
      take(symbol)
      header.timedTakes += 1
    } else {
      amend(symbol, side)
      header.timedAmends += 1
    }
  }

  private mutating func walk(_ symbol: Int) {
    guard random.below(100) == 0 else { return }
    var change = random.next() & 1 != 0 ? 1 : -1
    if middles[symbol] > Self.middle + Self.band { change = -1 }
    if middles[symbol] < Self.middle - Self.band { change = 1 }
    middles[symbol] += change
  }

  private mutating func add(_ symbol: Int, _ side: Int) {
    let price = drawPassivePrice(symbol, side)
    let quantity = 1 + random.below(100)
    let account = 1 + random.below(makers)
    let id = books.orders.count
    books.orders.append(ModelOrder(price: price, quantity: quantity, symbol: symbol, side: side, account: account))
    books.rest(id)
    books.addLive(id)
    emit(.add, id)
  }

  private mutating func drawLive(_ symbol: Int, _ side: Int) -> Int {
    let live = books.sides[symbol * 2 + side].live
    return live[random.below(live.count)]
  }

  private mutating func cancel(_ symbol: Int, _ side: Int) {
    let id = drawLive(symbol, side)
    emit(.cancel, id, old: (books.orders[id].price, books.orders[id].quantity))
    books.unrest(id)
    books.removeLive(id)
  }

  private mutating func amend(_ symbol: Int, _ side: Int) {
    let id = drawLive(symbol, side)
    let old = (books.orders[id].price, books.orders[id].quantity)
    if random.below(100) < reducePercent && old.1 > 1 {
      let reduced = 1 + random.below(old.1 - 1)
      books.sides[symbol * 2 + side].levels[old.0 - ModelSide.lowest].quantity -= old.1 - reduced
      books.orders[id].quantity = reduced
      emit(.reduce, id, old: old)
      return
    }
    books.unrest(id)
    var price = drawPassivePrice(symbol, side)
    if price == old.0 { price += side == 0 ? -1 : 1 }
    books.orders[id].price = price
    books.orders[id].quantity = 1 + random.below(100)
    books.rest(id)
    emit(.reprice, id, old: old)
  }

  /// An order that trades: mostly small, some sweep several levels, never more than there is.
  private mutating func take(_ symbol: Int) {
    let bestAsk = books.sides[symbol * 2 + 1].first
    let bestBid = books.sides[symbol * 2].last
    var side = Int(random.next() & 1)
    if bestAsk <= middles[symbol] && random.below(10) < 8 {
      side = 0
    } else if bestBid >= middles[symbol] && random.below(10) < 8 {
      side = 1
    }
    let size = random.below(100)
    let wanted = size < 80 ? 1 + random.below(25) : size < 98 ? 1 + random.below(100) : 200 + random.below(401)
    let (limit, available) = depth(symbol, takenBy: side, upTo: wanted)
    let beyond = random.below(4)
    let price = side == 0 ? limit + beyond : limit - beyond
    let quantity = min(wanted, available)
    let account = makers + 1 + random.below(accounts - makers)
    let id = books.orders.count
    books.orders.append(ModelOrder(price: price, quantity: quantity, symbol: symbol, side: side, account: account))
    emit(.take, id)
    match(symbol, side, quantity)
  }

  /// The last price a taker of `wanted` lots comes to, and the lots up to there.
  private func depth(_ symbol: Int, takenBy side: Int, upTo wanted: Int) -> (limit: Int, available: Int) {
    let opposite = books.sides[symbol * 2 + 1 - side]
    var available = 0
    var limit = 0
    var next = side == 0 ? opposite.first : opposite.last
    while true {
      limit = next
      available += opposite.levels[limit - ModelSide.lowest].quantity
      if available >= wanted { break }
      guard let price = side == 0 ? opposite.nextPrice(from: limit + 1) : opposite.previousPrice(from: limit - 1)
      else { break }
      next = price
    }
    return (limit, available)
  }

  private mutating func match(_ symbol: Int, _ side: Int, _ quantity: Int) {
    let opposite = symbol * 2 + 1 - side
    var open = quantity
    while open > 0 {
      let price = side == 0 ? books.sides[opposite].first : books.sides[opposite].last
      let maker = books.sides[opposite].levels[price - ModelSide.lowest].head
      let lots = min(open, books.orders[maker].quantity)
      digest.add(maker: UInt64(maker), price: UInt64(price), quantity: UInt64(lots))
      header.trades += 1
      header.volume += UInt64(lots)
      header.notional &+= UInt64(price * lots)
      open -= lots
      if lots == books.orders[maker].quantity {
        books.unrest(maker)
        books.removeLive(maker)
        books.orders[maker].quantity = 0
      } else {
        books.sides[opposite].levels[price - ModelSide.lowest].quantity -= lots
        books.orders[maker].quantity -= lots
      }
    }
  }

  /// The order as it stands is what the operation asks for.
  private mutating func emit(_ kind: OperationKind, _ id: Int, old: (price: Int, quantity: Int) = (0, 0)) {
    let order = books.orders[id]
    operations.append(
      Operation(
        kindCode: kind.rawValue, side: UInt8(order.side), symbol: UInt16(order.symbol), account: UInt32(order.account),
        orderId: UInt64(id), price: UInt32(order.price), quantity: UInt32(order.quantity),
        oldPrice: UInt32(old.price), oldQuantity: UInt32(old.quantity)))
  }
}

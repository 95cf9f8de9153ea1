import Values
import Wire

/// What is known of the tape's orders from the reports that have come, and which fills they told of.
struct OrderTracker {
  /// A fill of the venue, with the command that caused it and the tape's names.
  struct Trade {
    /// Index of the tape's row; -1: not known yet.
    var row: Int32 = -1
    var taker: Int32 = -1
    var maker: Int32 = -1
    var price: Int64 = 0
    var lots: Int64 = 0
  }

  /// A command that was sent.
  struct Request {
    /// Index of the tape's row; -1: the tool's own command.
    var row: Int32
    /// Index of the order that it makes or names; -1: none.
    var order: Int32
    /// Its number among all commands.
    var command: UInt64
  }

  /// The requests of one key: request id n is at n − 1.
  struct Lane {
    var requests: [Request] = []

    mutating func add(row: Int, order: Int, command: UInt64) -> UInt64 {
      requests.append(Request(row: Int32(row), order: Int32(order), command: command))
      return UInt64(requests.count)
    }
  }

  /// A refusal that the tape does not explain.
  struct Refusal: Equatable {
    let row: Int
    let reason: UInt16
    let detail: Int64
  }

  var pool = AccountPool(firstKey: TapeWorld.firstTraderKey)
  var orders: [TapeOrder] = []
  /// By trade id, from 1.
  var trades: [Trade] = []
  /// Commands sent.
  var commandCount: UInt64 = 0
  /// All reports of the commands up to this one have come.
  var settled: UInt64 = 0
  /// Refused commands of the tape by reason.
  var rejects: [UInt16: Int] = [:]
  /// Refusals that the tape does not explain.
  var refusalCount = 0
  var firstRefusal: Refusal?
  /// Orders that the venue cut off after 4,096 fills.
  var matchLimitCount = 0
  /// A definition, deposit or change of phase that the venue refused.
  var refusedRequest: RequestRejected?
  /// By key id.
  var lanes: [Lane] = []
  /// The first part of the newest order of each tape id.
  var heads: [UInt64: Int] = [:]
  var aggressors = AggressorWindow()

  // MARK: What is sent

  /// A request of `key` about a row and an order (-1: none); its id and its number among all commands.
  mutating func request(key: KeyId, row: Int, order: Int) -> (id: UInt64, command: UInt64) {
    commandCount += 1
    if order >= 0 { orders[order].lastCommand = commandCount }
    let command = commandCount
    return (lane(key) { $0.add(row: row, order: order, command: command) }, command)
  }

  /// A new order that is about to be sent. `part` > 0: a further part of the tape's order.
  mutating func newOrder(
    row: Int, tapeId: UInt64, account: Int, side: Side, price: Int64, lots: Int64, display: Int64, isPostOnly: Bool,
    previousPart: Int?
  ) -> Int {
    let key = pool.key(of: account)
    let index = orders.count
    let request = request(key: key, row: row, order: -1)
    lane(key) { $0.requests[Int(request.id) - 1].order = Int32(index) }
    orders.append(
      TapeOrder(
        tapeId: tapeId, key: key, requestId: request.id, account: account, side: side, isPostOnly: isPostOnly,
        price: price, display: display, open: lots, reserved: lots, lastCommand: request.command))
    if let previousPart { orders[previousPart].nextPart = index } else { heads[tapeId] = index }
    pool.update(account) { $0.reserve(side, price: price, lots: lots) }
    if !isPostOnly { aggressors.add(side, price: price, command: request.command) }
    return index
  }

  /// A replace that is about to be sent; its request id.
  mutating func replace(_ order: Int, row: Int, price: Int64, lots: Int64) -> UInt64 {
    let request = request(key: orders[order].key, row: row, order: order)
    orders[order].replacesUnderWay += 1
    let side = orders[order].side
    let more = max(0, lots - orders[order].reserved)
    orders[order].reserved += more
    pool.update(orders[order].account) {
      $0.reserve(side, price: price, lots: more)
      $0.reprice(side, to: price)
    }
    aggressors.add(side, price: price, command: request.command)
    return request.id
  }

  /// A cancel that is about to be sent; its request id.
  mutating func cancel(_ order: Int, row: Int) -> UInt64 {
    orders[order].cancelIsSent = true
    return request(key: orders[order].key, row: row, order: order).id
  }

  @discardableResult
  private mutating func lane<Result>(_ key: KeyId, _ body: (inout Lane) -> Result) -> Result {
    while lanes.count <= Int(key.rawValue) { lanes.append(Lane()) }
    return body(&lanes[Int(key.rawValue)])
  }

  // MARK: What is known

  /// The parts of the newest order of a tape id, in priority order.
  func parts(of tapeId: UInt64) -> [Int] {
    var parts: [Int] = []
    var next = heads[tapeId] ?? -1
    while next >= 0 {
      parts.append(next)
      next = orders[next].nextPart
    }
    return parts
  }

  /// Whether an order rests, as far as it can be known now.
  func standing(of index: Int) -> OrderStanding {
    let order = orders[index]
    if order.isDone || order.cancelIsSent { return .done }
    if order.lastCommand > settled || aggressors.threatens(order.side, price: order.price) { return .uncertain }
    return .live
  }

  /// All reports of the commands up to `command` have come.
  mutating func settle(through command: UInt64) {
    guard command > settled else { return }
    settled = command
    aggressors.settle(through: command)
  }
}

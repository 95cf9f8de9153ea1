import Server
import Storage
import Testing
import Values
import Wire

/// A trader that comes and goes, and must see each of its reports exactly once.
private struct Wanderer {
  let user: TestUser
  var client: TestClient?
  var lastReport: UInt64 = 0
  var lastRequest: UInt64 = 0
  var faults: [String] = []

  init(_ user: TestUser) { self.user = user }

  mutating func connect(port: UInt16) throws {
    let client = try TestClient(port: port, user, lastReport: lastReport, cancelOnDisconnect: 20)
    let ack = try client.next(EstablishAck.self)
    if ack.journalRegressed == true { faults.append("regressed at \(lastReport)") }
    lastRequest = ack.lastRequest
    self.client = client
  }

  mutating func act(_ generator: inout some RandomNumberGenerator) {
    guard let client else { return }
    for _ in 0..<Int.random(in: 1...30, using: &generator) {
      lastRequest += 1
      let price = Int64.random(in: 90...110, using: &generator)
      switch Int.random(in: 0...9, using: &generator) {
      case 0: client.send(MassCancel(requestId: lastRequest, account: user.account, instrument: .none, side: .both))
      case 1...2:
        let target = UInt64.random(in: 0...lastRequest, using: &generator)
        client.send(CancelOrder(requestId: lastRequest, orderRequestId: target, orderKey: .venue))
      default:
        let side = Bool.random(using: &generator) ? Side.buy : .sell
        client.send(client.order(user, lastRequest, side, price: price, lots: price % 7 + 1))
      }
    }
  }

  /// Reads everything up to the answer of a query and checks the numbers.
  mutating func read() throws {
    guard let client else { return }
    client.send(QueryStatus(queryId: 77, withStateHash: false))
    while true {
      let bytes = try client.nextFrame()
      let (template, number) = bytes.withUnsafeBytes {
        (Frame($0).template, $0.loadUnaligned(fromByteOffset: 12, as: UInt64.self))
      }
      if template == .queryEnd { return }
      guard template.isReport, number != 0 else { continue }
      if number != lastReport + 1 { faults.append("report \(number) after \(lastReport)") }
      lastReport = number
    }
  }
}

@Suite("A server under clients that come and go", .serialized)
struct SoakTests {
  @Test("Through lost connections, restarts and crashes every report arrives once", arguments: [1, 2, 3])
  func exactlyOnce(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    var directory = TemporaryDirectory()
    func start() throws -> TestServer {
      try #require(
        TestServer(directory: directory.path) {
          $0.snapshotCommands = 100
          $0.session.requestsPerSecond = 0
          $0.session.queriesPerSecond = 0
          $0.session.linger = 20_000_000
        })
    }
    var server = try start()
    var traders = [Wanderer(TestVenue.buyer), Wanderer(TestVenue.seller)]
    for index in traders.indices { try traders[index].connect(port: server.port) }
    for _ in 0..<60 {
      let index = Int.random(in: 0..<traders.count, using: &generator)
      switch Int.random(in: 0...19, using: &generator) {
      case 0...11:
        traders[index].act(&generator)
        try traders[index].read()
      case 12...17:
        traders[index].act(&generator)
        traders[index].client = nil
        try traders[index].connect(port: server.port)
        try traders[index].read()
      case 18:
        for index in traders.indices { traders[index].act(&generator) }
        #expect(server.stop() == 0)
        server = try start()
        for index in traders.indices { try traders[index].connect(port: server.port) }
      default:
        for index in traders.indices {
          traders[index].act(&generator)
          traders[index].client = nil
        }
        let left = directory.copy()
        #expect(server.stop() == 0)
        directory = left
        server = try start()
        for index in traders.indices { try traders[index].connect(port: server.port) }
      }
    }
    for index in traders.indices {
      try traders[index].read()
      #expect(traders[index].faults.isEmpty && traders[index].lastReport > 100)
    }
    #expect(server.stop() == 0)
    let damage = verify(directory: directory.path).filter { $0.severity == .fault }
    #expect(damage.isEmpty)
  }
}

/// A small generator with a fixed sequence.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

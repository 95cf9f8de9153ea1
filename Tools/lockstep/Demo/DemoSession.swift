import Client
import Glibc
import ToolSupport
import Values
import Wire

/// The demo's market: all sessions, and the loop that lets them trade.
final class DemoSession {
  let traders: [DemoTrader]
  private let oracle: Client
  let observer: Client
  /// Has taken too much risk when the price falls.
  let reckless: Client
  private(set) var market: DemoMarket
  private(set) var figures = DemoFigures()
  private var screen = DemoScreen()
  private var book = LevelBook(instrument: InstrumentId(1))
  private var accounts: [AccountReport] = []
  private var accountRows: [AccountReport] = []
  private(set) var directory = VenueDirectory(instruments: [])
  private let names: VenueNames
  private var tradedFor: Double = 0
  private var turn = 0

  init(server: DemoServer, seed: UInt64) throws {
    let market = DemoMarket(seed: seed)
    names = try Genesis.names(in: server.venueFile)
    func client(_ key: UInt32, _ name: String) throws -> Client {
      let path = try Genesis.keyFile(of: KeyId(key), namedIn: server.venueFile) ?? ""
      var settings = ClientSettings()
      settings.name = name
      settings.keepAlive = .seconds(10)
      return try Client(to: server.address, key: KeyId(key), keyPair: KeyPair(contentsOf: path), settings: settings)
    }
    func trader(_ key: UInt32, _ name: String, _ behaviour: DemoTrader.Behaviour, account: UInt32) throws -> DemoTrader
    {
      DemoTrader(
        name: name, client: try client(key, name), account: AccountId(account), behaviour: behaviour,
        instruments: market.instruments.count)
    }
    self.market = market
    oracle = try client(2, "demo-oracle")
    observer = try client(3, "demo-observer")
    reckless = try client(115, "demo-taker-5")
    traders = [
      try trader(101, "demo-maker-1", .maker, account: 101), try trader(102, "demo-maker-2", .maker, account: 102),
      try trader(111, "demo-taker-1", .taker(accounts: [AccountId(111)], size: 1), account: 111),
      try trader(112, "demo-taker-2", .taker(accounts: [AccountId(121)], size: 0.5), account: 121),
      try trader(113, "demo-taker-3", .taker(accounts: [AccountId(131), AccountId(132)], size: 1), account: 131),
      try trader(114, "demo-taker-4", .taker(accounts: [AccountId(141)], size: 0.1), account: 141),
    ]
  }

  private var everybody: [Client] { traders.map(\.client) + [oracle, observer, reckless] }

  /// Connects everybody; after a restart this brings the reports that were not seen yet. Returns how many requests
  /// never arrived at the venue.
  @discardableResult
  func connect(within timeout: Duration) throws -> Int {
    var lost = 0
    for trader in traders {
      let requests = try trader.client.reconnect(within: timeout).lostRequests
      trader.forget(requests)
      lost += requests.count
    }
    try oracle.reconnect(within: timeout)
    try observer.reconnect(within: timeout)
    try reckless.reconnect(within: timeout)
    let rows = try observer.rows(QueryInstruments(queryId: 0)).rows
    let reports = rows.compactMap { event in
      if case .instrument(let report) = event { return report }
      return nil
    }
    directory = VenueDirectory(instruments: reports, names: names)
    try observer.ask(Subscribe(queryId: 0, instrument: book.instrument, feed: .levels))
    return lost
  }

  /// Funds the isolated sub-account of account 131.
  func fundIsolatedAccount() throws {
    guard let trader = traders.first(where: { $0.account == AccountId(131) }) else { return }
    try trader.client.perform(
      Transfer(
        requestId: 0, source: AccountId(131), destination: AccountId(132), asset: .settlement,
        amount: Money(Int64(2000) * 100_000_000)))
  }

  // MARK: Trading

  /// Lets everybody trade for a while, at `rate` requests per second in all.
  func trade(seconds: Double, rate: Double) throws {
    let start = steadyTime()
    let end = start + Int64(seconds * 1e9)
    var sent = 0.0
    var oracleAt = start
    var observedAt = start
    figures.mark(at: start)
    screen.restart(at: start)
    while true {
      let now = steadyTime()
      if now >= end { break }
      if now >= oracleAt {
        oracleAt = now + 100_000_000
        market.step()
        try publishPrices()
      }
      if now >= observedAt {
        observedAt = now + 500_000_000
        try observer.ask(QueryAccounts(queryId: 0, first: .none, count: 100))
      }
      let due = min(64, Double(now - start) / 1e9 * rate - sent)
      if due >= 1 {
        for _ in 0..<Int(due) { try act() }
        sent = max(sent + due.rounded(.down), Double(now - start) / 1e9 * rate - 64)
      }
      if try !hear() { waitForAnything() }
      if screen.isDue(at: now) {
        figures.mark(at: now)
        let elapsed = tradedFor + Double(now - start) / 1e9
        screen.show(
          at: now, elapsed: elapsed, figures: figures, book: book, accounts: accounts, directory: directory)
      }
    }
    tradedFor += seconds
  }

  /// Sends up to `count` requests of every trader at once and does not wait for anything.
  func burst(_ count: Int) throws {
    for trader in traders {
      try trader.client.batch { _ throws(ClientError) in
        for _ in 0..<count where try trader.act(&market) { figures.sent() }
      }
    }
  }

  private func act() throws {
    turn += 1
    if try traders[turn % traders.count].act(&market) { figures.sent() }
  }

  private func publishPrices() throws {
    let (oracle, market) = (oracle, market)
    try oracle.batch { oracle throws(ClientError) in
      for instrument in market.instruments where !instrument.isSpot {
        try oracle.send(MarkPrice(requestId: 0, price: market.price(of: instrument), instrument: instrument.id))
      }
      for asset in [AssetId(1), AssetId(2)] {
        let stable = market.index(market.slow, asset)
        try oracle.send(
          IndexPrice(requestId: 0, price: market.index(market.fair, asset), stablePrice: stable, asset: asset))
      }
    }
  }

  /// Takes in what has arrived for everybody. False: nothing.
  func hear() throws -> Bool {
    var heard = false
    for trader in traders {
      while let event = try trader.client.next() {
        heard = true
        if case .disconnected(let error) = event { throw error }
        figures.heard(event, latency: trader.hear(event, at: steadyTime()))
      }
    }
    while let event = try oracle.next() {
      heard = true
      if case .disconnected(let error) = event { throw error }
    }
    while let event = try observer.next() {
      heard = true
      if case .disconnected(let error) = event { throw error }
      observe(event)
    }
    return heard
  }

  private func observe(_ event: Event) {
    book.apply(event)
    if case .account(let row) = event { accountRows.append(row) }
    if case .queryEnd = event, !accountRows.isEmpty {
      accounts = accountRows
      accountRows.removeAll()
    }
  }

  private func waitForAnything() {
    var entries = everybody.compactMap(\.descriptor).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    poll(&entries, nfds_t(entries.count), 1)
  }

  /// All prices fall by `part`, for everybody at once.
  func fall(by part: Double) throws {
    market.fall(by: part)
    try publishPrices()
  }

  // MARK: Stopping

  /// Waits until every request is answered.
  func settle() throws {
    let deadline = steadyTime() + 10_000_000_000
    while traders.contains(where: { $0.unanswered > 0 }) {
      if try !hear() { waitForAnything() }
      if steadyTime() > deadline {
        throw Failure(exit: .difference, message: "requests were not answered within 10 s.")
      }
    }
  }

  /// Takes in what had arrived before the server died, up to the end of each connection.
  func hearTheEnd() {
    for trader in traders {
      while trader.client.isConnected {
        guard let event = try? trader.client.next(timeout: .seconds(2)) else { break }
        if case .disconnected = event { break }
        figures.heard(event, latency: trader.hear(event, at: steadyTime()))
      }
    }
    for client in [oracle, observer, reckless] {
      while client.isConnected, let event = try? client.next(timeout: .seconds(2)) {
        if case .disconnected = event { break }
      }
    }
  }

  func disconnect() {
    for client in everybody { client.disconnect() }
  }
}

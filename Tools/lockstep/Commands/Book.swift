import ArgumentParser
import Client
import Glibc
import ToolSupport
import Values
import Wire

/// `lockstep book`
struct Book: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watch the book of an instrument.",
    discussion: """
      On a terminal the book is redrawn in place; otherwise every trade is one line.

      Examples:
        lockstep book --config venue.toml BTC-PERP
        lockstep book --config venue.toml BTC-PERP --once
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of the instrument.") var instrument: String
  @Option(help: "Price levels per side.") var depth = 10
  @Flag(help: "Print the book once and leave.") var once = false

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let report = try venue.directory.instrument(instrument)
    var book = LevelBook(instrument: report.instrument)
    try venue.client.ask(Subscribe(queryId: 0, instrument: report.instrument, feed: .levels))
    var expected = try firstSnapshot(venue, into: &book)
    let redraws = isatty(1) == 1 && !once && !connection.json
    var drawnAt: Int64 = 0
    while expected > 0 || !once {
      if let event = try venue.client.next(timeout: .milliseconds(100)) {
        book.apply(event)
        if case .bookLevel(let level) = event, level.feedSequence == 0 { expected -= 1 }
        if case .disconnected(let error) = event { throw error }
        if case .trade(let trade) = event, !redraws, !once { show(trade, venue) }
      }
      guard redraws, steadyTime() - drawnAt > 200_000_000 else { continue }
      drawnAt = steadyTime()
      print("\u{1B}[H\u{1B}[2J" + text(book, venue, report))
    }
    print(connection.json ? json(book) : text(book, venue, report))
  }

  /// Waits for the beginning of the full book; returns how many levels follow.
  private func firstSnapshot(_ venue: VenueConnection, into book: inout LevelBook) throws -> Int {
    let event = try venue.client.wait(for: "the book", timeout: .seconds(10)) { event in
      if case .bookSnapshot = event { return true }
      if case .queryEnd(let end) = event { return end.reasonCode != 0 }
      return event.rejection != nil
    }
    if let rejection = event.rejection { throw ClientError.rejected(rejection) }
    guard case .bookSnapshot(let snapshot) = event else {
      throw Failure(exit: .refused, message: "the venue refused the subscription.")
    }
    book.apply(event)
    return Int(snapshot.rows)
  }

  private func show(_ trade: Trade, _ venue: VenueConnection) {
    if venue.printed(trade) { return }
    let price = venue.directory.price(trade.price, of: trade.instrument)
    let size = venue.directory.size(trade.quantity, of: trade.instrument)
    print("\(Amounts.time(trade.time))  \(trade.takerSide == .sell ? "sell" : "buy ")  \(size) @ \(price)")
    fflush(nil)
  }

  private func text(_ book: LevelBook, _ venue: VenueConnection, _ report: InstrumentReport) -> String {
    var table = TextTable(">orders", ">bid size", ">bid", ">ask", ">ask size", ">orders")
    for index in 0..<max(1, min(depth, max(book.bids.count, book.asks.count))) {
      let bid = index < book.bids.count ? book.bids[index] : nil
      let ask = index < book.asks.count ? book.asks[index] : nil
      table.add(
        bid.map { "\($0.orders)" } ?? "", bid.map { venue.directory.size($0.quantity, of: book.instrument) } ?? "",
        bid.map { venue.directory.price($0.price, of: book.instrument) } ?? "",
        ask.map { venue.directory.price($0.price, of: book.instrument) } ?? "",
        ask.map { venue.directory.size($0.quantity, of: book.instrument) } ?? "", ask.map { "\($0.orders)" } ?? "")
    }
    let trade = book.lastTrade.map { ", last trade \(venue.directory.price($0.price, of: book.instrument))" } ?? ""
    return "\(report.symbol), \(book.phase)\(trade)\n\(table.text)"
  }

  private func json(_ book: LevelBook) -> String {
    func rows(_ levels: [LevelBook.Level]) -> Json {
      .array(
        levels.prefix(depth).map {
          .array([.integer($0.price.rawValue), .integer($0.quantity.rawValue), .integer($0.orders)])
        })
    }
    return Json.object([
      ("instrument", .integer(book.instrument.rawValue)), ("phase", .string("\(book.phase)")),
      ("feedSequence", .integer(book.feedSequence)), ("bids", rows(book.bids)), ("asks", rows(book.asks)),
    ]).text
  }
}

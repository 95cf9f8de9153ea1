import Client
import Glibc
import ToolSupport
import Values
import Wire

/// What the demo shows while it trades: a screen that is redrawn on a terminal, plain lines elsewhere.
struct DemoScreen {
  private let isTerminal = isatty(1) == 1
  private var shownAt: Int64 = 0
  private var height = 0

  /// Begins below what has been printed meanwhile; the first picture comes after an interval.
  mutating func restart(at now: Int64) {
    shownAt = now
    height = 0
  }

  /// Whether the next picture is due.
  func isDue(at now: Int64) -> Bool { now - shownAt >= (isTerminal ? 400_000_000 : 2_000_000_000) }

  mutating func show(
    at now: Int64, elapsed: Double, figures: DemoFigures, book: LevelBook, accounts: [AccountReport],
    directory: VenueDirectory
  ) {
    shownAt = now
    let seconds = Decimal.format(Int128(elapsed * 10), digits: 1)
    guard isTerminal else {
      print("  \(seconds) s  \(figures.line)")
      fflush(nil)
      return
    }
    var lines = [
      "  \(seconds) s   synthetic traders over TCP, every report waits for the disk", "", "  \(figures.line)",
    ]
    lines.append("  rejects: \(figures.rejectText)")
    lines += ["", "  \(directory.name(of: book.instrument))"] + bookLines(book, directory)
    lines += [""] + accountLines(accounts, directory.amounts)
    print((height > 0 ? "\u{1B}[\(height)A" : "") + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J")
    height = lines.count
    fflush(nil)
  }

  private func bookLines(_ book: LevelBook, _ directory: VenueDirectory) -> [String] {
    var table = TextTable(">orders", ">bid size", ">bid", ">ask", ">ask size", ">orders")
    for index in 0..<5 {
      let bid = index < book.bids.count ? book.bids[index] : nil
      let ask = index < book.asks.count ? book.asks[index] : nil
      table.add(
        bid.map { "\($0.orders)" } ?? "", bid.map { directory.size($0.quantity, of: book.instrument) } ?? "",
        bid.map { directory.price($0.price, of: book.instrument) } ?? "",
        ask.map { directory.price($0.price, of: book.instrument) } ?? "",
        ask.map { directory.size($0.quantity, of: book.instrument) } ?? "", ask.map { "\($0.orders)" } ?? "")
    }
    return table.lines
  }

  private func accountLines(_ accounts: [AccountReport], _ amounts: Amounts) -> [String] {
    var table = TextTable(">account", ">equity", ">initial margin", ">maintenance", ">free margin", ">orders")
    for row in accounts.sorted(by: { $0.margin.initialMargin > $1.margin.initialMargin }).prefix(6) {
      table.add(
        "\(row.account.rawValue)", amounts.shortMoney(row.margin.equity), amounts.shortMoney(row.margin.initialMargin),
        amounts.shortMoney(row.margin.maintenanceMargin), amounts.shortMoney(row.margin.free),
        Decimal.format(row.openOrders))
    }
    return table.lines
  }
}

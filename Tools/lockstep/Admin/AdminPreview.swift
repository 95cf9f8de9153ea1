import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin preview`
struct AdminPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview", abstract: "What an order would do just now: fills, fees, and the margin before and after.",
    discussion: """
      Nothing is entered and nothing changes. The numbers are exact as long as
      nothing else happens; a NewGuardedOrder with the tags shown enters only then.
      The key must be a trader's of the account's owner.

      Example:
        lockstep admin preview 131 BTC-PERP buy 2.5 64100 --key 113
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32
  @Argument(help: "Symbol or id of the instrument.") var instrument: String
  @Argument(help: "buy or sell.") var side: String
  @Argument(help: "Quantity, in units of the base asset.") var quantity: String
  @Argument(help: "Limit price.") var price: String
  @Flag(help: "Immediate-or-cancel: what does not trade at once leaves.") var immediate = false
  @Flag(help: "Only reduces the position.") var reduceOnly = false

  func run() throws {
    guard let side = ["buy": Side.buy, "sell": .sell][side] else {
      throw Failure(exit: .usage, message: "the side is buy or sell, not “\(side)”.")
    }
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let report = try venue.directory.instrument(instrument)
    let answer = try venue.client.rows(
      Preview(
        queryId: 0, account: AccountId(account), instrument: report.instrument,
        price: try venue.directory.price(price, of: report), quantity: try lots(of: report), display: .zero, side: side,
        orderType: .limit, timeInForce: immediate ? .immediateOrCancel : .goodTillCancel,
        flags: reduceOnly ? .reduceOnly : [], selfTradePrevention: .cancelNewest))
    for case .preview(let preview) in answer.rows where !venue.printed(preview) { print(text(preview, venue)) }
  }

  private func lots(of report: InstrumentReport) throws -> Quantity {
    do {
      return Quantity(try Amounts.count(quantity, of: report.lotSize))
    } catch {
      let lot = Amounts.multiple(1, of: report.lotSize)
      throw Failure(exit: .usage, message: "“\(quantity)” is not a quantity of \(report.symbol): a multiple of \(lot).")
    }
  }

  private func text(_ preview: PreviewReport, _ venue: VenueConnection) -> String {
    let (directory, amounts) = (venue.directory, venue.directory.amounts)
    if let reason = preview.reason { return "would be refused: \(reason), detail \(preview.detail)" }
    var table = TextTable("account \(preview.account.rawValue)", ">before", ">after")
    func row(_ name: String, _ figure: (AccountMargin) -> Money) {
      table.add(name, amounts.money(figure(preview.before)), amounts.money(figure(preview.after)))
    }
    row("equity", \.equity)
    row("maintenance margin", \.maintenanceMargin)
    row("cushion", \.cushion)
    row("initial equity", \.initialEquity)
    row("initial margin", \.initialMargin)
    row("free", \.free)
    let size = { directory.size($0, of: preview.instrument) }
    var lines = [
      "would trade \(size(preview.filled)) in \(preview.fills) fills for \(amounts.money(preview.value)), fees "
        + "\(amounts.money(preview.fees)), worst price \(directory.price(preview.worstPrice, of: preview.instrument))",
      "would rest: \(size(preview.resting))",
    ]
    if preview.isRestCancelled == true, let reason = preview.restReason {
      lines.append("what is left would be cancelled: \(reason)")
    }
    lines.append(table.text)
    lines.append(
      "  as of sequence \(Decimal.format(preview.sequence)); tags account \(preview.accountTag), market "
        + "\(preview.marketTag), book \(preview.bookTag)")
    return lines.joined(separator: "\n")
  }
}

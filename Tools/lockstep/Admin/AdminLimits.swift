import ArgumentParser
import Client
import ToolSupport
import Values

/// `lockstep admin limits`
struct AdminLimits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limits", abstract: "Every bound of the venue: numbers, work per command, this session.",
    discussion: "Table sizes are in the venue file: lockstep check-config venue.toml")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    guard let terms = venue.client.establishment?.terms else { return }
    let rows: [(String, Int64, String)] = [
      ("quantity", Limits.quantity, "largest position and order, in lots"),
      ("price", Limits.price, "largest price, in price units"),
      ("assetPrice", Limits.assetPrice, "largest index price, in price units"),
      ("multiplier", Limits.multiplier, "largest money quanta per lot and price unit"),
      ("notionalPerAccount", Limits.notionalPerAccount, "largest sum of notionals of an account, in money quanta"),
      ("balance", Limits.balance, "largest balance, in quanta"),
      ("scheduleRows", Int64(Limits.scheduleRows), "rows of a bracket table or impact curve"),
      ("quotesPerFrame", Int64(Limits.quotesPerFrame), "entries of a mass quote"),
      ("fillsPerCommand", Int64(Limits.fillsPerCommand), "fills of one command; the rest is cancelled matchLimit"),
      ("cancelsPerCommand", Int64(Limits.cancelsPerCommand), "resting orders cancelled by one command as it matches"),
      ("frameBytes", Int64(terms.frameBytes), "longest frame a client may send"),
      ("requestsPerSecond", Int64(terms.requestsPerSecond), "of this session"),
      ("ordersPerAccount", Int64(terms.ordersPerAccount), "resting orders of one account"),
      ("keepAlive", Int64(terms.keepAlive), "milliseconds: either side says something at least this often"),
    ]
    if connection.json {
      print(Json.object(rows.map { ($0.0, .integer($0.1)) }).text)
      return
    }
    var table = TextTable("limit", ">value", "meaning")
    for row in rows { table.add(row.0, Decimal.format(row.1), row.2) }
    print(table.text)
  }
}

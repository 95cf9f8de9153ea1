import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin index`
struct AdminIndex: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Set the price of an asset as collateral. [oracle]",
    discussion: "Example:\n  lockstep admin index BTC 64100 --stable 63900 --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of the asset.") var asset: String
  @Argument(help: "Price in the settlement currency.") var price: String
  @Option(help: "Slow price: initial margin takes the worse of the two.") var stable: String?

  func run() throws {
    let venue = try connection.open()
    let asset = try venue.directory.asset(asset)
    let price = try venue.directory.indexPrice(price, of: asset)
    let stablePrice = try stable.map { try venue.directory.indexPrice($0, of: asset) }
    try venue.perform(IndexPrice(requestId: 0, price: price, stablePrice: stablePrice, asset: asset))
  }
}

/// `lockstep admin mark`
struct AdminMark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mark", abstract: "Set the mark price of an instrument. [oracle]",
    discussion: "Example:\n  lockstep admin mark BTC-PERP 64100.5 --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of the instrument.") var instrument: String
  @Argument(help: "The price.") var price: String

  func run() throws {
    let venue = try connection.open()
    let report = try venue.directory.instrument(instrument)
    let price = try venue.directory.price(price, of: report)
    try venue.perform(MarkPrice(requestId: 0, price: price, instrument: report.instrument))
  }
}

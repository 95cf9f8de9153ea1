import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin volatility`
struct AdminVolatility: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "volatility", abstract: "Set the implied volatility of an option, or of all on an asset. [risk model]",
    discussion: """
      Per year, as 0.65 or 65%. For an asset: a flat surface, which replaces what its
      options had of their own. Their marks follow at once.

      Examples:
        lockstep admin volatility BTC 65% --config venue.toml
        lockstep admin volatility BTC-70000-C 62.5% --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of an option, or symbol of an asset.") var name: String
  @Argument(help: "The volatility.") var volatility: String

  func run() throws {
    let venue = try connection.open()
    guard let rate = try? Decimal.parse(volatility, digits: 9), let volatility = Int64(exactly: rate) else {
      throw FrameTextError("“\(volatility)” is not a volatility: write 0.65 or 65%.")
    }
    let option = try? venue.directory.instrument(name)
    let asset = option == nil ? try venue.directory.asset(name) : .settlement
    try venue.perform(
      SetImpliedVolatility(
        requestId: 0, instrument: option?.instrument ?? .none, asset: asset, volatility: Rate(volatility)))
  }
}

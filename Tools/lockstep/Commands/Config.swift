import ArgumentParser
import ToolSupport

/// `lockstep config`
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a venue file to start from.",
    discussion: """
      BTC and ETH, spot and perpetual, accounts with mixed collateral, all roles.
      Four ready-made sets of margin parameters:
        static    one fixed rate per instrument
        tiered    rates that rise with the position, like tax brackets
        dynamic   tiers, and requirements that move with size, volatility and liquidity
        portfolio the dynamic set, and scenario margin for accounts that choose it

      Example:
        lockstep config --example --margin tiered > venue.toml
      """)

  @Flag(help: "Print the example.") var example = false
  @Option(help: "Margin parameters: static, tiered, dynamic or portfolio.") var margin = ExampleVenue.MarginSet.dynamic

  func validate() throws {
    if !example { throw ValidationError("Say --example to print the example venue file.") }
  }

  func run() {
    print(ExampleVenue.text(margin: margin), terminator: "")
  }
}

extension ExampleVenue.MarginSet: ExpressibleByArgument {}

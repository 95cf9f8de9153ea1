import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin deposit`
struct AdminDeposit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deposit", abstract: "Credit an account. [treasurer]",
    discussion: "Example:\n  lockstep admin deposit 131 USD 5000 --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32
  @Argument(help: "Symbol or id of the asset.") var asset: String
  @Argument(help: "Amount in units of the asset.") var amount: String

  func run() throws {
    let venue = try connection.open()
    let asset = try venue.directory.asset(asset)
    let quanta = try venue.directory.quanta(amount, of: asset)
    try venue.perform(Deposit(requestId: 0, account: AccountId(account), asset: asset, amount: quanta))
  }
}

/// `lockstep admin withdraw`
struct AdminWithdraw: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Debit an account, as far as its margin allows. [treasurer]",
    discussion: "Example:\n  lockstep admin withdraw 131 BTC 0.1 --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The account.") var account: UInt32
  @Argument(help: "Symbol or id of the asset.") var asset: String
  @Argument(help: "Amount in units of the asset.") var amount: String

  func run() throws {
    let venue = try connection.open()
    let asset = try venue.directory.asset(asset)
    let quanta = try venue.directory.quanta(amount, of: asset)
    try venue.perform(Withdraw(requestId: 0, account: AccountId(account), asset: asset, amount: quanta))
  }
}

/// `lockstep admin transfer`
struct AdminTransfer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer", abstract: "Move money between accounts. [trader within a master, treasurer]",
    discussion: "Example:\n  lockstep admin transfer 131 132 USD 1000 --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "From this account.") var source: UInt32
  @Argument(help: "To this account.") var destination: UInt32
  @Argument(help: "Symbol or id of the asset.") var asset: String
  @Argument(help: "Amount in units of the asset.") var amount: String

  func run() throws {
    let venue = try connection.open()
    let asset = try venue.directory.asset(asset)
    let quanta = try venue.directory.quanta(amount, of: asset)
    try venue.perform(
      Transfer(
        requestId: 0, source: AccountId(source), destination: AccountId(destination), asset: asset, amount: quanta))
  }
}

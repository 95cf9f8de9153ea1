import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin create-account`
struct AdminCreateAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create-account", abstract: "Create an account. [registrar]",
    discussion: """
      Examples:
        lockstep admin create-account 151 --master 15 --leverage-cap 20 --config venue.toml
        lockstep admin create-account 152 --master 15 --parent 151 \\
          --isolated ETH-PERP --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Id of the new account.") var account: UInt32
  @Option(help: "Its owner.") var master: UInt32
  @Option(help: "Account it belongs to, for an isolated sub-account.") var parent: UInt32 = 0
  @Option(help: "The only instrument an isolated sub-account may trade.") var isolated: String?
  @Option(help: "Requirements are multiplied by this, at least 1.") var multiplier = "1"
  @Option(help: "Highest leverage; 0: none.") var leverageCap: UInt16 = 0
  @Flag(help: "Every loss is paid up front: never called, never liquidated.") var fullyCollateralised = false
  @Flag(help: "Balances may become negative.") var mayBorrow = false

  func run() throws {
    guard let rate = try? Decimal.parse(multiplier, digits: 9), let multiplier = Int64(exactly: rate) else {
      throw Failure(exit: .usage, message: "“\(multiplier)” is not a decimal number.")
    }
    let venue = try connection.open()
    let instrument = try isolated.map { try venue.directory.instrument($0).instrument } ?? .none
    try venue.perform(
      CreateAccount(
        requestId: 0, account: AccountId(account), master: MasterId(master), parent: AccountId(parent),
        isolatedInstrument: instrument, multiplier: Rate(multiplier), leverageCap: leverageCap,
        mode: fullyCollateralised ? .fullyCollateralised : .standard, flags: mayBorrow ? .mayBorrow : []))
  }
}

/// `lockstep admin define-key`
struct AdminDefineKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "define-key", abstract: "Let somebody log in. [registrar]",
    discussion: """
      Roles: \(TypeDescription.roles.values.map(\.name).joined(separator: ", ")). A key cannot grant roles that it lacks:
      whoever admits traders is a registrar and a trader, of a master of its own.

      Example:
        lockstep keygen trader.key
        lockstep admin define-key 151 --public-key HEX --roles trader \\
          --master 15 --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Id of the new key.") var id: UInt32
  @Option(help: "The public half, 64 hexadecimal digits.") var publicKey: String
  @Option(help: "Roles, separated by commas.") var roles: String
  @Option(help: "Whose accounts it may trade; 0: none.") var master: UInt32 = 0

  func run() throws {
    guard let bytes = Bytes32(hexadecimal: publicKey) else {
      throw Failure(
        exit: .usage, message: "the public key should be 64 hexadecimal digits (lockstep keygen --show FILE).")
    }
    let roles = try Self.roles(roles)
    try connection.open().perform(
      DefineKey(requestId: 0, key: KeyId(id), master: MasterId(master), publicKey: bytes, roles: roles))
  }

  static func roles(_ text: String) throws -> Roles {
    var roles = Roles()
    for name in text.split(separator: ",") {
      guard let role = TypeDescription.roles.values.first(where: { $0.name == name }) else {
        let known = TypeDescription.roles.values.map(\.name)
        throw Failure(exit: .usage, message: "there is no role “\(name)”. Known: \(known.joined(separator: ", ")).")
      }
      roles.insert(Roles(rawValue: 1 << UInt16(role.code)))
    }
    return roles
  }
}

/// `lockstep admin revoke-key`
struct AdminRevokeKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke-key", abstract: "Take all roles from a key; its session ends. [registrar]",
    discussion: "Example:\n  lockstep admin revoke-key 151 --config venue.toml")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Id of the key.") var id: UInt32

  func run() throws {
    try connection.open().perform(ChangeKeyRoles(requestId: 0, key: KeyId(id), roles: []))
  }
}

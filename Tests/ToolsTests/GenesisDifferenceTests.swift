import Client
import Testing
import Values
import Wire

@testable import ToolSupport

@Suite("A changed venue file") struct GenesisDifferenceTests {
  private let text = ExampleVenue.text(margin: .static)

  private func genesis(_ text: String) throws -> Genesis {
    try Genesis(text: text, file: "venue.toml") { _ throws(ClientError) in Bytes32(1, 2, 3, 4) }
  }

  /// The difference when `old` is replaced by `new` in the built-in venue.
  private func change(_ old: String, to new: String) throws -> GenesisDifference {
    #expect(text.contains(old))
    return GenesisDifference(file: try genesis(text.replacing(old, with: new)), journal: try genesis(text).frames)
  }

  @Test func theSameFileIsNoDifferenceThoughItsVenueIdIsRandom() throws {
    #expect(try change("[venue]", to: "[venue]").isEmpty)
  }

  @Test func theOrderOfEntriesDoesNotMatter() throws {
    let genesis = try genesis(text)
    #expect(
      GenesisDifference(file: genesis, journal: [genesis.frames[0]] + genesis.frames.dropFirst().reversed()).isEmpty)
  }

  @Test func aChangedMarginRateIsSetAgain() throws {
    let changes = try change("initial_base = \"5%\"", to: "initial_base = \"6%\"").changes
    #expect(changes.count == 2)
    #expect(changes[0].command?.hasPrefix("SetMarginParameters instrument=1") == true)
    #expect(changes[0].command?.contains("initialBase=60000000") == true)
    #expect(changes[0].line > 0)
  }

  @Test func aNewAccountIsCreated() throws {
    let account = "[[accounts]]\nid = 999\nmaster = 1\n\n[[accounts]]\nid = 101"
    let changes = try change("[[accounts]]\nid = 101", to: account).changes
    #expect(changes.map(\.before) == [nil])
    #expect(changes[0].command?.hasPrefix("CreateAccount account=999 master=1") == true)
  }

  @Test func aChangedLeverageCapChangesTheAccount() throws {
    let changes = try change("leverage_cap = 20", to: "leverage_cap = 10").changes
    #expect(
      changes.compactMap(\.command) == [
        "ChangeAccount account=131 leverageCap=10 mode=standard flags=[] multiplier=1000000000"
      ])
  }

  @Test func aLargerDepositIsTheDifference() throws {
    let changes = try change("BTC = \"0.3\"", to: "BTC = \"0.5\"").changes
    #expect(changes.compactMap(\.command) == ["Deposit account=131 asset=1 amount=20000000"])
  }

  @Test func aKeyTakenOutIsRevoked() throws {
    let key = """
      [[keys]]
      id = 3
      name = "observer"
      key_file = "keys/observer.key"
      roles = ["observer"]
      """
    let changes = try change(key, to: "").changes
    #expect(changes.compactMap(\.command) == ["ChangeKeyRoles key=3 roles=[]"])
    #expect(changes[0].line == 0)
  }

  @Test func aFixedThingSaysSo() throws {
    let changes = try change("lot_size = \"0.001\"", to: "lot_size = \"0.002\"").changes
    #expect(!changes.isEmpty && changes.allSatisfy { $0.command == nil && $0.remark.contains("another id") })
    let limits = try change("orders = 1_000_000", to: "orders = 2_000_000").changes
    #expect(limits.map(\.remark) == ["The venue itself is fixed: start anew with an empty data directory."])
  }

  @Test func everyCommandThatIsSuggestedCanBeMadeIntoAFrame() throws {
    var changed = text.replacing("initial_base = \"5%\"", with: "initial_base = \"6%\"")
    changed = changed.replacing("leverage_cap = 20", with: "leverage_cap = 10")
    changed = changed.replacing("id = 132", with: "id = 133")
    changed = changed.replacing("roles = [\"oracle\"]", with: "roles = [\"oracle\", \"observer\"]")
    let difference = GenesisDifference(file: try genesis(changed), journal: try genesis(text).frames)
    let commands = difference.changes.compactMap(\.command)
    #expect(commands.count == 5)
    for command in commands {
      let frame = try FrameBuilder.frame(command)
      #expect(frame.withUnsafeBytes { Frame.scan($0, maximum: 1024) } == .frame(length: frame.count))
    }
    #expect(difference.text(file: "venue.toml").contains("lockstep admin send 'ChangeKeyRoles key=2"))
  }
}

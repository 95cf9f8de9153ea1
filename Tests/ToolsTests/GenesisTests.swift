import Client
import Testing
import Values
import Wire

@testable import ToolSupport

@Suite("Venue files") struct GenesisTests {
  static let keyText = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
  static let head = """
    [venue]
    name = "test"
    money_digits = 8

    """
  static let registrar = """

    [[keys]]
    id = 1
    public_key = "\(keyText)"
    roles = ["registrar"]

    """
  static let perpetual = """
    [[assets]]
    id = 1
    symbol = "BTC"

    [[instruments]]
    id = 7
    symbol = "BTC-PERP"
    kind = "perpetual"
    base = "BTC"
    price_unit = "0.1"
    lot_size = "0.001"

    """

  private func genesis(_ text: String) throws -> Genesis {
    try Genesis(text: text, file: "venue.toml") { _ throws(ClientError) in Bytes32(1, 2, 3, 4) }
  }

  private func issues(_ text: String) -> [String] {
    do {
      _ = try genesis(text)
      return []
    } catch let error as VenueFileError {
      return error.description.split(separator: "\n").map(String.init)
    } catch {
      return ["\(error)"]
    }
  }

  @Test func theBuiltInRegistrarCanGrantTheRolesOfEveryBuiltInKey() throws {
    let keys = try genesis(ExampleVenue.text(margin: .static)).frames.compactMap { bytes in
      bytes.withUnsafeBytes { Frame($0).template == .defineKey ? Frame($0).decode(DefineKey.self) : nil }
    }
    let registrar = try #require(keys.first { $0.roles.contains(.registrar) })
    for key in keys { #expect(key.roles.isSubset(of: registrar.roles), "key \(key.key)") }
  }

  @Test(arguments: ExampleVenue.MarginSet.allCases)
  func everyBuiltInVenueIsAcceptedByTheKernel(margin: ExampleVenue.MarginSet) throws {
    let genesis = try genesis(ExampleVenue.text(margin: margin))
    #expect(genesis.check() == [])
    #expect(genesis.names.instruments.map(\.symbol) == ["BTC-PERP", "ETH-PERP", "BTC/USD", "ETH/USD"])
  }

  @Test func theSmallestVenueHasOneRegistrarKey() throws {
    let genesis = try genesis(Self.head + Self.registrar)
    #expect(genesis.entries.map(\.what) == ["venue test", "key 1"])
    let venue = genesis.frames[0].withUnsafeBytes { Frame($0).decode(DefineVenue.self) }
    #expect(venue.requestId == 1)
    #expect(venue.moneyDigits == 8)
    #expect(venue.accounts == UInt32(Limits().accounts))
    let key = genesis.frames[1].withUnsafeBytes { Frame($0).decode(DefineKey.self) }
    #expect(key.requestId == 2)
    #expect(key.publicKey.hexadecimal == Self.keyText)
    #expect(key.roles == .registrar)
  }

  @Test func amountsAreCountedInUnitsOfTheirInstrument() throws {
    let text = Self.head + Self.perpetual + "mark = \"27000.5\"\nmaximum_order = \"1.5\"\ntaker_fee = \"0.05%\"\n"
    let genesis = try genesis(text + Self.registrar)
    let frame = try #require(genesis.entries.first { $0.what == "instrument BTC-PERP" })
    let instrument = frame.bytes.withUnsafeBytes { Frame($0).decode(DefineInstrument.self) }
    #expect(instrument.priceUnit == 100_000_000_000)
    #expect(instrument.lotSize == 1_000_000_000)
    #expect(instrument.maximumOrder == Quantity(1500))
    #expect(instrument.takerFee == Rate(500_000))
    let mark = try #require(genesis.entries.first { $0.what == "mark price of BTC-PERP" })
    #expect(mark.bytes.withUnsafeBytes { Frame($0).decode(MarkPrice.self) }.price == Price(270_005))
    #expect(genesis.check() == [])
  }

  @Test func anOptionHasItsTermsItsRatesAndAFlatVolatility() throws {
    let text =
      Self.head + """
        [[assets]]
        id = 1
        symbol = "BTC"
        index = "60000"
        implied_volatility = "80%"

        [[instruments]]
        id = 9
        symbol = "BTC-66000-C"
        kind = "option"
        option_type = "call"
        strike = "66000"
        base = "BTC"
        price_unit = "0.5"
        lot_size = "0.001"
        expiry = "2099-12-25T08:00:00Z"
        settlement_window = "1800"
        settlement_interval = "5"
        phase = "continuous"

        [instruments.margin]
        maximum_rate = "15%"
        minimum_rate = "10%"
        maintenance_rate = "7.5%"
        repricing_move = "0.25%"

        """
    let genesis = try genesis(text + Self.registrar)
    #expect(genesis.check() == [])
    let frame = try #require(genesis.entries.first { $0.what == "instrument BTC-66000-C" })
    let option = frame.bytes.withUnsafeBytes { Frame($0).decode(DefineOption.self) }
    #expect(option.strike == Price(132_000) && option.optionType == .call)
    #expect(option.settlementWindow == 1_800_000 && option.settlementInterval == 5_000)
    let margin = try #require(genesis.entries.first { $0.what == "margin parameters of BTC-66000-C" })
    let parameters = margin.bytes.withUnsafeBytes { Frame($0).decode(SetOptionParameters.self) }
    #expect(parameters.repricingInterval == 3_600_000 && parameters.maximumRate == Rate(150_000_000))
    let volatility = try #require(genesis.entries.first { $0.what == "volatility of BTC" })
    let flat = volatility.bytes.withUnsafeBytes { Frame($0).decode(SetImpliedVolatility.self) }
    #expect(flat.asset == AssetId(1) && flat.instrument == .none && flat.volatility == Rate(800_000_000))
    #expect(
      issues(text.replacing("option_type = \"call\"\n", with: "") + Self.registrar).first?.contains("option_type")
        == true)
  }

  @Test func depositsComeAfterAllDefinitionsAndPhasesLast() throws {
    let text =
      Self.head + Self.perpetual + """
        phase = "halted"
        [instruments.margin]
        maintenance_base = "2.5%"
        initial_base = "5%"
        [[accounts]]
        id = 5
        master = 1
        deposits = { BTC = "0.5", USD = "12.25" }
        """
    let genesis = try genesis(text + Self.registrar)
    #expect(
      genesis.entries.map(\.what) == [
        "venue test", "asset BTC", "instrument BTC-PERP", "margin parameters of BTC-PERP", "account 5", "key 1",
        "deposit of USD to account 5", "deposit of BTC to account 5",
      ])
    let deposit = genesis.frames[6].withUnsafeBytes { Frame($0).decode(Deposit.self) }
    #expect(deposit.amount == Money(Int64(1_225_000_000)))
    #expect(genesis.check() == [])
  }

  @Test func aVenueWithoutARegistrarIsRefused() {
    #expect(issues(Self.head).contains { $0.contains("no key has the role \"registrar\"") })
  }

  @Test func aFloatIsAnErrorThatNamesLineAndKey() {
    let found = issues(Self.head + Self.perpetual + "mark = 27000.5\n" + Self.registrar)
    #expect(
      found == [
        "venue.toml:15: instruments[0].mark: is a floating-point number, which is not exact: write it in quotes, such as \"0.01\"."
      ])
  }

  @Test func aWholeNumberWithoutQuotesIsAnErrorToo() {
    let found = issues(Self.head + Self.perpetual + "mark = 27000\n" + Self.registrar)
    #expect(found == ["venue.toml:15: instruments[0].mark: should be a decimal number in quotes: write \"27000\"."])
  }

  @Test func anUnknownKeyIsAnErrorWithASuggestion() throws {
    let found = issues(Self.head + Self.perpetual + "price_bnad = \"5%\"\n" + Self.registrar)
    let issue = try #require(found.first)
    #expect(found.count == 1)
    #expect(issue.hasPrefix("venue.toml:15: instruments[0].price_bnad: unknown key. Did you mean price_band?"))
  }

  @Test func anUnknownSectionIsAnError() throws {
    let issue = try #require(issues(Self.head + Self.registrar + "[[account]]\nid = 1\n").first)
    #expect(issue.hasPrefix("venue.toml:9: account: unknown key. Did you mean accounts?"))
  }

  @Test func unknownNamesAreErrorsWithSuggestions() {
    let text = Self.head + Self.perpetual + "[instruments.margin]\ninitial_tiers = \"tires\"\n" + Self.registrar
    let schedule = "[[schedules]]\nname = \"tiers\"\nbrackets = [[\"0\", \"1%\"]]\n"
    #expect(
      issues(text + schedule) == [
        "venue.toml:16: instruments[0].margin.initial_tiers: there is no schedule “tires”. Did you mean \"tiers\"? Known: tiers."
      ])
    let role = Self.registrar.replacing("\"registrar\"", with: "\"registrar\", \"tradr\"")
    #expect(issues(Self.head + role).contains { $0.contains("there is no role “tradr”. Did you mean \"trader\"?") })
  }

  @Test func aPriceOffTheGridIsAnError() {
    let found = issues(Self.head + Self.perpetual + "mark = \"27000.55\"\n" + Self.registrar)
    #expect(found == ["venue.toml:15: instruments[0].mark: is not a whole multiple of the price unit 0.1."])
  }

  @Test func everythingThatIsWrongIsSaidAtOnceInTheOrderOfTheFile() {
    let found = issues(
      "[venue]\nname = \"a name that is too long\"\nmoney_digits = 99\n" + Self.registrar + "master = 1.5\n")
    #expect(found.map { $0.prefix(13) } == ["venue.toml:2:", "venue.toml:3:", "venue.toml:9:"])
  }

  @Test func invalidTomlIsSaidWithItsLine() throws {
    let issue = try #require(issues("[venue]\nname = \n").first)
    #expect(issue.hasPrefix("venue.toml:2: not valid TOML"))
  }

  @Test func theKernelsRejectsAreSaidWithTheLine() throws {
    let text =
      Self.head + Self.perpetual + """
        [instruments.margin]
        maintenance_base = "5%"
        initial_base = "2.5%"
        """
    let found = try genesis(text + Self.registrar).check()
    #expect(found.map(\.line) == [15])
    #expect(found[0].path == "margin parameters of BTC-PERP")
    #expect(found[0].text.hasPrefix("initialBelowMaintenance"))
  }

  @Test func aTickThatIsNotWholeIsExplained() throws {
    let text = Self.head.replacing("8", with: "2") + Self.perpetual
    let found = try genesis(text.replacing("symbol = \"BTC\"", with: "symbol = \"BTC\"\ndigits = 2") + Self.registrar)
      .check()
    #expect(found.first?.text.hasPrefix("tickValueNotWhole") == true)
  }

  @Test func aKeyFileThatCannotBeReadIsAnIssueOfItsLine() {
    let text = Self.head + "[[keys]]\nid = 1\nkey_file = \"missing.key\"\nroles = [\"registrar\"]\n"
    do {
      _ = try Genesis(text: text, file: "venue.toml") { path throws(ClientError) in
        throw .keyFile(path: path, reason: "it does not exist.")
      }
      Issue.record("accepted")
    } catch {
      #expect(error.description == "venue.toml:6: keys[0].key_file: Key file missing.key: it does not exist.")
    }
  }
}

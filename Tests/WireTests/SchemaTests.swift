import Foundation
import Testing
import Values
import WireGenerator

@testable import Wire

struct SchemaTests {
  @Test func committedSourcesAreWhatTheGeneratorWrites() throws {
    let expected = try generate(from: Data(contentsOf: packageRoot.appendingPathComponent(schemaPath)))
    let folder = packageRoot.appendingPathComponent(generatedFolder)
    let present = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
    #expect(Set(present) == Set(expected.keys), "run `swift run wiregen`")
    for (name, text) in expected {
      let committed = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      #expect(committed == text, "\(name) differs: run `swift run wiregen`")
    }
  }

  /// A numbered message outside that range would be left out when reports are sent again.
  @Test func reportsAreTheMessagesThatBeginWithAReportNumber() {
    for message in Schema.messages {
      let isNumbered = message.fields.first?.name == "reportNumber"
      #expect(message.template.isReport == isNumbered, "\(message.name)")
    }
  }

  @Test func codesOfTheSchemaAreTheCodesOfValues() {
    func codes<E: CaseIterable & RawRepresentable>(_ type: E.Type) -> [String: Int] where E.RawValue: BinaryInteger {
      Dictionary(uniqueKeysWithValues: E.allCases.map { ("\($0)", Int($0.rawValue)) })
    }
    let swift: [String: [String: Int]] = [
      "side": codes(Side.self), "sideScope": codes(SideScope.self), "orderType": codes(OrderType.self),
      "triggerSource": codes(TriggerSource.self), "triggerCondition": codes(TriggerCondition.self),
      "trailingUnit": codes(TrailingUnit.self),
      "timeInForce": codes(TimeInForce.self), "selfTradePrevention": codes(SelfTradePrevention.self),
      "instrumentKind": codes(InstrumentKind.self), "phase": codes(Phase.self),
      "accountMode": codes(AccountMode.self),
      "killScope": codes(KillScope.self), "killAuthority": codes(KillAuthority.self), "listing": codes(Listing.self),
      "listingAction": codes(ListingAction.self),
      "liquidity": codes(Liquidity.self), "durability": codes(Durability.self),
      "feedKind": codes(FeedKind.self), "oracleGuard": codes(OracleGuard.self), "oracleCause": codes(OracleCause.self),
      "cancelReason": codes(CancelReason.self),
      "terminateReason": codes(TerminateReason.self), "rejectReason": codes(RejectReason.self),
      "marginState": codes(MarginState.self), "liquidationAction": codes(LiquidationAction.self),
      "bandFactor": codes(BandFactor.self), "optionType": codes(OptionType.self),
      "greeksScope": codes(GreeksScope.self),
    ]
    let schema = Schema.types.filter { $0.kind == .enumeration }
    #expect(Set(schema.map(\.name)) == Set(swift.keys))
    for type in schema {
      #expect(
        Dictionary(uniqueKeysWithValues: type.values.map { ($0.name, $0.code) }) == swift[type.name], "\(type.name)")
    }
  }

  @Test func bitsOfTheSchemaAreTheBitsOfValues() {
    func bits<S: OptionSet>(_ named: [(String, S)]) -> [String: Int] where S.RawValue: BinaryInteger {
      Dictionary(uniqueKeysWithValues: named.map { ($0.0, Int($0.1.rawValue)) })
    }
    let swift: [String: (bits: [String: Int], all: Int)] = [
      "orderFlags": (
        bits([
          ("postOnly", OrderFlags.postOnly), ("reduceOnly", OrderFlags.reduceOnly), ("reprice", OrderFlags.reprice),
          ("closePosition", OrderFlags.closePosition), ("quote", OrderFlags.quote),
        ]), Int(OrderFlags.all.union(.quote).rawValue)
      ),
      "orderGuards": (
        bits([
          ("account", OrderGuards.account), ("market", .market), ("book", .book),
          ("maximumInitialMargin", .maximumInitialMargin), ("minimumFree", .minimumFree),
        ]), Int(OrderGuards.all.rawValue)
      ),
      "instrumentKinds": (
        bits([
          ("spot", InstrumentKinds.spot), ("perpetual", .perpetual), ("future", .future), ("option", .option),
        ]), Int(InstrumentKinds.all.rawValue)
      ),
      "accountFlags": (bits([("mayBorrow", AccountFlags.mayBorrow)]), Int(AccountFlags.all.rawValue)),
      "roles": (
        bits([
          ("trader", Roles.trader), ("marketMaker", .marketMaker), ("treasurer", .treasurer),
          ("registrar", .registrar), ("riskAdmin", .riskAdmin), ("operator", .operator), ("oracle", .oracle),
          ("riskModel", .riskModel), ("observer", .observer), ("firmAdmin", .firmAdmin),
        ]), Int(Roles.all.rawValue)
      ),
    ]
    let schema = Schema.types.filter { $0.kind == .set }
    #expect(Set(schema.map(\.name)) == Set(swift.keys))
    for type in schema {
      let bits = Dictionary(uniqueKeysWithValues: type.values.map { ($0.name, 1 << $0.code) })
      #expect(bits == swift[type.name]?.bits, "\(type.name)")
      #expect(bits.values.reduce(0, |) == swift[type.name]?.all, "\(type.name)")
    }
  }

  @Test func fieldsFollowOneAnotherAndSixtyFourBitFieldsAreAligned() {
    for message in Schema.messages {
      for (fields, length) in [
        (message.fields, message.template.blockLength), (message.rows?.fields ?? [], message.template.rowLength),
      ] {
        var offset = 0
        for field in fields {
          #expect(field.offset == offset, "\(message.name).\(field.name)")
          let isWide: Bool =
            switch field.type.kind {
            case .bytes, .record: true
            case .unsigned, .signed: field.type.size == 8
            default: false
            }
          #expect(!isWide || field.offset % 8 == 0, "\(message.name).\(field.name)")
          offset += field.type.size
        }
        #expect(offset == length, "\(message.name)")
        #expect(length % 8 == 0, "\(message.name): a row or block behind it would not be aligned")
      }
    }
  }

  @Test func framesOfClientsAreBelowTheLimit() {
    for message in Schema.messages where message.template.rowLength > 0 {
      let longest = message.type.frameLength + Limits.scheduleRows * message.template.rowLength
      #expect(longest <= Limits.frameBytes, "\(message.name)")
    }
    for message in Schema.messages { #expect(message.type.frameLength <= Limits.frameBytes, "\(message.name)") }
  }

  @Test(arguments: [
    (#"<field name="a" id="1" type="count8"/><field name="b" id="2" type="count64"/>"#, "aligned"),
    (#"<field name="a" id="1" type="nothing"/>"#, "unknown type"),
    (#"<field name="a" id="1" type="count8"/><field name="a" id="2" type="count8"/>"#, "twice"),
    (#"<field name="a" id="1" type="count8"/><field name="b" id="1" type="count8"/>"#, "twice"),
    (#"<field name="a" id="x" type="count8"/>"#, "not a number"),
    (#"<data name="a" id="1" type="count8"/>"#, "not supported"),
  ])
  func schemasThatBreakTheRulesAreRefused(fields: String, expected: String) {
    let xml = """
      <sbe:messageSchema xmlns:sbe="http://fixprotocol.io/2016/sbe" id="1" version="1">
        <types>
          <type name="count8" primitiveType="uint8"/>
          <type name="count64" primitiveType="uint64"/>
        </types>
        <sbe:message name="Example" id="1">\(fields)</sbe:message>
      </sbe:messageSchema>
      """
    #expect {
      try readSchema(Data(xml.utf8))
    } throws: { error in
      "\(error)".contains(expected)
    }
  }
}

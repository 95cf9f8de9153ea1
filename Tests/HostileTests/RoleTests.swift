import Foundation
import FuzzHarness
import Testing
import Values
import Wire

/// Every command from every role, checked against the table of Protocol/rules.md.
@Suite("Roles")
struct RoleTests {
  /// The roles of which one is enough, as Protocol/rules.md says; none: only the venue itself.
  static let sufficient: [Template: Roles] = [
    .defineSchedule: .riskAdmin, .setMarginParameters: .riskAdmin, .setImpactCurve: .riskAdmin,
    .setRiskGroup: .riskAdmin, .setGroupCredit: .riskAdmin,
    .setFundingParameters: .riskAdmin, .setInterestParameters: .riskAdmin, .setFeeTier: .operator,
    .setPreventionGroup: .registrar,
    .setMarkParameters: .riskAdmin, .setOracleParameters: .riskAdmin,
    .setVolatilityParameters: .riskAdmin, .setLiquidityParameters: .riskAdmin, .setSchedule: .riskAdmin,
    .setAssetParameters: [.riskAdmin, .operator], .setInstrumentLimits: [.riskAdmin, .operator],
    .defineAsset: .operator, .defineInstrument: .operator, .defineFuture: .operator, .setPhase: .operator,
    .defineOption: .operator, .setOptionParameters: .riskAdmin, .setImpliedVolatility: .riskModel,
    .takeSnapshot: .operator,
    .createAccount: .registrar, .defineKey: .registrar, .changeKeyRoles: .registrar,
    .changeAccount: [.registrar, .trader], .deposit: .treasurer, .withdraw: .treasurer,
    .transfer: [.trader, .treasurer], .indexPrice: .oracle, .markPrice: .oracle,
    .setKillSwitch: [.operator, .trader, .firmAdmin], .newOrder: .trader, .newContingentOrder: .trader,
    .replaceContingentOrder: .trader,
    .newGuardedOrder: .trader, .cancelOrder: .trader,
    .replaceOrder: .trader,
    .massCancel: [.operator, .trader, .firmAdmin], .setLiquidationParameters: .riskAdmin, .setPriceHistory: .riskAdmin,
    .setAccountLimits: .riskAdmin, .setCountdown: .trader, .setListing: .operator,
    .massQuote: .marketMaker,
    .fundInsurance: .treasurer,
    .defineVenue: [], .tick: [], .sessionOpened: [], .sessionClosed: [],
  ]

  static let commands = Template.allCases.filter { (19...99).contains($0.rawValue) }
  static let roles = (0..<10).map { Roles(rawValue: 1 << $0) }
  private static let orderRequests: Set<Template> = [
    .newOrder, .newGuardedOrder, .newContingentOrder, .cancelOrder, .replaceOrder, .replaceContingentOrder,
  ]

  @Test("The table has every command")
  func tableIsComplete() { #expect(Set(RoleTests.sufficient.keys) == Set(RoleTests.commands)) }

  @Test("The table is the one in Protocol/rules.md")
  func tableOfTheRules() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let rules = try String(contentsOf: root.appendingPathComponent("Protocol/rules.md"), encoding: .utf8)
    let names = [
      "trader", "marketMaker", "treasurer", "registrar", "riskAdmin", "operator", "oracle", "riskModel", "observer",
      "firmAdmin",
    ]
    var found = 0
    for line in rules.split(separator: "\n") where line.hasPrefix("| ") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard let template = Template.allCases.first(where: { $0.description.name == cells[0] }) else { continue }
      var roles = Roles()
      for (bit, name) in names.enumerated() where cells[1].contains(name) { roles.formUnion(Roles(rawValue: 1 << bit)) }
      #expect(RoleTests.sufficient[template] == roles, "\(template)")
      found += 1
    }
    // Orders, their cancels and replaces have sections of their own; those that only the venue makes have no row.
    #expect(found == RoleTests.sufficient.filter { $0.value != [] }.count - 6)
    #expect(rules.contains("## 5. NewOrder (role trader), NewGuardedOrder (the same)"))
  }

  /// A key with just these roles, trader of master 1 if a trader.
  private func venue(with roles: Roles) -> (HostileVenue, KeyId) {
    let venue = HostileVenue()
    let key = KeyId(50)
    venue.apply(
      DefineKey(
        requestId: 1, key: key, master: roles.isDisjoint(with: [.trader, .firmAdmin]) ? .none : MasterId(1),
        publicKey: Bytes32(),
        roles: roles), key: .venue)
    return (venue, key)
  }

  /// A request with everything zero but its id.
  private func request(_ template: Template) -> [UInt8] {
    var bytes = FrameShape.of(template).zeroFrame
    bytes[FrameHeader.length] = 9
    return bytes
  }

  @Test("A role that is not enough is told which are; one that is enough is not refused for it", arguments: roles)
  func everyTemplate(role: Roles) throws {
    let (venue, key) = venue(with: role)
    let before = venue.state
    let afterRefusal = try venue.stateAfterRefusal(of: 9, key: key)
    for template in RoleTests.commands {
      let needed = try #require(RoleTests.sufficient[template])
      let reports = venue.apply(request(template), key: key)
      // An empty mass cancel is one of everything.
      try #require(reports.count == 1 || template == .massCancel, "\(template)")
      try #require(reports[0].key == key, "\(template)")
      let expected: Template = RoleTests.orderRequests.contains(template) ? .orderRejected : .requestRejected
      if needed.isDisjoint(with: role) {
        #expect(reports[0].template == expected, "\(template)")
        let refusal = Refusal(reason: .notPermitted, detail: Int64(needed.rawValue), number: 1)
        #expect(reports[0].refusal == refusal, "\(template) from \(role)")
        if needed != [] { #expect(venue.state == afterRefusal, "\(template) changes something") }
      } else {
        #expect(reports[0].refusal?.reason != .notPermitted, "\(template) from \(role)")
      }
      #expect(venue.audit() == nil)
      try venue.reset(to: before)
    }
  }

  @Test("Unknown keys and keys without roles are refused without a number and change nothing")
  func withoutRoles() throws {
    for key in [KeyId(99), Fixture.revoked] {
      let venue = HostileVenue()
      let before = venue.state
      for template in RoleTests.commands {
        let reports = venue.apply(request(template), key: key)
        #expect(reports.map(\.refusal) == [Refusal(reason: .unknownKey, detail: 0, number: 0)], "\(template)")
        let record = venue.kernel.keyRecord(key)
        #expect(record?.lastRequest ?? 0 == 0 && record?.lastReport ?? 0 == 0)
        #expect(venue.state == (try venue.ticked(from: before)), "\(template) changes something")
        try venue.reset(to: before)
      }
    }
  }

  @Test("A key of every role still cannot do what only the venue does")
  func internalCommands() throws {
    for template in [Template.defineVenue, .tick, .sessionOpened, .sessionClosed] {
      let venue = HostileVenue()
      var bytes = request(template)
      // A request id above all others; a session of the sender's own.
      bytes[FrameHeader.length + 1] = 1
      let reports = venue.apply(bytes, key: Fixture.everything)
      #expect(reports.count == 1 && reports[0].refusal?.reason == .notPermitted && reports[0].refusal?.detail == 0)
    }
  }

  @Test("The venue itself enters, cancels and replaces no orders, whatever request ids it repeats")
  func ordersOfTheVenue() throws {
    for prototype in Prototype.all where RoleTests.orderRequests.contains(prototype.template) {
      let venue = HostileVenue()
      for _ in 1...2 {
        let reports = venue.apply(prototype.with(requestId: 5), key: .venue)
        let refusal = Refusal(reason: .notPermitted, detail: Int64(Roles.trader.rawValue), number: 0)
        #expect(reports.map(\.refusal) == [refusal], "\(prototype.name)")
      }
    }
  }

  @Test("A request id is good once, whatever came of it")
  func duplicates() throws {
    let venue = HostileVenue()
    let key = Fixture.traders[0]
    let last = venue.nextRequest(of: key) - 1
    for requestId in [0, 1, last] {
      for template in RoleTests.commands where (RoleTests.sufficient[template] ?? []) != [] {
        let before = venue.state
        var bytes = request(template)
        bytes[FrameHeader.length] = UInt8(requestId)
        let reports = venue.apply(bytes, key: key)
        #expect(
          reports.map(\.refusal) == [Refusal(reason: .duplicateRequest, detail: Int64(last), number: 0)], "\(template)")
        #expect(venue.state == (try venue.ticked(from: before)))
      }
    }
  }
}

extension HostileVenue {
  /// The state that a Tick without work leads to from `earlier`: a command was applied, nothing else happened.
  func ticked(from earlier: StateBytes) throws -> StateBytes {
    let now = state
    try reset(to: earlier)
    apply(Tick(work: 0), key: .venue)
    let ticked = state
    try reset(to: now)
    return ticked
  }
}

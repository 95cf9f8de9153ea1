import Client
import Glibc
import Tape
import Testing
import ToolSupport
import Values
import Wire

@testable import Conformance

@Suite struct ConformanceTests {
  static let directory: String = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(root)/Protocol/conformance"
  }()

  static var scripts: [String] { (try? Script.files(at: directory)) ?? [] }

  @Test("Every script is fulfilled by the kernel", arguments: scripts)
  func kernel(path: String) throws {
    let result = try Conformance.run(try Script(contentsOf: path))
    #expect(result.outcome == .passed, "\(result.text)")
    #expect(result.reports > 0, "a script compares something")
    #expect(!result.title.isEmpty)
  }

  @Test("Every script is fulfilled by a server, or needs a venue of its own")
  func server() throws {
    let keyPair = KeyPair.generate()
    let venue = DefineVenue(
      requestId: 1, venueId: 7, name: "server", assets: 32, schedules: 32, instruments: 512, accounts: 4096, keys: 1024,
      positions: 4096, balances: 4096, orders: 4096, ordersPerAccount: 256, workPerTick: 256, auditInterval: 16,
      moneyDigits: 8)
    let administrator = DefineKey(
      requestId: 2, key: KeyId(1), master: MasterId(1), publicKey: keyPair.publicKey, roles: .all)
    let server = try ThrowAwayServer(genesis: [frame(venue), frame(administrator)])
    defer { server.stop() }
    let conformance = try ServerConformance(
      address: server.address, key: KeyId(1), keyPair: keyPair, moneyDigits: 8)
    defer { conformance.close() }
    var passed = 0
    for path in Self.scripts {
      let script = try Script(contentsOf: path)
      let result = try conformance.run(script)
      #expect(!result.hasFailed, "\(result.text)")
      if result.outcome == .passed { passed += 1 } else { #expect(script.need != nil) }
    }
    #expect(passed >= Self.scripts.count / 3)
  }

  private func frame(_ message: some Message) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: type(of: message).frameLength)
    bytes.withUnsafeMutableBytes { message.encode(to: $0.baseAddress!) }
    return bytes
  }

  // MARK: The runner finds differences

  private func run(_ text: String) throws -> ScriptResult {
    let path = "/tmp/lockstep-script-\(UInt64.random(in: 0 ... .max)).conform"
    try writeText("# a test\ninclude \(Self.directory)/market.inc\n" + text, to: path)
    defer { unlink(path) }
    return try Conformance.run(try Script(contentsOf: path))
  }

  private func difference(_ text: String) throws -> [String] {
    guard case .failed(let mismatch) = try run(text).outcome else { return [] }
    return mismatch.difference
  }

  @Test func wrongValueIsFound() throws {
    let lines = try difference(
      """
      alice: NewOrder instrument=PERP side=buy price=90 quantity=2
        alice < OrderAccepted price=91 quantity=2
      """)
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("- alice < OrderAccepted price=91 quantity=2") == true)
    #expect(lines.last?.hasPrefix("+ alice < OrderAccepted") == true && lines.last?.contains("price=90") == true)
  }

  @Test func missingAndUnexpectedReportsAreFound() throws {
    let sell = "bob: NewOrder requestId=$b instrument=PERP side=sell price=100 quantity=1\n"
    let buy = "alice: NewOrder instrument=PERP side=buy price=100 quantity=1\n  alice < OrderAccepted\n"
    #expect(try difference(sell + buy + "  alice < OrderFilled\n").first { $0.hasPrefix("+ bob < OrderFilled") } != nil)
    let complete = sell + buy + "  alice < OrderFilled\n  bob < OrderFilled orderRequestId=$b\n"
    #expect(try run(complete).outcome == .passed)
    #expect(try difference(complete + "  bob < OrderFilled\n").first { $0.hasPrefix("- bob < OrderFilled") } != nil)
    #expect(try difference("time +1s\n  alice < OrderFilled\n").count == 1)
    #expect(try difference(sell + "  nothing\n").count == 1)
  }

  @Test func variablesTieReportsTogether() throws {
    let text = """
      bob: NewOrder requestId=$b instrument=PERP side=sell price=100 quantity=1
      alice: NewOrder requestId=$a instrument=PERP side=buy price=100 quantity=1
        alice < OrderAccepted orderRequestId=$a sequence=$s
        alice < OrderFilled tradeId=$t sequence=$s
        bob < OrderFilled tradeId=$t

      """
    #expect(try run(text).outcome == .passed)
    #expect(
      try !difference(text.replacing("bob < OrderFilled tradeId=$t", with: "bob < OrderFilled tradeId=$s")).isEmpty)
  }

  @Test func refusedPreparationIsFound() throws {
    #expect(
      try difference("alice: NewOrder instrument=PERP side=buy price=90 quantity=0").first?.contains("invalidQuantity")
        == true)
  }

  @Test(
    "What makes no sense is said with its line",
    arguments: [
      ("alice: NewOrdr instrument=PERP", "Did you mean NewOrder?"),
      ("alice: NewOrder instrument=PRP side=buy", "Did you mean PERP?"),
      ("alcie: QueryMargin", "Did you mean alice?"),
      ("alice: NewOrder instrument=PERP sidde=buy", "Did you mean side?"),
      ("alice: NewOrder instrument=PERP side=by", "Did you mean buy?"),
      ("  alice < OrderFilled", "after a command"),
      ("alice: OrderFilled price=1", "neither a request nor a query"),
      ("alice: QueryMargin\n  alice < NewOrder", "not a report"),
      ("alice: QueryMargin\n  alice < MarginReport margin.fre=1", "margin.free"),
      ("alice: NewOrder instrument=PERP side=buy price=1.5", "whole number"),
      ("alice: CancelOrder orderRequestId=$x", "has no value yet"),
      ("time 2020-01-01T00:00:00Z", "not a time after now"), ("time", "needs a time"), ("needs money", "needs venue"),
      ("hello", "a line is"), ("include", "needs a file"), ("alice: QueryMargin \\", "goes on after the end"),
    ])
  func errors(text: String, hint: String) throws {
    let error = #expect(throws: ScriptError.self) { try run(text) }
    #expect(error?.text.contains(hint) == true, "\(error?.text ?? "")")
  }
}

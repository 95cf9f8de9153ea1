import FuzzHarness
import Kernel
import Session
import Testing
import Values
import Wire

/// A long random stream of commands to two kernels: whatever is done to the second one between commands, it says the same.
@Suite("Reads change nothing, and a restored state goes on")
struct ReadsAndRestoresTests {
  /// Random commands, most of them orders that can trade.
  struct CommandStream {
    private var generator: SeededGenerator
    private static let commands = FrameShape.all.filter { (20...92).contains($0.template.rawValue) }
    private static let orders = FrameShape.all.filter { (70...72).contains($0.template.rawValue) }
    private static let queries = FrameShape.all.filter { TemplateClass($0.template) == .query }

    init(seed: UInt64) { generator = SeededGenerator(state: seed) }

    mutating func below(_ bound: Int) -> Int { generator.below(bound) }

    /// Values near those of the fixture; now and then an edge.
    private mutating func values(_ edges: Int) -> [UInt8] {
      (0..<60).map { _ in UInt8(generator.below(100) < edges ? 240 + generator.below(16) : generator.below(200)) }
    }

    /// The next command of some key. `next` gives a key's next request id.
    mutating func next(_ next: (KeyId) -> UInt64) -> (bytes: [UInt8], key: KeyId) {
      let choice = below(100)
      if choice < 75 { return order(next) }
      if choice < 85 { return cancelOrReplace(next) }
      if choice < 92 { return (frameBytes(Tick(work: UInt32(below(4)))), .venue) }
      if choice < 96 { return revival(next(Fixture.staff)) }
      let key = below(3) == 0 ? Fixture.everything : Fixture.staff
      let shape = CommandStream.commands[below(CommandStream.commands.count)]
      // Changes of key roles would soon leave nobody who may do anything.
      if shape.template == .changeKeyRoles || shape.template == .setKillSwitch { return order(next) }
      // The first field is the request id, and after the highest of all the key could send nothing more.
      let values = [1] + values(5)
      return (values.withUnsafeBytes { shape.frame($0, nextRequest: next(key)) }, key)
    }

    /// Something that lets the market go on, whatever other commands have done to it.
    private mutating func revival(_ requestId: UInt64) -> (bytes: [UInt8], key: KeyId) {
      let instrument = Fixture.instruments[below(4)]
      let bytes =
        switch below(3) {
        case 0: frameBytes(SetPhase(requestId: requestId, instrument: instrument, phase: .continuous))
        case 1: frameBytes(MarkPrice(requestId: requestId, price: Price(10_000), instrument: instrument))
        default:
          frameBytes(
            Deposit(
              requestId: requestId, account: AccountId(UInt32(1 + below(3))), asset: .settlement,
              amount: Money(rawValue: 100_000)))
        }
      return (bytes, Fixture.staff)
    }

    private mutating func order(_ next: (KeyId) -> UInt64) -> (bytes: [UInt8], key: KeyId) {
      let trader = below(3)
      let key = Fixture.traders[trader]
      let isMarket = below(10) == 0
      return (
        frameBytes(
          NewOrder(
            requestId: next(key), account: AccountId(UInt32(trader + 1)), instrument: Fixture.instruments[below(4)],
            price: Price(Int64(9_960 + below(80))), quantity: Quantity(Int64(1 + below(6))),
            display: Quantity(below(5) == 0 ? 1 : 0), side: below(2) == 0 ? .buy : .sell,
            orderType: isMarket ? .market : .limit,
            timeInForce: isMarket ? .immediateOrCancel : TimeInForce.allCases[below(12) < 9 ? 0 : below(4)],
            flags: below(12) == 0 ? .postOnly : [], selfTradePrevention: SelfTradePrevention.allCases[below(4)])),
        key
      )
    }

    private mutating func cancelOrReplace(_ next: (KeyId) -> UInt64) -> (bytes: [UInt8], key: KeyId) {
      let key = Fixture.traders[below(3)]
      let request = next(key)
      let order = request - 1 - UInt64(below(Int(min(request - 1, 20))))
      if below(2) == 0 {
        return (frameBytes(CancelOrder(requestId: request, orderRequestId: order, orderKey: .venue)), key)
      }
      return (
        frameBytes(
          ReplaceOrder(
            requestId: request, orderRequestId: order, price: Price(Int64(9_960 + below(80))),
            quantity: Quantity(Int64(1 + below(6))), display: Quantity(0), expectedFilled: nil, orderKey: .venue,
            timeInForce: .goodTillCancel)), key
      )
    }

    mutating func query() -> (bytes: [UInt8], key: KeyId) {
      let shape = CommandStream.queries[below(CommandStream.queries.count)]
      let key = [Fixture.staff, Fixture.observer, Fixture.traders[0], Fixture.revoked, KeyId(99)][below(5)]
      return (values(10).withUnsafeBytes { shape.frame($0, nextRequest: 1) }, key)
    }
  }

  /// What a run has seen, so that a stream that does nothing does not pass for one that changes nothing.
  struct Tally {
    var fills = 0
    var rests = 0
    var refusals = 0

    mutating func count(_ reports: [Report]) {
      for report in reports {
        if report.template == .orderFilled { fills += 1 }
        if report.template == .orderAccepted { rests += 1 }
        if report.refusal != nil { refusals += 1 }
      }
    }
  }

  #if DEBUG
    static let length = 1_500
  #else
    static let length = 30_000
  #endif

  /// Runs the stream of `seed` on two venues; `disturb` may do what it likes to the second one before each command.
  private func run(seed: UInt64, disturb: (HostileVenue, inout CommandStream) throws -> Void) throws -> Tally {
    let (plain, disturbed) = (HostileVenue(), HostileVenue())
    var stream = CommandStream(seed: seed)
    var disturbance = CommandStream(seed: seed &+ 1_000)
    var tally = Tally()
    for index in 0..<ReadsAndRestoresTests.length {
      try disturb(disturbed, &disturbance)
      let command = stream.next { plain.nextRequest(of: $0) }
      let reports = plain.apply(command.bytes, key: command.key)
      try #require(
        disturbed.apply(command.bytes, key: command.key) == reports,
        "command \(index): \(reports.map(\.text)) expected")
      tally.count(reports)
      if index % 100 == 0 { try #require(plain.state == disturbed.state, "after command \(index)") }
    }
    #expect(plain.state == disturbed.state)
    #expect(plain.audit() == nil && disturbed.audit() == nil)
    return tally
  }

  @Test("Reads at random between commands change neither state nor reports", arguments: [1, 2, 3] as [UInt64])
  func reads(seed: UInt64) throws {
    var answers = 0
    let tally = try run(seed: seed) { venue, random in
      for _ in 0..<random.below(3) {
        let query = random.query()
        let before = random.below(50) == 0 ? venue.state : nil
        answers += venue.answer(query.bytes, key: query.key).count
        if let before { #expect(venue.state == before) }
      }
      if random.below(20) == 0 { #expect(venue.audit() == nil) }
    }
    #expect(answers > ReadsAndRestoresTests.length)
    #expect(tally.fills > 100 && tally.rests > 100 && tally.refusals > 50, "\(tally)")
  }

  @Test(
    "Saved and restored in the middle, the venue goes on as if nothing had happened", arguments: [4, 5, 6] as [UInt64])
  func restores(seed: UInt64) throws {
    var restored = 0
    let tally = try run(seed: seed) { venue, random in
      guard random.below(25) == 0 else { return }
      let before = venue.state
      try venue.reset(to: before)
      #expect(venue.state == before)
      restored += 1
    }
    #expect(restored > 20)
    #expect(tally.fills > 100 && tally.rests > 100 && tally.refusals > 50, "\(tally)")
  }

  @Test("A state that is cut short is refused")
  func cutStates() {
    let state = HostileVenue().state
    let bytes = state.withBytes { Array($0) }
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(ReadsAndRestoresTests.isRefused(StateBytes(Array(bytes[..<length]))))
    }
  }

  @Test("A damaged state is an error or a state, never a trap")
  func damagedStates() {
    var generator = SeededGenerator(state: 3)
    let state = HostileVenue().state
    var refused = 0
    for round in 0..<1_500 {
      var damaged = state
      let edge = ShapedField.edges[generator.below(ShapedField.edges.count)]
      let word = withUnsafeBytes(of: edge.littleEndian) { Array($0) }
      damaged.overwrite(generator.below(1 << 20), round % 2 == 0 ? word : [UInt8(generator.below(256))])
      if ReadsAndRestoresTests.isRefused(damaged) { refused += 1 }
    }
    #expect(refused > 500)
  }

  private static func isRefused(_ state: StateBytes) -> Bool {
    do throws(StateError) {
      var kernel = try state.restored()
      _ = kernel.auditAll()
      return false
    } catch { return true }
  }
}

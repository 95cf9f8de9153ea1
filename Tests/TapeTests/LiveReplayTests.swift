import Client
import Testing
import Values
import Wire

@testable import Tape

@Suite struct LiveReplayTests {
  /// A venue as the tape's, with a trader's key 9 (and an operator's, with `roles`) that owns the accounts 7 and 8.
  private func venue(_ keyPair: KeyPair, roles: Roles, phase: Phase) throws -> ThrowAwayServer {
    let capacity = TapeWorld.Capacity(orders: 1000, accounts: 100, keys: 100)
    var frames = FrameList()
    frames.add(DefineKey(requestId: 10, key: KeyId(9), master: MasterId(9), publicKey: keyPair.publicKey, roles: roles))
    for account: UInt32 in [7, 8] {
      frames.add(
        CreateAccount(
          requestId: 11, account: AccountId(account), master: MasterId(9), parent: .none, isolatedInstrument: .none,
          multiplier: .one, leverageCap: 0, mode: .standard, flags: []))
      frames.add(
        Deposit(
          requestId: 12, account: AccountId(account), asset: .settlement, amount: Money(TapeAccount.funding)))
    }
    frames.add(SetPhase(requestId: 13, instrument: TapeWorld.instrument, phase: phase))
    return try ThrowAwayServer(
      genesis: TapeWorld.genesis(publicKey: keyPair.publicKey, capacity: capacity) + frames.frames)
  }

  private func options(_ keyPair: KeyPair, accounts: String) throws -> LiveReplay.Options {
    var options = LiveReplay.Options(key: KeyId(9), keyPair: keyPair, accounts: try IdMap(accounts))
    options.isSilent = true
    return options
  }

  @Test func `A key of its own gives the fills and order states of the recording`() throws {
    try withTemporaryDirectory { directory in
      let tape = RandomTape.make(seed: 77, count: 600, hasExtremes: false)
      _ = try TapeImport.run(tape.rows, to: directory + "/tape.lsc", isSilent: true)
      let keyPair = KeyPair.generate()
      let server = try venue(keyPair, roles: [.trader, .operator], phase: .halted)
      defer { server.stop() }
      var options = try options(keyPair, accounts: "1=8,*=7")
      options.fills = tape.fills
      let replay = try LiveReplay.run(Recording(directory + "/tape.lsc"), to: server.address, options)
      #expect(replay.fills?.published == tape.fills.count)
      #expect(replay.isExact, "\(replay.text)")
      #expect(replay.differingOrders == 0)
      #expect(replay.skipped.keys.sorted().contains("createAccount"))
      #expect(!replay.skipped.keys.contains("setPhase"))
    }
  }

  @Test func `Orders that a venue treats otherwise are found`() throws {
    try withTemporaryDirectory { directory in
      _ = try TapeImport.run(SmallTape.tape().rows, to: directory + "/tape.lsc", isSilent: true)
      let keyPair = KeyPair.generate()
      // Not an operator, and nobody else opens the market: every order is refused.
      let server = try venue(keyPair, roles: .trader, phase: .halted)
      defer { server.stop() }
      let replay = try LiveReplay.run(
        Recording(directory + "/tape.lsc"), to: server.address, options(keyPair, accounts: "7"))
      #expect(!replay.isExact)
      #expect(replay.differingOrders >= 6)
      #expect(replay.skipped["setPhase"] == 2)
      #expect(replay.firstDifference?.contains("recorded accepted 5 at 102; here rejected instrumentHalted") == true)
    }
  }

  @Test func `Accounts are mapped one by one or all to one`() throws {
    let map = try IdMap("1=7,3=8,*=9")
    #expect([1, 2, 3].map { map[$0] } == [7, 9, 8])
    let some = try IdMap("1=7")
    #expect(some[1] == 7)
    #expect(some[2] == nil)
    #expect(try IdMap("5")[4] == 5)
    #expect(try IdMap("same") == IdMap.identity)
    #expect(IdMap.identity[6] == 6)
    for text in ["", "1=", "=2", "1=2=3", "x=1", "1=0"] { #expect(throws: TapeError.self) { try IdMap(text) } }
  }

  @Test func `The pace follows the recorded times`() {
    var pacer = ReplayPace.recorded(speed: 2).pacer()
    #expect(pacer.delay(for: Timestamp(1_000), now: 50) == 0)
    #expect(pacer.delay(for: Timestamp(3_000), now: 60) == 990)
    #expect(pacer.delay(for: Timestamp(3_000), now: 1_100) == 0)
    var flat = ReplayPace.flatOut.pacer()
    #expect(flat.delay(for: Timestamp(1 << 60), now: 0) == 0)
  }

  @Test func `Requests keep a tenth below the venue's limit`() {
    var throttle = SendThrottle(perSecond: 10_000, now: 0)
    var now: Int64 = 0
    for _ in 0..<20_000 {
      now += throttle.delay(now: now)
      throttle.take(now: now)
    }
    // 20,000 at 9,090 a second, the first twentieth of a second for nothing.
    #expect((2_149_000_000...2_151_000_000).contains(now))
    var unlimited = SendThrottle(perSecond: 0, now: 0)
    unlimited.take(now: 5)
    #expect(unlimited.delay(now: 5) == 0)
  }
}

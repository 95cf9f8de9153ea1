import ArgumentParser
import Client
import Glibc
import ToolSupport
import Values
import Wire

/// `lockstep demo`
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A venue with simulated traders: trading, kill -9, recovery, a crash, replay, proof.",
    discussion: """
      Starts a server of its own on the built-in venue (BTC and ETH, spot and
      perpetual, dynamic margin), lets simulated market makers and takers trade with
      it over TCP, kills it with signal 9 in full flight, starts it again, lets all
      prices fall by 6 % until an account with too much leverage is called and
      closed in parts, and checks that every acknowledged order survived, that the
      journal replays to the same state, and that every account finds itself in a
      signed report of what the venue owes. All trading is synthetic.

      Example:
        lockstep demo --seconds 30 --rate 10000

      Exit codes: 0 all checks passed; 1 a check failed; 5 the demo could not run.
      """)

  @Option(help: "How long to trade before the kill.") var seconds = 20.0
  @Option(help: "Requests per second, all traders together.") var rate = 5000.0
  @Option(help: "Seed of the simulated traders.") var seed: UInt64 = 1
  @Option(help: "Directory for the venue; a new one under /tmp when left out.") var directory: String?

  func run() throws {
    let directory = directory ?? "/tmp/lockstep-demo-\(getpid())"
    let venueFile = try DemoFiles.prepare(in: directory, margin: .dynamic)
    let server = try DemoServer(directory: directory, venueFile: venueFile)
    defer { server.kill() }
    do {
      try run(server)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(exit: .failure, message: "\(error)\nThe server's log ends with:\n\(server.lastLogLines(5))")
    }
  }

  private func run(_ server: DemoServer) throws {
    print("Lockstep \(Version.number) demo (\(Version.build) build). The market is synthetic, seed \(seed).\n")
    try server.start()
    let session = try DemoSession(server: server, seed: seed)
    try session.connect(within: .seconds(20))
    print("1  A venue at \(server.address), process \(server.process), data in \(server.data)")
    print("   Durability batch: no report leaves before its command is on the disk.\n")
    try session.fundIsolatedAccount()

    print("2  Two market makers and four takers trade for \(Int(seconds)) s, six sessions")
    try session.trade(seconds: seconds, rate: rate)
    try session.settle()
    let before = try status(session)
    print("\n  \(Decimal.format(session.figures.answered)) requests answered, \(session.figures.line)")
    print("  rejects: \(session.figures.rejectText)")
    print("  sequence \(Decimal.format(before.sequence)), state hash \(before.stateHash.hexadecimal)\n")

    print("3  Two more seconds of trading, then kill -9 in full flight")
    try session.trade(seconds: 2, rate: rate)
    try session.burst(40)
    usleep(1000)
    server.kill()
    let inFlight = session.traders.reduce(0) { $0 + $1.unanswered }
    session.hearTheEnd()
    print("   killed with \(inFlight) requests on their way\n")

    print("4  The same directory, a new process")
    let start = steadyTime()
    try server.start()
    let lost = try session.connect(within: .seconds(60))
    let milliseconds = (steadyTime() - start) / 1_000_000
    try session.settle()
    print("   back with all sessions after \(Decimal.format(milliseconds)) ms; \(lost) requests had never arrived\n")
    var checks = DemoChecks()
    print("5  Account \(DemoCrash.account.rawValue) buys all it may, then all prices fall by 6 % in 24 steps")
    var crash = DemoCrash(session, rate: rate)
    try crash.run(&checks)
    try finish(server, session, before, checks)
  }

  private func finish(
    _ server: DemoServer, _ session: DemoSession, _ before: StatusReport, _ crashChecks: DemoChecks
  ) throws {
    print("\n6  Checks")
    var checks = crashChecks
    checks.check(session.figures.fills > 0, "\(Decimal.format(session.figures.fills)) trades were made")
    let regressed = session.traders.filter { $0.client.establishment?.journalRegressed == true }.map(\.name)
    checks.check(regressed.isEmpty, "the server knows every report that anybody has seen", details: regressed)
    try checks.reconcile(session)
    let after = try status(session)
    session.disconnect()
    checks.check(server.stop(), "the server stopped in order")
    try checks.replay(server.data, before: before, after: after)
    let verification = try checks.prove(server.data, in: server.directory)
    if checks.failed > 0 {
      throw Failure(
        exit: .difference, message: "\(checks.failed) checks failed; everything is kept in \(server.directory)")
    }
    print(
      """

      All checks passed. The venue is still there; look at it with:
        lockstep serve --config \(server.venueFile) --data \(server.data)
        lockstep admin accounts --config \(server.venueFile)
        lockstep admin margin 151 --config \(server.venueFile)
        lockstep book --config \(server.venueFile) BTC-PERP
      and at a proof, as its account's owner would be given it:
        \(verification)
      """)
  }

  private func status(_ session: DemoSession) throws -> StatusReport {
    let rows = try session.observer.rows(QueryStatus(queryId: 0, withStateHash: true), timeout: .seconds(30)).rows
    for case .status(let report) in rows { return report }
    throw Failure(exit: .failure, message: "the server does not say its status.")
  }
}

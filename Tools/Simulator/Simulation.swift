import FuzzHarness
import Glibc
import Server
import Session
import Storage
import Values

/// What one simulation does, drawn from its seed.
struct SimulationPlan {
  let durability: Durability
  /// Lives of the server: each ends in a crash, a power cut, a stop in order, or an error of the disk.
  let lives: Int
  let faults: DiskFaults
  let segmentBytes: Int
  let snapshotCommands: UInt64
  /// One life in so many ends with bits of a file changed; 0: none.
  let rot: Int
  /// One life in so many begins with the wall clock set ahead or back; 0: none.
  let clockJumps: Int

  init(_ chance: inout Chance) {
    durability = chance.once(in: 4) ? .os : .batch
    lives = 2 + chance.below(8)
    faults = chance.once(in: 2) ? .none : .drawn(&chance)
    segmentBytes = 1 << (15 + chance.below(6))
    snapshotCommands = chance.once(in: 4) ? 0 : 200 + UInt64(chance.below(4_000))
    rot = chance.once(in: 4) ? 2 : 0
    clockJumps = chance.once(in: 3) ? 2 : 0
  }
}

/// What a simulation did.
public struct SimulationOutcome: Sendable, Equatable, Codable {
  public var seed: UInt64 = 0
  /// Commands in the journal at the end.
  public var commands: UInt64 = 0
  /// Commands replayed by the judge and by recoveries, all lives together.
  public var judged: UInt64 = 0
  /// Numbered reports that clients have received.
  public var reports: Int = 0
  public var powerCuts = 0
  public var kills = 0
  public var stops = 0
  /// Lives that ended because the server saw the disk fail.
  public var diskErrors = 0
  public var logins = 0
  /// Requests that were sent again because their fate was unknown.
  public var resent = 0
  /// Calls of the disk that failed on purpose.
  public var injected = 0
  /// Files in which bits were flipped; how often the server refused to start for it, and how often it did not need what
  /// was damaged, and whoever read all of the journal found it.
  public var rotted = 0
  public var refused = 0
  public var found = 0
  public var lostHelpers = 0
  public var simulatedNanoseconds: UInt64 = 0
  /// What went wrong; `nil`: nothing.
  public var violation: String?
}

/// A venue, its clients, its disk and its network under one seed.
///
/// Runs the real server (event loop, session layer, kernel, journal, snapshots, recovery) on a simulated machine, ends
/// it in every way a process can end, and judges after each end what is left. The same seed gives the same run, bit for
/// bit.
public final class Simulation {
  private static let directory = "/venue"

  private var chance: Chance
  private let plan: SimulationPlan
  private let clock = SimulatedClock()
  private let disk: SimulatedDisk
  private let host: SimulatedHost
  private let clients: [SimulatedClient]
  private var outcome = SimulationOutcome()
  private let log: Log
  private let lastLines: LogLines

  /// The last lines the server has logged.
  private final class LogLines: @unchecked Sendable {
    var lines: [String] = []
    var echo: ((String) -> Void)?

    func add(_ line: String) {
      lines.append(line)
      if lines.count > 40 { lines.removeFirst(20) }
      echo?(line)
    }
  }

  /// A simulation of about `commands` requests. `echo` gets the server's log lines.
  public init(seed: UInt64, commands: Int, echo: ((String) -> Void)? = nil) {
    chance = Chance(seed: seed)
    outcome.seed = seed
    plan = SimulationPlan(&chance)
    disk = SimulatedDisk(clock: clock, chance: chance.branch())
    host = SimulatedHost(clock: clock, disk: disk, chance: chance.branch())
    let pause = chance.within(20_000...2_000_000)
    var made: [SimulatedClient] = []
    for key in Fixture.traders + [Fixture.staff, Fixture.observer] {
      let isTrader = Fixture.traders.contains(key)
      let requests = key == Fixture.observer ? 0 : isTrader ? commands * 3 / 10 : commands / 10
      made.append(
        SimulatedClient(
          key: key, requests: requests, pause: isTrader ? pause : pause * 4, chance: chance.branch()))
    }
    clients = made
    host.clients = made
    let lines = LogLines()
    lines.echo = echo
    lastLines = lines
    log = Log { lines.add($0) }
  }

  private var configuration: ServerConfiguration {
    var configuration = ServerConfiguration(
      listen: [ListenEndpoint(address: "127.0.0.1", port: 1)], dataDirectory: Self.directory)
    configuration.genesis = Fixture.genesis
    configuration.journal = Journal.Options(
      durability: plan.durability, segmentBytes: plan.segmentBytes, preallocationBytes: 1 << 14,
      bufferBytes: 1 << 14, files: disk)
    configuration.pollMode = .block
    configuration.handlesSignals = false
    configuration.snapshotCommands = plan.snapshotCommands
    configuration.session.requestsPerSecond = 0
    configuration.session.outputBytes = 256 << 10
    configuration.session.reportBytes = 16 << 10
    configuration.version = "simulated"
    return configuration
  }

  /// Runs all lives, or up to the first violation.
  public func run() -> SimulationOutcome {
    for life in 1...plan.lives where outcome.violation == nil {
      live(isLast: life == plan.lives)
    }
    for client in clients {
      outcome.reports += client.receivedReports
      outcome.logins += client.logins
      outcome.resent += client.resent
    }
    outcome.injected = disk.injected
    outcome.lostHelpers = host.lostHelpers
    outcome.simulatedNanoseconds = clock.monotonic
    return outcome
  }

  /// For the report of a violation: what the server has logged last, and what `lockstep verify` says of the disk.
  public var evidence: [String] {
    lastLines.lines.suffix(12) + verify(directory: Self.directory, in: disk).map(\.description)
  }

  private enum Ending { case kill, power, stop }

  private func live(isLast: Bool) {
    if chance.once(in: plan.clockJumps) {
      clock.jump(Int64(chance.within(0...7_200_000_000_000)) - 3_600_000_000_000)
    }
    disk.faults = chance.once(in: 3) ? .none : plan.faults
    host.helperDeaths = chance.once(in: 2) ? 4 : 0
    host.delay = chance.once(in: 3) ? 5_000...3_000_000 : 5_000...50_000
    let ending: Ending = isLast ? .stop : plan.durability == .batch && chance.once(in: 2) ? .power : .kill
    if ending == .stop || chance.once(in: 4) {
      host.stopAt = clock.monotonic + lifetime
    } else if chance.once(in: 2) {
      disk.changesLeft = 1 + chance.below(chance.once(in: 2) ? 40 : 2_000)
      host.deathAt = clock.monotonic + 2 * lifetime
    } else {
      host.deathAt = clock.monotonic + lifetime
    }
    let code = Server.run(configuration, log: log, on: host)
    end(ending, code: code)
    if outcome.violation == nil { judge() }
    if outcome.violation == nil && chance.once(in: plan.rot) { rot() }
  }

  /// About as long as the clients need for their share of the requests.
  private var lifetime: UInt64 {
    let left = clients.reduce(0) { $0 + $1.requestsLeft }
    let pause = clients[0].pause
    return 1_000_000 + chance.within(0...(UInt64(left) * pause / 15 / UInt64(max(1, plan.lives / 2)) + 1))
  }

  private func end(_ ending: Ending, code: Int32) {
    let failed = code != 0
    let died = disk.isDead || host.hasDied
    host.reset()
    switch ending {
    case _ where !died && !failed:
      outcome.stops += 1
      disk.killProcess()
    case .power:
      outcome.powerCuts += 1
      disk.losePower()
    default:
      if died { outcome.kills += 1 } else { outcome.diskErrors += 1 }
      disk.killProcess()
    }
    if failed && !died && disk.injected == 0 {
      outcome.violation = "the server stopped by itself: \(lastLines.lines.last ?? "")"
    }
    // A disk that was full gets room again, one that failed is replaced by a good copy.
    disk.faults = .none
  }

  private func judge(isPromised: Bool = true, until: Timestamp = .never) {
    for client in clients { if let fault = client.fault { return outcome.violation = fault } }
    let verdict = Judge(disk: disk, directory: Self.directory, isPromised: isPromised, until: until).judge(clients)
    if verdict.hasFoundDamage { outcome.found += 1 }
    outcome.judged += verdict.commands
    outcome.commands = max(outcome.commands, verdict.commands)
    outcome.violation = verdict.fault
  }

  /// Flips bits in a file of a copy of the disk. The server either refuses to start with it, or what it makes of it is
  /// judged: the last batch may look torn and be cut, but nothing may come out differently.
  private func rot() {
    let before = disk.image()
    guard disk.rot() else { return }
    outcome.rotted += 1
    host.clients = []
    let restarted = clock.wall
    host.deathAt = clock.monotonic + 1_000_000
    let code = Server.run(configuration, log: log, on: host)
    let started = host.hasListened
    host.clients = clients
    host.reset()
    disk.killProcess()
    if started { judge(isPromised: false, until: restarted) } else if code != 0 { outcome.refused += 1 }
    disk.become(before)
  }
}

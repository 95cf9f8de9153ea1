import ArgumentParser
import Foundation
import Simulator
import ToolSupport

/// `lockstep simulate`: the fault simulator.
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Break a venue on purpose, under many seeds, and check that nothing is lost.",
    discussion: """
      Runs the real server, session layer, kernel, journal, snapshots and recovery on a simulated machine: a disk that
      tears writes, loses what was not synced, fails, fills up and rots; a network that delays, cuts and breaks; clients
      that vanish, come back and send again; a wall clock that jumps; power cuts and kills at any moment. After each life
      of the server the journal is replayed and held against everything its clients were told.

      A seed repeats bit for bit. Exit code 0: no violation; 1: at least one, with the command that repeats it.
      """)

  @Option(help: "The first seed.") var seed: UInt64 = 1
  @Option(help: "How many seeds, one after the other.") var seeds: UInt64 = 1
  @Option(help: "Requests of each simulation, about.") var commands = 10_000
  @Option(help: "Stop after this many seconds, wherever it is.") var seconds: Double?
  @Flag(help: "Choose the first seed by chance.") var fresh = false
  @Flag(help: "Show the log of the simulated server.") var log = false
  @Flag(help: "The outcome of each seed as a line of JSON.") var json = false

  func validate() throws {
    if commands < 1 { throw ValidationError("--commands must be at least 1.") }
    if seeds < 1 { throw ValidationError("--seeds must be at least 1.") }
  }

  func run() throws {
    let first = fresh ? UInt64.random(in: 1...1_000_000_000_000) : seed
    if fresh && !json { print("first seed \(first)") }
    let start = Date()
    var total = Totals()
    var shownAt = start
    for seed in first..<first + seeds {
      if let seconds, Date().timeIntervalSince(start) > seconds { break }
      let simulation = Simulation(seed: seed, commands: commands, echo: log ? { print($0) } : nil)
      let outcome = simulation.run()
      total.add(outcome)
      if json { print(line(outcome)) }
      if let violation = outcome.violation {
        if !json { for text in simulation.evidence { print("  \(text)") } }
        print("VIOLATION, seed \(seed): \(violation)")
        print("  again with: lockstep simulate --seed \(seed) --commands \(commands) --log")
      } else if !json && seeds > 1 && Date().timeIntervalSince(shownAt) > 2 {
        shownAt = Date()
        progress("seed \(seed): \(total.commands) commands, \(total.violations) violations")
      }
    }
    if !json { show(total, seconds: Date().timeIntervalSince(start)) }
    if total.violations > 0 { throw ExitCode(1) }
  }

  private func progress(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  private func show(_ total: Totals, seconds: Double) {
    let rate = seconds > 0 ? Int(Double(total.judged + total.commands) / seconds) : 0
    print(
      """
      seeds                  \(total.seeds)
      commands               \(total.commands), replayed by the judge \(total.judged); \(rate)/s together
      reports received       \(total.reports)
      ends of the server     \(total.powerCuts) power cuts, \(total.kills) kills, \(total.diskErrors) disk errors, \
      \(total.stops) stops in order
      clients                \(total.logins) logins, \(total.resent) requests sent again
      disk                   \(total.injected) calls failed on purpose, \(total.lostHelpers) snapshots cut short, \
      \(total.rotted) files rotted (\(total.refused) refused at \
      the start, \(total.found) found by reading all)
      simulated time         \(total.simulatedNanoseconds / 1_000_000_000) s in \(Int(seconds)) s
      violations             \(total.violations)
      """)
  }

  private func line(_ outcome: SimulationOutcome) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let data = try? encoder.encode(outcome) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// Sums over seeds.
private struct Totals {
  var seeds = 0
  var commands: UInt64 = 0
  var judged: UInt64 = 0
  var reports = 0
  var powerCuts = 0
  var kills = 0
  var stops = 0
  var diskErrors = 0
  var logins = 0
  var resent = 0
  var injected = 0
  var lostHelpers = 0
  var rotted = 0
  var refused = 0
  var found = 0
  var simulatedNanoseconds: UInt64 = 0
  var violations = 0

  mutating func add(_ outcome: SimulationOutcome) {
    seeds += 1
    commands += outcome.commands
    judged += outcome.judged
    reports += outcome.reports
    powerCuts += outcome.powerCuts
    kills += outcome.kills
    stops += outcome.stops
    diskErrors += outcome.diskErrors
    logins += outcome.logins
    resent += outcome.resent
    injected += outcome.injected
    lostHelpers += outcome.lostHelpers
    rotted += outcome.rotted
    refused += outcome.refused
    found += outcome.found
    simulatedNanoseconds += outcome.simulatedNanoseconds
    if outcome.violation != nil { violations += 1 }
  }
}

import ArgumentParser
import Foundation
import Server
import Workload

/// Measures everything, prints a table and writes JSON.
struct Suite: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Measure everything (the default).")

  @Flag(help: "Fewer operations and passes: done in a minute.") var quick = false
  @Option(help: "Where to write the figures.") var json: String?
  @Option(help: "Where data directories are made: on the disk to be measured.") var directory: String?
  @Option(help: "Only figures whose key begins so, for example kernel or book.w1. May be repeated.") var only:
    [String] =
      []

  func run() throws {
    var figures = Figures(machine: Machine(), quick: quick)
    for set in WorkloadSet.all { measureEngines(set, into: &figures) }
    try measureWire(into: &figures)
    try report(figures)
  }

  private func isWanted(_ key: String) -> Bool {
    only.isEmpty || only.contains { key == $0 || key.hasPrefix($0 + ".") }
  }

  private func measureEngines(_ set: WorkloadSet, into figures: inout Figures) {
    let keys = ["book.\(set.name)", "kernel.standard.\(set.name)"].filter(isWanted)
    if keys.isEmpty { return }
    let workload = Workload(instruments: set.instruments, timed: quick ? 1_000_000 : 5_000_000, seed: set.seed)
    let passes = quick ? 1 : 5
    if keys.contains("book.\(set.name)") {
      figures.book[set.name] = measureEngine(workload, passes: passes, make: { BookEngine(workload: workload) })
      figures.book[set.name]?.instructionsPerCommand = InstructionCount.measure("book.\(set.name)")
    }
    if keys.contains("kernel.standard.\(set.name)") {
      let commands = WorkloadFrames(workload)
      figures.kernel.standard[set.name] = measureEngine(
        workload, passes: passes,
        make: { KernelEngine(workload: workload, commands: commands, isAudited: false) },
        makeAudited: { KernelEngine(workload: workload, commands: commands, isAudited: true) })
      figures.kernel.standard[set.name]?.instructionsPerCommand = InstructionCount.measure(
        "kernel.standard.\(set.name)")
    }
  }

  private func measureWire(into figures: inout Figures) throws {
    let wire = WireMeasurement(quick: quick, directory: directory ?? NSTemporaryDirectory())
    if isWanted("wire.rtt") {
      for poll in PollMode.allCases {
        let (floor, rtt) = try wire.measure(poll)
        figures.wire.floor[poll.rawValue] = floor
        figures.wire.rtt[poll.rawValue] = rtt
      }
    }
    if isWanted("wire.pipelined_orders_per_second") {
      figures.wire.pipelinedOrdersPerSecond = try wire.pipelined(durability: "none")
    }
    if isWanted("durable.none") { figures.durable.none = try wire.durable("none").figures }
    if isWanted("durable.os") { figures.durable.os = try wire.durable("os").figures }
    if isWanted("durable.batch") {
      let (batch, sync) = try wire.durable("batch")
      figures.durable.batch = batch
      figures.durable.fdatasyncUs = sync
    }
  }

  private func report(_ figures: Figures) throws {
    print(figures.table)
    if let json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      try encoder.encode(figures).write(to: URL(fileURLWithPath: json))
    }
    if !figures.isRight { throw ExitCode.failure }
  }
}

/// A workload of the suite.
struct WorkloadSet {
  let name: String
  let instruments: Int
  let seed: UInt64 = 20_260_822

  static let all = [WorkloadSet(name: "w1", instruments: 1), WorkloadSet(name: "w100", instruments: 100)]
}

import ArgumentParser
import Foundation
import Server
import Values
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
    measureMargin(into: &figures)
    try measureWire(into: &figures)
    try report(figures)
  }

  private func isWanted(_ key: String) -> Bool {
    only.isEmpty || only.contains { key == $0 || key.hasPrefix($0 + ".") }
  }

  private func measureEngines(_ set: WorkloadSet, into figures: inout Figures) {
    let keys = ["book", "kernel.standard", "kernel.portfolio"].filter { isWanted("\($0).\(set.name)") }
    if keys.isEmpty { return }
    let workload = Workload(instruments: set.instruments, timed: quick ? 400_000 : 5_000_000, seed: set.seed)
    let passes = quick ? 1 : 5
    let commands = WorkloadFrames(workload)
    for key in keys {
      var measured =
        key == "book"
        ? measureEngine(workload, passes: passes, make: { BookEngine(workload: workload) })
        : measureKernel(workload, commands, passes: passes, key == "kernel.portfolio" ? .portfolio : .standard)
      // Filling a hundred books under valgrind takes half a minute.
      if !quick || set.instruments == 1 {
        measured.instructionsPerCommand = InstructionCount.measure("\(key).\(set.name)")
      }
      switch key {
      case "book": figures.book[set.name] = measured
      case "kernel.standard": figures.kernel.standard[set.name] = measured
      default: figures.kernel.portfolio[set.name] = measured
      }
    }
  }

  private func measureKernel(
    _ workload: Workload, _ commands: WorkloadFrames, passes: Int, _ mode: AccountMode
  ) -> EngineFigures {
    measureEngine(
      workload, passes: passes,
      make: { KernelEngine(workload: workload, commands: commands, mode: mode, isAudited: false) },
      makeAudited: { KernelEngine(workload: workload, commands: commands, mode: mode, isAudited: true) })
  }

  /// What the margin engine costs as accounts hold more, as marks move, and in a crash.
  private func measureMargin(into figures: inout Figures) {
    for mode in [AccountMode.standard, .portfolio] {
      for positions in Scaling.positions where isWanted("scaling.positions.\(mode).\(positions)") {
        var point = Scaling.measureFills(mode, positions: positions, quick: quick)
        point.instructionsPerCommand = InstructionCount.measure("scaling.positions.\(mode).\(positions)")
        figures.scaling.positions["\(mode)", default: []].append(point)
      }
      let sizes = Scaling.holders(quick: quick).filter { isWanted("mark.crossing.\(mode).\($0)") }
      let edge = sizes.isEmpty ? 0 : CrossingEngine.edge(mode)
      for holders in sizes {
        figures.mark.crossing["\(mode)", default: []].append(
          Scaling.measureCrossings(mode, holders: holders, edge: edge))
      }
      for holders in Scaling.holders(quick: quick) where isWanted("mark.sweep.\(mode).\(holders)") {
        figures.mark.sweep["\(mode)", default: []].append(Scaling.measureMoves(mode, holders: holders, quick: quick))
      }
    }
    if isWanted("storm") {
      var storm = Storm()
      figures.storm = storm.run()
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

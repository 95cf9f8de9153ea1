import Foundation

extension Figures {
  /// What a person reads.
  var table: String {
    var lines = [
      "\(machine.processor), \(machine.cores) cores, \(machine.memoryGigabytes) GiB, \(machine.system)"
        + (quick ? " (quick)" : ""),
      "",
      header,
    ]
    for (name, figures) in book.sorted(by: { $0.key.count < $1.key.count }) {
      lines.append(row("book.\(name)", figures))
    }
    for (name, figures) in kernel.standard.sorted(by: { $0.key.count < $1.key.count }) {
      lines.append(row("kernel.standard.\(name)", figures))
    }
    for (name, figures) in kernel.portfolio.sorted(by: { $0.key.count < $1.key.count }) {
      lines.append(row("kernel.portfolio.\(name)", figures))
    }
    lines += scalingLines + stormLines + wireLines
    return lines.joined(separator: "\n")
  }

  private var header: String {
    columns(["", "M ops/s", "audited", "p50", "p99", "p99.9", "p99.99", "max ns", "alloc", "instr", "right"])
  }

  private func row(_ name: String, _ figures: EngineFigures) -> String {
    columns([
      name, millions(figures.opsPerSecond), figures.opsPerSecondAudited.map(millions) ?? "–", "\(figures.ns.p50)",
      "\(figures.ns.p99)", "\(figures.ns.p999)", "\(figures.ns.p9999)", "\(figures.ns.max)",
      figures.allocationsPerCommand.map { String(format: "%.4f", $0) } ?? "–",
      figures.instructionsPerCommand.map { String(format: "%.0f", $0) } ?? "–", figures.isRight ? "yes" : "NO",
    ])
  }

  /// Fills by positions per account, mark moves by holders.
  private var scalingLines: [String] {
    var lines: [String] = []
    for (title, series) in [
      ("scaling.positions", scaling.positions), ("mark.sweep", mark.sweep), ("mark.crossing", mark.crossing),
    ] where !series.isEmpty {
      lines += ["", columns(["nanoseconds", "size", "mean", "p50", "p99", "p99.9", "max", "alloc", "instr", "right"])]
      for (mode, points) in series.sorted(by: { $0.key > $1.key }) {
        lines += points.map { row("\(title).\(mode)", $0) }
      }
    }
    return lines
  }

  private func row(_ name: String, _ point: ScalingPoint) -> String {
    columns([
      name, "\(point.size)", String(format: "%.0f", point.meanNs), "\(point.ns.p50)", "\(point.ns.p99)",
      "\(point.ns.p999)", "\(point.ns.max)", String(format: "%.4f", point.allocationsPerCommand),
      point.instructionsPerCommand.map { String(format: "%.0f", $0) } ?? "–", point.isRight ? "yes" : "NO",
    ])
  }

  private var stormLines: [String] {
    guard let storm, let turn = storm.turn, let order = storm.order else { return [] }
    return [
      "",
      "storm: \(storm.accounts) accounts liquidated in \(storm.turns) turns, \(storm.steps) steps of which "
        + "\(storm.takeovers) takeovers, \(storm.calls) calls; \(String(format: "%.1f", storm.busyMs)) ms of work, "
        + "the gap itself \(String(format: "%.1f", storm.gapUs)) µs; \(storm.isRight ? "right" : "WRONG")",
      columns(["microseconds", "p50", "p99", "p99.9", "p99.99", "max"]),
      columns(["storm.turn"] + cells(turn)), columns(["storm.order"] + cells(order)),
    ]
  }

  /// Order to report over TCP.
  private var wireLines: [String] {
    var lines: [String] = []
    if !wire.rtt.isEmpty || durable.none != nil || durable.os != nil || durable.batch != nil {
      lines += ["", columns(["microseconds", "p50", "p99", "p99.9", "p99.99", "max", "x p50", "x p99", "+ p50"])]
    }
    for mode in ["spin", "adaptive", "block"] {
      if let floor = wire.floor[mode] { lines.append(columns(["wire.floor.\(mode)"] + cells(floor.us))) }
      guard let rtt = wire.rtt[mode] else { continue }
      let ratios = [rtt.ratioP50, rtt.ratioP99].map { String(format: "%.2f", $0) }
      lines.append(columns(["wire.rtt.\(mode)"] + cells(rtt.us) + ratios + [String(format: "%.1f", rtt.addedUsP50)]))
    }
    for (name, figures) in [("none", durable.none), ("os", durable.os), ("batch", durable.batch)] {
      guard let figures else { continue }
      lines.append(
        columns(["durable.\(name)"] + cells(figures.us)) + "   \(Int(figures.ordersPerSecond)) orders/s pipelined")
    }
    if let sync = durable.fdatasyncUs { lines.append(columns(["fdatasync of 4 KiB"] + cells(sync))) }
    if let rate = wire.pipelinedOrdersPerSecond { lines += ["", "wire.pipelined: \(Int(rate)) orders/s"] }
    return lines
  }

  private func cells(_ us: Microseconds) -> [String] {
    [us.p50, us.p99, us.p999, us.p9999, us.max].map { String(format: "%.1f", $0) }
  }

  private func millions(_ perSecond: Double) -> String { String(format: "%.2f", perSecond / 1e6) }

  /// The first column to the left, the others to the right.
  private func columns(_ cells: [String]) -> String {
    cells.enumerated().map { index, cell in
      let padding = String(repeating: " ", count: max(0, (index == 0 ? 29 : 9) - cell.count))
      return index == 0 ? cell + padding : padding + cell
    }.joined()
  }
}

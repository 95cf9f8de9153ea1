import CBench
import Foundation
import Histogram
import Server

/// The figures that need sockets. Servers are processes of their own; whoever is not measured is held.
struct WireMeasurement {
  let quick: Bool
  /// Where data directories are made.
  let directory: String

  /// Echo and server in turns, in one run.
  func measure(_ poll: PollMode) throws -> (floor: WireFloor, rtt: WireRoundTrip) {
    let echo = try BenchProcess(["echo", "--poll", poll.rawValue])
    defer { echo.stop() }
    let floor = try WireExchange(echo: echo.port, poll: poll)
    var floorTimes = nanosecondHistogram()
    var times = nanosecondHistogram()
    try withServer(poll, durability: "none") { server in
      let venue = try WireExchange(venue: server.port, poll: poll)
      echo.hold()
      server.hold()
      for _ in 0..<(quick ? 10 : 40) {
        try sample(floor, of: echo, into: &floorTimes)
        try sample(venue, of: server, into: &times)
      }
      server.release()
    }
    let (base, ours) = (Microseconds(floorTimes), Microseconds(times))
    return (
      WireFloor(us: base),
      WireRoundTrip(
        us: ours, ratioP50: ours.p50 / base.p50, ratioP99: ours.p99 / base.p99, addedUsP50: ours.p50 - base.p50)
    )
  }

  /// One block of exchanges with a process that runs for it only; the first ones warm it up.
  private func sample(
    _ exchange: WireExchange, of process: BenchProcess, into histogram: inout Histogram<UInt64>
  ) throws {
    process.release()
    for _ in 0..<50 { _ = try exchange.orderToReport() }
    for _ in 0..<(quick ? 250 : 1000) { histogram.record(try exchange.orderToReport()) }
    process.hold()
  }

  /// One session, as fast as it goes; orders a second.
  func pipelined(durability: String) throws -> Double {
    var best = 0.0
    for _ in 0..<(quick ? 1 : 3) {
      try withServer(.adaptive, durability: durability) { server in
        let venue = try WireExchange(venue: server.port, poll: .adaptive)
        _ = try venue.pipeline(10_000)
        best = max(best, try venue.pipeline(quick ? 100_000 : 400_000))
      }
    }
    return best
  }

  /// One order at a time, in turns with bare syncs where each order waits for one; then as fast as it goes.
  func durable(_ durability: String) throws -> (figures: DurableFigures, sync: Microseconds?) {
    var times = nanosecondHistogram()
    var syncs = nanosecondHistogram()
    try withServer(.adaptive, durability: durability) { server in
      let venue = try WireExchange(venue: server.port, poll: .adaptive)
      for _ in 0..<(quick ? 5 : 40) {
        for _ in 0..<(quick ? 100 : 250) { times.record(try venue.orderToReport()) }
        if durability == "batch" { try sync(quick ? 50 : 100, into: &syncs) }
      }
    }
    let figures = DurableFigures(us: Microseconds(times), ordersPerSecond: try pipelined(durability: durability))
    return (figures, syncs.totalCount == 0 ? nil : Microseconds(syncs))
  }

  /// Writes 4 KiB over zeros and syncs it: what a commit to the disk costs at least.
  private func sync(_ count: Int, into histogram: inout Histogram<UInt64>) throws {
    var samples = [Int64](repeating: 0, count: count)
    let code = bench_sync(directory + "/bench-sync", Int32(count), &samples)
    guard code == 0 else { throw BenchError("cannot write in \(directory): \(String(cString: strerror(code)))") }
    for sample in samples { histogram.record(UInt64(sample)) }
  }

  private func withServer(_ poll: PollMode, durability: String, _ body: (BenchProcess) throws -> Void) throws {
    let data = directory + "/bench-data-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: data) }
    let server = try BenchProcess([
      "serve", "--poll", poll.rawValue, "--durability", durability, "--directory", data,
    ])
    defer { server.stop() }
    try body(server)
  }
}

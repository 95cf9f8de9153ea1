import ArgumentParser
import Foundation
import Workload

/// The latency and throughput suite. Bench/README.md says how each figure is obtained.
@main struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the matching engine, the kernel and the wire.",
    subcommands: [Suite.self, Generate.self, Reports.self, Count.self, Serve.self, Echo.self],
    defaultSubcommand: Suite.self)
}

/// Writes a workload file.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Write a workload file (LSWL, version 1).")

  @Argument(help: "Where to write it.") var file: String
  @Argument(help: "Number of instruments.") var instruments: Int
  @Argument(help: "Operations after those that fill the books.") var operations: Int
  @Argument(help: "Another seed draws another stream.") var seed: UInt64
  @Argument(help: "Number of accounts.") var accounts = 1000
  @Argument(help: "How many of 100 amends reduce in place.") var reducePercent = 0

  func validate() throws {
    guard (1...65_536).contains(instruments), operations >= 0, accounts >= 10, (0...100).contains(reducePercent) else {
      throw ValidationError("1…65536 instruments, at least 10 accounts, 0…100 percent")
    }
  }

  func run() throws {
    let workload = Workload(
      instruments: instruments, timed: operations, seed: seed, accounts: accounts, reducePercent: reducePercent)
    try Data().write(to: URL(fileURLWithPath: file))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    try workload.withFileBytes { try handle.write(contentsOf: Data($0)) }
    try handle.close()
  }
}

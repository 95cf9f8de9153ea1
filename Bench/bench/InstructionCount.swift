import ArgumentParser
import Foundation
import Values
import Workload

/// Runs one engine once, its warm part inside `bench_measured`: what the suite starts under valgrind.
struct Count: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Drive one engine, to be watched by a profiler.", shouldDisplay: false)

  @Argument(help: "book.w1, kernel.standard.w100, scaling.positions.portfolio.8 …") var key: String
  @Option(help: "Operations after those that fill the books.") var operations = 50_000

  func run() throws {
    if key.hasPrefix("scaling.positions.") { return try countFills() }
    guard let set = WorkloadSet.all.first(where: { key.hasSuffix(".\($0.name)") }) else {
      throw ValidationError("no workload in \(key)")
    }
    let workload = Workload(instruments: set.instruments, timed: operations, seed: set.seed)
    if key.hasPrefix("book.") {
      var pass = Pass(workload, engine: BookEngine(workload: workload))
      print(pass.count())
    } else {
      let commands = WorkloadFrames(workload)
      let mode: AccountMode = key.hasPrefix("kernel.portfolio.") ? .portfolio : .standard
      var pass = Pass(
        workload, engine: KernelEngine(workload: workload, commands: commands, mode: mode, isAudited: false))
      print(pass.count())
    }
  }

  private func countFills() throws {
    let parts = key.split(separator: ".")
    guard parts.count == 4, let positions = Int(parts[3]) else { throw ValidationError("no size in \(key)") }
    let fills = 10_000
    let mode: AccountMode = parts[2] == "portfolio" ? .portfolio : .standard
    var pass = Pass(0..<fills, engine: FillEngine(mode: mode, positions: positions, fills: fills))
    print(pass.count())
  }
}

/// Instructions per operation, counted by callgrind: unlike time, the same on a busy machine.
enum InstructionCount {
  /// `nil` where valgrind is not installed or cannot run this program.
  static func measure(_ key: String) -> Double? {
    guard
      let valgrind = ["/usr/bin/valgrind", "/usr/local/bin/valgrind"].first(where: {
        FileManager.default.isExecutableFile(atPath: $0)
      })
    else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: valgrind)
    process.arguments = [
      "--tool=callgrind", "--toggle-collect=bench_measured", "--callgrind-out-file=/dev/null", Self.program, "count",
      key,
    ]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    guard (try? process.run()) != nil else { return nil }
    let counted = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let log = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let operations = Double(counted.trimmingCharacters(in: .whitespacesAndNewlines)),
      let line = log.split(separator: "\n").first(where: { $0.contains("Collected :") }),
      let instructions = Double(line.split(separator: " ").last ?? "")
    else { return nil }
    return instructions / operations
  }

  private static var program: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }
}

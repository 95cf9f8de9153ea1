import ArgumentParser
import Workload

/// Hashes everything the kernel says to a workload.
struct Reports: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a hash of all reports to a workload: the same on every machine and in every build.")

  @Argument(help: "Number of instruments.") var instruments = 1
  @Option(help: "Operations after those that fill the books.") var operations = 100_000
  @Option(help: "Percent of amends that reduce in place.") var reducePercent = 30

  func run() throws {
    let workload = Workload(
      instruments: instruments, timed: operations, seed: WorkloadSet.all[0].seed, reducePercent: reducePercent)
    var engine = KernelEngine(workload: workload, commands: WorkloadFrames(workload), isAudited: true)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in workload.operations.indices {
      engine.step(index)
      engine.forEachReport { bytes in for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
    }
    print("\(hexadecimal(hash)) \(engine.result().isRight ? "right" : "WRONG")")
  }
}

import ArgumentParser
import Storage
import Tape
import ToolSupport

/// `lockstep verify`
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a data directory from end to end.",
    discussion: """
      Checks every segment's checksums and chains, that the segments follow each other, every snapshot's hash, and by a
      full replay that digests and snapshots are what the journal leads to. Changes nothing.

      Example:
        lockstep verify data

      Exit codes: 0 no faults; 1 faults were found; 2 it is not a data directory.
      """)

  @Argument(help: "The data directory.") var directory: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let recording = try Recording(directory)
    guard recording.isDirectory else {
      throw Failure(exit: .usage, message: "\(directory) is not a data directory; lockstep replay checks a single file")
    }
    guard try !recording.segments().isEmpty || !recording.snapshots().isEmpty else {
      throw Failure(
        exit: .usage, message: "\(directory) is not a data directory: it holds neither journal nor snapshots")
    }
    var progress = Progress("verify", total: (try? recording.lastSequence()).map { Int(clamping: $0) } ?? 0)
    let findings = verify(directory: directory) { progress.show(Int(clamping: $0.sequence)) }
    progress.finish()
    let faults = findings.count { $0.severity == .fault }
    if json {
      let list = findings.map { finding in
        Json.object([
          ("severity", .string(finding.severity.rawValue)), ("path", .string(finding.path)),
          ("text", .string(finding.text)),
        ])
      }
      print(Json.object([("faults", .integer(faults)), ("findings", .array(list))]).text)
    } else {
      for finding in findings { print(finding) }
      print(faults == 0 ? "no faults" : "\(faults) faults")
    }
    if faults > 0 { throw ExitCode(Exit.difference.rawValue) }
  }
}

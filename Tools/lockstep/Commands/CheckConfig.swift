import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep check-config`
struct CheckConfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a venue file and show what it would create.",
    discussion: """
      Reads the file, makes the commands that would create the venue, and runs them
      through a kernel; what the kernel refuses is said with the line of the file.

      Example:
        lockstep check-config venue.toml

      Exit codes: 0 the venue can be created; 1 the kernel refuses something; 2 the
      file cannot be read.
      """)

  @Argument(help: "The venue file.") var file: String
  @Flag(help: "One JSON object: the commands as they would be journaled, and what is refused.") var json = false
  @Flag(help: "Print every command.") var commands = false

  func run() throws {
    let genesis = try Genesis(contentsOf: file)
    let issues = genesis.check()
    if json {
      printJson(genesis, issues)
    } else {
      print(GenesisSummary(genesis).text)
      if commands {
        print("\nCommands")
        for entry in genesis.entries {
          print("  \(file):\(entry.line): " + entry.bytes.withUnsafeBytes { FrameText.describe(Frame($0)) })
        }
      }
    }
    if !issues.isEmpty {
      throw Failure(
        exit: .difference,
        message: "the kernel refuses \(issues.count) of \(genesis.entries.count) commands\n"
          + VenueFileError(file: file, issues: issues).description)
    }
    if !json { print("\nThe kernel accepts all \(genesis.entries.count) commands.") }
  }

  private func printJson(_ genesis: Genesis, _ issues: [VenueFileError.Issue]) {
    let frames = genesis.entries.map { $0.bytes.withUnsafeBytes { FrameText.json(Frame($0)) } }
    let refused = issues.map {
      Json.object([("line", .integer($0.line)), ("what", .string($0.path)), ("reason", .string($0.text))])
    }
    print("{\"commands\":[\(frames.joined(separator: ","))],\"refused\":\(Json.array(refused).text)}")
  }
}

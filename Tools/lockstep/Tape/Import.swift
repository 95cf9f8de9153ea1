import ArgumentParser
import Tape

/// `lockstep import`
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn a recorded market into a capture.",
    discussion: """
      The capture is self-contained: it begins with the commands that create a venue and its accounts, and holds every
      report. CAPTURE.ids beside it keeps the tape's names of orders and commands, for `lockstep replay --fills`.
      The format of COMMANDS is described by `lockstep check-tape --help`.

      Example:
        lockstep import commands.csv.gz market.lsc
        lockstep replay market.lsc --fills fills.csv.gz

      Exit codes: 0 done; 2 a file cannot be read or written.
      """)

  @Argument(help: "The tape's commands.") var commands: String
  @Argument(help: "The capture to write; it must not exist yet.") var capture: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let imported = try TapeImport.run(Tape.rows(at: commands), to: capture)
    print(json ? imported.json.text : imported.text)
  }
}

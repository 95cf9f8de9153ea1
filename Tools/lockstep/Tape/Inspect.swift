import ArgumentParser
import Glibc
import Tape
import ToolSupport
import Values
import Wire

/// `lockstep inspect`
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a journal, capture or snapshot as text or JSON lines.",
    discussion: """
      Of a journal (a segment or a data directory) and of a capture: every command with its sequence, time and key, the
      reports that it caused (captures), and the digests. Of a snapshot: its header, the venue, instruments, accounts,
      positions and balances.

      Examples:
        lockstep inspect data
        lockstep inspect market.lsc --from 1000 --to 1010
        lockstep inspect data --message NewOrder --message OrderFilled --key 12 --json
        lockstep inspect data/snapshot-00000000000000001000.lss --orders

      Exit codes: 0 done; 2 the file cannot be read or is damaged (what could be read is shown).
      """)

  @Argument(help: "A data directory, journal segment, capture or snapshot.") var path: String
  @Option(help: "First sequence to show.") var from: UInt64 = 0
  @Option(help: "Last sequence to show.") var to: UInt64 = .max
  @Option(help: "Only what this key has sent or been told; 0: the venue itself.") var key: UInt32?
  @Option(help: "Only these messages, by name; may be given more than once.") var message: [String] = []
  @Flag(help: "Commands only, no reports.") var inputs = false
  @Flag(help: "Of a snapshot: the resting orders too.") var orders = false
  @Option(help: "Stop after so many records.") var limit: Int = .max
  @Flag(help: "JSON lines.") var json = false

  func run() throws {
    var options = Inspection.Options()
    guard from <= to else { throw ValidationError("--from is above --to.") }
    options.sequences = from...to
    options.key = key.map { KeyId($0) }
    options.templates = Set(try message.map(template))
    options.isWithoutOutputs = inputs
    options.showsOrders = orders
    options.limit = limit
    options.isJson = json
    // A reader that goes away (head, less) ends the command.
    signal(SIGPIPE, SIG_DFL)
    try Inspection.run(path, options) { print($0) }
  }

  private func template(_ name: String) throws -> UInt16 {
    if let message = Schema.messages.first(where: { $0.name == name }) { return message.template.rawValue }
    let hint = suggestion(for: name, among: Schema.messages.map(\.name)).map { " Did you mean \($0)?" } ?? ""
    throw ValidationError("There is no message “\(name)”.\(hint)")
  }
}

import ArgumentParser
import Tape

/// `lockstep check-tape`
struct CheckTape: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-tape",
    abstract: "Feed a recorded market to a throw-away venue and compare the fills.",
    discussion: """
      Starts a server of its own with one instrument (price unit: the greatest common divisor of the tape's prices; lot:
      the tape's size unit), spreads the orders over funded, margined accounts, feeds all commands over TCP, and compares
      every fill with those that the tape's own venue published.

      COMMANDS has the columns seq,timestamp_ns,cmd,order_id,side,price,size[,display,hidden]; cmd is S (resting at the
      start), R (change while closed), N (limit), I (immediate or cancel), P (post-only), C (cancel), M (modify) or J
      (modify, immediate or cancel). FILLS has seq,taker_id,maker_id,price,size. Both may be packed with gzip.

      Example:
        lockstep check-tape commands.csv.gz fills.csv.gz

      Exit codes: 0 all fills are the same; 1 something differs; 2 a file cannot be read.
      """)

  @Argument(help: "The tape's commands.") var commands: String
  @Argument(help: "The fills that its venue published.") var fills: String
  @Flag(help: "Straight into a kernel, without server and network.") var offline = false
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let tape = Tape(rows: try Tape.rows(at: commands), fills: try Tape.fills(at: fills))
    let check = try TapeCheck.run(tape, route: offline ? .offline : .tcp)
    print(json ? check.json.text : check.text)
    if !check.comparison.isExact { throw ExitCode(Exit.difference.rawValue) }
  }
}

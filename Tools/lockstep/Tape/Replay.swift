import ArgumentParser
import Client
import Tape
import Values

/// `lockstep replay`
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replay a capture or journal and compare.",
    discussion: """
      RECORDING is a capture, a journal segment, or a data directory.

      Without --connect the commands go into a kernel of this process: all outputs (of a capture), the digests (of a
      journal) and the state hashes (at the snapshots of a data directory) must be the recorded ones.

      With --connect they go to a server. To one that was started with --replay-target: with recorded times and keys,
      from the first command on, its digest of all outputs and its state hash compared. To an ordinary venue, with --key
      and --accounts: only the orders, as one key of its own; fills and order states are compared.

      Examples:
        lockstep replay data                                        the journal of a data directory
        lockstep replay market.lsc --fills fills.csv.gz             an imported tape
        lockstep replay market.lsc --connect 127.0.0.1:7400         into a server started with --replay-target
        lockstep replay market.lsc --connect 127.0.0.1:7400 --key 12 --key-file maker.key --accounts '*=7'

      Exit codes: 0 all is as recorded; 1 something differs (the first difference is shown); 2 a file cannot be read;
      3 no connection.
      """)

  enum Pace: String, ExpressibleByArgument, CaseIterable {
    case original
    case flat
  }

  @Argument(help: "A capture, a journal segment, or a data directory.") var recording: String
  @Option(help: "Stop after this sequence.") var through: UInt64?
  @Option(help: "Compare with the fills that the venue of an imported tape published.") var fills: String?
  @Option(help: "Snapshot of the state before a recording that begins later.") var snapshot: String?
  @Option(help: "State hash that the replay must end with.") var expectHash: String?
  @Option(help: "Replay into the server at this address (host:port).") var connect: String?
  @Option(help: "A replay target is compared after so many commands.") var compareEvery: UInt64 = 4096
  @Option(help: "An ordinary venue: id of the key to log in with.") var key: UInt32?
  @Option(help: "An ordinary venue: file of that key.") var keyFile: String?
  @Option(help: "An ordinary venue: its accounts for the recorded ones: 1=7,2=8,*=9, or same.") var accounts: String?
  @Option(help: "An ordinary venue: its instruments for the recorded ones, if other.") var instruments: String?
  @Option(help: "Into a server: original (recorded distances in time) or flat (as fast as it goes).") var pace = Pace
    .flat
  @Option(help: "How many times faster than the original pace.") var speed = 1.0
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    if key != nil || keyFile != nil || accounts != nil {
      guard connect != nil, key != nil, keyFile != nil, accounts != nil else {
        throw ValidationError("An ordinary venue needs --connect, --key, --key-file and --accounts.")
      }
    }
    if connect == nil && pace == .original { throw ValidationError("The pace counts into a server: give --connect.") }
    if connect != nil && (snapshot != nil || expectHash != nil) {
      throw ValidationError("--snapshot and --expect-hash are for a replay without --connect.")
    }
    if speed <= 0 { throw ValidationError("The speed must be above 0.") }
  }

  func run() throws {
    let recording = try Recording(recording)
    let published = try fills.map { try Tape.fills(at: $0) }
    let replayPace = pace == .original ? ReplayPace.recorded(speed: speed) : .flatOut
    if let connect, let key, let keyFile, let accounts {
      var options = LiveReplay.Options(
        key: KeyId(key), keyPair: try KeyPair(contentsOf: keyFile), accounts: try IdMap(accounts))
      if let instruments { options.instruments = try IdMap(instruments) }
      options.through = through ?? .max
      options.fills = published
      options.pace = replayPace
      let replay = try LiveReplay.run(recording, to: connect, options)
      try show(replay.text, replay.json.text, isExact: replay.isExact)
    } else if let connect {
      var options = TargetReplay.Options()
      options.through = through ?? .max
      options.fills = published
      options.interval = compareEvery
      options.pace = replayPace
      let replay = try TargetReplay.run(recording, to: Address(connect), options)
      try show(replay.text, replay.json.text, isExact: replay.isExact)
    } else {
      var options = OfflineReplay.Options()
      options.through = through ?? .max
      options.fills = published
      options.snapshot = snapshot
      options.expectedHash = try expectHash.map(hash)
      let replay = try OfflineReplay.run(recording, options)
      try show(replay.text, replay.json.text, isExact: replay.isExact)
    }
  }

  private func hash(_ text: String) throws -> Bytes32 {
    guard let hash = Bytes32(hexadecimal: text) else {
      throw ValidationError("“\(text)” is not a state hash: it should have 64 hexadecimal digits.")
    }
    return hash
  }

  private func show(_ text: String, _ jsonText: String, isExact: Bool) throws {
    print(json ? jsonText : text)
    if !isExact { throw ExitCode(Exit.difference.rawValue) }
  }
}

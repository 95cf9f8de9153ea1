import ArgumentParser
import Client
import Glibc
import Server
import Storage
import ToolSupport
import Values
import Wire

/// `lockstep serve`
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a venue.",
    discussion: """
      On an empty data directory the venue file creates the venue: it is turned into
      the first commands of the journal. Later starts bring the venue back from its
      newest snapshot and the journal; the file may then be left out, and if it is
      given it must not have changed (use `lockstep admin` to change a venue).

      Durability, stated at every login:
        batch   nothing is acknowledged before it is on the disk
        os      survives the death of the process, not of the machine
        none    nothing is promised

      Examples:
        lockstep serve --demo-config --data /tmp/venue
        lockstep serve --config venue.toml --data venue --listen 0.0.0.0:7400

      Stops in order at SIGTERM or SIGINT: sessions are told, a snapshot is written.
      Connections are plain TCP: use it in trusted networks, or through a tunnel.

      Exit codes: 0 stopped in order; 1 could not start or had to stop (the log says
      why); 2 wrong arguments or venue file, or a file that differs from the venue.
      """)

  @Option(help: "The venue file.") var config: String?
  @Flag(help: "Use the built-in venue; it is written to DATA/venue.toml, its key files to DATA/keys.")
  var demoConfig = false
  @Option(help: "Margin parameters of the built-in venue: static, tiered or dynamic.")
  var margin = ExampleVenue.MarginSet.dynamic
  @Option(help: "The data directory.") var data = "data"
  @Option(help: "Numeric address and port to listen on; may be given more than once.") var listen = ["127.0.0.1:7400"]
  @Option(help: "batch, os or none.") var durability = Durability.batch
  @Option(help: "How to wait for work: spin, adaptive or block.") var poll = PollMode.adaptive
  @Option(help: ArgumentHelp("Take a snapshot every so many commands; 0: not by count.", valueName: "commands"))
  var snapshotEvery: UInt64 = 1_000_000
  @Option(help: ArgumentHelp("Take a snapshot every so many seconds; 0: not by time.", valueName: "seconds"))
  var snapshotSeconds: UInt64 = 0
  @Option(help: "Write every frame in both directions to this file.") var capture: String?
  @Option(help: ArgumentHelp("Log a line of figures every so many seconds; 0: never.", valueName: "seconds"))
  var status: UInt64 = 0
  @Option(help: "Requests per second and session; 0: no limit.") var requestsPerSecond: UInt32 = 10_000
  @Option(help: "Connections at once.") var connections = 1024
  @Flag(help: "Take a recorded stream of commands instead of a live market (lockstep replay). Loopback only.")
  var replayTarget = false

  func validate() throws {
    if config != nil && demoConfig { throw ValidationError("Give either --config or --demo-config, not both.") }
    if replayTarget && (config != nil || demoConfig) {
      throw ValidationError("A replay target gets its venue from the recording: leave the venue file out.")
    }
  }

  func run() throws {
    let venueFile = demoConfig ? try DemoFiles.prepare(in: data, margin: margin) : config
    var configuration = ServerConfiguration(listen: try listen.map(endpoint), dataDirectory: data)
    if let venueFile { configuration.genesis = try genesis(venueFile) }
    configuration.durability = durability
    configuration.pollMode = poll
    configuration.snapshotCommands = snapshotEvery
    configuration.snapshotSeconds = snapshotSeconds
    configuration.capture = capture
    configuration.replayTarget = replayTarget
    configuration.statusSeconds = status
    configuration.connections = connections
    configuration.session.requestsPerSecond = requestsPerSecond
    configuration.version = "\(Version.number) (Swift \(Version.compiler), \(Version.build), \(Version.architecture))"
    let code = Server.run(configuration)
    if code != 0 { throw ExitCode(code) }
  }

  private func endpoint(_ text: String) throws -> ListenEndpoint {
    let address = try Address(text)
    return ListenEndpoint(address: address.host, port: address.port)
  }

  /// The frames of the venue file, checked; or a refusal when the venue in the data directory came from another file.
  private func genesis(_ file: String) throws -> [[UInt8]] {
    let genesis = try Genesis(contentsOf: file)
    let existing = try JournalStart.genesis(in: data)
    guard let existing else {
      let issues = genesis.check()
      if !issues.isEmpty { throw VenueFileError(file: file, issues: issues) }
      return genesis.frames
    }
    let difference = GenesisDifference(file: genesis, journal: existing)
    guard difference.isEmpty else {
      throw Failure(
        exit: .usage,
        message: "\(file) is not what the venue in \(data) was made from:\n\(difference.text(file: file))")
    }
    return genesis.frames
  }
}

extension PollMode: ExpressibleByArgument {}

extension Durability: ExpressibleByArgument {
  public init?(argument: String) {
    guard let mode = Durability.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = mode
  }

  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
  public var defaultValueDescription: String { "\(self)" }
}

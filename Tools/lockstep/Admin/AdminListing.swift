import ArgumentParser
import ToolSupport
import Values
import Wire

/// `lockstep admin listing`
struct AdminListing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listing", abstract: "Open, suspend, resume or delist an instrument. [operator]",
    discussion: """
      activate  opens a new or halted instrument, at once or at a time
      suspend   halts it until it is resumed; orders stay
      resume    ends a suspension
      delist    ends a spot pair or perpetual for good, at once or at a time: orders are
                cancelled, positions are settled at the mark of that moment

      Examples:
        lockstep admin listing SOL-PERP activate --at 2026-12-01T08:00:00Z --config venue.toml
        lockstep admin listing SOL-PERP suspend --config venue.toml
        lockstep admin listing SOL-PERP delist --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of the instrument.") var instrument: String
  @Argument(help: "activate, suspend, resume or delist.") var action: ListingAction
  @Option(help: "The phase it enters when it opens.") var phase: Phase = .continuous
  @Option(help: "When, as 2026-12-01T08:00:00Z; at once when left out.") var at: String?

  func validate() throws {
    if let at, UtcTime.parse(at) == nil { throw ValidationError("Write the time as 2026-12-01T08:00:00Z.") }
  }

  func run() throws {
    let venue = try connection.open()
    let id = try venue.directory.instrument(instrument).instrument
    let opens = action == .activate || action == .resume
    let time = at.flatMap(UtcTime.parse) ?? Timestamp(0)
    try venue.perform(
      SetListing(requestId: 0, instrument: id, action: action, phase: opens ? phase : .halted, time: time))
  }
}

extension ListingAction: ExpressibleByArgument {
  public init?(argument: String) {
    guard let action = ListingAction.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = action
  }

  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}

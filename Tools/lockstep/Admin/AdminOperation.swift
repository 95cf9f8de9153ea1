import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin phase`
struct AdminPhase: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phase", abstract: "Set what an instrument admits. [operator]",
    discussion: """
      The phases:
        halted            only cancels
        closedToMatching  orders are accepted and changed, nothing trades
        continuous        trading

      Example:
        lockstep admin phase BTC-PERP continuous --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of the instrument, or all.") var instrument: String
  @Argument(help: "halted, closedToMatching or continuous.") var phase: Phase

  func run() throws {
    let venue = try connection.open()
    let id = instrument == "all" ? .none : try venue.directory.instrument(instrument).instrument
    try venue.perform(SetPhase(requestId: 0, instrument: id, phase: phase))
  }
}

/// `lockstep admin halt`
struct AdminHalt: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "halt", abstract: "Stop trading in an instrument, or in all. [operator]",
    discussion: "Orders stay. Go on with: lockstep admin phase INSTRUMENT continuous")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "Symbol or id of the instrument; all when left out.") var instrument: String?

  func run() throws {
    let venue = try connection.open()
    let id = try instrument.map { try venue.directory.instrument($0).instrument } ?? .none
    try venue.perform(SetPhase(requestId: 0, instrument: id, phase: .halted))
  }
}

/// `lockstep admin snapshot`
struct AdminSnapshot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Write a snapshot now, and wait until its file is safe. [operator]")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let report = try venue.takeSnapshot()
    if venue.printed(report) { return }
    let milliseconds = Decimal.format(Int128(report.microseconds), digits: 3)
    print(
      "snapshot of sequence \(Decimal.format(report.sequence)): \(Decimal.format(report.bytes)) bytes, \(milliseconds) ms"
    )
    print("state hash \(report.stateHash.hexadecimal)")
  }
}

extension VenueConnection {
  /// Asks for a snapshot and waits until its file is safe.
  func takeSnapshot() throws -> SnapshotTaken {
    show(try client.perform(TakeSnapshot(requestId: 0)))
    let event = try client.wait(for: "the snapshot", timeout: .seconds(600)) { event in
      if case .snapshotTaken = event { return true }
      return false
    }
    guard case .snapshotTaken(let report) = event, report.bytes > 0 else {
      throw Failure(
        exit: .failure, message: "the snapshot could not be written; the server's log says why.")
    }
    return report
  }
}

extension Phase: ExpressibleByArgument {
  public init?(argument: String) {
    guard let phase = Phase.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = phase
  }

  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}

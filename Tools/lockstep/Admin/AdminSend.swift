import ArgumentParser
import Client
import ToolSupport
import Wire

/// `lockstep admin send`
struct AdminSend: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Send any request, written as Message field=value …",
    discussion: """
      Messages and fields are those of Protocol/lockstep.xml; numbers are in units
      of the protocol; fields that are not named are zero. Rows are written
      rows=[{…} {…}], sets [a b].

      Examples:
        lockstep admin send 'SetImpactCurve instrument=1 side=buy'
        lockstep admin send 'DefineSchedule schedule=9 rows=[{lower=0 rate=5000000}]'
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "One request each.") var requests: [String]

  func run() throws {
    let frames = try requests.map { text in
      let frame = try FrameBuilder.frame(text)
      let template = frame.withUnsafeBytes { Frame($0).template }
      guard (20...89).contains(template.rawValue) else {
        throw Failure(exit: .usage, message: "\(template) is not a request that a client may send.")
      }
      return frame
    }
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    for frame in frames { venue.show(try venue.client.answer(to: try venue.client.send(requestFrame: frame))) }
  }
}

import CLinux
import Glibc
import Session
import Values
import Wire

/// The first connection of a new replay target, up to the command that defines the venue: without it there is no kernel
/// to run the loop with.
struct FirstReplay {
  let connection: Connection
  let header: ReplayHeader
  /// The DefineVenue frame.
  let frame: [UInt8]

  var venue: DefineVenue? { DefineVenue(frame: frame) }

  /// Waits for a connection that sends a DefineVenue of key 0; turns away those that begin otherwise. `nil`: told to
  /// stop.
  init?(
    listeners: [Listener], configuration: ServerConfiguration, control: ServerControl, host: any Host
  ) throws(ServerError) {
    let signals = configuration.handlesSignals ? lockstep_signal_open() : -1
    defer { if signals >= 0 { close(signals) } }
    while true {
      guard FirstReplay.wait(for: listeners.map(\.descriptor), orStop: [control.descriptor, signals]) else {
        return nil
      }
      for listener in listeners {
        guard case .connection(let descriptor, let address, let text) = host.accept(listener.descriptor) else {
          continue
        }
        let identity = VenueIdentity(
          venueId: 0, name: "", durability: configuration.durability, replayTarget: true)
        let connection = Connection(
          descriptor: descriptor, address: address, peer: text,
          core: SessionCore(
            connectionId: UInt64(host.wall.rawValue), nonce: Bytes32(), venue: identity,
            settings: configuration.session, now: host.monotonic))
        if let (header, frame) = FirstReplay.begin(
          connection, host, orStop: [control.descriptor, signals])
        {
          self.connection = connection
          self.header = header
          self.frame = frame
          return
        }
        _ = host.send(descriptor, connection.core.output.bytes)
        host.close(descriptor)
      }
    }
  }

  /// Reads `connection` until its first command; `nil`: it is not the beginning of a recording, or told to stop.
  private static func begin(
    _ connection: Connection, _ host: any Host, orStop stops: [Int32]
  ) -> (ReplayHeader, [UInt8])? {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    defer { buffer.deallocate() }
    while wait(for: [connection.descriptor], orStop: stops) {
      guard case .bytes(let count) = host.receive(connection.descriptor, into: buffer) else { return nil }
      connection.core.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), now: host.monotonic)
      switch connection.core.next(now: host.monotonic) {
      case .wait: break
      case .replay(let header, let frame):
        let isFirst = frame.template == .defineVenue && header.key == .venue && header.sequence <= 1
        if isFirst { return (header, Array(frame.bytes)) }
        connection.core.terminate(.wrongState, detail: 1, now: host.monotonic)
        return nil
      default: return nil
      }
      let output = connection.core.output.bytes
      if case .bytes(let sent) = host.send(connection.descriptor, output) {
        connection.core.sent(sent, now: host.monotonic)
      }
    }
    return nil
  }

  /// Waits until one of `wanted` can be read (true) or one of `stops` (false).
  private static func wait(for wanted: [Int32], orStop stops: [Int32]) -> Bool {
    var polls = (wanted + stops).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while poll(&polls, UInt(polls.count), -1) < 0 && errno == EINTR {}
    return polls.suffix(stops.count).allSatisfy { $0.revents == 0 }
  }
}

extension EventLoop {
  /// Takes over the connection that has begun the recording, and applies its first command.
  mutating func adopt(_ first: FirstReplay) throws(ServerError) {
    let connection = first.connection
    try host.watch(connection.descriptor, for: .readable)
    while connections.count <= Int(connection.descriptor) { connections.append(nil) }
    connections[Int(connection.descriptor)] = connection
    connectionCount += 1
    first.frame.withUnsafeBytes { replay(first.header, Frame($0), from: connection) }
    try work(connection)
  }
}

import Session
import Values

/// All key streams, and which connections have something to send.
final class Sessions {
  private let ringBytes: Int
  private var streams: [KeyId: KeyStream] = [:]
  private var dirty: [Connection] = []

  init(ringBytes: Int) { self.ringBytes = ringBytes }

  /// The stream of `key`; made when it is asked for first.
  func stream(of key: KeyId) -> KeyStream {
    if let stream = streams[key] { return stream }
    let stream = KeyStream(key: key, ringBytes: ringBytes)
    streams[key] = stream
    return stream
  }

  /// Calls `body` with every stream, keys ascending.
  func forEachStream(_ body: (KeyStream) -> Void) {
    for stream in streams.values.sorted(by: { $0.key < $1.key }) { body(stream) }
  }

  /// Keeps a report without sending it: what recovery replays.
  func remember(_ frame: UnsafeRawBufferPointer, for key: KeyId) {
    if key != .venue && key != .feed && ReportRing.holds(frame) { stream(of: key).ring.append(frame) }
  }

  /// Keeps a report and puts it into the output of its key's connection. Nothing leaves before the commit.
  func deliver(_ frame: UnsafeRawBufferPointer, to key: KeyId) {
    if key == .venue || key == .feed { return }
    let stream = stream(of: key)
    if ReportRing.holds(frame) { stream.ring.append(frame) }
    guard let connection = stream.connection else { return }
    connection.core.output.append(frame)
    markDirty(connection)
  }

  /// Puts `connection` on the list to be flushed after the commit.
  func markDirty(_ connection: Connection) {
    if connection.isDirty { return }
    connection.isDirty = true
    dirty.append(connection)
  }

  /// Takes the list of connections to be flushed.
  func takeDirty() -> [Connection] {
    let list = dirty
    dirty.removeAll(keepingCapacity: true)
    for connection in list { connection.isDirty = false }
    return list
  }
}

import Server

/// One direction of a connection: bytes on their way, and bytes that have arrived.
struct Pipe {
  private var onTheWay: [(at: UInt64, bytes: [UInt8])] = []
  private var arrived: [UInt8] = []
  private var start = 0

  /// Bytes sent and not yet read.
  var count: Int { onTheWay.reduce(arrived.count - start) { $0 + $1.bytes.count } }
  /// Bytes that can be read.
  var readable: Int { arrived.count - start }
  /// When the next bytes arrive; `nil`: none are on their way.
  var nextArrival: UInt64? { onTheWay.first?.at }

  /// Sends `bytes`, to arrive at `time`, but never before what was sent earlier.
  mutating func send(_ bytes: [UInt8], at time: UInt64) {
    onTheWay.append((max(time, onTheWay.last?.at ?? 0), bytes))
  }

  /// Lets arrive what is due at `now`.
  mutating func deliver(now: UInt64) {
    var count = 0
    while count < onTheWay.count, onTheWay[count].at <= now {
      arrived += onTheWay[count].bytes
      count += 1
    }
    if count > 0 { onTheWay.removeFirst(count) }
  }

  /// Takes at most `count` bytes that have arrived.
  mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    let end = min(start + count, arrived.count)
    defer {
      start = end
      if start == arrived.count {
        arrived.removeAll(keepingCapacity: true)
        start = 0
      }
    }
    return arrived[start..<end]
  }
}

/// A TCP connection between a simulated client and the server.
final class Link {
  let descriptor: Int32
  var toServer = Pipe()
  var toClient = Pipe()
  /// Bytes that the way to the client takes before it is full.
  let window: Int
  /// The client has closed its half in order; what it sent before still arrives.
  var clientFinished = false
  /// The server has closed: fully, or its half.
  var serverFinished = false
  /// The connection was reset: nothing arrives any more.
  var isReset = false
  /// The client is gone without a word.
  var hasVanished = false
  var watched: Readiness?

  init(descriptor: Int32, window: Int) {
    self.descriptor = descriptor
    self.window = window
  }

  /// Whether the server reads something: bytes, the end, or an error.
  var isReadable: Bool { isReset || toServer.readable > 0 || (clientFinished && toServer.count == 0) }
  /// Bytes that the server may send.
  var room: Int { max(0, window - toClient.count) }

  /// What is ready of what is watched.
  var ready: Readiness {
    guard let watched else { return [] }
    var events: Readiness = []
    if watched.contains(.readable) && isReadable { events.insert(.readable) }
    if watched.contains(.writable) && room > 0 { events.insert(.writable) }
    if isReset { events.insert(.broken) }
    return events
  }
}

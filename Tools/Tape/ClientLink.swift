import Client
import Values
import Wire

/// The way to a venue over TCP: one session for each key, all with the same key pair.
final class ClientLink: VenueLink {
  /// Frames that are sent together.
  private static let batch = 64

  let isImmediate = false
  var publicKey: Bytes32 { keyPair.publicKey }
  var onReport: ((KeyId, Event) throws -> Void)?

  private let address: String
  private let keyPair: KeyPair
  private var clients: [(key: KeyId, client: Client)] = []
  /// Index of the session that was used last.
  private var active = 0
  private var waiting: [[UInt8]] = []

  init(address: String, keyPair: KeyPair) {
    self.address = address
    self.keyPair = keyPair
  }

  func open(_ key: KeyId) throws {
    try flush()
    var settings = ClientSettings()
    settings.name = "lockstep-tape"
    // Sessions that wait for their turn are looked at only when the answers of another one are waited for.
    settings.keepAlive = .seconds(60)
    let client = try Client(to: address, key: key, keyPair: keyPair, settings: settings)
    try client.connect()
    clients.append((key, client))
  }

  func send(_ frame: UnsafeRawBufferPointer, key: KeyId, time: Int64) throws {
    if clients[active].key != key {
      try flush()
      guard let index = clients.firstIndex(where: { $0.key == key }) else {
        throw TapeError("key \(key.rawValue) has no session")
      }
      active = index
    }
    waiting.append(Array(frame))
    if waiting.count >= ClientLink.batch { try flush() }
  }

  func receive(wait: Bool) throws {
    try flush()
    var count = 0
    for index in clients.indices where index != active { count += try deliver(index, timeout: .zero) }
    count += try deliver(active, timeout: wait && count == 0 ? .seconds(10) : .zero)
    if wait && count == 0 { throw TapeError("the venue at \(address) has not answered for 10 s") }
  }

  func close() {
    for (_, client) in clients { client.disconnect() }
    clients = []
  }

  private func flush() throws {
    guard !waiting.isEmpty else { return }
    let frames = waiting
    waiting.removeAll(keepingCapacity: true)
    try clients[active].client.batch { client throws(ClientError) in
      for frame in frames { try client.send(requestFrame: frame) }
    }
  }

  /// Hands on what a session has received; how many events that were.
  private func deliver(_ index: Int, timeout: Duration) throws -> Int {
    let (key, client) = clients[index]
    var count = 0
    while let event = try client.next(timeout: count == 0 ? timeout : .zero) {
      count += 1
      switch event {
      case .sessionRejected(let reject):
        throw TapeError(
          "the session of key \(key.rawValue) refuses requests: \(reasonName(reject.reasonCode)), detail \(reject.detail)"
        )
      case .terminated(let message): throw ClientError.terminated(message.reason, detail: message.detail)
      case .disconnected(let error): throw error
      case .reportsMissed: throw TapeError("the venue cannot send all reports of key \(key.rawValue) any more")
      default: try onReport?(key, event)
      }
    }
    return count
  }
}

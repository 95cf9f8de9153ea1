import Glibc
import Server
import Session
import Values

/// The machine of a simulation: a clock, a network of links, and the point where everything else happens. While the
/// server waits, clients act, packets travel and time passes.
final class SimulatedHost: Host {
  private static let listener: Int32 = 1 << 16
  private static let helperDescriptor: Int32 = 1 << 17

  let clock: SimulatedClock
  let disk: SimulatedDisk
  private var chance: Chance
  /// Everybody at the other end.
  var clients: [SimulatedClient] = []
  /// Links that the server has not accepted yet.
  private var waiting: [Link] = []
  /// Links that the server has accepted, in that order: descriptors ascending.
  private var links: [Link] = []
  private var lastDescriptor: Int32 = 1 << 16
  private var isListening = false
  private var found: [(Int32, Readiness)] = []
  /// The descriptor that tells the server to stop.
  private var controlDescriptor: Int32?
  private var helperResult: (bytes: [UInt8], at: UInt64)?
  /// When the machine loses its power or the process is killed; `nil`: it does not.
  var deathAt: UInt64?
  /// When the server is asked to stop in order.
  var stopAt: UInt64?
  /// Turns of the server's loop.
  private(set) var turns: UInt64 = 0
  /// Helpers that died on their way.
  private(set) var lostHelpers = 0
  /// One snapshot in so many is cut short by the death of its helper; 0: none.
  var helperDeaths = 0
  /// Network delay in nanoseconds.
  var delay: ClosedRange<UInt64> = 5_000...50_000

  init(clock: SimulatedClock, disk: SimulatedDisk, chance: Chance) {
    self.clock = clock
    self.disk = disk
    self.chance = chance
  }

  /// The machine starts again: all links are gone.
  func reset() {
    for client in clients { client.lostLink(now: clock.monotonic, host: self) }
    (waiting, links, found) = ([], [], [])
    (isListening, hasListened, controlDescriptor, helperResult) = (false, false, nil, nil)
    (deathAt, stopAt) = (nil, nil)
  }

  /// Whether the machine died by its clock.
  var hasDied: Bool { deathAt.map { clock.monotonic >= $0 } ?? false }
  /// Whether the server came as far as listening.
  private(set) var hasListened = false

  private var isDead: Bool { disk.isDead || hasDied }

  // MARK: The clients' side

  /// A new connection to the server; `nil`: nobody listens.
  func connect() -> Link? {
    guard isListening && !isDead else { return nil }
    lastDescriptor += 1
    let link = Link(descriptor: lastDescriptor, window: 1 << (11 + chance.below(6)))
    waiting.append(link)
    return link
  }

  /// Sends `bytes` to the server, cut as networks cut.
  func send(_ bytes: [UInt8], over link: Link) {
    var rest = bytes[...]
    var time = clock.monotonic
    while !rest.isEmpty {
      let amount = chance.once(in: 4) ? min(rest.count, 1 + chance.below(200)) : rest.count
      time += chance.within(delay)
      link.toServer.send(Array(rest.prefix(amount)), at: time)
      rest = rest.dropFirst(amount)
    }
  }

  private func link(_ descriptor: Int32) -> Link? { links.first { $0.descriptor == descriptor } }

  // MARK: Host

  var monotonic: UInt64 { clock.monotonic }
  var wall: Timestamp { clock.wall }

  func fillRandom(_ bytes: UnsafeMutableRawBufferPointer) {
    for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: chance.next()) }
  }

  func listen(on endpoint: ListenEndpoint, backlog: Int32) throws(ServerError) -> Listener {
    isListening = true
    hasListened = true
    return Listener(descriptor: Self.listener, address: endpoint.address, port: 1, isLoopback: true)
  }

  func accept(_ listener: Int32) -> Accepted {
    if waiting.isEmpty { return .nobody }
    let link = waiting.removeFirst()
    links.append(link)
    return .connection(
      link.descriptor, PeerAddress(ipv4: UInt32(link.descriptor)), text: "client:\(link.descriptor)")
  }

  func receive(_ connection: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    guard let link = link(connection), !link.isReset else { return .broken }
    if link.toServer.readable == 0 { return link.isReadable ? .broken : .wouldBlock }
    let wanted = chance.once(in: 8) ? 1 + chance.below(buffer.count) : buffer.count
    let bytes = link.toServer.take(wanted)
    bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
    return .bytes(bytes.count)
  }

  func send(_ connection: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
    guard let link = link(connection), !link.isReset, !isDead else { return .broken }
    let amount = min(bytes.count, link.room)
    if amount == 0 { return .wouldBlock }
    link.toClient.send(Array(bytes[..<amount]), at: clock.monotonic + chance.within(delay))
    clock.pass(1_000)
    return .bytes(amount)
  }

  func finishSending(_ connection: Int32) { link(connection)?.serverFinished = true }

  func close(_ descriptor: Int32) {
    if descriptor == Self.listener {
      isListening = false
    } else if let index = links.firstIndex(where: { $0.descriptor == descriptor }) {
      let link = links.remove(at: index)
      link.serverFinished = true
      link.watched = nil
    }
  }

  func watch(_ descriptor: Int32, for events: Readiness) throws(ServerError) {
    if let link = link(descriptor) {
      link.watched = events
    } else if descriptor < Self.listener {
      controlDescriptor = descriptor
    }
  }

  func change(_ descriptor: Int32, to events: Readiness) { link(descriptor)?.watched = events }

  func unwatch(_ descriptor: Int32) { link(descriptor)?.watched = nil }

  func wait(milliseconds: Int32) throws(ServerError) -> Int {
    turns += 1
    clock.pass(1_000 + chance.within(0...4_000))
    let deadline = milliseconds < 0 ? UInt64.max : clock.monotonic + UInt64(milliseconds) * 1_000_000
    while true {
      if isDead { throw .system(call: "the machine", code: EIO) }
      let now = clock.monotonic
      for client in clients where client.isDue(now: now) { client.act(now: now, host: self) }
      collectReady(now: now)
      if !found.isEmpty { return found.count }
      var next = min(deadline, deathAt ?? .max, stopAt ?? .max, helperResult?.at ?? .max)
      for client in clients { next = min(next, client.wake) }
      for link in links { next = min(next, link.toServer.nextArrival ?? .max) }
      precondition(next != .max, "nothing will ever happen again")
      clock.reach(next)
      if next == deadline { return 0 }
    }
  }

  private func collectReady(now: UInt64) {
    found.removeAll(keepingCapacity: true)
    if let stopAt, now >= stopAt, let controlDescriptor {
      found.append((controlDescriptor, .readable))
      self.stopAt = nil
    }
    if let helperResult, now >= helperResult.at { found.append((Self.helperDescriptor, .readable)) }
    for link in links {
      link.toServer.deliver(now: now)
      let events = link.ready
      if !events.isEmpty { found.append((link.descriptor, events)) }
    }
    if !waiting.isEmpty && isListening { found.append((Self.listener, .readable)) }
  }

  func ready(_ index: Int) -> (descriptor: Int32, events: Readiness) { found[index] }

  /// The helper's work is done at once, on the disk as it is now; the server hears of it later. Now and then the helper
  /// dies in the middle.
  func startHelper(_ body: () -> [UInt8]) -> HelperStart {
    disk.takesTime = false
    let dies = chance.once(in: helperDeaths)
    var result = dies ? disk.cutShort(after: chance.below(20), body) : body()
    disk.takesTime = true
    if dies {
      lostHelpers += 1
      result = []
    }
    helperResult = (result, clock.monotonic + chance.within(100_000...20_000_000))
    return .started(Helper(process: 1, descriptor: Self.helperDescriptor))
  }

  func finishHelper(_ helper: Helper) -> [UInt8] {
    defer { helperResult = nil }
    return helperResult?.bytes ?? []
  }
}

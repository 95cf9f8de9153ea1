import Testing
import Values
import Wire

@testable import Client

@Suite("Bytes from a server") struct StreamTests {
  /// Small numbers that are the same for the same seed.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) | (state << 31)
    }
  }

  private func session() -> (bytes: [UInt8], events: Int) {
    var bytes = frame(Challenge(nonce: Bytes32(1, 2, 3, 4), connectionId: 5, venueId: 6))
    bytes += frame(FakeServer.identity)
    bytes += frame(FakeServer.terms())
    for number in UInt64(1)...20 {
      bytes += frame(accepted(report: number, request: 0))
      if number.isMultiple(of: 5) { bytes += frame(Sequence(nextReport: number + 1)) }
    }
    return (bytes, 21)
  }

  /// Everything that a client makes of `bytes` when they arrive in `pieces`.
  private func events(_ bytes: [UInt8], pieces: [Int]) throws -> [Event] {
    let server = FakeServer()
    server.session.connected(at: server.now)
    var events: [Event] = []
    var rest = bytes[...]
    for length in pieces {
      server.session.receive(bytes: Array(rest.prefix(length)), at: server.now)
      rest = rest.dropFirst(length)
      while let event = try server.event() { events.append(event) }
    }
    return events
  }

  @Test(arguments: UInt64(1)...20)
  func howTheyArriveMakesNoDifference(seed: UInt64) throws {
    let (bytes, count) = session()
    let whole = try events(bytes, pieces: [bytes.count])
    #expect(whole.count == count)
    var numbers = Numbers(state: seed)
    var pieces: [Int] = []
    while pieces.reduce(0, +) < bytes.count { pieces.append(Int.random(in: 1...90, using: &numbers)) }
    #expect(try events(bytes, pieces: pieces) == whole)
  }

  /// Whatever a broken or hostile server sends, the client says an error or makes events of it; it never traps, and it
  /// never makes more events than there are frames.
  @Test(arguments: UInt64(1)...200)
  func damagedBytesNeverTrap(seed: UInt64) {
    var (bytes, count) = session()
    var numbers = Numbers(state: seed)
    for _ in 0..<Int.random(in: 1...8, using: &numbers) {
      bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
    }
    let server = FakeServer()
    server.session.connected(at: server.now)
    server.session.receive(bytes: bytes, at: server.now)
    var events = 0
    while let event = try? server.event() {
      events += 1
      if case .reportsMissed = event { count += 1 }
    }
    #expect(events <= count)
  }
}

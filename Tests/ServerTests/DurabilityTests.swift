import Glibc
import Server
import Storage
import Synchronization
import Testing
import Values
import Wire

/// A disk that counts its syncs and can be made slow or broken.
private final class TestDisk: SystemFiles, @unchecked Sendable {
  let syncs = Atomic<Int>(0)
  let isSlow = Atomic<Bool>(false)
  let isBroken = Atomic<Bool>(false)

  override func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) -> Int {
    isBroken.load(ordering: .relaxed) ? -Int(ENOSPC) : super.write(descriptor, bytes, count, at: offset)
  }

  override func synchronise(_ descriptor: Int32) -> Int32 {
    if isSlow.load(ordering: .relaxed) { usleep(50_000) }
    let result = super.synchronise(descriptor)
    syncs.add(1, ordering: .sequentiallyConsistent)
    return result
  }
}

@Suite("What has left the server is on the disk", .serialized)
struct DurabilityTests {
  let directory = TemporaryDirectory()
  private let disk = TestDisk()

  private func start() throws -> TestServer {
    let disk = disk
    return try #require(
      TestServer(directory: directory.path) {
        $0.durability = .batch
        $0.journal.files = disk
        $0.journal.preallocationBytes = 1 << 16
      })
  }

  @Test("Reports, market data and answers wait for the sync of what they tell")
  func waits() throws {
    let server = try start()
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    let staff = try TestClient(port: server.port, TestVenue.staff)
    staff.send(Subscribe(queryId: 1, instrument: TestVenue.instrument, feed: .orders))
    _ = try staff.next(QueryEnd.self)
    _ = try buyer.next(EstablishAck.self)
    disk.isSlow.store(true, ordering: .relaxed)
    for id in 1...3 {
      let before = disk.syncs.load(ordering: .sequentiallyConsistent)
      buyer.send(
        frame(buyer.order(TestVenue.buyer, UInt64(id), .buy))
          + frame(QueryStatus(queryId: UInt64(id), withStateHash: false)))
      if id == 1 { _ = try buyer.next(OrderAccepted.self) }
      if id == 2 { _ = try buyer.next(StatusReport.self) }
      if id == 3 { _ = try staff.next(BookOrder.self) }
      #expect(disk.syncs.load(ordering: .sequentiallyConsistent) > before)
      while try buyer.next(QueryEnd.self).queryId != UInt64(id) {}
      if id < 3 { _ = try staff.next(BookOrder.self) }
    }
    disk.isSlow.store(false, ordering: .relaxed)
    #expect(server.stop() == 0)
  }

  @Test("When the journal cannot be written the server stops, and nothing of that batch is acknowledged")
  func brokenDisk() throws {
    let server = try start()
    let buyer = try TestClient(port: server.port, TestVenue.buyer)
    buyer.send(buyer.order(TestVenue.buyer, 1, .buy))
    _ = try buyer.next(OrderAccepted.self)
    disk.isBroken.store(true, ordering: .relaxed)
    buyer.send(buyer.order(TestVenue.buyer, 2, .buy))
    #expect(throws: TestClient.Ended.self) { try buyer.nextFrame() }
    #expect(server.wait() == 1)
    #expect(server.log.contains("No space left on device"))
    disk.isBroken.store(false, ordering: .relaxed)

    let again = try start()
    let back = try TestClient(port: again.port, TestVenue.buyer, lastReport: 1)
    let ack = try back.next(EstablishAck.self)
    #expect(ack.lastReport == 1 && ack.lastRequest == 1)
    #expect(again.stop() == 0)
  }
}

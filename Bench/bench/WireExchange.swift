import CBench
import Client
import Foundation
import Server
import Values
import Wire

/// A connection that is measured: an order goes out and its report is waited for, then the order is cancelled the same
/// way. Both ends of the comparison are driven by the same code with messages of the same sizes.
final class WireExchange {
  /// Request and reply bytes: an order, a cancel.
  static let sizes = [
    bench_size(request: NewOrder.frameLength, reply: OrderAccepted.frameLength),
    bench_size(request: CancelOrder.frameLength, reply: OrderCancelled.frameLength),
  ]

  private let descriptor: Int32
  private let mode: Int32
  /// Holds the connection of a venue; `nil`: the other end is the echo.
  private let client: Client?
  private var lastRequest: UInt64
  private let request = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
  private let reply = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)

  /// A session of the first key of the venue at `port`.
  init(venue port: UInt16, poll: PollMode) throws {
    var settings = ClientSettings()
    settings.keepAlive = .seconds(60)
    let client = try Client(
      to: "127.0.0.1:\(port)", key: KeyId(1), keyPair: BenchVenue.keyPair(of: 1), settings: settings)
    try client.connect()
    guard let descriptor = client.descriptor else { throw BenchError("not connected") }
    self.client = client
    self.descriptor = descriptor
    lastRequest = client.session.lastRequest
    mode = poll == .block ? Int32(BENCH_BLOCK) : Int32(BENCH_SPIN)
  }

  init(echo port: UInt16, poll: PollMode) throws {
    descriptor = bench_connect(port)
    guard descriptor >= 0 else { throw BenchError("cannot connect to port \(port)") }
    client = nil
    lastRequest = 0
    mode = poll == .block ? Int32(BENCH_BLOCK) : Int32(BENCH_SPIN)
  }

  deinit {
    if client == nil { close(descriptor) }
    request.deallocate()
    reply.deallocate()
  }

  /// An order and its report: nanoseconds. The order is cancelled afterwards, outside the time.
  func orderToReport() throws -> UInt64 {
    let name = lastRequest + 1
    lastRequest += 2
    let nanoseconds = try exchange(Self.order(name, price: BenchVenue.mark.rawValue - 100), OrderAccepted.self)
    _ = try exchange(CancelOrder(requestId: name + 1, orderRequestId: name, orderKey: .venue), OrderCancelled.self)
    return nanoseconds
  }

  private static func order(_ name: UInt64, price: Int64) -> NewOrder {
    NewOrder(
      requestId: name, account: AccountId(1), instrument: InstrumentId(1), price: Price(price), quantity: Quantity(1),
      display: .zero, side: .buy, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
      selfTradePrevention: .cancelNewest)
  }

  private func exchange<R: Message, A: Message>(_ message: R, _ answer: A.Type) throws -> UInt64 {
    message.encode(to: request.baseAddress!)
    let nanoseconds = bench_exchange(
      descriptor, request.baseAddress, R.frameLength, reply.baseAddress, A.frameLength, mode)
    guard nanoseconds >= 0 else { throw BenchError("the connection was lost") }
    if client != nil {
      guard case .frame(A.frameLength) = Frame.scan(UnsafeRawBufferPointer(reply), maximum: 256),
        Frame(UnsafeRawBufferPointer(rebasing: reply[..<A.frameLength])).template == A.template
      else { throw BenchError("the answer to \(R.template) is not \(A.template)") }
    }
    return UInt64(nanoseconds)
  }

  /// Sends `count` orders that rest, as fast as they are taken; orders a second from the first byte to the last report.
  func pipeline(_ count: Int) throws -> Double {
    var frames = Frames(capacity: count * NewOrder.frameLength)
    for index in 0..<count {
      lastRequest += 1
      frames.append(Self.order(lastRequest, price: BenchVenue.mark.rawValue - 100 - Int64(index % 64)))
    }
    let nanoseconds = frames.withBytes {
      bench_pipeline(descriptor, $0.baseAddress, $0.count, count * OrderAccepted.frameLength)
    }
    guard nanoseconds > 0 else { throw BenchError("the connection was lost, or nothing moved") }
    return Double(count) / Double(nanoseconds) * 1e9
  }
}

/// How a client behaves. The defaults suit a program that trades by hand or by strategy.
public struct ClientSettings: Sendable {
  /// At most 16 characters; the server writes it to its log.
  public var name = "lockstep-client"
  /// Both sides send something at least this often; a side silent for twice as long is gone. 100 ms … 60 s.
  public var keepAlive: Duration = .seconds(5)
  /// After a lost session all orders of the key are cancelled when this has passed; `nil`: never.
  public var cancelOnDisconnect: Duration?
  /// Waits for the network by asking again and again instead of sleeping: lower latency, a whole core busy.
  public var spins = false

  public init() {}

  var keepAliveMilliseconds: UInt32 { Self.milliseconds(keepAlive) }
  var cancelOnDisconnectMilliseconds: UInt32 { cancelOnDisconnect.map { max(1, Self.milliseconds($0)) } ?? 0 }

  private static func milliseconds(_ duration: Duration) -> UInt32 {
    UInt32(clamping: duration.nanoseconds / 1_000_000)
  }
}

extension Duration {
  /// Whole nanoseconds, saturating.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflows) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || overflows ? (seconds < 0 ? .min : .max) : sum
  }
}

extension Int64 {
  func saturatingSum(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

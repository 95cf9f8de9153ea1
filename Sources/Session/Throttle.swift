/// Limits a stream of requests to a rate, with a burst of one second's worth.
///
/// A token bucket in the form that needs one number: the time at which the bucket would be full again.
public struct Throttle: Sendable {
  /// Requests per second; 0: no limit.
  public let perSecond: UInt32
  private let interval: UInt64
  private var fullAt: UInt64 = 0

  private static let burstNanoseconds: UInt64 = 1_000_000_000

  /// A full bucket. `perSecond` 0 admits everything.
  public init(perSecond: UInt32) {
    self.perSecond = perSecond
    interval = perSecond == 0 ? 0 : max(1, Throttle.burstNanoseconds / UInt64(perSecond))
  }

  /// Takes one request at monotonic time `now` (ns) when the rate allows it. O(1).
  public mutating func admit(now: UInt64) -> Bool {
    if perSecond == 0 { return true }
    let next = max(fullAt, now) + interval
    if next > now + Throttle.burstNanoseconds { return false }
    fullAt = next
    return true
  }
}

/// Bounds what strangers can cost the venue: signature checks per second, and failed logins per address.
///
/// Failures count against the network address and never against the key, or anyone could lock a key's owner out.
/// Times are monotonic nanoseconds, given by the caller.
public struct LoginGate: Sendable {
  private struct Failures {
    var count: Int
    var windowStart: UInt64
    var lockedUntil: UInt64
  }

  private let settings: SessionSettings
  private var verifications: Throttle
  private var failures: [PeerAddress: Failures] = [:]

  public init(settings: SessionSettings) {
    self.settings = settings
    verifications = Throttle(perSecond: settings.verificationsPerSecond)
  }

  /// Whether `address` is locked out at `now`.
  public func isLockedOut(_ address: PeerAddress, now: UInt64) -> Bool {
    guard let entry = failures[address] else { return false }
    return now < entry.lockedUntil
  }

  /// Takes one of the signature checks allowed per second; `false`: none is left, answer `busy` without any crypto.
  public mutating func admitVerification(now: UInt64) -> Bool {
    verifications.admit(now: now)
  }

  /// Counts a failed login; returns `true` when it locks the address out.
  public mutating func recordFailure(_ address: PeerAddress, now: UInt64) -> Bool {
    var entry = failures[address] ?? Failures(count: 0, windowStart: now, lockedUntil: 0)
    if now - entry.windowStart > settings.failureWindow { entry = Failures(count: 0, windowStart: now, lockedUntil: 0) }
    entry.count += 1
    let locks = entry.count >= settings.failuresBeforeLockOut
    if locks {
      entry.lockedUntil = now + settings.lockOut
      entry.count = 0
      entry.windowStart = now
    }
    if failures[address] == nil && failures.count >= LoginGate.addressesKept { forgetOldest() }
    failures[address] = entry
    return locks
  }

  /// Addresses remembered; a flood from more of them forgets the one heard longest ago.
  static let addressesKept = 4096

  private mutating func forgetOldest() {
    guard let oldest = failures.min(by: { $0.value.windowStart < $1.value.windowStart }) else { return }
    failures[oldest.key] = nil
  }
}

/// Where a connection comes from, as far as lock-outs care: an IPv4 address or the first 64 bits of an IPv6 one.
public struct PeerAddress: Hashable, Sendable {
  public let high: UInt32
  public let low: UInt32

  /// An IPv4 address in host byte order.
  public init(ipv4: UInt32) {
    high = 0xFFFF_0000
    low = ipv4
  }

  /// The network half of an IPv6 address, most significant word first.
  public init(ipv6High high: UInt32, _ low: UInt32) {
    self.high = high
    self.low = low
  }
}

import Values

/// What the session layer grants and refuses. Times in nanoseconds of the monotonic clock unless the name says more.
public struct SessionSettings: Sendable {
  /// Bytes a connection may send before it is established.
  public var loginBytes = 512
  /// Time from accept to Establish.
  public var loginTime: UInt64 = 2_000_000_000
  /// Signature checks per second, all connections together. Each costs about 90 µs of the loop.
  public var verificationsPerSecond: UInt32 = 100
  /// Failed logins of one address within `failureWindow` that lock it out for `lockOut`.
  public var failuresBeforeLockOut = 5
  public var failureWindow: UInt64 = 60_000_000_000
  public var lockOut: UInt64 = 60_000_000_000
  /// Requests per second and session (commands, queries, subscriptions, retransmissions); 0: no limit.
  public var requestsPerSecond: UInt32 = 10_000
  /// Queries and subscriptions per second and session, within `requestsPerSecond`; 0: no limit.
  public var queriesPerSecond: UInt32 = 100
  /// Bounds of the keep-alive interval a client may ask for, in milliseconds; values outside are moved to the bound.
  public var keepAliveMinimum: UInt32 = 100
  public var keepAliveMaximum: UInt32 = 60_000
  /// Bytes waiting for a client before it is terminated as a slow consumer. Must hold the largest burst of one command.
  public var outputBytes = 4 << 20
  /// Report bytes kept per key for recovery. The reports of the key's last command are kept even when they are more.
  public var reportBytes = 256 << 10
  /// Market-data bytes a subscriber may lag behind before it is terminated as a slow consumer.
  public var feedBytes = 4 << 20
  /// Subscriptions of one session.
  public var subscriptions = 256
  /// How long a closing connection may take to read its last messages.
  public var linger: UInt64 = 1_000_000_000

  public init() {}
}

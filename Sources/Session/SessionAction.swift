import Values
import Wire

/// Where a connection is in its life.
public enum SessionState: Sendable, Equatable, CaseIterable {
  /// Accepted; Negotiate is due.
  case connected
  /// Challenge sent; Proof is due.
  case challenged
  /// Key proved; Establish is due.
  case authenticated
  /// Live.
  case established
  /// Over: what is in the output may still be read, nothing is taken any more.
  case closing
}

/// What a connection wants from its server next. Frames are views of the input: good until the next call.
public enum SessionAction {
  /// More bytes are needed.
  case wait
  /// A proof is there. The server decides when it can afford the check: `verifyLogin` or `terminate(.busy)`. Asked again
  /// until one of them is done.
  case verify
  /// The client wants its stream: sequence SessionOpened, then call `established`.
  case establish(Establish)
  /// A command for the journal and the kernel.
  case command(Frame)
  /// The same with recorded time and key; only on a replay target.
  case replay(ReplayHeader, Frame)
  /// A read.
  case query(Frame)
  case subscribe(Subscribe)
  case unsubscribe(Unsubscribe)
  case retransmit(RetransmitRequest)
  /// The session is over; flush its output and close.
  case closed
}

/// What a timer asks for.
public enum SessionTimer: Sendable, Equatable {
  case nothing
  /// The server has been silent for the keep-alive interval: send a Sequence.
  case heartbeat
  /// The session has been terminated.
  case terminated
  /// A closing connection has had its time: close it now.
  case drop
}

/// Why a session ended, for the log and for the end of its venue session.
public enum SessionEnd: Sendable, Equatable {
  /// Terminate was sent (or answered), with this detail.
  case terminated(TerminateReason, detail: Int64)
  /// The connection broke.
  case lost
}

/// What a client must be told when its stream starts.
public struct StreamStart: Sendable {
  /// Newest report of the key.
  public var lastReport: UInt64
  /// Oldest report that can still be sent; 0: none.
  public var oldestReport: UInt64
  /// Highest request id consumed.
  public var lastRequest: UInt64
  /// Sequence and time of the last command applied.
  public var sequence: UInt64
  public var time: Timestamp
  public var ordersPerAccount: UInt32

  public init(
    lastReport: UInt64, oldestReport: UInt64, lastRequest: UInt64, sequence: UInt64, time: Timestamp,
    ordersPerAccount: UInt32
  ) {
    self.lastReport = lastReport
    self.oldestReport = oldestReport
    self.lastRequest = lastRequest
    self.sequence = sequence
    self.time = time
    self.ordersPerAccount = ordersPerAccount
  }
}

/// What the session layer must know of a key to let it in.
public struct LoginKey: Sendable {
  public var publicKey: Bytes32
  public var roles: Roles
  public var master: MasterId

  public init(publicKey: Bytes32, roles: Roles, master: MasterId) {
    self.publicKey = publicKey
    self.roles = roles
    self.master = master
  }
}

/// What the session layer tells every client about the venue.
public struct VenueIdentity: Sendable {
  public var venueId: UInt64
  public var name: Symbol
  public var durability: Durability
  /// A replay target admits connections without login and takes ReplayHeader.
  public var replayTarget: Bool

  public init(venueId: UInt64, name: Symbol, durability: Durability, replayTarget: Bool) {
    self.venueId = venueId
    self.name = name
    self.durability = durability
    self.replayTarget = replayTarget
  }
}

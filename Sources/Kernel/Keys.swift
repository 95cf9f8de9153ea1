import Values

/// A login key with its roles, numbering and session.
@frozen public struct KeyRecord: BitwiseCopyable, Sendable {
  public var id: KeyId
  public var master: MasterId
  public var roles: Roles
  public var publicKey: Bytes32
  /// Highest request id consumed.
  public var lastRequest: UInt64 = 0
  /// Number of the newest report.
  public var lastReport: UInt64 = 0
  /// The session the key is logged in with; 0: none.
  public var connectionId: UInt64 = 0
  /// After a lost session its orders are cancelled when this has passed; 0: never.
  public var cancelOnDisconnect: UInt32 = 0
  /// When the window of a lost session ends.
  public var disconnectDeadline = Timestamp.never
}

/// All keys, by id. Never removed: a revoked key has no roles.
struct KeyTable: ~Copyable {
  var records: Pool<KeyRecord>
  private var index: SlotTable

  init(capacity: Int) {
    records = Pool(capacity: capacity)
    index = SlotTable(capacity: capacity)
  }

  func find(_ id: KeyId) -> UInt32 { index.find(0, UInt64(id.rawValue)) }

  /// The caller has checked that the id is new and that there is room.
  mutating func add(_ record: KeyRecord) {
    index.insert(0, UInt64(record.id.rawValue), slot: records.insert(record))
  }
}

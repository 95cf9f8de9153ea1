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
  /// Whether the key may enter no orders, and who said so.
  public var killed = KillAuthority.released
  /// When the window of a lost session ends.
  public var disconnectDeadline = Timestamp.never
  /// The countdown as it was set, in milliseconds; 0: there is none.
  public var countdown: UInt32 = 0
  /// Slot of the account whose orders are cancelled at its end; 0: those that the key entered.
  public var countdownAccount: UInt32 = 0
  /// When it ends, and the request that set it.
  public var countdownEnd = Timestamp.never
  public var countdownRequest: UInt64 = 0
}

/// All keys, by id. Never removed: a revoked key has no roles.
struct KeyTable: ~Copyable {
  var records: Pool<KeyRecord>
  private var index: SlotTable
  /// First and last key of each master, and the next key of the same master, by slot: in order of creation.
  private var ends: Pool<KeysOfMaster>
  private var masterIndex: SlotTable
  private var nextOfMaster: ZeroedArray<UInt32>

  init(capacity: Int) {
    records = Pool(capacity: capacity)
    index = SlotTable(capacity: capacity)
    ends = Pool(capacity: capacity)
    masterIndex = SlotTable(capacity: capacity)
    nextOfMaster = ZeroedArray(count: capacity + 1)
  }

  func find(_ id: KeyId) -> UInt32 { index.find(0, UInt64(id.rawValue)) }

  /// The caller has checked that the id is new and that there is room.
  mutating func add(_ record: KeyRecord) {
    let slot = records.insert(record)
    index.insert(0, UInt64(record.id.rawValue), slot: slot)
    let known = masterIndex.find(0, UInt64(record.master.rawValue))
    if known == 0 {
      masterIndex.insert(
        0, UInt64(record.master.rawValue), slot: ends.insert(KeysOfMaster(first: slot, last: slot)))
    } else {
      nextOfMaster[Int(ends[known].last)] = slot
      ends[known].last = slot
    }
  }

  /// The first key of a master, or 0.
  func first(of master: MasterId) -> UInt32 {
    let known = masterIndex.find(0, UInt64(master.rawValue))
    return known == 0 ? 0 : ends[known].first
  }

  /// The next key of the same master, or 0.
  func next(after slot: UInt32) -> UInt32 { nextOfMaster[Int(slot)] }
}

/// The first and the last key of a master.
struct KeysOfMaster: BitwiseCopyable {
  var first: UInt32
  var last: UInt32
}

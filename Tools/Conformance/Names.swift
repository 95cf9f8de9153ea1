import ToolSupport

/// Names that stand for ids in a script: the runner chooses the ids, so that a script can be run on any venue.
///
/// Accounts, masters and keys of the same name have the same id.
struct Names {
  enum Space: CaseIterable {
    /// Accounts, masters and keys.
    case party
    case instrument
    case asset
    case schedule

    /// The space of a type of the schema; `nil` when its values are no ids that have names.
    init?(typeName: String) {
      switch typeName {
      case "accountId", "masterId", "keyId": self = .party
      case "instrumentId": self = .instrument
      case "assetId": self = .asset
      case "scheduleId": self = .schedule
      default: return nil
      }
    }

    var noun: String {
      switch self {
      case .party: "account, master or key"
      case .instrument: "instrument"
      case .asset: "asset"
      case .schedule: "schedule"
      }
    }
  }

  /// The name of whoever runs the script with all roles.
  static let administrator = "admin"

  private var ids: [Space: [String: UInt64]] = [.asset: ["settlement": 0]]
  private var next: [Space: UInt64]

  /// Names get the ids from `first` on.
  init(first: [Space: UInt64], administrator: UInt64) {
    next = first
    ids[.party] = [Names.administrator: administrator]
  }

  /// The first id that is not used yet.
  func first(in space: Space) -> UInt64 { next[space] ?? 1 }

  func id(_ name: String, in space: Space) -> UInt64? { ids[space]?[name] }

  /// The id of a name, which it gets now if it has none.
  mutating func define(_ name: String, in space: Space) -> UInt64 {
    if let id = id(name, in: space) { return id }
    let id = next[space] ?? 1
    next[space] = id + 1
    ids[space, default: [:]][name] = id
    return id
  }

  /// The name stands for an id that is known already.
  mutating func bind(_ name: String, to id: UInt64, in space: Space) { ids[space, default: [:]][name] = id }

  func name(of id: UInt64, in space: Space) -> String? { ids[space]?.first { $0.value == id }?.key }

  func known(in space: Space) -> [String] { ids[space].map { $0.keys.sorted() } ?? [] }
}

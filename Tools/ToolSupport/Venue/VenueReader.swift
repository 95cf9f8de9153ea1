import Client
import Values
import Wire

/// Turns the tables of a venue file into frames. Sections come in the order in which they depend on each other (venue,
/// schedules, assets, instruments, accounts, keys, prices, deposits, phases), entries within a section in file order.
final class VenueReader {
  let toml: TomlReader
  let root: TomlSection
  var names = VenueNames()
  var hasVenueId = false
  var scheduleIds: [String: ScheduleId] = [:]
  var accountIds: Set<UInt32> = []
  private var definitions: [Genesis.Entry] = []
  private var prices: [Genesis.Entry] = []
  private var deposits: [Genesis.Entry] = []
  private var phases: [Genesis.Entry] = []

  init(_ root: TomlValue, lines: SourceLines) {
    toml = TomlReader(lines)
    guard case .table(let members) = root else { preconditionFailure("a TOML file is a table") }
    self.root = TomlSection(members, path: "", reader: toml)
  }

  func read(publicKey: (String) throws(ClientError) -> Bytes32) {
    readVenue()
    readSchedules()
    readInterest(of: .settlement, "the settlement currency", in: root)
    readAssets()
    readInstruments()
    readRiskGroups()
    readAccounts()
    readLiquidation()
    readPriceHistory()
    readKeys(publicKey: publicKey)
    root.finish()
  }

  /// All frames in order, their request ids counted from 1.
  var entries: [Genesis.Entry] {
    (definitions + prices + deposits + phases).enumerated().map { index, entry in
      var bytes = entry.bytes
      bytes.withUnsafeMutableBytes {
        $0.storeBytes(of: UInt64(index + 1).littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
      }
      return Genesis.Entry(bytes: bytes, line: entry.line, what: entry.what)
    }
  }

  // MARK: Frames

  /// When a frame is applied.
  enum Stage {
    case definition
    case price
    case deposit
    case phase
  }

  func add<M: Message>(_ message: M, at line: Int, _ what: String, stage: Stage = .definition) {
    var bytes = [UInt8](repeating: 0, count: M.frameLength)
    bytes.withUnsafeMutableBytes { message.encode(to: $0.baseAddress!) }
    add(bytes, at: line, what, stage: stage)
  }

  func add<M: MessageWithRows>(_ message: M, rows: [M.Row], at line: Int, _ what: String) {
    var bytes = [UInt8](repeating: 0, count: M.frameLength(rows: rows.count))
    bytes.withUnsafeMutableBytes { message.encode(to: $0.baseAddress!, rows: rows) }
    add(bytes, at: line, what, stage: .definition)
  }

  private func add(_ bytes: [UInt8], at line: Int, _ what: String, stage: Stage) {
    let entry = Genesis.Entry(bytes: bytes, line: line, what: what)
    switch stage {
    case .definition: definitions.append(entry)
    case .price: prices.append(entry)
    case .deposit: deposits.append(entry)
    case .phase: phases.append(entry)
    }
  }

  // MARK: Names

  /// A name of the venue, 1 to 16 printable ASCII characters.
  func symbol(_ key: String, in section: TomlSection) -> Symbol {
    let text = section.requiredText(key)
    if let symbol = Symbol(text), !text.isEmpty { return symbol }
    if section.has(key) { section.issue(key, "should be 1 to 16 printable ASCII characters.") }
    return Symbol()
  }

  /// The schedule with that name; none when the key is absent.
  func schedule(_ key: String, in section: TomlSection) -> ScheduleId {
    guard let name = section.text(key) else { return .none }
    if let id = scheduleIds[name] { return id }
    section.issue(key, unknown("schedule", name, among: scheduleIds.keys.sorted()))
    return .none
  }

  func asset(_ key: String, in section: TomlSection) -> VenueNames.Asset? {
    guard let name = section.text(key) else { return nil }
    if let asset = names.asset(named: name) { return asset }
    section.issue(key, unknown("asset", name, among: names.assets.map(\.symbol)))
    return nil
  }

  func unknown(_ kind: String, _ name: String, among known: [String]) -> String {
    let hint = suggestion(for: name, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
    let list = known.isEmpty ? "none is defined" : known.joined(separator: ", ")
    return "there is no \(kind) “\(name)”.\(hint) Known: \(list)."
  }
}

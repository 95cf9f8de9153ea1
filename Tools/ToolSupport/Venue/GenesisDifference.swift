import Values
import Wire

/// How a venue file differs from the venue that was made from it earlier, and the admin commands that would make up for
/// it. A venue is changed by commands, never by its file: the file only creates it.
public struct GenesisDifference: Sendable {
  /// One frame that differs.
  public struct Change: Sendable {
    /// Line of the file; 0 when the file no longer has it.
    public let line: Int
    /// As the venue was created; `nil`: the file has something new.
    public let before: String?
    /// As the file has it now; `nil`: it was taken out.
    public let after: String?
    /// The text for `lockstep admin send`; `nil`: no command can do it.
    public let command: String?
    /// What to know about it, a sentence or nothing.
    public let remark: String
  }

  public let changes: [Change]
  public var isEmpty: Bool { changes.isEmpty }

  /// Compares the file with the first frames of the journal.
  public init(file: Genesis, journal: [[UInt8]]) {
    var old: [String: FieldText] = [:]
    for frame in journal {
      let text = FieldText(frame, ignoresVenueId: !file.hasVenueId)
      old[text.identity] = text
    }
    var changes: [Change] = []
    for entry in file.entries {
      let new = FieldText(entry.bytes, ignoresVenueId: !file.hasVenueId)
      let before = old.removeValue(forKey: new.identity)
      guard before?.line != new.line else { continue }
      let (command, remark) = Self.remedy(from: before, to: new)
      changes.append(
        Change(line: entry.line, before: before?.line, after: new.line, command: command, remark: remark))
    }
    for frame in journal {
      guard let before = old[FieldText(frame, ignoresVenueId: !file.hasVenueId).identity] else { continue }
      let (command, remark) = Self.removal(of: before)
      changes.append(Change(line: 0, before: before.line, after: nil, command: command, remark: remark))
    }
    self.changes = changes
  }

  /// The difference as people read it, with the commands at the end.
  public func text(file: String) -> String {
    var lines: [String] = []
    for change in changes {
      lines.append(change.line > 0 ? "  \(file):\(change.line)" : "  taken out of \(file)")
      if let before = change.before { lines.append("    - \(before)") }
      if let after = change.after { lines.append("    + \(after)") }
      if !change.remark.isEmpty { lines.append("    \(change.remark)") }
    }
    let commands = changes.compactMap(\.command)
    if !commands.isEmpty {
      lines.append("")
      lines.append("Put the file back as it was, start the server, and make the changes with:")
      lines += commands.map { "  lockstep admin send '\($0)'" }
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Commands

  private static func remedy(from before: FieldText?, to after: FieldText) -> (String?, String) {
    guard let before else { return (after.line, "") }
    switch after.message.template {
    case .setMarginParameters, .setImpactCurve, .setOptionParameters, .setImpliedVolatility, .setVolatilityParameters,
      .setLiquidityParameters, .setFundingParameters, .setInterestParameters, .setFeeTier, .setPreventionGroup,
      .setAccountLimits,
      .setRiskGroup,
      .setGroupCredit, .setOracleParameters,
      .setMarkParameters, .setLiquidationParameters, .setPriceHistory, .indexPrice, .markPrice, .setPhase:
      return (after.line, "")
    case .createAccount where before.same(as: after, except: ["multiplier", "leverageCap", "mode", "flags"]):
      return (after.renamed("ChangeAccount", keeping: ["account", "leverageCap", "mode", "flags", "multiplier"]), "")
    case .defineKey where before.same(as: after, except: ["roles"]):
      return (after.renamed("ChangeKeyRoles", keeping: ["key", "roles"]), "")
    case .deposit:
      return (depositChange(from: before, to: after), "")
    case .defineSchedule:
      return (after.renamed("SetSchedule", keeping: ["schedule", "rows"]), "")
    case .defineAsset where before.same(as: after, except: Self.collateral):
      return (after.renamed("SetAssetParameters", keeping: ["asset"] + Self.collateral), "")
    case .defineInstrument where before.same(as: after, except: Self.limits):
      return (after.renamed("SetInstrumentLimits", keeping: ["instrument"] + Self.limits), "")
    case .defineVenue:
      return (nil, "The venue itself is fixed: start anew with an empty data directory.")
    default:
      return (nil, "It cannot be changed once it exists: define a new one under another id.")
    }
  }

  /// Fields of definitions that other messages change.
  private static let collateral = ["haircutMaintenance", "haircutInitial", "debtAddonMaintenance", "debtAddonInitial"]
  private static let limits = ["priceBand", "maximumOrder", "positionLimit", "makerFee", "takerFee"]

  private static func depositChange(from before: FieldText, to after: FieldText) -> String? {
    guard let old = before["amount"].flatMap({ Int64($0) }), let new = after["amount"].flatMap({ Int64($0) }) else {
      return nil
    }
    let fields = "account=\(after["account"] ?? "") asset=\(after["asset"] ?? "")"
    return "\(new > old ? "Deposit" : "Withdraw") \(fields) amount=\((new - old).magnitude)"
  }

  private static func removal(of before: FieldText) -> (String?, String) {
    switch before.message.template {
    case .defineKey: ("ChangeKeyRoles key=\(before["key"] ?? "") roles=[]", "")
    case .setPhase: ("SetPhase instrument=\(before["instrument"] ?? "") phase=halted", "")
    case .setImpactCurve:
      ("SetImpactCurve instrument=\(before["instrument"] ?? "") side=\(before["side"] ?? "") rows=[]", "")
    case .setVolatilityParameters: ("SetVolatilityParameters instrument=\(before["instrument"] ?? "") interval=0", "")
    case .setLiquidityParameters:
      ("SetLiquidityParameters instrument=\(before["instrument"] ?? "") interval=0 rows=[]", "")
    case .setGroupCredit:
      ("SetGroupCredit first=\(before["first"] ?? "") second=\(before["second"] ?? "")", "")
    case .setFundingParameters: ("SetFundingParameters instrument=\(before["instrument"] ?? "") interval=0", "")
    case .setInterestParameters:
      ("SetInterestParameters asset=\(before["asset"] ?? "") interval=0", "")
    case .setFeeTier:
      ("SetFeeTier account=\(before["account"] ?? "") makerMultiple=1000000000 takerMultiple=1000000000", "")
    case .setPreventionGroup: ("SetPreventionGroup account=\(before["account"] ?? "") group=0", "")
    case .setOracleParameters: ("SetOracleParameters asset=\(before["asset"] ?? "") quorum=0", "")
    case .setMarkParameters: ("SetMarkParameters instrument=\(before["instrument"] ?? "") interval=0", "")
    case .setAccountLimits: ("SetAccountLimits account=\(before["account"] ?? "")", "")
    case .setPriceHistory: ("SetPriceHistory interval=0", "")
    case .deposit: (before.renamed("Withdraw", keeping: ["account", "asset", "amount"]), "")
    default: (nil, "Nothing that exists can be taken away.")
    }
  }
}

/// A frame as its fields in text, without its request id.
private struct FieldText {
  let message: MessageDescription
  private let fields: [(name: String, value: String)]

  init(_ frame: [UInt8], ignoresVenueId: Bool) {
    let (template, text) = frame.withUnsafeBytes { (Frame($0).template, FrameText.describe(Frame($0))) }
    message = template.description
    let ignored = ignoresVenueId ? ["requestId", "venueId"] : ["requestId"]
    fields = Self.fields(of: text).filter { !ignored.contains($0.name) }
  }

  /// Splits a description at the spaces outside of brackets.
  private static func fields(of text: String) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    var depth = 0
    var word = ""
    for character in text + " " {
      if character == " " && depth == 0 {
        if let equals = word.firstIndex(of: "=") {
          fields.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
        }
        word = ""
        continue
      }
      if "[{".contains(character) { depth += 1 }
      if "]}".contains(character) { depth -= 1 }
      word.append(character)
    }
    return fields
  }

  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  var line: String { ([message.name] + fields.map { "\($0.name)=\($0.value)" }).joined(separator: " ") }

  /// What the frame is about: two frames with the same identity describe the same thing.
  var identity: String {
    let naming: [Template: [String]] = [
      .defineSchedule: ["schedule"], .defineAsset: ["asset"], .defineInstrument: ["instrument"],
      .defineFuture: ["instrument"], .defineOption: ["instrument"], .setOptionParameters: ["instrument"],
      .setImpliedVolatility: ["instrument", "asset"],
      .setMarginParameters: ["instrument"], .setImpactCurve: ["instrument", "side"],
      .setVolatilityParameters: ["instrument"], .setLiquidityParameters: ["instrument"], .createAccount: ["account"],
      .setFundingParameters: ["instrument"], .setInterestParameters: ["asset"], .setFeeTier: ["account"],
      .setPreventionGroup: ["account"], .setAccountLimits: ["account"],
      .setOracleParameters: ["asset"], .setMarkParameters: ["instrument"],
      .defineKey: ["key"], .deposit: ["account", "asset"], .indexPrice: ["asset"], .markPrice: ["instrument"],
      .setPhase: ["instrument"], .setRiskGroup: ["asset"], .setGroupCredit: ["first", "second"],
    ]
    let names = naming[message.template] ?? []
    return ([message.name] + names.map { self[$0] ?? "" }).joined(separator: " ")
  }

  func same(as other: FieldText, except names: [String]) -> Bool {
    let left = fields.filter { !names.contains($0.name) }.map { "\($0)" }
    return left == other.fields.filter { !names.contains($0.name) }.map { "\($0)" }
  }

  func renamed(_ name: String, keeping names: [String]) -> String {
    ([name] + names.compactMap { field in self[field].map { "\(field)=\($0)" } }).joined(separator: " ")
  }
}

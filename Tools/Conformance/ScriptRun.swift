import ToolSupport
import Values
import Wire

/// One run of a script on a venue.
struct ScriptRun {
  private let script: Script
  private let venue: any ScriptVenue
  private(set) var knowledge: Knowledge
  /// Names of accounts that were created: a party trades its own unless a command names another.
  private var accounts: Set<String> = []
  /// Definitions that scripts share on a venue that stays: text and id.
  private(set) var shared: [String: UInt64]
  private var steps = 0
  private var reports = 0

  init(_ script: Script, on venue: any ScriptVenue, knowledge: Knowledge, shared: [String: UInt64] = [:]) {
    self.script = script
    self.venue = venue
    self.knowledge = knowledge
    self.shared = shared
  }

  /// Runs the script up to the first difference. Throws a ``ScriptError`` when it makes no sense, and what the venue
  /// throws when it cannot be reached.
  mutating func run() throws -> ScriptResult {
    for step in script.steps {
      if let difference = try run(step) {
        return result(
          .failed(ScriptResult.Mismatch(file: step.file, line: step.line, step: step.text, difference: difference)))
      }
    }
    return result(.passed)
  }

  private func result(_ outcome: ScriptResult.Outcome) -> ScriptResult {
    ScriptResult(
      name: script.name, path: script.path, title: script.title, outcome: outcome, steps: steps, reports: reports)
  }

  /// One step; what is different, or `nil`.
  private mutating func run(_ step: Step) throws -> [String]? {
    knowledge.now = venue.now
    var sent: Request?
    do throws(FrameTextError) {
      switch step.action {
      case .time(let text): try pass(to: text)
      case .connect(let party, let window): venue.connect(try key(of: party), window: window)
      case .disconnect(let party): venue.disconnect(try key(of: party))
      case .send(let party, let text):
        let request = try request(text, from: party)
        if let id = shared[text], let (name, space) = request.defines, isShared(space) {
          knowledge.names.bind(name, to: id, in: space)
          return nil
        }
        sent = request
      }
    } catch {
      throw ScriptError(file: step.file, line: step.line, text: error.description)
    }
    if let sent { return try exchange(sent, step) }
    return try compare(step, with: try venue.collect(try count(step)))
  }

  /// Tables of assets and schedules are small, so scripts with the same definitions share them.
  private func isShared(_ space: Names.Space) -> Bool {
    !venue.isPrivate && (space == .asset || space == .schedule)
  }

  private func pass(to text: String) throws(FrameTextError) {
    let time = try knowledge.time(Substring(text))
    guard let nanoseconds = Int64(exactly: time), nanoseconds >= venue.now else {
      throw FrameTextError("“\(text)” is not a time after now.")
    }
    venue.pass(to: nanoseconds)
  }

  private func key(of party: String) throws(FrameTextError) -> KeyId {
    if let id = knowledge.names.id(party, in: .party) { return KeyId(UInt32(id)) }
    let hint = suggestion(for: party, among: knowledge.names.known(in: .party)).map { " Did you mean \($0)?" } ?? ""
    throw FrameTextError("nobody has defined a key “\(party)”.\(hint)")
  }

  // MARK: Requests

  private struct Request {
    let party: String
    let key: KeyId
    let frame: [UInt8]
    let message: MessageDescription
    /// The script gives the request id itself, as a number.
    let keepsId: Bool
    /// The variable that gets the request id, without `$`.
    let variable: String?
    /// The name that the request gives an id to.
    let defines: (name: String, space: Names.Space)?
  }

  private mutating func request(_ text: String, from party: String) throws(FrameTextError) -> Request {
    var (message, assignments) = try FrameBuilder.parse(text)
    var variable: String?
    var keepsId = false
    if let index = assignments.firstIndex(where: { $0.name == "requestId" }) {
      if assignments[index].value.first == "$" {
        variable = String(assignments.remove(at: index).value.dropFirst())
      } else {
        keepsId = true
      }
    }
    let defines = define(message, assignments)
    complete(&assignments, of: message, party: party, defines: defines?.name)
    let knowledge = knowledge
    let frame = try FrameBuilder.frame(of: message, assignments) { field, value throws(FrameTextError) in
      switch field.type.kind {
      case .unsigned, .signed:
        if field.type.isOptional && value == "none" { return value }
        return Substring("\(try knowledge.number(value, of: field))")
      default: return value
      }
    }
    return Request(
      party: party, key: try key(of: party), frame: frame, message: message, keepsId: keepsId, variable: variable,
      defines: defines)
  }

  /// A definition gives ids to the name of what it defines, and to that of a master.
  private mutating func define(
    _ message: MessageDescription, _ assignments: [FrameBuilder.Assignment]
  ) -> (name: String, space: Names.Space)? {
    guard message.name.hasPrefix("Define") || message.name == "CreateAccount" else { return nil }
    var result: (String, Names.Space)?
    for (name, value) in assignments where value.first?.isLetter == true {
      guard let field = message.fields.first(where: { $0.name == name }) else { continue }
      guard field.id == 2 || field.type.name == "masterId", let space = Names.Space(typeName: field.type.name) else {
        continue
      }
      _ = knowledge.names.define(String(value), in: space)
      if field.id == 2 { result = (String(value), space) }
    }
    if message.template == .createAccount, let name = result?.0 { accounts.insert(name) }
    return result
  }

  /// What a script need not write: a party's own account, the symbol of what is defined by name, the runner's public key.
  private func complete(
    _ assignments: inout [FrameBuilder.Assignment], of message: MessageDescription, party: String, defines: String?
  ) {
    for field in message.fields where !assignments.contains(where: { $0.name == field.name }) {
      if field.name == "account" && accounts.contains(party) {
        assignments.append((field.name, Substring(party)))
      } else if field.name == "symbol", let defines {
        assignments.append((field.name, defines.prefix(16)))
      } else if field.name == "publicKey" {
        assignments.append((field.name, Substring(venue.publicKey)))
      }
    }
  }

  /// Sends a request and compares what comes of it.
  private mutating func exchange(_ request: Request, _ step: Step) throws -> [String]? {
    steps += 1
    let isQuery = request.message.isQuery
    let id = try venue.send(request.frame, from: request.key, isQuery: isQuery, keepsId: request.keepsId)
    if let variable = request.variable { knowledge.variables[variable] = Int128(id) }
    var expected = try count(step)
    expected[request.key] = max(1, expected[request.key] ?? 0)
    let received = try venue.collect(expected)
    if request.message.template == .defineKey, let name = request.defines?.name,
      received.contains(where: { $0.template == .requestAccepted }), let key = knowledge.names.id(name, in: .party)
    {
      try venue.open(KeyId(UInt32(key)))
    }
    if let defines = request.defines, isShared(defines.space), case .send(_, let text) = step.action {
      shared[text] = knowledge.names.id(defines.name, in: defines.space)
    }
    if step.expectations != nil { return try compare(step, with: received) }
    let refusals = received.filter {
      $0.key == request.key && $0.number("requestId") == id
        && [.orderRejected, .requestRejected, .sessionReject].contains($0.template)
    }
    if refusals.isEmpty { return nil }
    return refusals.map { "+ " + knowledge.describe($0.bytes, to: request.party, wanted: []) }
  }

  // MARK: Comparison

  /// How many reports each key must get.
  private func count(_ step: Step) throws -> [KeyId: Int] {
    var counts: [KeyId: Int] = [:]
    for report in step.expectations ?? [] {
      do throws(FrameTextError) {
        counts[try key(of: report.party), default: 0] += 1
      } catch {
        throw ScriptError(file: step.file, line: report.line, text: error.description)
      }
    }
    return counts
  }

  /// Compares what came with what must come, for each party in order; between parties there is no order.
  private mutating func compare(_ step: Step, with received: [Received]) throws -> [String]? {
    guard let expectations = step.expectations else { return nil }
    var parties: [String] = []
    for report in expectations where !parties.contains(report.party) { parties.append(report.party) }
    let names = try parties.map { party in
      do throws(FrameTextError) { return try key(of: party) } catch {
        throw ScriptError(file: step.file, line: step.line, text: error.description)
      }
    }
    var difference: [String] = []
    var isDifferent = false
    for (party, key) in zip(parties, names) {
      let wanted = expectations.filter { $0.party == party }
      let actual = received.filter { $0.key == key }
      let equal = try leading(wanted, actual, step)
      reports += equal
      difference += wanted[..<equal].map { "  \(party) < \($0.text)" }
      difference += wanted[equal...].map { "- \(party) < \($0.text)   (line \($0.line))" }
      for (index, report) in actual.enumerated().dropFirst(equal) {
        let fields = index < wanted.count ? wanted[index].fields.map(\.name) : []
        difference.append("+ " + knowledge.describe(report.bytes, to: party, wanted: fields))
      }
      isDifferent = isDifferent || equal < wanted.count || equal < actual.count
    }
    for report in received where !names.contains(report.key) {
      let party = knowledge.names.name(of: UInt64(report.key.rawValue), in: .party) ?? "key \(report.key.rawValue)"
      difference.append("+ " + knowledge.describe(report.bytes, to: party, wanted: []))
      isDifferent = true
    }
    return isDifferent ? difference : nil
  }

  /// How many reports from the first on are as they must be.
  private mutating func leading(_ wanted: [ExpectedReport], _ actual: [Received], _ step: Step) throws -> Int {
    for (index, (expected, report)) in zip(wanted, actual).enumerated() {
      do throws(FrameTextError) {
        if !(try knowledge.matches(report.bytes, expected)) { return index }
      } catch {
        throw ScriptError(file: step.file, line: expected.line, text: error.description)
      }
    }
    return min(wanted.count, actual.count)
  }
}

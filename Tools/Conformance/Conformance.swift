import Client
import Values
import Wire

/// Runs conformance scripts.
public enum Conformance {
  /// Runs a script on a venue of its own in this process.
  public static func run(_ script: Script) throws -> ScriptResult {
    let venue = KernelVenue()
    let names = Names(first: [.party: 100], administrator: UInt64(KernelVenue.administrator.rawValue))
    var run = ScriptRun(
      script, on: venue, knowledge: Knowledge(names: names, moneyDigits: KernelVenue.moneyDigits))
    return try run.run()
  }
}

/// Runs conformance scripts on a running server, one after the other. Each defines instruments, accounts and keys of its
/// own, with ids that nobody uses; they stay there when it has ended, the instruments open.
public final class ServerConformance {
  private let venue: LiveVenue
  private let administrator: KeyId
  private let moneyDigits: Int
  private var next: [Names.Space: UInt64]
  private var shared: [String: UInt64] = [:]

  /// - Parameters:
  ///   - address: `host:port`.
  ///   - key: A key that has all roles.
  ///   - moneyDigits: Decimal digits of the venue's money quantum.
  public init(address: String, key: KeyId, keyPair: KeyPair, moneyDigits: Int) throws {
    venue = try LiveVenue(address: address, administrator: key, keyPair: keyPair)
    administrator = key
    self.moneyDigits = moneyDigits
    next = [
      .party: .random(in: 1 << 24...1 << 31), .instrument: .random(in: 1 << 24...1 << 31),
      .asset: .random(in: 1000...60_000), .schedule: .random(in: 1000...60_000),
    ]
  }

  /// Runs a script, unless it needs what only a venue of its own can give.
  public func run(_ script: Script) throws -> ScriptResult {
    if let need = script.needs {
      return ScriptResult(
        name: script.name, path: script.path, title: script.title,
        outcome: .skipped("needs a venue of its own: \(need.rawValue)"), steps: 0, reports: 0)
    }
    defer { venue.finishScript() }
    let names = Names(first: next, administrator: UInt64(administrator.rawValue))
    var run = ScriptRun(
      script, on: venue, knowledge: Knowledge(names: names, moneyDigits: moneyDigits), shared: shared)
    let result = try run.run()
    shared = run.shared
    for space in Names.Space.allCases { next[space] = run.knowledge.names.first(in: space) }
    return result
  }

  public func close() { venue.close() }
}

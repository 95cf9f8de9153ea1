import ArgumentParser
import Client
import Conformance
import Glibc
import Tape
import ToolSupport
import Values
import Wire

/// `lockstep conform`
struct Conform: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a venue against scripts that say what the rules demand.",
    discussion: """
      A script is commands and the reports that they must lead to; Protocol/conformance/README.md describes the
      language. Without --connect each script has a venue of its own in this process. With it the scripts run on a
      server, with instruments, accounts and keys that they define there: give a key with all roles, and a venue with
      room for one to three instruments and half a dozen accounts and keys for each script. Scripts that need a venue
      of their own are skipped then.

      Examples:
        lockstep conform
        lockstep conform Protocol/conformance/post-only.conform
        lockstep conform --connect 127.0.0.1:7400 --key 1 --key-file keys/admin.key

      Exit codes: 0 all scripts are fulfilled or skipped; 1 one is not; 2 a script cannot be read or understood.
      """)

  @Argument(help: "Scripts, or directories of *.conform files. [default: Protocol/conformance]") var scripts: [String] =
    []
  @Option(help: "Address of a server to be checked.") var connect: String?
  @Option(help: "Id of a key that has all roles.") var key: UInt32 = 1
  @Option(help: "File of that key.") var keyFile: String?
  @Option(help: "The server's venue file, which names the key's file.") var config: String?
  @Flag(help: "Print what there is to run.") var list = false
  @Flag(help: "Print JSON, one object per script.") var json = false

  func run() throws {
    let scripts = try files().map { try Script(contentsOf: $0) }
    if list { return show(scripts) }
    var failures = 0
    var skipped = 0
    try forEachResult(scripts) { result in
      if result.hasFailed { failures += 1 }
      if case .skipped = result.outcome { skipped += 1 }
      print(json ? result.json.text : result.text)
    }
    if !json {
      let text = skipped == 0 ? "" : ", \(skipped) skipped"
      print("\(scripts.count) scripts, \(failures) failed\(text)")
    }
    if failures > 0 { throw ExitCode(Exit.difference.rawValue) }
  }

  private func show(_ scripts: [Script]) {
    if json {
      for script in scripts {
        let members: [(String, Json)] = [
          ("script", .string(script.name)), ("path", .string(script.path)), ("title", .string(script.title)),
          ("needs", script.need.map { .string($0) } ?? .null),
        ]
        print(Json.object(members).text)
      }
      return
    }
    for script in scripts {
      print("\(script.name): \(script.title)" + (script.need.map { " (on a venue of its own: \($0))" } ?? ""))
    }
  }

  private func forEachResult(_ scripts: [Script], _ body: (ScriptResult) -> Void) throws {
    var progress = Progress("conform", total: scripts.count)
    defer { progress.finish() }
    var server: ServerConformance?
    defer { server?.close() }
    if let connect { server = try open(connect) }
    for (index, script) in scripts.enumerated() {
      progress.show(index)
      let result = try server?.run(script) ?? Conformance.run(script)
      progress.finish()
      body(result)
    }
  }

  private func open(_ address: String) throws -> ServerConformance {
    let fromConfig = try config.flatMap { try Genesis.keyFile(of: KeyId(key), namedIn: $0) }
    guard let file = keyFile ?? fromConfig else {
      throw Failure(exit: .usage, message: "which key file? Give --key-file FILE, or --config FILE that names it.")
    }
    let keyPair = try KeyPair(contentsOf: file)
    let client = try Client(to: address, key: KeyId(key), keyPair: keyPair)
    try client.connect()
    let venue = try VenueConnection(client, names: VenueNames(), json: false)
    client.disconnect()
    return try ServerConformance(
      address: address, key: KeyId(key), keyPair: keyPair, moneyDigits: venue.directory.moneyDigits ?? 8)
  }

  /// The files that the arguments name, those of a directory in alphabetical order.
  private func files() throws -> [String] {
    let arguments = scripts.isEmpty ? ["Protocol/conformance"] : scripts
    let files = try arguments.flatMap { path in try Script.files(at: path) }
    if files.isEmpty {
      throw Failure(exit: .usage, message: "there is no *.conform file in \(arguments.joined(separator: ", ")).")
    }
    return files
  }
}

import ArgumentParser

/// The `lockstep` command.
@main struct Lockstep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "An open matching and margin kernel for a derivatives venue.",
    discussion: """
      Start with:
        lockstep demo                              a venue with simulated traders, in half a minute
        lockstep config --example > venue.toml     a venue file to change as you like
        lockstep keygen --config venue.toml        its key files
        lockstep serve --config venue.toml --data data
        lockstep admin status --config venue.toml

      Exit codes: \(Exit.explanation)
      """,
    version: Version.text,
    subcommands: [
      Demo.self, Serve.self, Config.self, CheckConfig.self, Keygen.self, Admin.self, Book.self, Replay.self,
      Import.self, CheckTape.self, Conform.self, HistoryCommand.self, Inspect.self, Verify.self, Simulate.self,
      MakeProof.self,
      VerifyProof.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      stop(error)
    }
  }
}

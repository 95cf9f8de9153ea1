import ArgumentParser
import Client
import Glibc
import Proofs
import Solvency
import ToolSupport
import Values

/// `lockstep verify-proof`
struct VerifyProof: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-proof",
    abstract: "Verify a solvency proof or report with nothing but the venue's public key.",
    discussion: """
      Needs no server and no other file. Says what was verified, and what is not
      proved by it: that the venue has the assets.

      With --evidence it prints, as JSON, what another venue needs to know of a
      customer who shows it his proof: equity without haircuts, what of it is free of
      maintenance margin, sequence and age.

      Examples:
        lockstep verify-proof account-131-….proof --public-key 3fa1…
        lockstep verify-proof account-131-….proof --public-key 3fa1… --evidence --max-age 3600

      Exit codes: 0 verified; 1 not to be believed, or too old; 2 wrong arguments, or a
      file that cannot be read.
      """)

  @Argument(help: "The proof (.proof) or report (.report).") var file: String
  @Option(help: "The venue's public key, 64 hexadecimal digits.") var publicKey: String
  @Flag(help: "Print the account's figures as evidence of collateral, as JSON.") var evidence = false
  @Option(help: ArgumentHelp("Refuse a report that is older.", valueName: "seconds")) var maxAge: Int64?
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    guard let key = Bytes32(hexadecimal: publicKey) else {
      throw Failure(exit: .usage, message: "the public key should be 64 hexadecimal digits.")
    }
    let bytes = try readBytes(file)
    do throws(SolvencyFault) {
      try show(try ProofFile(verifying: bytes, publicKey: key))
    } catch {
      try refuse("\(error)")
    }
  }

  private func show(_ verified: ProofFile) throws(SolvencyFault) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let time = Timestamp(Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    let age = verified.age(at: time)
    if let maxAge, age > maxAge { throw .badInput("the report is \(age) seconds old; at most \(maxAge) were wanted") }
    let text = ProofText(verified)
    if evidence {
      guard let evidence = text.evidence(at: time) else {
        throw .badInput("a report is about all accounts; evidence is made of the proof of one")
      }
      print(evidence.text)
    } else if json {
      print(text.json.text)
    } else {
      for line in text.lines { print(line) }
    }
  }

  private func refuse(_ reason: String) throws {
    if json || evidence { print(Json.object([("verified", false), ("reason", .string(reason))]).text) }
    throw Failure(exit: .difference, message: "NOT VERIFIED: \(file): \(reason)")
  }
}

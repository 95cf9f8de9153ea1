import ArgumentParser
import Client
import Glibc
import ToolSupport

/// `lockstep keygen`
struct Keygen: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the key files with which logins and solvency reports are signed (Ed25519).",
    discussion: """
      The file holds the secret half and is readable by its owner only; existing
      files are never overwritten. The public half is printed: it goes into the
      venue file (public_key) or into `lockstep admin define-key`.

      Examples:
        lockstep keygen trader.key
        lockstep keygen --config venue.toml   those that a venue file names
        lockstep keygen --show trader.key     the public half of a file
        lockstep keygen --venue venue.key     the key that signs solvency reports:
                                              publish its public half, keep the
                                              file off the server
      """)

  @Argument(help: "The new file.") var files: [String] = []
  @Option(help: "Make the key files that this venue file names.") var config: String?
  @Flag(help: "Print the public half of existing files.") var show = false
  @Flag(help: "Keys that sign solvency reports, not logins.") var venue = false

  func validate() throws {
    if venue && config != nil { throw ValidationError("A venue file names login keys only: leave --venue out.") }
    if files.isEmpty && config == nil { throw ValidationError("Give a file name, or --config FILE.") }
  }

  func run() throws {
    for file in files {
      let purpose = venue ? KeyPurpose.venue : .login
      let pair = show ? try KeyPair(contentsOf: file, purpose: purpose) : try Self.make(file, purpose: purpose)
      print("\(file)  public key \(pair.publicKey.hexadecimal)")
    }
    guard let config else { return }
    let missing = try Genesis.keyFiles(namedIn: config).filter { access($0, F_OK) != 0 }
    for file in missing {
      let pair = try Self.make(file)
      print("\(file)  public key \(pair.publicKey.hexadecimal)")
    }
    if missing.isEmpty { print("All key files that \(config) names exist.") }
  }

  /// Makes a key file, and its directory when that is not there.
  static func make(_ file: String, purpose: KeyPurpose = .login) throws -> KeyPair {
    if let slash = file.lastIndex(of: "/"), slash != file.startIndex { mkdir(String(file[..<slash]), 0o700) }
    let pair = KeyPair.generate()
    try pair.save(to: file, purpose: purpose)
    return pair
  }
}

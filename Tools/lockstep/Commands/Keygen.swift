import ArgumentParser
import Client
import Glibc
import ToolSupport

/// `lockstep keygen`
struct Keygen: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the key files with which logins are signed (Ed25519).",
    discussion: """
      The file holds the secret half and is readable by its owner only; existing
      files are never overwritten. The public half is printed: it goes into the
      venue file (public_key) or into `lockstep admin define-key`.

      Examples:
        lockstep keygen trader.key
        lockstep keygen --config venue.toml   those that a venue file names
        lockstep keygen --show trader.key     the public half of a file
      """)

  @Argument(help: "The new file.") var files: [String] = []
  @Option(help: "Make the key files that this venue file names.") var config: String?
  @Flag(help: "Print the public half of existing files.") var show = false

  func validate() throws {
    if files.isEmpty && config == nil { throw ValidationError("Give a file name, or --config FILE.") }
  }

  func run() throws {
    for file in files {
      let pair = show ? try KeyPair(contentsOf: file) : try Self.make(file)
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
  static func make(_ file: String) throws -> KeyPair {
    if let slash = file.lastIndex(of: "/"), slash != file.startIndex { mkdir(String(file[..<slash]), 0o700) }
    let pair = KeyPair.generate()
    try pair.save(to: file)
    return pair
  }
}

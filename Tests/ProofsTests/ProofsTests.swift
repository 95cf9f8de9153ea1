import Client
import Glibc
import Kernel
import Solvency
import Testing
import Values
import Wire

@testable import Proofs
@testable import Storage
@testable import ToolSupport

/// A directory of its own for one test, removed at the end.
private final class TestDirectory {
  let path: String

  init() {
    var template = Array("/tmp/lockstep-proofs-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit {
    for name in ["data", "reports"] {
      for file in (try? SystemFiles.shared.names(in: "\(path)/\(name)")) ?? [] { unlink("\(path)/\(name)/\(file)") }
      rmdir("\(path)/\(name)")
    }
    rmdir(path)
  }

  var data: String { path + "/data" }
  var reports: String { path + "/reports" }

  /// The example venue, journaled, applied, and in a snapshot.
  func makeVenue() throws {
    let genesis = try Genesis(text: ExampleVenue.text(margin: .dynamic), file: "venue.toml") {
      _ throws(ClientError) in Bytes32(1, 2, 3, 4)
    }
    let first = try #require(genesis.frames.first).withUnsafeBytes { Frame($0).decode(DefineVenue.self) }
    let directory = try DataDirectory(data)
    var venue = try directory.create(venue: first, options: .init(durability: .os))
    var output = Output()
    for (index, frame) in genesis.frames.enumerated() {
      let time = Timestamp(1_763_769_600_000_000_000 + Int64(index))
      frame.withUnsafeBytes { bytes in
        venue.journal.append(bytes, key: .venue, sequence: UInt64(index + 1), time: time)
        output.clear()
        venue.kernel.apply(Frame(bytes), key: .venue, time: time, output: &output)
      }
      var digest = venue.journal.outputDigest
      output.forEachFrame { digest.add(key: $0, frame: $1) }
      venue.journal.outputDigest = digest
    }
    try venue.journal.commit()
    _ = try directory.writeSnapshot(of: venue.kernel, journal: &venue.journal)
  }
}

@Suite("Solvency reports of a data directory") struct ProofsTests {
  private let directory = TestDirectory()
  private let key = KeyPair(seed: [UInt8](repeating: 7, count: 32))

  private var signer: ReportSigner {
    let key = key
    return ReportSigner(publicKey: key.publicKey) { key.sign($0) }
  }

  private func make(parts: Int = 4) throws -> MadeReport {
    try MadeReport(data: directory.data, out: try ReportDirectory(directory.reports), parts: parts, signer: signer)
  }

  @Test func everyAccountOfAVenueIsProvedToBeInItsReport() throws {
    try directory.makeVenue()
    let made = try make()
    let out = try ReportDirectory(directory.reports)
    var snapshot = try NewestSnapshot(in: directory.data)
    let liabilities = snapshot.kernel.liabilities()
    #expect(made.prover.accounts.count == liabilities.accounts.count && !liabilities.accounts.isEmpty)
    #expect(made.signed.report.context.stateHash == snapshot.header.stateHash)
    for account in liabilities.accounts {
      try out.write(try #require(made.prover.proof(of: account.id)))
      let bytes = try readBytes(out.proofPath(account.id, made.signed.report.context.sequence))
      let proof = try VerifiedProof(verifying: bytes, publicKey: key.publicKey)
      #expect(proof.account == account.id && proof.equity == account.equity)
      #expect(proof.maintenanceMargin == account.maintenanceMargin && proof.positions == account.positions)
      #expect(proof.figures.prefix(account.balances.count).map { Money($0) } == account.balances)
    }
    // What was deposited is what the accounts and the house have: checked by the report itself, here with the ledger's
    // own figures.
    for (column, asset) in liabilities.assets.enumerated() {
      #expect(made.signed.report.assets[column].deposited == asset.deposited)
      let balances = liabilities.accounts.reduce(Money.zero) { $0 + $1.balances[column] }
      #expect(made.signed.report.totals[column].net.map { Money($0) } == balances)
    }
  }

  @Test func theSeedIsSecretAndGivesTheSameReportAgain() throws {
    try directory.makeVenue()
    let first = try make()
    let out = try ReportDirectory(directory.reports)
    let sequence = first.signed.report.context.sequence
    var status = stat()
    #expect(stat(out.seedPath(sequence), &status) == 0 && status.st_mode & 0o777 == 0o600)
    let second = try make()
    #expect(second.signed.bytes == first.signed.bytes)
    #expect(try readBytes(out.reportPath(sequence)) == first.signed.bytes)
    // Another number of parts would be a second report of the same state.
    let error = #expect(throws: FileError.self) { try make(parts: 5) }
    #expect(error?.reason.contains("contradict") == true)
    chmod(out.seedPath(sequence), 0o644)
    #expect(throws: FileError.self) { try make() }
  }

  @Test func aDirectoryWithoutASnapshotIsRefused() throws {
    mkdir(directory.data, 0o750)
    #expect(throws: StorageError.self) { try make() }
  }

  @Test func theTextSaysWhatWasVerifiedAndWhatIsNotProved() throws {
    try directory.makeVenue()
    let made = try make()
    let account = try #require(made.prover.accounts.first)
    let bytes = try #require(made.prover.proof(of: account)).bytes
    let file = try ProofFile(verifying: bytes, publicKey: key.publicKey)
    let text = ProofText(file).lines.joined(separator: "\n")
    #expect(text.contains("account \(account.rawValue) is counted in full"))
    #expect(text.contains("What is not proved\n  That the venue has the assets"))
    #expect(text.contains(made.hash))
    let report = ProofText(try ProofFile(verifying: made.signed.bytes, publicKey: key.publicKey))
    #expect(report.lines.joined().contains("signed report") && report.evidence(at: Timestamp(0)) == nil)
    #expect(report.json.text.hasPrefix("{\"verified\":true,\"venue\":"))
  }

  @Test func evidenceHasEquityWhatIsFreeAndItsAge() throws {
    try directory.makeVenue()
    let made = try make()
    let account = try #require(made.prover.accounts.first)
    let bytes = try #require(made.prover.proof(of: account)).bytes
    let proof = try VerifiedProof(verifying: bytes, publicKey: key.publicKey)
    let time = made.signed.report.context.time.rawValue
    let evidence = ProofText(.proof(proof)).evidence(at: Timestamp(time + 42_900_000_000))?.text ?? ""
    #expect(evidence.contains("\"ageSeconds\":42,\"account\":\(account.rawValue),"))
    #expect(evidence.contains("\"equity\":\(proof.equity.rawValue),"))
    #expect(evidence.contains("\"free\":\(proof.equity.rawValue - proof.maintenanceMargin.rawValue)}"))
    #expect(evidence.contains("\"sequence\":\(made.signed.report.context.sequence),\"time\":\(time),"))
  }
}

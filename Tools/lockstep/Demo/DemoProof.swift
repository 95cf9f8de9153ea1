import Client
import Proofs
import Solvency
import ToolSupport
import Values

extension DemoChecks {
  /// Signs what the venue in `data` owes and lets every account find itself in it, with nothing but its own file and the
  /// public key; returns the command with which a person can do so.
  mutating func prove(_ data: String, in directory: String) throws -> String {
    let pair = KeyPair.generate()
    try pair.save(to: directory + "/venue-signing.key", purpose: .venue)
    let signer = ReportSigner(publicKey: pair.publicKey) { pair.sign($0) }
    let out = try ReportDirectory(directory + "/reports")
    let made = try MadeReport(data: data, out: out, parts: SolvencyProver.parts.lowerBound, signer: signer)
    let sequence = made.signed.report.context.sequence
    var faults: [String] = []
    for account in made.prover.accounts {
      guard let proof = made.prover.proof(of: account) else { continue }
      try out.write(proof)
      do throws(SolvencyFault) {
        _ = try VerifiedProof(verifying: proof.bytes, publicKey: pair.publicKey)
      } catch {
        faults.append("account \(account.rawValue): \(error)")
      }
    }
    let count = made.prover.accounts.count
    check(
      faults.isEmpty && count > 0,
      "what the venue owes is signed, and all \(count) accounts find themselves counted in it, report hash "
        + "\(made.hash.prefix(16))…", details: faults)
    let file = made.prover.accounts.first.map { out.proofPath($0, sequence) } ?? out.reportPath(sequence)
    return "lockstep verify-proof \(file) \\\n          --public-key \(pair.publicKey.hexadecimal)"
  }
}

import Solvency
import Values

/// A verified file of either kind.
public enum ProofFile: Sendable {
  case report(SignedReport)
  case proof(VerifiedProof)

  /// Verifies a report or a proof with the venue's public key.
  public init(verifying bytes: [UInt8], publicKey: Bytes32) throws(SolvencyFault) {
    if bytes.starts(with: "LSSOLVEN".utf8) {
      self = .report(try SignedReport(verifying: bytes, publicKey: publicKey))
    } else {
      self = .proof(try VerifiedProof(verifying: bytes, publicKey: publicKey))
    }
  }

  public var signed: SignedReport {
    switch self {
    case .report(let signed): signed
    case .proof(let proof): proof.signed
    }
  }

  /// Whole seconds from the report's time to `now`; negative: it is later.
  public func age(at now: Timestamp) -> Int64 {
    (now.rawValue - signed.report.context.time.rawValue).dividedRoundingDown(by: 1_000_000_000)
  }
}

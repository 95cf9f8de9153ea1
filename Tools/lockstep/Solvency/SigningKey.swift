import Client
import Solvency

extension ReportSigner {
  /// Signs with the key in a file made by `lockstep keygen --venue`.
  init(keyFile: String) throws(ClientError) {
    let pair = try KeyPair(contentsOf: keyFile, purpose: .venue)
    self.init(publicKey: pair.publicKey) { pair.sign($0) }
  }
}

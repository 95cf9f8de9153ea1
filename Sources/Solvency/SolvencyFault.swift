import Values

/// Why a report or a proof cannot be made, or is not believed. `description` is a sentence.
public enum SolvencyFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file does not have the form that Protocol/solvency.md describes.
  case malformed(String)
  /// The report names another public key than the one that was given.
  case otherKey
  /// The signature is not that of the public key over this report.
  case badSignature
  /// The report's own sums contradict each other.
  case notConserved(asset: AssetId)
  /// Figures of the account, or of one of its parts, contradict each other.
  case badFigures(String)
  /// A sum does not fit 128 bits. In a proof: a carry that would hide a liability.
  case overflow(String)
  /// A node beyond the last leaf is not the padding of its height, or has sums.
  case badPadding(part: Int, height: Int)
  /// A node covers another number of leaves than its place says.
  case wrongCount(part: Int, height: Int)
  /// The path of a part does not lead to the signed root with the signed sums.
  case wrongRoot(part: Int)
  /// The producer was given something that it cannot put into a tree.
  case badInput(String)

  public var description: String {
    switch self {
    case .malformed(let reason): "the file is not what it should be: \(reason)"
    case .otherKey: "the report was signed with another key than the one given"
    case .badSignature: "the venue's signature is false"
    case .notConserved(let asset):
      "the report's own figures do not add up: asset \(asset.rawValue), liabilities and the house's share are not what "
        + "was deposited"
    case .badFigures(let reason): "the account's figures are false: \(reason)"
    case .overflow(let place): "a sum overflows 128 bits: \(place)"
    case .badPadding(let part, let height):
      "part \(part), height \(height): what stands beyond the last leaf is not empty padding"
    case .wrongCount(let part, let height):
      "part \(part), height \(height): the node does not cover the number of leaves that its place says"
    case .wrongRoot(let part): "part \(part): its path does not lead to the signed root and totals"
    case .badInput(let reason): reason
    }
  }
}

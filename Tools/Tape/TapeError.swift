/// Why a tape, a capture or a venue could not be used, as one sentence for a person.
public struct TapeError: Error, CustomStringConvertible, Equatable, Sendable {
  public let description: String

  public init(_ description: String) { self.description = description }
}

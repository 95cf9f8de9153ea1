import Values
import Wire

/// A hostile session as data: steps against a ``Sandbox``. Any bytes are a program.
public enum Program {
  /// A second run that must send the same bytes and end in the same state as the plain one.
  public enum Variant: CaseIterable, Sendable {
    /// Input is cut into single bytes.
    case fragmented
    /// The kernel is saved and restored again and again.
    case restored
    /// Every query is asked again and again.
    case queried
  }

  /// The variants that a program asks for in its first byte; most ask for none, as each costs another run or more.
  static func variants(_ choice: UInt8) -> [Variant] {
    switch choice % 128 {
    case 1: [.fragmented]
    case 2: [.restored]
    case 3: [.queried]
    case 4: Variant.allCases
    default: []
    }
  }

  /// How many restore steps a program may take, also by its first byte: each costs as much as dozens of other steps.
  static func restores(_ choice: UInt8) -> Int { (5...8).contains(choice % 128) ? 2 : 0 }

  /// Whether a program, by its first byte, plays at the fixture's small venue.
  static func isSmall(_ choice: UInt8) -> Bool { choice >= 128 }

  /// Runs `program`; returns the first thing found wrong, or `nil`.
  public static func run(_ program: UnsafeRawBufferPointer) -> String? {
    let choice = program.first ?? 0
    let plain = Sandbox(isSmall: isSmall(choice))
    plain.run(program)
    if let fault = plain.fault { return fault }
    for variant in variants(choice) {
      let other = Sandbox(variant, isSmall: isSmall(choice))
      other.run(program)
      if let fault = other.fault { return "\(variant): \(fault)" }
      let (sent, expected) = (other.transcript, plain.transcript)
      if sent.count != expected.count || !zip(sent, expected).allSatisfy({ isEqual($0, $1) }) {
        return "\(variant): other bytes are sent"
      }
      if StateBytes(of: other.kernel) != StateBytes(of: plain.kernel) { return "\(variant): the state is another" }
    }
    return nil
  }

  /// ``run(_:)`` for an array.
  public static func run(_ program: [UInt8]) -> String? { program.withUnsafeBytes { run($0) } }
}

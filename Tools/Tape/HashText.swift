import Storage
import Values

/// A hash as 64 hexadecimal digits.
///
/// Stands in a file of its own because two modules below have a property for it, and a file that imports both cannot
/// choose.
public func hashText(_ hash: Bytes32) -> String { hash.hexadecimal }

/// A digest as 16 hexadecimal digits.
public func digestText(_ digest: UInt64) -> String {
  let digits = String(digest, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

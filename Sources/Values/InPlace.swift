import Synchronization

/// Makes the struct that holds it live in memory only: no size to speak of, no behaviour.
///
/// A large struct that is not copyable is otherwise copied onto the stack, byte by byte, whenever a function that
/// mutates it calls one that does not (Swift 6.3 passes borrowed structs by value). A struct that holds an atomic has a
/// fixed address, so it is always passed by that.
@frozen public struct InPlace: ~Copyable {
  @usableFromInline let anchor = Atomic<UInt8>(0)

  @inlinable public init() {}
}

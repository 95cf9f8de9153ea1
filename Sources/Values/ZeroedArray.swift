/// A fixed number of plain records, all zero bytes at first: one anonymous mapping that costs memory only where it is
/// touched. Made for hash tables; see ``Pool`` for storage that is handed out slot by slot.
@frozen public struct ZeroedArray<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  public let count: Int

  /// Maps memory for `count` elements. Traps when the address space is exhausted.
  public init(count: Int) {
    precondition(count > 0)
    self.count = count
    base = mapZeroed(count: count, of: Element.self)
  }

  deinit { unmap(base, byteCount: count * MemoryLayout<Element>.stride) }

  /// The element at `index`, which must be below `count`. O(1).
  @inlinable public subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return UnsafePointer(base + index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return base + index
    }
  }

  /// The element that belongs to a pool's slot. O(1).
  @inlinable public subscript(slot: UInt32) -> Element {
    @inline(__always) unsafeAddress {
      precondition(Int(slot) < count, "slot out of range")
      return UnsafePointer(base + Int(slot))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(Int(slot) < count, "slot out of range")
      return base + Int(slot)
    }
  }
}

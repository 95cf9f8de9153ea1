#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Fixed-capacity storage of plain records, addressed by 32-bit slots; slot 0 is never handed out and means "none".
///
/// Owns one anonymous mapping (zero pages until touched, so capacity costs address space, not memory) and frees it when
/// it goes away. Safe because elements are `BitwiseCopyable`, all-zero bytes are a valid element for every type that is
/// stored here, and each access checks its slot against the high-water mark.
@frozen public struct Pool<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  @usableFromInline let freeList: UnsafeMutablePointer<UInt32>
  @usableFromInline var freeCount = 0
  @usableFromInline var highWater: UInt32 = 1
  /// How many slots can be in use at once.
  public let capacity: Int
  /// How many slots are in use.
  @usableFromInline var used = 0
  @inlinable public var count: Int { used }

  /// Maps memory for `capacity` elements (below 2^31). Traps when the address space is exhausted.
  public init(capacity: Int) {
    precondition(capacity >= 0 && capacity < 1 << 31)
    self.capacity = capacity
    base = mapZeroed(count: capacity + 1, of: Element.self)
    freeList = mapZeroed(count: capacity + 1, of: UInt32.self)
  }

  deinit {
    munmap(base, (capacity + 1) * MemoryLayout<Element>.stride)
    munmap(freeList, (capacity + 1) * MemoryLayout<UInt32>.stride)
  }

  /// The element in `slot`, which must have been handed out. O(1).
  @inlinable public subscript(slot: UInt32) -> Element {
    @inline(__always) unsafeAddress {
      precondition(slot != 0 && slot < highWater, "pool slot out of range")
      return UnsafePointer(base + Int(slot))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(slot != 0 && slot < highWater, "pool slot out of range")
      return base + Int(slot)
    }
  }

  @inlinable public var isFull: Bool { count == capacity }

  /// Stores `element` in a free slot and returns it, or 0 when the pool is full. O(1).
  @inlinable public mutating func insert(_ element: Element) -> UInt32 {
    let slot: UInt32
    if freeCount > 0 {
      freeCount -= 1
      slot = freeList[freeCount]
    } else if Int(highWater) <= capacity {
      slot = highWater
      highWater += 1
    } else {
      return 0
    }
    used &+= 1
    base[Int(slot)] = element
    return slot
  }

  /// Gives `slot` back. The caller must not use it afterwards. O(1).
  @inlinable public mutating func remove(_ slot: UInt32) {
    precondition(slot != 0 && slot < highWater && count > 0)
    freeList[freeCount] = slot
    freeCount += 1
    used &-= 1
  }
}

/// Fresh zero pages for `count` elements, 4 KiB aligned.
@usableFromInline func mapZeroed<Element: BitwiseCopyable>(count: Int, of type: Element.Type)
  -> UnsafeMutablePointer<Element>
{
  let bytes = count * MemoryLayout<Element>.stride
  let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
  guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
    fatalError("cannot map \(bytes) bytes for a pool of \(Element.self); lower the limits in the venue file")
  }
  #if os(Linux)
    if bytes >= 1 << 22 { _ = madvise(memory, bytes, MADV_HUGEPAGE) }
  #endif
  return memory.bindMemory(to: Element.self, capacity: count)
}

@usableFromInline func unmap<Element>(_ base: UnsafeMutablePointer<Element>, byteCount: Int) {
  munmap(base, byteCount)
}

import Glibc

// Every input starts with a new kernel, whose forty tables are mapped and unmapped: most of the time of a run would go
// into the system. Tools/fuzz/run links with --wrap, so that small mappings are kept, zeroed and handed out again.

/// Largest mapping that is kept.
private let keptBytes = 1 << 22

/// Mappings that are free now, by size. One thread runs all inputs.
nonisolated(unsafe) private var free: [Int: [UnsafeMutableRawPointer]] = [:]

@_silgen_name("__real_mmap")
private func map(
  _ address: UnsafeMutableRawPointer?, _ size: Int, _ protection: Int32, _ flags: Int32, _ file: Int32, _ offset: Int
) -> UnsafeMutableRawPointer?

@_silgen_name("__real_munmap")
private func unmap(_ address: UnsafeMutableRawPointer?, _ size: Int) -> Int32

/// Stands in for mmap in this program's own objects.
@_cdecl("__wrap_mmap")
public func rememberedMap(
  _ address: UnsafeMutableRawPointer?, _ size: Int, _ protection: Int32, _ flags: Int32, _ file: Int32, _ offset: Int
) -> UnsafeMutableRawPointer? {
  if size <= keptBytes, let memory = free[size]?.popLast() {
    memset(memory, 0, size)
    return memory
  }
  return map(address, size, protection, flags, file, offset)
}

/// Stands in for munmap in this program's own objects.
@_cdecl("__wrap_munmap")
public func rememberedUnmap(_ address: UnsafeMutableRawPointer?, _ size: Int) -> Int32 {
  guard let address, size <= keptBytes else { return unmap(address, size) }
  free[size, default: []].append(address)
  return 0
}

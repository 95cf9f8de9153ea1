import FuzzHarness

// What libFuzzer calls. Built as a library of its own; Tools/fuzz/run links it with the fuzzer's main function.

/// Runs one input. Anything wrong ends the process, which libFuzzer reports with the input that did it.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let program = UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : size)
  if let fault = Program.run(program) { fatalError(fault) }
  return 0
}

/// Changes `data`, which holds `size` bytes and has room for `capacity`; returns how many it holds then.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ capacity: Int, _ seed: UInt32) -> Int {
  let room = UnsafeMutableBufferPointer(start: data, count: capacity)
  var mutator = Mutator(seed: seed)
  guard let mutated = mutator.mutate(Array(room.prefix(size)), atMost: capacity) else {
    return mutateBytes(data, size, capacity)
  }
  for (index, byte) in mutated.enumerated() { room[index] = byte }
  return mutated.count
}

/// libFuzzer's own mutations, which know of comparisons it has seen.
@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ capacity: Int) -> Int

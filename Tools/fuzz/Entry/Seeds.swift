import FuzzHarness
import Glibc

/// Called once before the first input. With LOCKSTEP_SEED_DIRECTORY set, writes the seed corpus there and ends; the
/// variable LOCKSTEP_FRAMES names the golden frames (Protocol/vectors/frames.jsonl).
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<Int32>?, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  guard let directory = getenv("LOCKSTEP_SEED_DIRECTORY") else { return 0 }
  let golden = getenv("LOCKSTEP_FRAMES").map { readFile(String(cString: $0)) } ?? []
  for (name, seed) in SeedCorpus.programs(goldenFrames: golden) {
    writeFile(String(cString: directory) + "/" + name, seed)
  }
  exit(0)
}

private func readFile(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { fatalError("cannot read \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer.prefix(count)
  }
}

private func writeFile(_ path: String, _ bytes: [UInt8]) {
  guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

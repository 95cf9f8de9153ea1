import FuzzHarness
import Testing

/// The programs of the fuzzer, run as tests: what it once found, and as many random ones as time allows.
@Suite("Programs against the whole session path")
struct ProgramTests {
  /// A random program of `steps` steps, most of them meaningful.
  static func random(_ generator: inout SeededGenerator, steps: Int, variants: UInt8) -> [UInt8] {
    // Two clients that are logged in, then anything.
    var program: [UInt8] = [variants, 12, 0, 1, 5, 0, 12, 1, 5, 0, 0]
    for _ in 0..<steps * 14 {
      let byte = UInt8(generator.below(256))
      program.append(byte >= 240 && generator.below(8) > 0 ? byte % 16 : byte)
    }
    return program
  }

  @Test("Cut into bytes, saved and restored, or with reads between: the same bytes are sent", arguments: 1...40)
  func randomPrograms(seed: Int) {
    var generator = SeededGenerator(state: UInt64(seed))
    let fault = Program.run(ProgramTests.random(&generator, steps: 40, variants: 4))
    #expect(fault == nil)
  }

  @Test("Every seed of the fuzzer runs clean")
  func seeds() {
    for (name, program) in SeedCorpus.programs(goldenFrames: []) {
      if let fault = Program.run(program) { Issue.record("\(name): \(fault)") }
    }
  }

  @Test("Any bytes are a program")
  func garbage() {
    var generator = SeededGenerator(state: 99)
    for length in 0..<120 {
      let fault = Program.run((0..<length * 3).map { _ in UInt8(generator.below(256)) })
      #expect(fault == nil)
    }
  }

  @Test("Mutations keep the borders between steps and stay within their limit")
  func mutations() {
    var generator = SeededGenerator(state: 5)
    var program = ProgramTests.random(&generator, steps: 10, variants: 0)
    var changed = 0
    for seed in UInt32(0)..<500 {
      var mutator = Mutator(seed: seed)
      guard let mutated = mutator.mutate(program, atMost: 400) else { continue }
      #expect(mutated.count <= 400)
      if mutated != program { changed += 1 }
      program = mutated.isEmpty ? program : mutated
    }
    #expect(changed > 100)
  }
}

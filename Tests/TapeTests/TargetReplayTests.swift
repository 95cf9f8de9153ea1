import Client
import Testing

@testable import Tape

@Suite struct TargetReplayTests {
  @Test func `A recording replayed into a target server gives the recorded digest, state and fills`() throws {
    try withTemporaryDirectory { directory in
      let tape = try SmallTape.tape()
      let imported = try TapeImport.run(tape.rows, to: directory + "/tape.lsc", isSilent: true)
      let server = try ThrowAwayServer(genesis: [], isReplayTarget: true)
      defer { server.stop() }
      var options = TargetReplay.Options()
      options.fills = tape.fills
      options.isSilent = true
      options.interval = 3
      let recording = try Recording(directory + "/tape.lsc")
      let replay = try TargetReplay.run(recording, to: Address(server.address), options)
      #expect(replay.firstDifference == nil)
      #expect((replay.commands, replay.sequence) == (imported.commands, imported.commands))
      #expect((replay.digest, replay.stateHash) == (imported.digest, imported.stateHash))
      #expect(replay.fills?.exact == 3)
      #expect(replay.fills?.isExact == true)
    }
  }

  @Test func `A replay goes on where the target is`() throws {
    try withTemporaryDirectory { directory in
      let imported = try TapeImport.run(SmallTape.tape().rows, to: directory + "/tape.lsc", isSilent: true)
      let server = try ThrowAwayServer(genesis: [], isReplayTarget: true)
      defer { server.stop() }
      var options = TargetReplay.Options()
      options.isSilent = true
      options.through = 15
      let recording = try Recording(directory + "/tape.lsc")
      let first = try TargetReplay.run(recording, to: Address(server.address), options)
      #expect((first.commands, first.sequence, first.firstDifference) == (15, 15, nil))
      options.through = .max
      let second = try TargetReplay.run(recording, to: Address(server.address), options)
      #expect((second.commands, second.firstDifference) == (imported.commands - 15, nil))
      #expect(second.stateHash == imported.stateHash)
    }
  }

  @Test func `A target with another venue is different from its first command on`() throws {
    try withTemporaryDirectory { directory in
      var rows = try SmallTape.tape().rows
      _ = try TapeImport.run(rows, to: directory + "/one.lsc", isSilent: true)
      rows[5].size = 4
      _ = try TapeImport.run(rows, to: directory + "/other.lsc", isSilent: true)
      let server = try ThrowAwayServer(genesis: [], isReplayTarget: true)
      defer { server.stop() }
      var options = TargetReplay.Options()
      options.isSilent = true
      let one = try TargetReplay.run(Recording(directory + "/one.lsc"), to: Address(server.address), options)
      #expect(one.firstDifference == nil)
      let other = try TargetReplay.run(Recording(directory + "/other.lsc"), to: Address(server.address), options)
      #expect(other.firstDifference?.contains("the server's outputs have digest") == true)
      #expect(!other.isExact)
    }
  }

  @Test func `A live venue is not taken for a target`() throws {
    let server = try ThrowAwayServer(
      genesis: TapeWorld.genesis(
        publicKey: KeyPair.generate().publicKey, capacity: .init(orders: 1000, accounts: 100, keys: 100)))
    defer { server.stop() }
    try withTemporaryDirectory { directory in
      _ = try TapeImport.run(SmallTape.tape().rows, to: directory + "/tape.lsc", isSilent: true)
      let error = #expect(throws: TapeError.self) {
        try TargetReplay.run(Recording(directory + "/tape.lsc"), to: Address(server.address))
      }
      #expect(error?.description.contains("is not a replay target") == true)
    }
  }
}

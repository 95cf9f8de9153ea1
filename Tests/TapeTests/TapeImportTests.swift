import Glibc
import Storage
import Testing
import Values

@testable import Tape

@Suite struct TapeImportTests {
  @Test func `An imported tape replays to the same state with the same fills`() throws {
    try withTemporaryDirectory { directory in
      let capture = directory + "/tape.lsc"
      let tape = try SmallTape.tape()
      let imported = try TapeImport.run(tape.rows, to: capture, isSilent: true)
      #expect(imported.rows == 9)
      #expect(imported.unexpectedRefusals == 0)
      var options = OfflineReplay.Options()
      options.fills = tape.fills
      options.expectedHash = imported.stateHash
      options.isSilent = true
      let replay = try OfflineReplay.run(Recording(capture), options)
      #expect(replay.firstDifference == nil)
      #expect(replay.fills?.isExact == true)
      #expect(replay.fills?.exact == 3)
      #expect(
        (replay.sequence, replay.digest, replay.stateHash) == (imported.commands, imported.digest, imported.stateHash))
    }
  }

  @Test func `Logged times are the tape's and rise strictly`() throws {
    try withTemporaryDirectory { directory in
      let rows = (1...5).map { (sequence: UInt64) in
        // The third row's time goes back.
        TapeRow(
          sequence: sequence, time: sequence == 3 ? 4_000_000 : 5_000_000, kind: .limit, orderId: sequence, side: .buy,
          price: 10, size: 1)
      }
      _ = try TapeImport.run(rows, to: directory + "/tape.lsc", isSilent: true)
      var reader = try JournalReader(file: directory + "/tape.lsc")
      var times: [Int64] = []
      while let record = try reader.next() { if record.kind == .input { times.append(record.time.rawValue) } }
      #expect(times.first == 4_000_000)
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
      #expect(times.last! >= 5_000_000 && times.last! < 5_001_000)
    }
  }

  @Test func `An unexpected state is told, and fills cannot be named without the ids of the tape`() throws {
    try withTemporaryDirectory { directory in
      let capture = directory + "/tape.lsc"
      let tape = try SmallTape.tape()
      let imported = try TapeImport.run(tape.rows, to: capture, isSilent: true)
      try #require(unlink(TapeIds.path(of: capture)) == 0)
      var options = OfflineReplay.Options()
      options.isSilent = true
      options.expectedHash = Bytes32(1, 2, 3, 4)
      let replay = try OfflineReplay.run(Recording(capture), options)
      #expect(replay.firstDifference?.hasPrefix("the state hash is \(imported.stateHash.hexadecimal)") == true)
      options.fills = tape.fills
      #expect(throws: TapeError.self) { try OfflineReplay.run(Recording(capture), options) }
    }
  }

  @Test func `A replay can stop anywhere`() throws {
    try withTemporaryDirectory { directory in
      let capture = directory + "/tape.lsc"
      _ = try TapeImport.run(SmallTape.tape().rows, to: capture, isSilent: true)
      var options = OfflineReplay.Options()
      options.isSilent = true
      options.through = 10
      let replay = try OfflineReplay.run(Recording(capture), options)
      #expect((replay.sequence, replay.commands) == (10, 10))
    }
  }

  @Test func `The ids of a tape survive writing and reading`() throws {
    try withTemporaryDirectory { directory in
      var ids = TapeIds(scale: TapeScale(priceUnit: 100, lot: 3))
      ids.add(OrderName(key: KeyId(2), requestId: 7), sequence: 1, orderId: .max)
      ids.add(OrderName(key: KeyId(2), requestId: 10), sequence: 5, orderId: 0)
      ids.add(OrderName(key: KeyId(1), requestId: 9), sequence: 2, orderId: 4)
      try ids.write(besides: directory + "/x")
      #expect(try TapeIds(besides: directory + "/x") == ids)
    }
  }
}

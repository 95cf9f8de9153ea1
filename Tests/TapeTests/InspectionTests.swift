import Client
import Testing
import Values

@testable import Tape

@Suite struct InspectionTests {
  private func lines(_ path: String, _ change: (inout Inspection.Options) -> Void = { _ in }) throws -> [String] {
    var options = Inspection.Options()
    change(&options)
    var lines: [String] = []
    try Inspection.run(path, options) { lines.append($0) }
    return lines
  }

  /// Runs `body` with the capture of the small tape.
  private func withCapture(_ body: (String, TapeImport) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let imported = try TapeImport.run(SmallTape.tape().rows, to: directory + "/tape.lsc", isSilent: true)
      try body(directory + "/tape.lsc", imported)
    }
  }

  @Test func `A capture is shown command by command with its reports`() throws {
    try withCapture { capture, imported in
      let lines = try lines(capture)
      #expect(lines[0].hasPrefix("\(capture): capture of venue \(TapeWorld.venueId), segment 1, from sequence 1"))
      #expect(lines.contains { $0.contains(" key 2: NewOrder requestId=1 account=") })
      #expect(lines.contains { $0.hasPrefix("   → key 2: OrderFilled ") && $0.contains("quantity=3") })
      #expect(lines.contains("   digest of \(imported.digest.frames) outputs \(digestText(imported.digest.value))"))
      #expect(lines.last?.hasPrefix("-- end at offset") == true)
    }
  }

  @Test func `Records can be chosen by sequence, key and message`() throws {
    try withCapture { capture, imported in
      let fills = try lines(capture) { $0.templates = [101] }
      // Five trades, each told to maker and taker: the iceberg's three slices, 3 at 10200 and 4 at 9900.
      #expect(fills.count { $0.contains("OrderFilled") } == 10)
      let inputs = try lines(capture) { options in
        options.isWithoutOutputs = true
        options.sequences = 1...3
        options.isJson = true
      }
      #expect(inputs.count == 4)
      #expect(inputs[1].hasPrefix("{\"sequence\":1,\"time\":"))
      #expect(inputs[1].contains("\"kind\":\"input\",\"key\":0,\"frame\":{\"name\":\"DefineVenue\""))
      let venue = try lines(capture) { $0.key = .venue }
      #expect(!venue.contains { $0.contains("NewOrder") })
      #expect(try lines(capture) { $0.limit = 5 }.count < 10)
      #expect(imported.commands > 20)
    }
  }

  @Test func `A data directory is shown, replayed and its snapshot is met`() throws {
    try withCapture { capture, imported in
      let server = try ThrowAwayServer(genesis: [], isReplayTarget: true)
      var options = TargetReplay.Options()
      options.isSilent = true
      _ = try TargetReplay.run(Recording(capture), to: Address(server.address), options)
      server.stop(keepsFiles: true)
      defer { removeTree(server.directory) }
      var replayOptions = OfflineReplay.Options()
      replayOptions.isSilent = true
      let recording = try Recording(server.directory)
      let replay = try OfflineReplay.run(recording, replayOptions)
      #expect(replay.isExact)
      #expect(replay.matchedSnapshots == [imported.commands])
      #expect(replay.stateHash == imported.stateHash)

      let snapshot = try #require(try recording.snapshots().first)
      let shown = try lines(snapshot.path) { $0.showsOrders = true }
      #expect(shown[0].contains("at sequence \(imported.commands)"))
      #expect(shown[0].contains(hashText(imported.stateHash)))
      #expect(shown[1].hasPrefix("DefineVenue "))
      #expect(shown.contains { $0.hasPrefix("InstrumentReport ") && $0.contains("symbol=TAPE") })
      #expect(shown.contains { $0.hasPrefix("AccountReport ") })
      #expect(shown.contains { $0.hasPrefix("PositionReport ") })
      #expect(try lines(server.directory).contains { $0.contains(": journal of venue ") })
    }
  }

  @Test func `What is not a snapshot, or not there, is refused`() throws {
    try withCapture { capture, _ in
      var options = OfflineReplay.Options()
      options.isSilent = true
      options.snapshot = capture
      #expect(throws: (any Error).self) { try OfflineReplay.run(Recording(capture), options) }
      #expect(throws: TapeError.self) { try Recording(capture + ".none") }
    }
  }
}

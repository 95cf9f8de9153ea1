import Session
import Testing
import Values
import Wire

@Suite("What each message means in each state")
struct StateTests {
  /// The outcome in state established.
  static func expectedLive(_ template: Template) -> String {
    switch template {
    case .terminate: "closed finished"
    case .sequence: "wait"
    case .retransmitRequest: "retransmit"
    case .subscribe: "subscribe"
    case .unsubscribe: "unsubscribe"
    case .negotiate, .proof, .establish: "closed wrongState"
    default:
      switch TemplateClass(template) {
      case .command: "command \(template)"
      case .query: "query \(template)"
      default: "reject notAllowedHere"
      }
    }
  }

  static func expected(_ template: Template, in state: SessionState) -> String {
    if state == .closing { return "closed" }
    if template == .terminate { return "closed finished" }
    return switch (state, template) {
    case (.connected, .negotiate): "closed unsupportedVersion"  // The frame is all zero, and so is its version.
    case (.challenged, .proof): "verify"
    case (.authenticated, .establish): "establish"
    case (.established, _): expectedLive(template)
    default: "closed wrongState"
    }
  }

  @Test("Every template in every state", arguments: Template.allCases, SessionState.allCases)
  func everyTemplate(template: Template, state: SessionState) {
    var core = makeCore()
    core.advance(to: state)
    core.receive(zeroFrame(template))
    var outcome = name(core.next(now: 0))
    let output = core.takeOutput()
    if outcome == "closed", state != .closing {
      #expect(output.count == 1 && core.state == .closing)
      let terminate = decode(output[0], Terminate.self)
      if let reason = terminate?.reason { outcome += " \(reason)" }
      if terminate?.reason == .wrongState { #expect(terminate?.detail == Int64(template.rawValue)) }
    } else if let reject = output.first.flatMap({ decode($0, SessionReject.self) }) {
      #expect(outcome == "wait" && reject.template == template.rawValue && reject.detail == Int64(template.rawValue))
      if let reason = reject.reason { outcome = "reject \(reason)" }
    } else {
      #expect(output.isEmpty)
    }
    #expect(outcome == StateTests.expected(template, in: state))
  }

  @Test("A refused request is named by its request id")
  func rejectNamesRequest() {
    var core = makeCore()
    core.advance(to: .established)
    var bytes = zeroFrame(.defineVenue)
    bytes[12] = 77
    core.receive(bytes)
    _ = core.next(now: 0)
    let reject = decode(core.takeOutput()[0], SessionReject.self)
    #expect(reject?.requestId == 77 && reject?.reason == .notAllowedHere)
  }

  @Test("A malformed frame ends the session and says what was wrong; frames before it count")
  func malformed() {
    var core = makeCore()
    core.advance(to: .established)
    var bytes = zeroFrame(.cancelOrder)
    bytes[2] = 0
    core.receive(zeroFrame(.massCancel) + bytes)
    #expect(name(core.next(now: 0)) == "command massCancel")
    #expect(name(core.next(now: 0)) == "closed")
    let terminate = decode(core.takeOutput()[0], Terminate.self)
    #expect(terminate?.reason == .malformedFrame && terminate?.detail == Int64(FrameError.wrongEncoding.rawValue))
  }

  @Test("A replay target takes pairs of header and frame, QueryStatus and nothing between them")
  func replayTarget() {
    var venue = testVenue
    venue.replayTarget = true
    var core = makeCore(venue: venue)
    core.receive(frame(Negotiate(key: .venue, version: 1, clientName: "replay")))
    _ = core.next(now: 0)
    #expect(core.state == .established && core.deadline == .max)
    #expect(decode(core.takeOutput()[0], NegotiateAck.self)?.replayTarget == true)
    let header = frame(ReplayHeader(time: Timestamp(5), sequence: 9, key: KeyId(3)))
    core.receive(header + zeroFrame(.tick) + zeroFrame(.queryStatus) + header + zeroFrame(.queryStatus))
    #expect(name(core.next(now: 0)) == "replay 9 tick")
    #expect(name(core.next(now: 0)) == "query queryStatus")
    #expect(name(core.next(now: 0)) == "closed")
    #expect(core.end == .terminated(.wrongState, detail: 123))
  }

  /// Every action and all output of a live session that gets `stream` in pieces.
  static func run(_ stream: [UInt8], chunk: Int) -> (actions: [String], output: [[UInt8]]) {
    var core = makeCore()
    core.advance(to: .established)
    var actions: [String] = []
    for start in stride(from: 0, to: stream.count, by: chunk) {
      core.receive(Array(stream[start..<min(start + chunk, stream.count)]))
      while actions.last != "closed" {
        let action = name(core.next(now: 0))
        if action == "wait" { break }
        actions.append(action)
      }
    }
    return (actions, core.takeOutput())
  }

  @Test("Bytes mean the same however they are cut", arguments: [1, 2, 3, 7, 13, 64, 1000])
  func fragmentation(chunk: Int) {
    var stream: [UInt8] = []
    for template in Template.allCases where !StateTests.expectedLive(template).hasPrefix("closed") {
      stream += zeroFrame(template)
    }
    stream += zeroFrame(.negotiate) + zeroFrame(.newOrder)
    let whole = StateTests.run(stream, chunk: stream.count)
    let cut = StateTests.run(stream, chunk: chunk)
    #expect(whole.actions == cut.actions && whole.output == cut.output)
    #expect(whole.actions.count > 30 && whole.actions.last == "closed")
  }

  @Test("Damaged frames are taken, refused or end the session; nothing else happens")
  func damagedFrames() {
    var generator = SplitMix(state: 42)
    var ended = 0
    for _ in 0..<1000 {
      var core = makeCore()
      core.advance(to: SessionState.allCases[Int(generator.next() % 4)])
      var bytes = zeroFrame(Template.allCases[Int(generator.next() % UInt64(Template.allCases.count))])
      for _ in 0..<generator.next() % 4 {
        bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
      }
      core.receive(bytes + bytes)
      for _ in 0..<4 where name(core.next(now: 0)) == "closed" { break }
      #expect((core.state == .closing) == (core.end != nil))
      if core.end != nil { ended += 1 }
    }
    #expect(ended > 100 && ended < 1000)
  }
}

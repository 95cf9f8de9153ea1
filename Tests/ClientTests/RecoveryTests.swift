import Testing
import Values
import Wire

@testable import Client

@Suite("Reports, requests and reconnection") struct RecoveryTests {
  private let phase = SetPhase(requestId: 0, instrument: .none, phase: .continuous)

  @Test func requestIdsContinueAboveTheLastOneTheVenueHasSeen() throws {
    let server = FakeServer()
    _ = try server.establish(FakeServer.terms(lastRequest: 500))
    #expect(server.request(phase) == 501)
    #expect(server.request(phase) == 502)
    #expect(server.session.pendingRequests == [501, 502])
    let frames = server.sent()
    #expect(decode(frames[1], as: SetPhase.self).requestId == 502)
  }

  @Test func aReportAnswersItsRequest() throws {
    let server = FakeServer()
    _ = try server.establish()
    let request = server.request(phase)
    server.send(accepted(report: 1, request: request))
    #expect(try server.event()?.requestId == request)
    #expect(server.session.pendingRequests.isEmpty)
    #expect(server.session.lastReport == 1)
  }

  @Test func aReportThatComesTwiceIsShownOnce() throws {
    let server = FakeServer(lastReport: 5)
    _ = try server.establish(FakeServer.terms(lastReport: 7, oldestReport: 1))
    server.send(accepted(report: 5, request: 0))
    server.send(accepted(report: 6, request: 0))
    server.send(accepted(report: 6, request: 0))
    server.send(accepted(report: 7, request: 0))
    #expect(try server.event()?.reportNumber == 6)
    #expect(try server.event()?.reportNumber == 7)
    #expect(try server.event() == nil)
  }

  @Test func requestsThatNeverArrivedAreNamedAfterReconnecting() throws {
    let server = FakeServer()
    _ = try server.establish()
    for _ in 1...3 { _ = server.request(phase) }
    server.session.disconnected()
    #expect(server.session.pendingRequests == [1, 2, 3])

    // The venue had taken request 1 and 2; the report about 2 was not seen yet.
    guard
      case .established(let establishment) = try server.establish(
        FakeServer.terms(lastReport: 2, oldestReport: 1, lastRequest: 2))
    else {
      Issue.record("not established")
      return
    }
    #expect(establishment.lostRequests == [3])
    #expect(server.session.pendingRequests == [1, 2])
    #expect(server.sent().isEmpty, "nothing is sent again by itself")
    server.send(accepted(report: 1, request: 1))
    server.send(accepted(report: 2, request: 2))
    #expect(try server.event()?.requestId == 1)
    #expect(try server.event()?.requestId == 2)
    #expect(server.session.pendingRequests.isEmpty)
    #expect(server.request(phase) == 4)
  }

  @Test func reportsThatAreTooOldAreNamed() throws {
    let server = FakeServer(lastReport: 5)
    _ = try server.establish(FakeServer.terms(lastReport: 20, oldestReport: 11))
    #expect(try server.event() == .reportsMissed(6...10))
    server.send(accepted(report: 11, request: 0))
    #expect(try server.event()?.reportNumber == 11)
  }

  @Test func allReportsMayBeGone() throws {
    let server = FakeServer(lastReport: 5)
    _ = try server.establish(FakeServer.terms(lastReport: 20, oldestReport: 0))
    #expect(try server.event() == .reportsMissed(6...20))
    #expect(server.session.lastReport == 20)
  }

  @Test func aRegressedJournalIsSurfacedAndReportsContinueFromTheServersNumber() throws {
    let server = FakeServer(lastReport: 30, lastRequest: 12)
    let event = try server.establish(FakeServer.terms(lastReport: 25, lastRequest: 9, regressed: true))
    guard case .established(let establishment) = event else {
      Issue.record("not established")
      return
    }
    #expect(establishment.journalRegressed)
    server.send(accepted(report: 26, request: 0))
    #expect(try server.event()?.reportNumber == 26)
    #expect(server.request(phase) == 13, "ids of lost requests are not used again")
  }

  @Test func aSessionRejectAnswersTheRequestWithoutAReportNumber() throws {
    let server = FakeServer()
    _ = try server.establish()
    let request = server.request(phase)
    server.send(
      SessionReject(requestId: request, detail: 1000, reason: .throttled, template: Template.setPhase.rawValue))
    let rejection = try #require(try server.event()?.rejection)
    #expect(rejection.reason == .throttled)
    #expect(rejection.description.contains("limit per second"))
    #expect(server.session.pendingRequests.isEmpty)
    #expect(server.session.lastReport == 0)
  }

  @Test func aRequestFrameIsSentUnderAFreshId() throws {
    let server = FakeServer()
    _ = try server.establish(FakeServer.terms(lastRequest: 9))
    var original = phase
    original.requestId = 77
    #expect(server.request(frame: frame(original)) == 10)
    #expect(decode(server.sent()[0], as: SetPhase.self).requestId == 10)
  }

  @Test func rowsTravelWithTheirMessage() throws {
    let server = FakeServer()
    _ = try server.establish()
    let rows = [
      DefineSchedule.Row(lower: Money.zero, rate: Rate(1)), DefineSchedule.Row(lower: Money(Int64(5)), rate: Rate(2)),
    ]
    _ = server.session.send(DefineSchedule(requestId: 0, schedule: ScheduleId(3)), rows: rows)
    server.sent()[0].withUnsafeBytes {
      #expect(Frame($0).rowCount(of: DefineSchedule.self) == 2)
      #expect(Frame($0).row(1, of: DefineSchedule.self) == rows[1])
    }
  }

  @Test func aHeartbeatIsSentAfterHalfTheKeepAlive() throws {
    let server = FakeServer()
    _ = try server.establish()
    #expect(server.tick(at: server.now))
    #expect(server.sent().isEmpty)
    server.now += FakeServer.second / 2
    #expect(server.tick(at: server.now))
    #expect(decode(server.sent()[0], as: Sequence.self).nextReport == 0)
    #expect(server.session.nextTick == server.now + FakeServer.second / 2)
  }

  @Test func aServerThatIsSilentForTwoAndAHalfKeepAlivesIsGone() throws {
    let server = FakeServer()
    _ = try server.establish()
    #expect(server.tick(at: server.now + 5 * FakeServer.second / 2))
    #expect(!server.tick(at: server.now + 5 * FakeServer.second / 2 + 1))
  }
}

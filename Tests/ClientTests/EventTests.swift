import Testing
import Wire

@testable import Client

@Suite("Events") struct EventTests {
  /// A report that no event stands for would leave a gap in the numbers, and the client would ask for it for ever.
  @Test func everyReportIsAnEventWithItsNumber() {
    for message in Schema.messages where message.template.isReport {
      var bytes = blank(message.type)
      bytes[FrameHeader.length] = 7
      let event = bytes.withUnsafeBytes { Event(Frame($0)) }
      #expect(event?.reportNumber == 7, "\(message.name)")
    }
  }

  /// A request whose report names it would be waited for in vain.
  @Test func everyReportNamesItsRequest() {
    for message in Schema.messages where message.template.isReport && message.fields[1].name == "requestId" {
      var bytes = blank(message.type)
      bytes[FrameHeader.length + 8] = 9
      let event = bytes.withUnsafeBytes { Event(Frame($0)) }
      #expect(event?.requestId == 9, "\(message.name)")
    }
  }

  /// So would the row of an answer.
  @Test func everyRowNamesItsQuery() {
    var rows = 0
    for message in Schema.messages where message.fields.first?.name == "queryId" {
      if message.type is any Query.Type { continue }
      var bytes = blank(message.type)
      bytes[FrameHeader.length] = 5
      let event = bytes.withUnsafeBytes { Event(Frame($0)) }
      #expect(event?.queryId == 5, "\(message.name)")
      rows += 1
    }
    #expect(rows > 25)
  }

  /// A frame whose fields are all zero.
  private func blank<M: Message>(_ type: M.Type) -> [UInt8] {
    let block = [UInt8](repeating: 0, count: M.blockLength)
    return frame(block.withUnsafeBytes { M(decoding: $0.baseAddress!) })
  }
}

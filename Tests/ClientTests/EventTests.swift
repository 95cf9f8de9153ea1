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

  /// A frame whose fields are all zero.
  private func blank<M: Message>(_ type: M.Type) -> [UInt8] {
    let block = [UInt8](repeating: 0, count: M.blockLength)
    return frame(block.withUnsafeBytes { M(decoding: $0.baseAddress!) })
  }
}

import Testing
import Values

@testable import Wire

struct FrameScanTests {
  private func scan(_ bytes: [UInt8], maximum: Int = 1024) -> FrameScan {
    let buffer = GuardedBuffer(pages: 1)
    return Frame.scan(buffer.place(bytes), maximum: maximum)
  }

  private let mark = written(MarkPrice.frameLength) {
    MarkPrice(requestId: 1, price: Price(2), instrument: InstrumentId(3)).encode(to: $0)
  }

  private let schedule = written(DefineSchedule.frameLength(rows: 2)) {
    DefineSchedule(requestId: 1, schedule: ScheduleId(1)).encode(
      to: $0,
      rows: [DefineSchedule.Row(lower: .zero, rate: .one), DefineSchedule.Row(lower: Money(Int64(9)), rate: .maximum)])
  }

  private func changed(_ bytes: [UInt8], _ changes: (offset: Int, value: UInt16)...) -> [UInt8] {
    var result = bytes
    for change in changes {
      result[change.offset] = UInt8(truncatingIfNeeded: change.value)
      result[change.offset + 1] = UInt8(change.value >> 8)
    }
    return result
  }

  @Test func eachRuleHasItsError() {
    #expect(scan(mark) == .frame(length: 36))
    #expect(scan(changed(mark, (0, 11))) == .malformed(.tooShort))
    #expect(scan(mark, maximum: 35) == .malformed(.tooLong))
    #expect(scan(changed(mark, (2, 0x50EB))) == .malformed(.wrongEncoding))
    #expect(scan(changed(mark, (8, 1))) == .malformed(.wrongSchema))
    #expect(scan(changed(mark, (6, 99))) == .malformed(.unknownTemplate))
    #expect(scan(changed(mark, (4, 23))) == .malformed(.blockTooShort))
    #expect(scan(changed(mark, (4, 25))) == .malformed(.wrongLength))
    #expect(scan(changed(mark, (0, 37))) == .malformed(.wrongLength))
    #expect(scan(changed(schedule, (4, 65_535))) == .malformed(.wrongLength))
    #expect(scan(changed(schedule, (28, 15))) == .malformed(.wrongRows))
    #expect(scan(changed(schedule, (30, 1))) == .malformed(.wrongRows))
    #expect(scan(changed(schedule, (30, 3))) == .malformed(.wrongRows))
    #expect(scan(changed(schedule, (28, 65_535), (30, 65_535))) == .malformed(.wrongRows))
    for error in FrameError.allCases { #expect(error.description.hasSuffix("."), "\(error.rawValue)") }
  }

  @Test func bytesAfterAFrameBelongToTheNext() {
    #expect(scan(mark + schedule) == .frame(length: 36))
    #expect(scan(mark + [1, 2, 3]) == .frame(length: 36))
  }

  @Test func fieldsOfALaterVersionAreSkipped() {
    let longer = changed(mark + [1, 2, 3, 4, 5, 6, 7, 8], (0, 44), (4, 32), (10, 2))
    #expect(scan(longer) == .frame(length: 44))
    longer.withUnsafeBytes { bytes in
      #expect(
        Frame(bytes).decode(MarkPrice.self)
          == MarkPrice(requestId: 1, price: Price(2), instrument: InstrumentId(3)))
    }
    // Block and rows both eight bytes longer.
    let extra = [UInt8](repeating: 0xEE, count: 8)
    let rows = schedule[32...]
    let wide =
      Array(schedule[..<28]) + extra + schedule[28..<32] + rows.prefix(16) + extra + rows.suffix(16) + extra
    let frame = changed(wide, (0, UInt16(wide.count)), (4, 24), (36, 24))
    #expect(scan(frame) == .frame(length: wide.count))
    frame.withUnsafeBytes { bytes in
      let view = Frame(bytes)
      #expect(view.rowCount(of: DefineSchedule.self) == 2)
      #expect(view.row(0, of: DefineSchedule.self) == DefineSchedule.Row(lower: .zero, rate: .one))
      #expect(view.row(1, of: DefineSchedule.self) == DefineSchedule.Row(lower: Money(Int64(9)), rate: .maximum))
      #expect(FrameText.describe(view).hasSuffix("rows=[{lower=0 rate=1000000000} {lower=9 rate=10000000000}]"))
    }
  }

  @Test func readingAnotherMessageOrRowTraps() async {
    await #expect(processExitsWith: .failure) {
      let bytes = written(MarkPrice.frameLength) {
        MarkPrice(requestId: 1, price: Price(2), instrument: InstrumentId(3)).encode(to: $0)
      }
      bytes.withUnsafeBytes { _ = Frame($0).decode(NewOrder.self) }
    }
    await #expect(processExitsWith: .failure) {
      let bytes = written(DefineSchedule.frameLength) {
        DefineSchedule(requestId: 1, schedule: ScheduleId(1)).encode(to: $0)
      }
      bytes.withUnsafeBytes { _ = Frame($0).row(0, of: DefineSchedule.self) }
    }
    await #expect(processExitsWith: .failure) {
      [UInt8](repeating: 0, count: 11).withUnsafeBytes { _ = Frame($0) }
    }
  }

  @Test func everyTruncationIsIncomplete() {
    let buffer = GuardedBuffer(pages: 1)
    for vector in Vector.all {
      for length in 0..<vector.bytes.count {
        let verdict = Frame.scan(buffer.place(vector.bytes.prefix(length)), maximum: 1024)
        #expect(verdict == .incomplete, "\(vector.name) cut at \(length)")
      }
    }
  }

  /// A read outside the bytes would hit the guard page; a verdict that depends on how bytes arrive would differ.
  @Test func mutatedFramesNeverTrapAndScanTheSameInPieces() {
    var random = SeededGenerator(state: 1)
    let buffer = GuardedBuffer(pages: 1)
    var accepted = 0
    for round in 0..<200_000 {
      var bytes = Vector.all[Int.random(in: 0..<Vector.all.count, using: &random)].bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        // Half of the changes hit the header, where the decisions are.
        let end = Bool.random(using: &random) ? min(16, bytes.count) : bytes.count
        let offset = Int.random(in: 0..<end, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[offset] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes[offset] = [0, 1, 0x7F, 0x80, 0xFF][Int.random(in: 0..<5, using: &random)]
        default: bytes.replaceSubrange(offset..., with: bytes.prefix(max(1, offset / 2)))
        }
      }
      let placed = buffer.place(bytes)
      let whole = Frame.scan(placed, maximum: 600)
      if case .frame(let length) = whole {
        accepted += 1
        let frame = Frame(UnsafeRawBufferPointer(rebasing: buffer.place(bytes.prefix(length))[...]))
        let again = reencode(frame.template.description.type, frame)
        if round % 16 == 0 {
          again.withUnsafeBytes { #expect(FrameText.json(Frame($0)) == FrameText.json(frame)) }
        }
      }
      if round % 16 == 0 { #expect(scanInPieces(bytes, in: buffer) == whole) }
    }
    #expect(accepted > 40_000, "the mutations must leave frames to decode: \(accepted)")
  }

  /// The first verdict of a growing stream; later ones must not take it back.
  private func scanInPieces(_ bytes: [UInt8], in buffer: GuardedBuffer) -> FrameScan {
    var verdict = FrameScan.incomplete
    for length in 0...bytes.count {
      let next = Frame.scan(buffer.place(bytes.prefix(length)), maximum: 600)
      if verdict != .incomplete { #expect(next == verdict) }
      verdict = next
    }
    return verdict
  }
}

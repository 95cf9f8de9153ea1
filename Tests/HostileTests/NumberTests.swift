import FuzzHarness
import Kernel
import Testing
import Values
import Wire

/// Every number of every command at the edges of its type and of the venue's bounds: a documented refusal that changes
/// nothing but what a refusal consumes, or an acceptance whose state passes the audit. Never a trap.
@Suite("Numbers at the edges")
struct NumberTests {
  private let venue = HostileVenue()

  @Test("The prototypes are accepted", arguments: Prototype.all)
  func prototypes(prototype: Prototype) throws {
    let reports = venue.apply(
      prototype.with(requestId: venue.nextRequest(of: Prototype.sender)), key: Prototype.sender)
    #expect(reports.first != nil && reports.allSatisfy { $0.refusal == nil }, "\(reports.map(\.text))")
    #expect(venue.audit() == nil)
  }

  @Test("There is a prototype of every command that a client may send")
  func completeness() {
    let expected = Template.allCases.filter { (20...89).contains($0.rawValue) }
    #expect(Set(Prototype.all.map(\.template)) == Set(expected))
  }

  /// Applies `bytes` and checks everything that must hold whatever they say; goes back to `start` if they changed it.
  private func check(
    _ bytes: [UInt8], from key: KeyId, start: StateBytes, _ what: @autoclosure () -> String
  ) throws {
    let requestId = bytes[FrameHeader.length..<FrameHeader.length + 8].reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    let afterRefusal = try venue.stateAfterRefusal(of: requestId, key: key)
    let reports = venue.apply(bytes, key: key)
    let first = try #require(reports.first, "\(what()): no answer")
    for report in reports {
      let scan = report.bytes.withUnsafeBytes { Frame.scan($0, maximum: Int(UInt16.max)) }
      #expect(scan == .frame(length: report.bytes.count), "\(what())")
    }
    if let refusal = first.refusal {
      #expect(reports.count == 1 && first.key == key, "\(what())")
      let reason = try #require(refusal.reason, "\(what()): a reason outside the schema")
      #expect(reason.rawValue >= RejectReason.malformed.rawValue, "\(what()): a reason of the session layer")
      #expect((refusal.number == 0) == (key == .venue || reason == .duplicateRequest), "\(what())")
      #expect(venue.state == afterRefusal, "\(what()): refused as \(reason), and the state is another")
    } else {
      let restored = try venue.state.restored()
      #expect(StateBytes(of: restored) == venue.state, "\(what()): accepted, and the state cannot be read back")
    }
    if let finding = venue.audit() { Issue.record("\(what()): \(finding)") }
    try venue.reset(to: start)
  }

  /// Values for a field of `size` bytes: the edges as they are cut to it.
  private func edges(_ field: ShapedField) -> [Int64] {
    field.size >= 8 ? ShapedField.edges : [0, 1, -1, -2, 1 << (8 * field.size - 1), 1 << (8 * field.size - 1) - 1]
  }

  @Test("One number of a good request at an edge", arguments: Prototype.all, [Prototype.sender, KeyId.venue])
  func oneNumber(prototype: Prototype, key: KeyId) throws {
    let start = venue.state
    let good = prototype.with(requestId: venue.nextRequest(of: key))
    for field in ShapedField.fields(of: prototype.template) where field.isNumber {
      for edge in edges(field) {
        var bytes = good
        field.store(edge, in: &bytes, at: FrameHeader.length)
        try check(bytes, from: key, start: start, "\(prototype.name) from \(key.rawValue), \(field.name) = \(edge)")
      }
    }
  }

  @Test("One number of a row at an edge", arguments: Prototype.all.filter { $0.template.rowLength > 0 })
  func rowNumbers(prototype: Prototype) throws {
    let start = venue.state
    let good = prototype.with(requestId: venue.nextRequest(of: Prototype.sender))
    let rows = FrameHeader.length + prototype.template.blockLength + FrameHeader.rowsLength
    for offset in stride(from: rows, to: good.count, by: 8) {
      for edge in ShapedField.edges {
        var bytes = good
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: edge >> Int64(8 * index)) }
        try check(bytes, from: Prototype.sender, start: start, "\(prototype.name), row byte \(offset) = \(edge)")
      }
    }
  }

  @Test("Two to four numbers of a good request at edges", arguments: Prototype.all)
  func manyNumbers(prototype: Prototype) throws {
    var generator = SeededGenerator(state: 7)
    let start = venue.state
    let good = prototype.with(requestId: venue.nextRequest(of: Prototype.sender))
    let fields = ShapedField.fields(of: prototype.template).filter { $0.isNumber && $0.offset > 0 }
    if fields.isEmpty { return }
    for _ in 0..<60 {
      var bytes = good
      var text = prototype.name
      for _ in 0..<2 + generator.below(3) {
        let field = fields[generator.below(fields.count)]
        let values = edges(field)
        let edge = values[generator.below(values.count)]
        field.store(edge, in: &bytes, at: FrameHeader.length)
        text += ", \(field.name) = \(edge)"
      }
      try check(bytes, from: Prototype.sender, start: start, text)
    }
  }

  @Test(
    "A code outside its enumeration, flags or booleans is refused with the field's number", arguments: Prototype.all)
  func wrongCodes(prototype: Prototype) throws {
    let start = venue.state
    let requestId = venue.nextRequest(of: Prototype.sender)
    for field in prototype.template.description.fields {
      switch field.type.kind {
      case .enumeration, .set, .flag: break
      default: continue
      }
      var bytes = prototype.with(requestId: requestId)
      for index in 0..<field.type.size { bytes[FrameHeader.length + field.offset + index] = 0xFF }
      let reports = venue.apply(bytes, key: Prototype.sender)
      let refusal = try #require(reports.first?.refusal, "\(prototype.name), \(field.name)")
      #expect(refusal.reason == .invalidField && refusal.detail == Int64(field.id), "\(prototype.name), \(field.name)")
      try venue.reset(to: start)
    }
  }

  @Test("Internal frames with any numbers")
  func internalFrames() throws {
    let start = venue.state
    for template in [Template.tick, .sessionOpened, .sessionClosed] {
      for field in ShapedField.fields(of: template) {
        for edge in ShapedField.edges {
          var bytes = FrameShape.of(template).zeroFrame
          field.store(edge, in: &bytes, at: FrameHeader.length)
          venue.apply(bytes, key: .venue)
          #expect(venue.audit() == nil)
          #expect(StateBytes(of: try venue.state.restored()) == venue.state)
        }
      }
      try venue.reset(to: start)
    }
  }
}

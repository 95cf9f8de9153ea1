import FuzzHarness
import Session
import Testing
import Values
import Wire

/// Frames that are cut, too long, damaged or arrive in pieces, at the scanner and at a live session.
@Suite("Hostile frames")
struct FrameTests {
  /// A good frame of every message, with numbers in its fields.
  static let frames: [[UInt8]] = FrameShape.all.map { shape in
    (UInt8(1)...80).map { $0 % 90 }.withUnsafeBytes { shape.frame($0, nextRequest: 77) }
  }

  private static func scan(_ bytes: some Collection<UInt8>, maximum: Int = Limits.frameBytes) -> FrameScan {
    // A buffer of just this size, so that the address sanitizer sees a read behind it.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    return Frame.scan(UnsafeRawBufferPointer(buffer), maximum: maximum)
  }

  @Test("A frame cut at any byte is incomplete, and whole with its last byte")
  func truncation() {
    for frame in FrameTests.frames {
      for length in 0..<frame.count { #expect(FrameTests.scan(frame[..<length]) == .incomplete) }
      #expect(FrameTests.scan(frame) == .frame(length: frame.count))
      #expect(FrameTests.scan(frame + [1, 2, 3]) == .frame(length: frame.count))
    }
  }

  @Test("Whatever the lengths in a header say, a frame ends where its block and rows end, or is refused")
  func lengths() {
    var accepted = 0
    for frame in FrameTests.frames {
      let blockEnd = FrameHeader.length + Int(frame[4]) + Int(frame[5]) << 8
      // Length of the frame, of the block, of a row, and the number of rows.
      for place in [0, 4] + (blockEnd < frame.count ? [blockEnd, blockEnd + 2] : []) {
        for value in [0, 1, 3, 11, 12, 13, 255, 256, 1023, 1024, 1025, 0x7FFF, 0x8000, 0xFFFF] {
          var damaged = frame + [UInt8](repeating: 0, count: 0xFFFF)
          let unchanged = Int(damaged[place]) | Int(damaged[place + 1]) << 8
          (damaged[place], damaged[place + 1]) = (UInt8(value & 0xFF), UInt8(value >> 8))
          switch FrameTests.scan(damaged) {
          case .incomplete: Issue.record("more than 64 KiB are not enough")
          case .malformed: #expect(value != unchanged)
          case .frame(let length):
            accepted += 1
            #expect(length <= Limits.frameBytes && length == Int(damaged[0]) | Int(damaged[1]) << 8)
          }
        }
      }
    }
    #expect(accepted > 0)
  }

  @Test("A frame of the greatest length is taken, one byte more is refused as soon as its length is known")
  func oversized() {
    var frame = FrameShape.of(.newOrder).zeroFrame + [UInt8](repeating: 9, count: 1024)
    func setLength(_ length: Int) {
      (frame[0], frame[1]) = (UInt8(length & 0xFF), UInt8(length >> 8))
      (frame[4], frame[5]) = (UInt8((length - 12) & 0xFF), UInt8((length - 12) >> 8))
    }
    setLength(1024)
    #expect(FrameTests.scan(frame) == .frame(length: 1024))
    setLength(1025)
    #expect(FrameTests.scan(frame) == .malformed(.tooLong))
    #expect(FrameTests.scan(frame[..<2]) == .malformed(.tooLong))
  }

  @Test("Any byte of a header may be anything")
  func headers() {
    for frame in FrameTests.frames {
      for place in 0..<min(frame.count, 16) {
        for bit in 0..<8 {
          var damaged = frame
          damaged[place] ^= 1 << bit
          for length in [damaged.count - 1, damaged.count] {
            if case .frame(let whole) = FrameTests.scan(damaged[..<length]) { #expect(whole <= length) }
          }
        }
      }
    }
  }

  @Test("A fields' content is no matter of framing: every message with every byte the same is applied without a trap")
  func contents() throws {
    let venue = HostileVenue()
    let start = venue.state
    for shape in FrameShape.all where (19...99).contains(shape.template.rawValue) {
      for filler in [UInt8(0), 1, 0x7F, 0x80, 0xFF] {
        var bytes = shape.zeroFrame
        for index in FrameHeader.length..<FrameHeader.length + shape.template.blockLength { bytes[index] = filler }
        for key in [KeyId.venue, Prototype.sender, Fixture.traders[0], KeyId(99)] {
          venue.apply(bytes, key: key)
          #expect(venue.audit() == nil)
        }
      }
      try venue.reset(to: start)
    }
  }
}

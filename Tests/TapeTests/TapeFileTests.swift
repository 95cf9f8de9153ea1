import Glibc
import Testing
import Values

@testable import Tape

@Suite struct TapeFileTests {
  private func rows(_ text: String) throws -> [TapeRow] { try Tape.rows(in: Array(text.utf8), path: "tape.csv") }

  @Test func `Comments and blank lines are skipped and columns are found by name`() throws {
    let rows = try rows(
      """
      # any comment, with a comma
      timestamp_ns,seq,cmd,order_id,side,size,price,hidden,display\r

      5,1,N,18446744073709551615,A,30,20,7,10\r
      # another
      6,2,C,9,,,,,
      """)
    #expect(
      rows == [
        TapeRow(
          sequence: 1, time: 5, kind: .limit, orderId: .max, side: .sell, price: 20, size: 30, display: 10, hidden: 7),
        TapeRow(sequence: 2, time: 6, kind: .cancel, orderId: 9, side: .buy, price: 0, size: 0),
      ])
    #expect(rows[0].quantity == 37)
  }

  @Test(arguments: TapeRow.Kind.allCases)
  func `Every command letter is read`(kind: TapeRow.Kind) throws {
    let rows = try rows("seq,timestamp_ns,cmd,order_id,side,price,size\n1,2,\(kind.letter),3,B,4,5")
    #expect(rows.map(\.kind) == [kind])
    #expect("SRNIPCMJ".contains(kind.letter))
  }

  @Test(arguments: [
    ("1,2,X,3,B,4,5", "cmd is none of S R N I P C M J: X"),
    ("1,2,N,3,Q,4,5", "side is neither B nor A: Q"),
    ("1,2,N,3,B,4.5,5", "price is not a whole number: 4.5"),
    ("1,2,N,3,B,-4,5", "prices and sizes may not be negative"),
    ("1,2,N,3,B,4", "size is missing"),
    ("1,2,N,3,B,4,9223372036854775808", "size is not a whole number: 9223372036854775808"),
  ])
  func `A bad value is named with its line`(line: String, complaint: String) {
    #expect(throws: TapeError("tape.csv, line 3: \(complaint)")) {
      try rows("# comment\nseq,timestamp_ns,cmd,order_id,side,price,size\n\(line)")
    }
  }

  @Test func `A missing column is named`() {
    #expect(throws: TapeError("tape.csv, line 1: the header has no column price")) {
      try rows("seq,timestamp_ns,cmd,order_id,side,size\n")
    }
    #expect(throws: TapeError("tape.csv: the file has no header line")) { try rows("# nothing\n") }
  }

  @Test func `Packed and plain files are read alike and a damaged one is refused`() throws {
    try withTemporaryDirectory { directory in
      // gzip of "seq,taker_id,maker_id,price,size\n7,1,2,30,40\n", made with `gzip -n`.
      let packed: [UInt8] = TapeFileTests.packedFills
      try write(Array("seq,taker_id,maker_id,price,size\n7,1,2,30,40\n".utf8), to: "\(directory)/plain")
      try write(packed, to: "\(directory)/packed")
      try write(Array(packed.prefix(30)), to: "\(directory)/damaged")
      let expected = [TapeFill(sequence: 7, takerId: 1, makerId: 2, price: 30, size: 40)]
      #expect(try Tape.fills(at: "\(directory)/plain") == expected)
      #expect(try Tape.fills(at: "\(directory)/packed") == expected)
      #expect(throws: TapeError("\(directory)/damaged: gzip could not unpack the file")) {
        try Tape.fills(at: "\(directory)/damaged")
      }
      #expect(throws: TapeError("\(directory)/none: No such file or directory")) {
        try Tape.fills(at: "\(directory)/none")
      }
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "wb"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  @Test func `The price unit is the greatest common divisor of the prices that orders have`() throws {
    let header = "seq,timestamp_ns,cmd,order_id,side,price,size,display,hidden\n"
    let tape = try rows(header + "1,1,S,1,B,0,9,0,0\n2,1,N,2,A,1200,6,0,0\n3,1,N,3,A,1800,6,3,6\n4,1,C,3,A,7,1,0,0")
    #expect(TapeScale(of: tape) == TapeScale(priceUnit: 600, lot: 1))
    let large = try rows(header + "1,1,S,1,B,10,30000000000000,0,0\n2,1,N,2,A,10,45000000000000,0,0")
    #expect(TapeScale(of: large) == TapeScale(priceUnit: 10, lot: 15_000_000_000_000))
    #expect(TapeScale(of: []) == TapeScale(priceUnit: 1, lot: 1))
  }

  private static let packedFills: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xFF, 0x2B, 0x4E, 0x2D, 0xD4, 0x29, 0x49,
    0xCC, 0x4E, 0x2D, 0x8A, 0xCF, 0x4C, 0xD1, 0xC9, 0x85, 0x31, 0x0A, 0x8A, 0x32, 0x93, 0x53, 0x75,
    0x8A, 0x33, 0xAB, 0x52, 0xB9, 0xCC, 0x75, 0x0C, 0x75, 0x8C, 0x74, 0x8C, 0x0D, 0x74, 0x4C, 0x0C,
    0xB8, 0x00, 0xA7, 0xB3, 0xDA, 0x8B, 0x2D, 0x00, 0x00, 0x00,
  ]
}

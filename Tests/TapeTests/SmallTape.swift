import Glibc
import Testing

@testable import Tape

/// A tape with every kind of command, whose fills can be followed with a pencil.
enum SmallTape {
  static let commands = """
    seq,timestamp_ns,cmd,order_id,side,price,size,display,hidden
    1,1000,S,11,A,10200,5,0,0
    2,1000,S,12,B,9800,5,0,0
    3,1000,R,12,B,9900,7,0,0
    4,2000,N,13,A,10100,2,2,4
    5,3000,P,14,A,9900,3,0,0
    6,4000,I,15,B,10200,9,0,0
    7,5000,M,11,A,9900,4,0,0
    8,6000,C,12,B,9900,3,0,0
    9,7000,J,99,A,0,1,0,0
    """

  /// Row 6 takes the iceberg's three slices of 2 at 10100, then 3 at 10200; row 7 moves the 2 left of order 11 to 9900,
  /// with 4, and meets order 12.
  static let fills = """
    seq,taker_id,maker_id,price,size
    6,15,13,10100,6
    6,15,11,10200,3
    7,11,12,9900,4
    """

  static func tape(fills: String = SmallTape.fills) throws -> Tape {
    Tape(
      rows: try Tape.rows(in: Array(SmallTape.commands.utf8), path: "commands"),
      fills: try Tape.fills(in: Array(fills.utf8), path: "fills"))
  }
}

/// Runs `body` with a directory of its own, which is removed with the files in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let directory = "/tmp/lockstep-tape-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
  try #require(mkdir(directory, 0o700) == 0)
  defer { removeTree(directory) }
  try body(directory)
}

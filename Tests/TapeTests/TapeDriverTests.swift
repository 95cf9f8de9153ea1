import Testing
import Values

@testable import Tape

/// Runs a tape written in the file format against the naive venue, with answers at once and with late ones.
@discardableResult
private func run(_ text: String, isImmediate: Bool = false) throws -> (fills: [TapeFill], venue: NaiveVenue, waits: Int)
{
  let header = "seq,timestamp_ns,cmd,order_id,side,price,size,display,hidden\n"
  let lines = text.split(separator: "\n").map { "\($0)" + (($0.filter { $0 == "," }.count == 6) ? ",0,0" : "") }
  let rows = try Tape.rows(in: Array((header + lines.joined(separator: "\n")).utf8), path: "tape")
  let venue = NaiveVenue(isImmediate: isImmediate)
  let driver = TapeDriver(link: venue, scale: TapeScale(of: rows))
  try driver.run(rows)
  return (driver.fills(of: rows), venue, driver.barrierCount)
}

private func fill(_ sequence: UInt64, _ taker: UInt64, _ maker: UInt64, _ price: Int64, _ size: Int64) -> TapeFill {
  TapeFill(sequence: sequence, takerId: taker, makerId: maker, price: price, size: size)
}

@Suite struct TapeDriverTests {
  @Test(arguments: [true, false])
  func `A limit order takes the resting orders in price and time order`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,S,11,A,102,5
      2,1,S,12,A,101,5
      3,1,S,13,A,101,5
      4,2,N,14,B,102,12
      """, isImmediate: isImmediate)
    #expect(result.fills == [fill(4, 14, 12, 101, 5), fill(4, 14, 13, 101, 5), fill(4, 14, 11, 102, 2)])
  }

  @Test(arguments: [true, false])
  func `An immediate order leaves nothing behind and a post-only order never trades`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,S,11,A,100,5
      2,2,I,12,B,100,8
      3,3,N,13,B,99,4
      4,4,P,14,A,99,4
      5,5,P,15,A,100,4
      6,6,N,16,B,100,1
      """, isImmediate: isImmediate)
    #expect(result.fills == [fill(2, 12, 11, 100, 5), fill(6, 16, 15, 100, 1)])
    #expect(result.venue.orders.map(\.open) == [4, 3])
  }

  @Test(arguments: [true, false])
  func `A cancel of an unknown or done order does nothing`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,C,77,B,0,0
      2,1,N,11,A,100,5
      3,2,C,11,A,100,5
      4,3,C,11,A,100,5
      5,4,N,12,B,100,5
      """, isImmediate: isImmediate)
    #expect(result.fills.isEmpty)
    #expect(result.venue.orders.map(\.open) == [5])
  }

  @Test(arguments: [true, false])
  func `A smaller size at the same price keeps its place and anything else loses it`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,N,11,A,100,5
      2,1,N,12,A,100,5
      3,1,N,13,A,100,5
      4,2,M,11,A,100,2
      5,2,M,12,A,100,6
      6,3,N,14,B,100,10
      """, isImmediate: isImmediate)
    #expect(result.fills == [fill(6, 14, 11, 100, 2), fill(6, 14, 13, 100, 5), fill(6, 14, 12, 100, 3)])
  }

  @Test(arguments: [true, false])
  func `A changed order may trade and a changed order that is unknown or done is new`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,N,11,A,100,5
      2,1,N,12,B,98,3
      3,2,M,12,B,100,4
      4,3,M,12,B,100,2
      5,4,M,99,A,99,1
      """, isImmediate: isImmediate)
    // Row 3 fills all of 12, so row 4 is a new order with its id; row 5 an order never seen.
    #expect(result.fills == [fill(3, 12, 11, 100, 4), fill(4, 12, 11, 100, 1), fill(5, 99, 12, 100, 1)])
  }

  @Test(arguments: [true, false])
  func `A change to an immediate order trades and leaves nothing`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,N,11,A,100,5
      2,1,N,12,B,98,3
      3,2,J,12,B,100,7
      4,3,J,13,B,100,2
      5,4,N,14,A,90,1
      """, isImmediate: isImmediate)
    #expect(result.fills == [fill(3, 12, 11, 100, 5)])
    #expect(result.venue.orders.map(\.open) == [1])
  }

  @Test(arguments: [true, false])
  func `Revisions while the market is closed do not trade and may leave the book crossed`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,S,11,A,100,5
      2,1,S,12,B,95,5
      3,2,R,12,B,103,4
      4,2,R,13,B,102,2
      5,3,C,77,A,0,0
      6,4,N,14,A,102,5
      7,5,R,11,A,101,5
      8,6,N,15,B,101,5
      """, isImmediate: isImmediate)
    #expect(
      result.fills == [fill(6, 14, 12, 103, 4), fill(6, 14, 13, 102, 1), fill(8, 15, 11, 101, 5)])
    #expect(result.venue.commands[.setPhase] == 4)
  }

  @Test(arguments: [true, false])
  func `An iceberg shows its display and goes to the back of its level`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,N,11,A,100,2,2,4
      2,1,N,12,A,100,2
      3,2,N,13,B,100,5
      4,3,N,14,B,100,9
      """, isImmediate: isImmediate)
    #expect(
      result.fills == [
        fill(3, 13, 11, 100, 2), fill(3, 13, 12, 100, 2), fill(3, 13, 11, 100, 1), fill(4, 14, 11, 100, 1),
        fill(4, 14, 11, 100, 2),
      ])
  }

  @Test(arguments: [true, false])
  func `An id that is used again names the newer order`(isImmediate: Bool) throws {
    let result = try run(
      """
      1,1,N,11,A,100,5
      2,2,N,12,B,100,5
      3,3,N,11,A,101,3
      4,4,M,11,A,101,2
      5,5,N,13,B,101,9
      """, isImmediate: isImmediate)
    #expect(result.fills == [fill(2, 12, 11, 100, 5), fill(5, 13, 11, 101, 2)])
  }

  @Test func `A change of an order that was post-only may trade`() throws {
    let result = try run(
      """
      1,1,N,11,A,100,5
      2,1,P,12,B,98,3
      3,2,M,12,B,100,4
      """)
    #expect(result.fills == [fill(3, 12, 11, 100, 4)])
  }

  @Test func `Prices of zero and of a billion are ordinary prices`() throws {
    let result = try run(
      """
      1,1,S,11,A,1000000000,5
      2,1,S,12,B,0,1000000000000
      3,2,N,13,B,1000000000,5
      4,3,N,14,A,0,7
      """)
    #expect(result.fills == [fill(3, 13, 11, 1_000_000_000, 5), fill(4, 14, 12, 0, 7)])
  }

  @Test(arguments: [true, false])
  func `An order larger than an account may hold is one order to the tape`(isImmediate: Bool) throws {
    // The price unit is 1, so 10^12 at 10^9 is 10^21 mq: 1,000 accounts.
    let result = try run(
      """
      1,1,S,10,A,7,1
      2,1,S,11,A,1000000000,1000000000001
      3,2,N,12,B,1000000000,300000000000
      4,3,M,11,A,1000000000,699999999999
      5,4,N,13,B,1000000000,1
      """, isImmediate: isImmediate)
    #expect(result.fills.filter { $0.sequence == 3 }.reduce(0) { $0 + $1.size } == 300_000_000_000)
    #expect(result.fills.last == fill(5, 13, 11, 1_000_000_000, 1))
    #expect(result.venue.orders.filter { $0.side == .sell }.reduce(0) { $0 + $1.open } == 699_999_999_998)
  }

  @Test func `Only a change that something on its way could decide waits`() throws {
    let far = try run(
      """
      1,1,S,11,A,100,5
      2,1,S,12,B,90,5
      3,2,N,13,B,91,1
      4,3,N,14,A,99,1
      5,4,M,11,A,100,4
      """)
    #expect(far.waits == 0)
    let near = try run(
      """
      1,1,S,11,A,100,5
      2,2,N,13,B,91,1
      3,3,N,14,B,100,5
      4,4,M,11,A,100,4
      """)
    #expect(near.waits == 1)
    #expect(near.fills == [fill(3, 14, 11, 100, 5)])
    #expect(near.venue.orders.map(\.open) == [1, 4])
  }
}

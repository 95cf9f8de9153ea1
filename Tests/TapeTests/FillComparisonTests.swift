import Testing

@testable import Tape

private func fill(_ sequence: UInt64, _ taker: UInt64, _ maker: UInt64, _ price: Int64, _ size: Int64) -> TapeFill {
  TapeFill(sequence: sequence, takerId: taker, makerId: maker, price: price, size: size)
}

@Suite struct FillComparisonTests {
  private let published = [
    fill(4, 14, 12, 101, 5), fill(4, 14, 13, 101, 5), fill(9, 20, 15, 102, 1),
  ]

  @Test func `Equal fills are exact`() {
    let comparison = FillComparison(published: published, actual: published)
    #expect(comparison.isExact)
    #expect((comparison.exact, comparison.published) == (3, 3))
    #expect((comparison.exactTakerOrders, comparison.takerOrders) == (2, 2))
    #expect(comparison.extra == 0)
  }

  @Test func `Makers in another order are different although all fills are there`() {
    let comparison = FillComparison(published: published, actual: [published[1], published[0], published[2]])
    #expect((comparison.exact, comparison.exactTakerOrders) == (1, 1))
    #expect(
      comparison.firstDifference
        == .init(sequence: 4, position: 1, published: published[0], actual: published[1]))
  }

  @Test(arguments: [
    fill(9, 20, 15, 102, 2), fill(9, 20, 15, 103, 1), fill(9, 20, 16, 102, 1), fill(9, 21, 15, 102, 1),
    fill(8, 20, 15, 102, 1),
  ])
  func `A wrong size, price, maker, taker or command is a difference`(wrong: TapeFill) {
    let comparison = FillComparison(published: published, actual: [published[0], published[1], wrong])
    #expect(!comparison.isExact)
    #expect((comparison.exact, comparison.exactTakerOrders) == (2, 1))
    #expect(comparison.firstDifference?.sequence == min(9, wrong.sequence))
  }

  @Test func `Missing fills and fills that nobody published are differences`() {
    let missing = FillComparison(published: published, actual: [published[0], published[2]])
    #expect((missing.exact, missing.exactTakerOrders, missing.extra) == (2, 1, 0))
    #expect(missing.firstDifference == .init(sequence: 4, position: 2, published: published[1], actual: nil))
    let more = fill(10, 30, 31, 5, 5)
    let extra = FillComparison(published: published, actual: published + [more])
    #expect((extra.exact, extra.exactTakerOrders, extra.extra) == (3, 2, 1))
    #expect(extra.firstDifference == .init(sequence: 10, position: 1, published: nil, actual: more))
  }

  @Test func `Slices of one maker may be added up on either side`() {
    let slices = [fill(4, 1, 2, 10, 3), fill(4, 1, 5, 10, 4), fill(4, 1, 2, 10, 3)]
    let sums = [fill(4, 1, 2, 10, 6), fill(4, 1, 5, 10, 4)]
    #expect(FillComparison(published: sums, actual: slices).isExact)
    let comparison = FillComparison(published: slices, actual: sums)
    #expect(comparison.isExact)
    #expect((comparison.exact, comparison.published) == (3, 3))
  }
}

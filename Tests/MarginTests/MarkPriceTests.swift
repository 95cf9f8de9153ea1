import Testing
import Values

@testable import Margin

/// Median, basis, mark, index conversion: figures to check with a pencil.
struct MarkPriceTests {
  private func median(_ values: Int64...) -> Int64? {
    var sources = SourceMedian()
    for value in values { sources.insert(value) }
    return sources.median
  }

  @Test func medianOfSources() {
    #expect(median() == nil)
    #expect(median(7) == 7)
    #expect(median(9, 4) == 6)
    #expect(median(-4, -9) == -7)
    #expect(median(100, 1, 99) == 99)
    #expect(median(5, 1, 9, 7) == 6)
    #expect(median(8, 7, 6, 5, 4, 3, 2, 1) == 4)
    let highest = Int64.max
    #expect(median(highest, highest - 1) == highest - 1)
  }

  @Test("One liar of three stays between the honest two; two of five do", arguments: seeds)
  func liars(seed: Int) {
    var numbers = SeededGenerator(seed)
    for honestCount in [2, 3] {
      let honest = (0..<honestCount).map { _ in Int64.random(in: 1...1_000, using: &numbers) }
      for _ in 0..<20 {
        var all = honest + (0..<honestCount - 1).map { _ in Int64.random(in: -10_000...10_000, using: &numbers) }
        all.shuffle(using: &numbers)
        var sources = SourceMedian()
        for value in all { sources.insert(value) }
        let result = sources.median ?? 0
        #expect(result >= honest.min()! && result <= honest.max()!)
      }
    }
  }

  @Test func medianOfThree() {
    for (first, second, third) in [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)]
      as [(Int64, Int64, Int64)]
    {
      #expect(median3(first, second, third) == 2)
    }
    #expect(median3(5, 5, 1) == 5 && median3(5, 9, 5) == 5)
  }

  private func formula(
    _ index: Int64, basis: Int64 = 0, bid: Int64? = nil, ask: Int64? = nil, last: Int64? = nil, band: Rate
  ) -> MarkFormula {
    MarkFormula(
      index: index, basis: BasisAverage(billionths: Int128(basis) * 1_000_000_000), bid: bid.map { Price($0) },
      ask: ask.map { Price($0) }, last: last.map { Price($0) }, band: band)
  }

  @Test func missingInputsAreFair() {
    let band = basisPoints(100)
    #expect(formula(1_000, basis: 4, band: band).mark == Price(1_004))
    #expect(formula(1_000, basis: 4, last: 1_009, band: band).mark == Price(1_004))
    #expect(formula(1_000, basis: 4, bid: 1_000, ask: 1_003, band: band).mark == Price(1_004))
    #expect(formula(1_000, basis: 4, bid: 1_000, ask: 1_003, last: 1_009, band: band).mark == Price(1_004))
    #expect(formula(1_000, basis: 4, bid: 1_000, ask: 1_003, last: 1_002, band: band).mark == Price(1_002))
    // One side only, a bid of 0, a crossed and a locked book have no middle.
    #expect(formula(1_000, bid: 900, last: 800, band: band).mid == nil)
    #expect(formula(1_000, bid: 0, ask: 900, last: 800, band: band).mark == Price(1_000))
    #expect(formula(1_000, bid: 990, ask: 980, last: 800, band: band).mid == nil)
    #expect(formula(1_000, bid: 990, ask: 990, last: 800, band: band).mid == nil)
    #expect(formula(1_000, bid: 1_000, ask: 1_003, band: band).mid == 1_001)
  }

  @Test func bandBounds() {
    #expect(formula(1_000, basis: 50, band: basisPoints(100)).mark == Price(1_010))
    #expect(formula(1_000, basis: -50, band: basisPoints(100)).mark == Price(990))
    #expect(formula(1_999, basis: 50, band: basisPoints(100)).width == 19)
    #expect(formula(1_000, basis: 50, band: .zero).mark == Price(1_000))
    #expect(formula(3, basis: -9, band: .one).mark == Price(1))
    #expect(formula(3, basis: -9, band: .one).basisSample == nil)
    #expect(formula(1_000, bid: 1_098, ask: 1_102, band: basisPoints(100)).basisSample == 10)
    #expect(formula(1_000, bid: 898, ask: 902, band: basisPoints(100)).basisSample == -10)
    #expect(formula(1_000, bid: 1_001, ask: 1_004, band: basisPoints(100)).basisSample == 2)
  }

  @Test("Whoever moves only one of mid and last moves the mark no further than the other two", arguments: seeds)
  func oneInput(seed: Int) {
    var numbers = SeededGenerator(seed)
    for _ in 0..<200 {
      let index = Int64.random(in: 1_000...100_000, using: &numbers)
      let basis = Int64.random(in: -20...20, using: &numbers)
      let mid = index + Int64.random(in: -50...50, using: &numbers)
      let pumped = Int64.random(in: 1...200_000, using: &numbers)
      let band = Rate(Int64.random(in: 0...100_000_000, using: &numbers))
      let mark = formula(index, basis: basis, bid: mid - 1, ask: mid + 1, last: pumped, band: band).mark.rawValue
      let width = index * band.rawValue / 1_000_000_000
      let (low, high) = (min(index + basis, mid), max(index + basis, mid))
      #expect(mark >= min(low, index + width) && mark <= max(high, index - width))
      #expect(abs(mark - index) <= width)
    }
  }

  @Test func basisMovesTowardsTheSample() {
    var basis = BasisAverage()
    basis.add(100, weight: basisPoints(1000))
    #expect(basis.rounded == 10)
    basis.add(100, weight: basisPoints(1000))
    #expect(basis.rounded == 19)
    basis.add(-100, weight: .one)
    #expect(basis.billionths == -100_000_000_000)
    basis.add(0, weight: .zero)
    #expect(basis.rounded == -100)
    #expect(BasisAverage(billionths: 1_999_999_999).rounded == 1)
    #expect(BasisAverage(billionths: -1_999_999_999).rounded == -1)
    // ⌊⌋ toward zero: the step of 10^-9 price units that 0.1 % of 999 of them would be is not made.
    var resting = BasisAverage(billionths: 999)
    resting.add(0, weight: basisPoints(10))
    #expect(resting.billionths == 999)
    resting = BasisAverage(billionths: 1_000)
    resting.add(0, weight: basisPoints(10))
    #expect(resting.billionths == 999)
  }

  @Test("The average stays between what it was and the sample", arguments: seeds)
  func basisNeverOversteps(seed: Int) {
    var numbers = SeededGenerator(seed)
    var basis = BasisAverage()
    for _ in 0..<500 {
      let sample = Int64.random(in: -(1 << 53)...(1 << 53), using: &numbers)
      let before = basis.billionths
      basis.add(sample, weight: Rate(Int64.random(in: 0...1_000_000_000, using: &numbers)))
      let target = Int128(sample) * 1_000_000_000
      #expect(basis.billionths >= min(before, target) && basis.billionths <= max(before, target))
    }
  }

  @Test func conversionToPriceUnits() throws {
    // BTC: 10^8 quanta, index in 0.01 USD, mq 10^-8 USD: e = 8 − 8 + 2. Price unit 0.1 USD.
    let bitcoin = try #require(
      IndexConversion(assetDigits: 8, priceScale: 2, moneyDigits: 8, priceUnit: 100_000_000_000))
    #expect(bitcoin.numerator == 1 && bitcoin.denominator == 10)
    #expect(bitcoin.roundedToNearest(Price(6_400_014)) == 640_001)
    #expect(bitcoin.roundedToNearest(Price(6_400_015)) == 640_002)
    #expect(bitcoin.roundedDown(Price(6_400_019)) == 640_001)
    #expect(bitcoin.roundedUp(Price(6_400_011)) == 640_002)
    #expect(bitcoin.roundedToNearest(Price(4)) == 0)
    #expect(bitcoin.roundedToNearest(Price(-15)) == -1)
    // Price unit 0.25 USD: four of them make a dollar.
    let quarter = try #require(
      IndexConversion(assetDigits: 8, priceScale: 2, moneyDigits: 8, priceUnit: 250_000_000_000))
    #expect(quarter.numerator == 1 && quarter.denominator == 25)
    // A price unit finer than the index's.
    let fine = try #require(IndexConversion(assetDigits: 8, priceScale: 2, moneyDigits: 8, priceUnit: 1_000_000))
    #expect(fine.numerator == 10_000 && fine.denominator == 1)
    // An asset with 18 digits and money with 2: e = 18 − 2 + 4.
    let ether = try #require(
      IndexConversion(assetDigits: 18, priceScale: 18, moneyDigits: 2, priceUnit: 30_000_000_000))
    #expect(ether.numerator == 1 && ether.denominator == 3)
    #expect(IndexConversion(assetDigits: 18, priceScale: 0, moneyDigits: 0, priceUnit: 1) == nil)
    #expect(IndexConversion(assetDigits: 0, priceScale: 18, moneyDigits: 18, priceUnit: 7) == nil)
  }

  @Test("The fraction is exact for every scale", arguments: seeds)
  func conversionIsExact(seed: Int) {
    var numbers = SeededGenerator(seed)
    for _ in 0..<100 {
      let (digits, scale, money) = (
        UInt8.random(in: 0...18, using: &numbers), UInt8.random(in: 0...18, using: &numbers),
        UInt8.random(in: 0...18, using: &numbers)
      )
      let unit = Int64.random(in: 1...1_000_000_000_000_000, using: &numbers)
      guard
        let conversion = IndexConversion(assetDigits: digits, priceScale: scale, moneyDigits: money, priceUnit: unit)
      else { continue }
      // numerator/denominator = 10^(d + 12)/(10^(e + D)·unit), by wide products.
      let left = power(UInt128(conversion.numerator), Int(scale) + Int(money), times: UInt128(unit))
      let right = power(UInt128(conversion.denominator), Int(digits) + 12, times: 1)
      #expect(left.high == right.high && left.low == right.low)
    }
  }

  /// value · 10^exponent · factor in 256 bits.
  private func power(_ value: UInt128, _ exponent: Int, times factor: UInt128) -> (high: UInt128, low: UInt128) {
    var (high, low): (UInt128, UInt128) = (0, value)
    for step in 0...exponent {
      let by = step == 0 ? factor : 10
      let product = low.multipliedFullWidth(by: by)
      (high, low) = (high * by + product.high, product.low)
    }
    return (high, low)
  }
}

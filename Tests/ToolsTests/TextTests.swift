import Testing
import Values

@testable import ToolSupport

@Suite("Numbers and tables as text") struct TextTests {
  @Test(arguments: [
    ("0", 2, 0), ("27000.5", 1, 270_005), ("-0.05", 2, -5), (".5", 1, 5), ("5.", 0, 5), ("1_000,000", 0, 1_000_000),
    ("1.500", 1, 15), ("0.5%", 9, 5_000_000), ("100%", 9, 1_000_000_000), ("0.000", 0, 0),
  ])
  func decimalsAreReadExactly(text: String, digits: Int, value: Int) throws {
    #expect(try Decimal.parse(text, digits: digits) == Int128(value))
  }

  @Test(arguments: ["", "-", ".", "1.2.3", "1e5", "0x10", "one", "%", "1 000"])
  func otherTextsAreNoNumbers(text: String) {
    #expect(throws: Decimal.Problem.notANumber) { try Decimal.parse(text, digits: 2) }
  }

  @Test func aNumberWithTooManyDecimalsOrDigitsIsRefused() {
    #expect(throws: Decimal.Problem.tooPrecise(digits: 2)) { try Decimal.parse("0.001", digits: 2) }
    #expect(throws: Decimal.Problem.tooPrecise(digits: 1)) { try Decimal.parse("1%", digits: 1) }
    #expect(throws: Decimal.Problem.outOfRange) { try Decimal.parse(String(repeating: "9", count: 38), digits: 9) }
  }

  @Test(arguments: [
    (0, 2, "0.00"), (5, 2, "0.05"), (-1_234_567, 2, "-12,345.67"), (1_000_000, 0, "1,000,000"), (999, 0, "999"),
  ])
  func numbersArePrintedWithSeparators(value: Int, digits: Int, text: String) {
    #expect(Decimal.format(Int128(value), digits: digits) == text)
  }

  @Test func moneyKeepsAllDigitsThatAreNotZero() {
    let amounts = Amounts(moneyDigits: 8)
    #expect(amounts.money(Money(Int64(123_456_000_000))) == "1,234.56")
    #expect(amounts.money(Money(Int64(1))) == "0.00000001")
    #expect(amounts.shortMoney(Money(Int64(-1))) == "-0.01", "never shown better than it is")
    #expect(Amounts(moneyDigits: 0).money(Money(Int64(1000))) == "1,000")
  }

  @Test func pricesAndLotsHaveTheDecimalsOfTheirUnit() throws {
    #expect(Amounts.multiple(640_005, of: 100_000_000_000) == "64,000.5")
    #expect(Amounts.multiple(15, of: 10_000_000_000) == "0.15")
    #expect(Amounts.multiple(3, of: 500_000_000_000) == "1.5")
    #expect(Amounts.multiple(3, of: 1_000_000_000_000) == "3")
    #expect(try Amounts.count("64000.5", of: 100_000_000_000) == 640_005)
    #expect(throws: Decimal.Problem.self) { try Amounts.count("64000.55", of: 100_000_000_000) }
  }

  @Test func timesArePrintedInUTC() {
    #expect(Amounts.time(Timestamp(0)) == "1970-01-01 00:00:00.000")
    #expect(Amounts.time(Timestamp(1_709_210_096_789_000_000)) == "2024-02-29 12:34:56.789")
  }

  @Test func tablesAreAligned() {
    var table = TextTable("name", ">lots")
    table.add("a", "1")
    table.add("long name", "1,000")
    #expect(table.lines == ["  name        lots", "  a              1", "  long name  1,000"])
  }

  @Test func jsonIsEscapedAndKeepsItsOrder() {
    let value = Json.object([("b", "say \"hi\"\n"), ("a", .array([1, true, .null, .integer(UInt64.max)]))])
    #expect(value.text == #"{"b":"say \"hi\"\n","a":[1,true,null,18446744073709551615]}"#)
  }

  @Test func suggestionsAreNearAndNotFarFetched() {
    #expect(suggestion(for: "intial_base", among: ["initial_base", "maintenance_base"]) == "initial_base")
    #expect(suggestion(for: "colour", among: ["mark", "phase"]) == nil)
  }
}

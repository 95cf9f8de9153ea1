import Foundation
import Testing

@Suite struct FigureRegisterTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL

  @Test("Every figure of the register is named once, and the test that it is said to be is there")
  func register() throws {
    let ids = FigureRegister.rows.flatMap(\.ids)
    #expect(Set(ids).count == ids.count, "\(Dictionary(grouping: ids) { $0 }.filter { $1.count > 1 }.keys)")
    for row in FigureRegister.rows {
      switch row.fate {
      case .test(let file, let function):
        let text = try String(contentsOf: Self.tests.appendingPathComponent(file), encoding: .utf8)
        #expect(text.contains("func \(function)("), "\(row.family): there is no \(function) in \(file)")
      case .otherRule(let reason): #expect(!reason.isEmpty)
      }
    }
  }

  private struct Figures: Decodable {
    struct Figure: Decodable { let id: String }
    let count: Int
    let vectors: [Figure]
  }

  @Test(
    "All figures of the margin specification are in the register, and no others",
    .enabled(
      if: PythonOracle.folder != nil, "the public figures are not on this machine (LOCKSTEP_SHARED or ../shared)"))
  func complete() throws {
    let file = URL(fileURLWithPath: try #require(PythonOracle.folder) + "/vectors.json")
    let figures = try JSONDecoder().decode(Figures.self, from: try Data(contentsOf: file))
    let published = Set(figures.vectors.map(\.id))
    #expect(published.count == figures.count && figures.count == figures.vectors.count)
    let registered = Set(FigureRegister.rows.flatMap(\.ids))
    #expect(published.subtracting(registered).sorted() == [], "not in the register")
    #expect(registered.subtracting(published).sorted() == [], "in the register alone")
  }
}

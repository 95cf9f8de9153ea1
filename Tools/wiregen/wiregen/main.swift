import Foundation
import WireGenerator

// Run from the root of the package: `swift run wiregen`.
do {
  let schema = try Data(contentsOf: URL(fileURLWithPath: schemaPath))
  let files = try generate(from: schema)
  let folder = URL(fileURLWithPath: generatedFolder)
  if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
  for (name, text) in files {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
  print("\(files.count) files written to \(generatedFolder)")

  let document = URL(fileURLWithPath: documentationPath)
  let text = try regenerate(
    documentation: String(contentsOf: document, encoding: .utf8), schema: schema,
    vectors: String(contentsOf: URL(fileURLWithPath: vectorsPath), encoding: .utf8))
  try Data(text.utf8).write(to: document)
  print("tables of \(documentationPath) written")
} catch {
  FileHandle.standardError.write(Data("wiregen: \(error)\n".utf8))
  exit(1)
}

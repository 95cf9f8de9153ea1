import Foundation

/// Where the generated files are, from the root of the package.
public let generatedFolder = "Sources/Wire/Generated"
/// Where the schema is, from the root of the package.
public let schemaPath = "Protocol/lockstep.xml"

/// The generated sources: path below ``generatedFolder`` → text.
public func generate(from xml: Data) throws -> [String: String] {
  let schema = try readSchema(xml)
  var files = [
    "Template.swift": templateFile(schema),
    "Schema.swift": schemaFile(schema),
    "TypeDescriptions.swift": typesFile(schema),
  ]
  for message in schema.messages {
    files["Messages/\(message.name).swift"] = try messageFile(message, schema: schema)
  }
  for (name, messages) in Dictionary(grouping: schema.messages, by: descriptionFile) {
    files[name] = descriptionsFile(messages)
  }
  return files
}

/// The numbers of the templates are grouped by purpose.
private func descriptionFile(_ message: MessageModel) -> String {
  switch message.id {
  case ..<19: "Descriptions/SessionDescriptions.swift"
  case ..<40: "Descriptions/DefinitionDescriptions.swift"
  case ..<70: "Descriptions/OperationDescriptions.swift"
  case ..<100: "Descriptions/OrderDescriptions.swift"
  case ..<120: "Descriptions/ReportDescriptions.swift"
  case ..<150: "Descriptions/QueryDescriptions.swift"
  default: "Descriptions/MarketDataDescriptions.swift"
  }
}

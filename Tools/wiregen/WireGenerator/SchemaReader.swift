import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reads the XML of a schema. Refuses what the generator and the protocol's own rules do not allow.
public func readSchema(_ xml: Data) throws -> SchemaModel {
  let reader = SchemaReader()
  let parser = XMLParser(data: xml)
  parser.delegate = reader
  let parsed = parser.parse()
  if let failure = reader.failure { throw failure }
  guard parsed else { throw SchemaError(description: "not XML: \(String(describing: parser.parserError))") }
  return reader.schema
}

private final class SchemaReader: NSObject, XMLParserDelegate {
  var schema = SchemaModel()
  var failure: SchemaError?
  private var types: [String: TypeModel] = [:]
  private var openType: TypeModel?
  private var openMembers: [(name: String, size: Int)] = []
  private var openValues: [NamedValue] = []
  private var openMessage: MessageModel?
  private var openGroup: GroupModel?
  private var text = ""

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    text = ""
    do {
      try start(element, attributes)
    } catch {
      failure = error
      parser.abortParsing()
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(_ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?) {
    do {
      try end(element)
    } catch {
      failure = error
      parser.abortParsing()
    }
  }

  private func start(_ element: String, _ attributes: [String: String]) throws(SchemaError) {
    switch element {
    case "sbe:messageSchema":
      schema.id = try number("id", attributes)
      schema.version = try number("version", attributes)
    case "types":
      break
    case "composite":
      openType = TypeModel(
        name: try name(attributes), form: .bytes, size: 0, elementSize: 0, isOptional: false,
        description: attributes["description"] ?? "")
      openMembers = []
    case "type":
      if openType != nil {
        openMembers.append((try name(attributes), try primitiveSize(attributes["primitiveType"])))
      } else {
        try add(simpleType(attributes))
      }
    case "enum", "set":
      let size = try primitiveSize(attributes["encodingType"])
      openType = TypeModel(
        name: try name(attributes), form: .unsigned, size: size, elementSize: size, isOptional: false,
        description: attributes["description"] ?? "")
      openValues = []
    case "validValue", "choice":
      openValues.append(NamedValue(name: try name(attributes), code: -1, description: attributes["description"] ?? ""))
    case "sbe:message":
      openMessage = MessageModel(
        name: try name(attributes), id: try number("id", attributes), description: attributes["description"] ?? "")
    case "group":
      guard openMessage?.group == nil else { throw SchemaError(description: "a message may have one group only") }
      openGroup = GroupModel(
        name: try name(attributes), id: try number("id", attributes), description: attributes["description"] ?? "")
    case "field":
      try addField(attributes)
    default:
      throw SchemaError(description: "element <\(element)> is not supported")
    }
  }

  private func end(_ element: String) throws(SchemaError) {
    switch element {
    case "validValue", "choice":
      guard let code = Int(text.trimmingCharacters(in: .whitespaces)), !openValues.isEmpty else {
        throw SchemaError(description: "value '\(text)' is not a number")
      }
      openValues[openValues.count - 1].code = code
    case "composite", "enum", "set":
      guard var type = openType else { return }
      openType = nil
      if element == "composite" {
        type.elementSize = openMembers.first?.size ?? 0
        type.size = openMembers.reduce(0) { $0 + $1.size }
        let isOpaque = openMembers.allSatisfy { $0.name.hasPrefix("word") }
        type.form = isOpaque ? .bytes : .record(members: openMembers.map(\.name))
      } else {
        type.form = element == "enum" ? .enumeration(values: openValues) : .set(choices: openValues)
      }
      try add(type)
    case "group":
      openMessage?.group = openGroup
      openGroup = nil
    case "sbe:message":
      guard let message = openMessage else { return }
      openMessage = nil
      guard !schema.messages.contains(where: { $0.id == message.id || $0.name == message.name }) else {
        throw SchemaError(description: "\(message.name): name or id used twice")
      }
      let all = message.fields + (message.group?.fields ?? [])
      guard Set(all.map(\.id)).count == all.count, Set(all.map(\.name)).count == all.count else {
        throw SchemaError(description: "\(message.name): a field name or id is used twice")
      }
      schema.messages.append(message)
    default:
      break
    }
  }

  /// The standard headers are part of every frame and not types of fields.
  private func add(_ type: TypeModel) throws(SchemaError) {
    if type.name == "messageHeader" || type.name == "groupSizeEncoding" { return }
    guard types.updateValue(type, forKey: type.name) == nil else {
      throw SchemaError(description: "type \(type.name) is defined twice")
    }
    schema.types.append(type)
  }

  private func simpleType(_ attributes: [String: String]) throws(SchemaError) -> TypeModel {
    let name = try name(attributes)
    let primitive = attributes["primitiveType"] ?? ""
    let elementSize = try primitiveSize(primitive)
    let form: TypeModel.Form =
      if name.hasPrefix("padding") {
        .padding
      } else if name == "fieldFlag" {
        .flag
      } else if primitive == "char" {
        .text
      } else {
        primitive.hasPrefix("uint") ? .unsigned : .signed
      }
    return TypeModel(
      name: name, form: form, size: elementSize * (Int(attributes["length"] ?? "1") ?? 1), elementSize: elementSize,
      isOptional: attributes["presence"] == "optional", description: attributes["description"] ?? "")
  }

  private func addField(_ attributes: [String: String]) throws(SchemaError) {
    guard let typeName = attributes["type"], let type = types[typeName] else {
      throw SchemaError(description: "field \(try name(attributes)): unknown type")
    }
    var field = FieldModel(
      name: try name(attributes), id: try number("id", attributes), type: type, offset: 0,
      description: attributes["description"] ?? "")
    field.offset = openGroup?.blockLength ?? openMessage?.blockLength ?? 0
    guard type.elementSize < 8 || field.offset % 8 == 0 else {
      throw SchemaError(description: "\(openMessage?.name ?? "").\(field.name) is not 8-byte aligned in its block")
    }
    if openGroup != nil { openGroup?.fields.append(field) } else { openMessage?.fields.append(field) }
  }

  private func name(_ attributes: [String: String]) throws(SchemaError) -> String {
    guard let name = attributes["name"], !name.isEmpty else { throw SchemaError(description: "a name is missing") }
    return name
  }

  private func number(_ key: String, _ attributes: [String: String]) throws(SchemaError) -> Int {
    guard let text = attributes[key], let number = Int(text) else {
      throw SchemaError(description: "\(attributes["name"] ?? "schema"): \(key) is not a number")
    }
    return number
  }

  private func primitiveSize(_ name: String?) throws(SchemaError) -> Int {
    switch name {
    case "char", "uint8": 1
    case "uint16": 2
    case "uint32": 4
    case "uint64", "int64": 8
    default: throw SchemaError(description: "primitive type \(name ?? "none") is not supported")
    }
  }
}

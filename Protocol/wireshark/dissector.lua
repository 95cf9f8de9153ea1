-- What dissects: the part of lockstep.lua that is written by hand. `names` and `messages` stand before it.

local lockstep = Proto("lockstep", "Lockstep venue protocol")
local field_of = {}

local header = {
  length = ProtoField.uint16("lockstep.length", "Length"),
  encoding = ProtoField.uint16("lockstep.encoding", "Encoding", base.HEX),
  block = ProtoField.uint16("lockstep.blockLength", "Block length"),
  template = ProtoField.uint16("lockstep.template", "Template"),
  schema = ProtoField.uint16("lockstep.schema", "Schema"),
  version = ProtoField.uint16("lockstep.version", "Version"),
  row_length = ProtoField.uint16("lockstep.rowLength", "Row length"),
  row_count = ProtoField.uint16("lockstep.rowCount", "Rows"),
}

local function field_for(entry)
  local name, path, kind, size, type_name = entry[1], entry[2], entry[3], entry[4], entry[5]
  if kind == "enum" then
    if size == 1 then return ProtoField.uint8(path, name, base.DEC, names[type_name]) end
    return ProtoField.uint16(path, name, base.DEC, names[type_name])
  elseif kind == "set" then
    if size == 1 then return ProtoField.uint8(path, name, base.HEX) end
    return ProtoField.uint16(path, name, base.HEX)
  elseif kind == "time" then return ProtoField.int64(path, name)
  elseif kind == "text" then return ProtoField.string(path, name)
  elseif kind == "bytes" or kind == "padding" or kind == "margin" then return ProtoField.bytes(path, name)
  elseif kind == "uint8" or kind == "char" then return ProtoField.uint8(path, name)
  elseif kind == "uint16" then return ProtoField.uint16(path, name)
  elseif kind == "uint32" then return ProtoField.uint32(path, name)
  elseif kind == "uint64" then return ProtoField.uint64(path, name)
  end
  return ProtoField.int64(path, name)
end

local all = {}
for _, field in pairs(header) do all[#all + 1] = field end
for _, message in pairs(messages) do
  for _, list in ipairs({ message.fields, message.rows or {} }) do
    for _, entry in ipairs(list) do
      local field = field_for(entry)
      field_of[entry[2]] = field
      all[#all + 1] = field
    end
  end
end
lockstep.fields = all

local incomplete = ProtoExpert.new("lockstep.incomplete", "Shorter than its schema", expert.group.MALFORMED, expert.severity.ERROR)
local unknown = ProtoExpert.new("lockstep.unknown", "Unknown template", expert.group.UNDECODED, expert.severity.WARN)
lockstep.experts = { incomplete, unknown }

-- The names of the bits that are set.
local function bits(value, type_name)
  local found = {}
  for bit = 0, 15 do
    if math.floor(value / 2 ^ bit) % 2 == 1 then found[#found + 1] = names[type_name][bit] or ("bit " .. bit) end
  end
  return table.concat(found, ", ")
end

local function add_field(entry, range, tree)
  local kind = entry[3]
  if kind == "padding" then return end
  local item = tree:add_le(field_of[entry[2]], range)
  if kind == "set" then
    item:append_text(" [" .. bits(range:le_uint(), entry[5]) .. "]")
  elseif kind == "time" then
    local value = range:le_int64()
    if value ~= Int64(0) then
      local seconds = (value / Int64(1000000000)):tonumber()
      item:append_text(" (" .. os.date("!%Y-%m-%d %H:%M:%S", seconds) .. " UTC)")
    end
  elseif kind == "margin" then
    for index, name in ipairs({ "equity", "initialEquity", "initialMargin", "maintenanceMargin" }) do
      item:add(range((index - 1) * 8, 8), name .. ": " .. tostring(range((index - 1) * 8, 8):le_int64()))
    end
  elseif entry.optional and kind == "int64" and range:le_int64() == Int64(0, 0x80000000) then
    item:append_text(" (not given)")
  end
end

local function add_fields(list, buffer, offset, limit, tree)
  for _, entry in ipairs(list) do
    if offset + entry[4] > limit then
      tree:add_proto_expert_info(incomplete)
      return
    end
    add_field(entry, buffer(offset, entry[4]), tree)
    offset = offset + entry[4]
  end
end

local function add_rows(message, buffer, offset, length, tree)
  if offset + 4 > length then return tree:add_proto_expert_info(incomplete) end
  local row_length, count = buffer(offset, 2):le_uint(), buffer(offset + 2, 2):le_uint()
  tree:add_le(header.row_length, buffer(offset, 2))
  tree:add_le(header.row_count, buffer(offset + 2, 2))
  offset = offset + 4
  for index = 1, count do
    if offset + row_length > length then return tree:add_proto_expert_info(incomplete) end
    local row = tree:add(buffer(offset, row_length), "row " .. index)
    add_fields(message.rows, buffer, offset, offset + row_length, row)
    offset = offset + row_length
  end
end

local function dissect_frame(buffer, pinfo, root)
  local length, template, block = buffer(0, 2):le_uint(), buffer(6, 2):le_uint(), buffer(4, 2):le_uint()
  local message = messages[template]
  local name = message and message.name or ("template " .. template)
  local tree = root:add(lockstep, buffer(0, length), "Lockstep, " .. name)
  if message then tree:append_text(": " .. message.description) end
  tree:add_le(header.length, buffer(0, 2))
  tree:add_le(header.encoding, buffer(2, 2))
  tree:add_le(header.block, buffer(4, 2))
  tree:add_le(header.template, buffer(6, 2)):append_text(" (" .. name .. ")")
  tree:add_le(header.schema, buffer(8, 2))
  tree:add_le(header.version, buffer(10, 2))
  if not message then
    tree:add_proto_expert_info(unknown)
    return name
  end
  add_fields(message.fields, buffer, 12, math.min(12 + block, length), tree)
  if message.rows then add_rows(message, buffer, 12 + block, length, tree) end
  return name
end

-- Frames do not end where segments do: Wireshark is told how much more a frame needs.
function lockstep.dissector(buffer, pinfo, root)
  local offset, shown = 0, {}
  while offset < buffer:len() do
    local left = buffer:len() - offset
    if left < 12 then
      pinfo.desegment_offset, pinfo.desegment_len = offset, DESEGMENT_ONE_MORE_SEGMENT
      break
    end
    local length = buffer(offset, 2):le_uint()
    if length < 12 or buffer(offset + 2, 2):le_uint() ~= 0xeb50 then return offset end
    if left < length then
      pinfo.desegment_offset, pinfo.desegment_len = offset, length - left
      break
    end
    shown[#shown + 1] = dissect_frame(buffer(offset, length):tvb(), pinfo, root)
    offset = offset + length
  end
  pinfo.cols.protocol = "Lockstep"
  if #shown > 0 then pinfo.cols.info = table.concat(shown, ", ") end
  return buffer:len()
end

DissectorTable.get("tcp.port"):add(7400, lockstep)

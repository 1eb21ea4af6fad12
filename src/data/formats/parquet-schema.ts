// The columns of messages and pictures in a Parquet file, as Hugging Face `datasets` and TRL read them: `messages` is a
// list of { role, content: list of { type, text } }, `images` a list of { bytes, path }, which the `huggingface` key of
// the file's metadata declares to be pictures.
import type { SchemaElement } from "hyparquet";

const text = (name: string): SchemaElement => ({
  ...{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
});

/** The three levels by which Parquet says "list of groups". */
function listOf(name: string, fields: SchemaElement[], children = fields.length): SchemaElement[] {
  return [
    { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "OPTIONAL", num_children: children },
    ...fields,
  ];
}

/** Parquet schema of a file; `sightline` holds JSON. */
export function messagesSchema(keepExtra: boolean): SchemaElement[] {
  const content = listOf("content", [text("type"), text("text")]);
  return [
    { name: "schema", num_children: keepExtra ? 4 : 3 },
    text("id"),
    ...listOf("messages", [text("role"), ...content], 2),
    ...listOf("images", [{ name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" }, text("path")]),
    ...(keepExtra ? [text("sightline")] : []),
  ];
}

/** Features of the same columns, for `datasets`. */
export function huggingFaceFeatures(keepExtra: boolean): string {
  const string = { dtype: "string", _type: "Value" };
  const features = {
    id: string,
    messages: [{ role: string, content: [{ type: string, text: string }] }],
    images: [{ _type: "Image" }],
    ...(keepExtra ? { sightline: string } : {}),
  };
  return JSON.stringify({ info: { features } });
}

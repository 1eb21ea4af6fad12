// What the database holds. The same tables on SQLite and PostgreSQL: text, whole numbers and doubles only; JSON is
// text. A run is a set of columns over a set of questions; a result is what one column made of one question.
import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import { SetupError } from "../errors/index.ts";

/** Grows when a table changes. A new table is simply added to older databases: programs that do not know it let it be. */
export const schemaVersion = 1;

export interface Tables {
  meta: { key: string; value: string };
  runs: {
    id: string;
    /** ISO time. */
    created: string;
    dataset: string;
    /** JSON: everything that says how the run was made. */
    manifest: string;
    /** `open` until every question of every column has its result. */
    state: string;
    /** JSON of the process that works on it; null when none does. */
    owner: string | null;
  };
  questions: {
    run: string;
    id: string;
    /** Place in the dataset. */
    seq: number;
    /** Content address of the Sample. */
    hash: string;
    type: string;
    /** Questions about one picture share it. */
    cluster: string;
    /** JSON: wording, references, choices. */
    data: string;
  };
  results: {
    run: string;
    column_name: string;
    question: string;
    /** Number of the repetition, from 0. */
    repeat: number;
    score: number;
    error: string | null;
    latency_ms: number | null;
    input_tokens: number | null;
    output_tokens: number | null;
    /** JSON: answer, rationale, reason, trace. */
    data: string;
  };
  judgements: {
    run: string;
    column_name: string;
    question: string;
    /** Who judged and how: judge, prompt hash and mode. */
    kind: string;
    /** From 0 to 1; null when the judge could not be read. */
    score: number | null;
    /** JSON of the whole judgement. */
    data: string;
  };
  demonstration_sets: {
    name: string;
    /** Content address of the Samples that the set was made from. */
    hash: string;
    /** JSON: where the pictures are, the encoder and how many there are. */
    data: string;
  };
  demonstrations: {
    set_name: string;
    /** Place in the set. */
    seq: number;
    id: string;
    /** JSON: the Sample, and the hashes of its pictures. */
    data: string;
    /** Base64 of little-endian floats; null without pictures. */
    image_vector: string | null;
    text_vector: string;
  };
  responses: {
    /** Content address of the call. */
    key: string;
    created: string;
    /** JSON: the parts of the answer and how long they took. */
    value: string;
  };
}

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** Creates the tables in an empty database; refuses one that another version made. */
export async function prepareSchema(db: Kysely<Tables>, where: string): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable("meta")
    .ifNotExists()
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("value", "text", required)
    .execute();
  await db
    .insertInto("meta")
    .values({ key: "version", value: String(schemaVersion) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await db
    .selectFrom("meta")
    .select("value")
    .where("key", "=", "version")
    .executeTakeFirstOrThrow();
  if (value !== String(schemaVersion)) {
    throw new SetupError({
      where,
      rule: `must be a database of version ${schemaVersion}`,
      got: `version ${value}`,
      hint: "Use another --store, or the version of Sightline that made it.",
    });
  }
  await schema
    .createTable("runs")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("created", "text", required)
    .addColumn("dataset", "text", required)
    .addColumn("manifest", "text", required)
    .addColumn("state", "text", required)
    .addColumn("owner", "text")
    .execute();
  await schema
    .createTable("questions")
    .ifNotExists()
    .addColumn("run", "text", required)
    .addColumn("id", "text", required)
    .addColumn("seq", "integer", required)
    .addColumn("hash", "text", required)
    .addColumn("type", "text", required)
    .addColumn("cluster", "text", required)
    .addColumn("data", "text", required)
    .addPrimaryKeyConstraint("questions_key", ["run", "id"])
    .execute();
  await schema
    .createIndex("questions_order")
    .ifNotExists()
    .on("questions")
    .columns(["run", "seq", "id"])
    .execute();
  await schema
    .createTable("results")
    .ifNotExists()
    .addColumn("run", "text", required)
    .addColumn("column_name", "text", required)
    .addColumn("question", "text", required)
    .addColumn("repeat", "integer", required)
    .addColumn("score", "double precision", required)
    .addColumn("error", "text")
    .addColumn("latency_ms", "double precision")
    .addColumn("input_tokens", "double precision")
    .addColumn("output_tokens", "double precision")
    .addColumn("data", "text", required)
    .addPrimaryKeyConstraint("results_key", ["run", "column_name", "question", "repeat"])
    .execute();
  await schema
    .createTable("judgements")
    .ifNotExists()
    .addColumn("run", "text", required)
    .addColumn("column_name", "text", required)
    .addColumn("question", "text", required)
    .addColumn("kind", "text", required)
    .addColumn("score", "double precision")
    .addColumn("data", "text", required)
    .addPrimaryKeyConstraint("judgements_key", ["run", "column_name", "question", "kind"])
    .execute();
  await schema
    .createTable("demonstration_sets")
    .ifNotExists()
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("hash", "text", required)
    .addColumn("data", "text", required)
    .execute();
  await schema
    .createTable("demonstrations")
    .ifNotExists()
    .addColumn("set_name", "text", required)
    .addColumn("seq", "integer", required)
    .addColumn("id", "text", required)
    .addColumn("data", "text", required)
    .addColumn("image_vector", "text")
    .addColumn("text_vector", "text", required)
    .addPrimaryKeyConstraint("demonstrations_key", ["set_name", "seq"])
    .execute();
  await schema
    .createTable("responses")
    .ifNotExists()
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("created", "text", required)
    .addColumn("value", "text", required)
    .execute();
}

import { Command } from "commander";
import { createProgress } from "./progress.ts";

/** Defines `sightline data index`. */
export function indexCommand(): Command {
  return new Command("index")
    .summary("vectors of a dataset, for show(…, store=…)")
    .description(
      "Makes the vectors that demonstrations are found by and keeps them in a store, in the place of any that are there.",
    )
    .argument("<dataset>", "labelled dataset by name or path")
    .requiredOption("--store <address>", "file or PostgreSQL URL that keeps the vectors")
    .option(
      "--encoder <model>",
      "what makes the vectors: tiny, or local:FOLDER (LLaVA layout, CLIP, SigLIP)",
      "tiny",
    )
    .action(index);
}

async function index(dataset: string, { store: address, encoder: spec }: { store: string; encoder: string }) {
  const { openDataset } = await import("../data/index.ts");
  const { createImageLoader } = await import("../eval/image-loader.ts");
  const { encodeDemonstrations, resolveEncoder } = await import("../icl/index.ts");
  const { openStore } = await import("../store/index.ts");
  const { name, baseDir, samples } = await openDataset(dataset);
  const encoder = await resolveEncoder(spec);
  const store = await openStore(address);
  const progress = createProgress();
  progress.start("demonstrations", samples.length);
  try {
    const set = await encodeDemonstrations(
      { name, baseDir, samples },
      {
        store,
        encoder,
        loadImage: createImageLoader({ baseDir }),
        onEncoded: (done) => progress.advance(done),
      },
    );
    progress.stop();
    console.log(`kept ${set.count} vectors of pictures and questions, by ${set.encoder}, in ${address}`);
  } finally {
    progress.stop();
    await store.close();
  }
}

// The report in a real browser: nothing is requested, nothing in it runs but our script, the filters filter, and 2,000
// questions do not stall it.
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { CompareRun, Row } from "../src/eval/index.ts";
import { formatReport, galleryOf, reportData, summarise } from "../src/eval/index.ts";
import { encodePng } from "../src/media/index.ts";
import type { Sample } from "../src/spec/index.ts";

const executablePath = "/usr/bin/chromium";
const isRequired = process.env.SIGHTLINE_REQUIRE_BROWSER === "1";
const isMissing = !existsSync(executablePath);
if (isMissing && !isRequired)
  console.warn(`skipped: ${executablePath} is missing (apt-get install chromium)`);
vi.setConfig({ testTimeout: 180_000 });

const evil =
  '</script><script>document.title = "run"</script><img src="http://127.0.0.1:9/x" onerror="document.title = 1">';

const samples: Sample[] = Array.from({ length: 2000 }, (_, i) => ({
  id: `q${i}`,
  instruction: i === 0 ? evil : `Is there a dog in picture ${i >> 2}?`,
  input: [{ type: "image", source: `${i >> 2}` }],
  response: i % 2 === 0 ? "yes" : "no",
  type: i % 4 === 3 ? "counting" : "existence",
}));

/** Answers "yes" to all; every tenth fails. */
const always = samples.map((sample, i): Row => {
  if (i % 10 === 9) return { ...place(sample, i), score: 0, error: "no answer" };
  return {
    ...place(sample, i),
    text: "yes",
    score: i % 2 === 0 ? 1 : 0,
    latencyMs: i,
    reasoning:
      i === 0 ? `${evil}\ndog: 1 a1, 2 g7.\nthings: 1 dog a1.\nIt is at [0.25, 0.5, 0.5, 1].` : "I guess.",
  };
});
const right = samples.map((sample, i): Row => ({ ...place(sample, i), text: sample.response, score: 1 }));

function place({ id, type }: Sample, seq: number) {
  return { id, seq, repeat: 0, type: type!, group: id };
}

const run: CompareRun = {
  columns: [
    { name: "direct", model: "m", technique: "direct", rows: always },
    { name: "perfect", model: "m", technique: "perfect", rows: right },
  ],
  aborted: false,
};

describe.skipIf(isMissing && !isRequired)("the report", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "sightline-report-"));
    const picture = async ({ source }: { source: string }) => {
      const bytes = await encodePng(new Uint8Array(112 * 112 * 3).fill(Number(source) % 256), 112, 112);
      return { bytes, mediaType: "image/png", hash: source };
    };
    const summary = await summarise(run, { dataset: "two thousand", n: samples.length });
    const verdict = { judge: "rubric, mock:judge", verdict: "5 of 5", score: 1, text: evil };
    const data = await reportData(run.columns, galleryOf(samples), {
      loadImage: picture,
      verdicts: async ({ name }) => new Map(name === "direct" ? [["q1", [verdict]]] : []),
    });
    const file = path.join(folder, "report.html");
    await writeFile(file, await formatReport(summary, data, { version: "0.0.0" }));
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
    const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
    browser = await chromium.launch({ executablePath, args: [...args, ...quiet], timeout: 120_000 });
    page = await browser.newPage();
    page.on("request", (request) => {
      if (!/^(data|file):/.test(request.url())) problems.push(`request ${request.url()}`);
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => problems.push(message.text()));
    await page.goto(pathToFileURL(file).href);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  const count = () => page.locator("#count").textContent();
  const choose = async (filters: {
    type?: string;
    column?: string;
    verdict?: string;
    disagree?: boolean;
  }) => {
    await page.locator("button[type=reset]").click();
    if (filters.type) await page.locator("#type").selectOption(filters.type);
    if (filters.column) await page.locator("#column").selectOption(filters.column);
    if (filters.verdict) await page.locator("#verdict").selectOption(filters.verdict);
    if (filters.disagree) await page.locator("#disagree").check();
  };

  test("shows questions as text, a page at a time, four to a picture", async () => {
    expect(await page.title()).toBe("two thousand – Sightline report");
    expect(await count()).toBe("2,000 of 2,000 questions · page 1 of 67");
    expect(await page.locator(".question").count()).toBe(30);
    expect(await page.locator(".card").count()).toBe(8);
    expect(await page.locator(".question h3").first().textContent()).toBe(evil);
    expect(
      await page
        .locator(".thumbnail")
        .first()
        .evaluate((image: HTMLImageElement) => image.naturalWidth),
    ).toBe(112);
    const first = await page.locator(".question").first().locator(".answer").allInnerTexts();
    expect(first.map((text) => text.split(/\s*\n\s*/).slice(0, 3))).toEqual([
      ["reference", "=", "yes"],
      ["direct", "✓", "yes"],
      ["perfect", "✓", "yes"],
    ]);
  });

  test("filters by type, verdict, column, disagreement and words", async () => {
    await choose({ type: "counting" });
    expect(await count()).toBe("500 of 2,000 questions · page 1 of 17");
    await choose({ verdict: "failed" });
    expect(await count()).toBe("200 of 2,000 questions · page 1 of 7");
    await choose({ verdict: "wrong", column: "0" });
    expect(await count()).toBe("800 of 2,000 questions · page 1 of 27");
    await choose({ verdict: "wrong", column: "1" });
    expect(await count()).toBe("0 of 2,000 questions · page 1 of 1");
    expect(await page.locator("#gallery").textContent()).toBe("No question matches.");
    await choose({ disagree: true });
    expect(await count()).toBe("1,000 of 2,000 questions · page 1 of 34");
    await choose({});
    await page.keyboard.press("Tab");
    await page.locator("#search").fill("PICTURE 499?");
    await page.waitForFunction(() => document.querySelector("#count")!.textContent!.startsWith("4 of"));
    await page.locator("button[type=reset]").click();
    await page.waitForFunction(() => document.querySelector("#count")!.textContent!.startsWith("2,000 of"));
  });

  test("shows the cases of a column, and the judge's words behind its verdict", async () => {
    await choose({});
    await page.locator("#cases").selectOption("direct: worst");
    expect(await count()).toBe("6 of 2,000 questions · page 1 of 1");
    expect(await page.locator(".question .answer.right").count()).toBe(6);
    await page.locator("#cases").selectOption("direct: judge and rules disagree most");
    expect(await count()).toBe("1 of 2,000 questions · page 1 of 1");
    const judged = page.locator("details.judged");
    expect(await judged.locator("summary").textContent()).toBe("5 of 5 rubric, mock:judge");
    expect(await judged.locator(".reasoning").isVisible()).toBe(false);
    await judged.locator("summary").click();
    expect(await judged.locator(".reasoning").textContent()).toBe(evil);
    await choose({});
  });

  test("is used by keyboard: pages, search, large picture, reasoning", async () => {
    await page.locator("h1").click();
    await page.keyboard.press("ArrowRight");
    expect(await count()).toBe("2,000 of 2,000 questions · page 2 of 67");
    await page.keyboard.press("ArrowLeft");
    expect(await count()).toBe("2,000 of 2,000 questions · page 1 of 67");
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("search");
    await page.locator(".picture").first().press("Enter");
    expect(await page.locator("dialog").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog").isVisible()).toBe(false);
    await page.locator("summary").first().press("Enter");
    expect(await page.locator(".reasoning").first().isVisible()).toBe(true);
  });

  test("steps stand beside the picture; a box is around each region that they name, and a step finds its own", async () => {
    await choose({});
    const thoughts = page.locator(".thoughts").first();
    expect(await thoughts.locator("summary").textContent()).toBe("reasoning, 4 steps");
    expect(await thoughts.locator("li span").allTextContents()).toEqual([
      evil,
      "dog: 1 a1, 2 g7.",
      "things: 1 dog a1.",
      "It is at [0.25, 0.5, 0.5, 1].",
    ]);
    await page.locator("#thinking").check();
    expect(await page.locator(".thoughts[open]").count()).toBe(await page.locator(".thoughts").count());
    const regions = thoughts.locator(".region");
    expect(await regions.allTextContents()).toEqual(["2.1, 3", "2.2", "4"]);
    const side = (await thoughts.locator("img").boundingBox())!;
    const places = await regions.evaluateAll((nodes) =>
      nodes.map((node) => {
        const outer = node.parentElement!.getBoundingClientRect();
        const { left, top, width, height } = node.getBoundingClientRect();
        return [left - outer.left, top - outer.top, width, height];
      }),
    );
    const expected = [
      [0, 0, 1 / 7, 1 / 7],
      [6 / 7, 6 / 7, 1 / 7, 1 / 7],
      [0.25, 0.5, 0.25, 0.5],
    ];
    for (const [i, box] of expected.entries())
      for (const [j, share] of box.entries())
        expect(Math.abs(places[i]![j]! - share * side.width)).toBeLessThan(1);
    const chosen = () => thoughts.locator(".region.chosen").allTextContents();
    const steps = thoughts.locator("li.placed");
    await steps.nth(0).focus();
    expect(await chosen()).toEqual(["2.1, 3", "2.2"]);
    await page.keyboard.press("Tab");
    expect(await chosen()).toEqual(["2.1, 3"]);
    await steps.nth(2).hover();
    expect(await chosen()).toContain("4");
    await page.locator("#thinking").uncheck();
    expect(await thoughts.locator(".region").first().isVisible()).toBe(false);
  });

  test("a type's name in the table shows its questions", async () => {
    await page.locator('button[data-type="counting"]').click();
    expect(await count()).toBe("500 of 2,000 questions · page 1 of 17");
  });

  test("nothing was requested, refused by the policy, or thrown", () => {
    expect(problems).toEqual([]);
  });
});

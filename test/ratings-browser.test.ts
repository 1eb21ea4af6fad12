// The rating page in a real browser: nothing is requested, nothing in it runs but our script, people rate by keyboard and
// mouse, a reload keeps what they did, and what they export is what the import takes.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { importRatings, type RatingKey, ratingPage } from "../src/eval/ratings/index.ts";
import { encodePng, toDataUrl } from "../src/media/index.ts";

const executablePath = "/usr/bin/chromium";
const isRequired = process.env.SIGHTLINE_REQUIRE_BROWSER === "1";
const isMissing = !existsSync(executablePath);
if (isMissing && !isRequired)
  console.warn(`skipped: ${executablePath} is missing (apt-get install chromium)`);
vi.setConfig({ testTimeout: 180_000 });

const evil =
  '</script><script>document.title = "run"</script><img src="http://127.0.0.1:9/x" onerror="document.title = 1">';

describe.skipIf(isMissing && !isRequired)("the rating page", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  let key: RatingKey;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "sightline-ratings-"));
    const picture = toDataUrl(await encodePng(new Uint8Array(64 * 64 * 3).fill(90), 64, 64), "image/png");
    const items = ["q1", "q2", "q3"].map((sampleId) => ({
      sampleId,
      question: sampleId === "q1" ? evil : `Is there a dog in ${sampleId}?`,
      references: ["yes"],
      pictures: [picture],
      answers: [
        { key: "column-direct", text: `yes ${evil}` },
        { key: "column-blind", text: "no" },
      ],
    }));
    const made = await ratingPage({ title: "dogs", items, scale: ["bad", "middling", "good"] });
    key = made.key;
    const file = path.join(folder, "rate.html");
    await writeFile(file, made.html);
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
    const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
    browser = await chromium.launch({ executablePath, args: [...args, ...quiet], timeout: 120_000 });
    page = await browser.newPage();
    page.on("request", (request) => {
      if (!/^(data|file|blob):/.test(request.url())) problems.push(`request ${request.url()}`);
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => problems.push(message.text()));
    await page.goto(pathToFileURL(file).href);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  const done = () => page.locator("#done").textContent();
  const place = () => page.locator("#place").textContent();

  test("shows the question as text, the picture, and no column", async () => {
    expect(await page.title()).toBe("dogs – rating");
    expect(await page.locator("h2").textContent()).toBe(evil);
    const width = (image: HTMLImageElement) => image.naturalWidth;
    expect(await page.locator(".picture img").evaluate(width)).toBe(64);
    expect(await page.content()).not.toContain("column-");
    expect([await done(), await place()]).toEqual(["0 of 6 answers rated", "1 of 3"]);
  });

  test("digits rate the marked answer and go on; a finished item turns the page", async () => {
    await page.keyboard.press("3");
    expect([await done(), await place()]).toEqual(["1 of 6 answers rated", "1 of 3"]);
    await page.keyboard.press("9");
    expect(await done()).toBe("1 of 6 answers rated");
    await page.keyboard.press("1");
    expect([await done(), await place()]).toEqual(["2 of 6 answers rated", "2 of 3"]);
    await page.keyboard.press("ArrowLeft");
    const pressed = page.locator('.rating[aria-pressed="true"]');
    expect(await pressed.allInnerTexts()).toEqual([
      expect.stringMatching(/3\s*good/),
      expect.stringMatching(/1\s*bad/),
    ]);
  });

  test("a rating can be changed and taken back", async () => {
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("2");
    expect([await done(), await place()]).toEqual(["2 of 6 answers rated", "1 of 3"]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Backspace");
    expect(await done()).toBe("1 of 6 answers rated");
    await page.locator(".answer").nth(1).locator(".rating").nth(0).click();
    expect([await done(), await place()]).toEqual(["2 of 6 answers rated", "1 of 3"]);
    await page.locator("#skip").click();
    expect(await place()).toBe("2 of 3");
  });

  test("digits in the name are no ratings, and a reload keeps everything", async () => {
    await page.locator("#export").click();
    expect(await page.locator("#notice").textContent()).toMatch(/^Write your name first/);
    await page.keyboard.type("Ada 3");
    expect([await done(), await page.locator("#notice").textContent()]).toEqual(["2 of 6 answers rated", ""]);
    await page.reload();
    expect([await done(), await place()]).toEqual(["2 of 6 answers rated", "2 of 3"]);
    expect(await page.locator("#rater").inputValue()).toBe("Ada 3");
  });

  test("the picture opens large and closes by Escape", async () => {
    await page.locator(".picture").first().click();
    expect(await page.locator("dialog").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog").isVisible()).toBe(false);
  });

  test("the exported file is what the import takes", async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#export").click()]);
    expect(download.suggestedFilename()).toBe(`ratings-${key.page}-Ada-3.json`);
    expect(await page.locator("#notice").textContent()).toBe("Exported, with 4 answers not rated yet.");
    const file = path.join(folder, "ada.json");
    await download.saveAs(file);
    const { raters, answers } = importRatings(
      [{ name: "ada.json", text: await readFile(file, "utf8") }],
      key,
    );
    expect(raters).toEqual([{ rater: "Ada 3", rated: 2 }]);
    const columns = key.items[0]!.answers.map(({ columns }) => columns[0]);
    expect(answers.map(({ item, column, mean }) => [item, column, mean])).toEqual([
      ["q1", columns[0], 2],
      ["q1", columns[1], 1],
    ]);
  });

  test("nothing was requested, refused by the policy, or thrown", () => {
    expect(problems).toEqual([]);
  });
});

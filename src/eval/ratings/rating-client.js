// The rating page at work: shows an item at a time, takes ratings by mouse or keyboard, keeps them in the browser and
// exports them as JSON. Runs in the page, with no libraries. What a dataset or a model wrote is put in as text only.

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const rater = byId("rater");
  const zoom = byId("zoom");
  const store = `sightline-ratings:${data.page}`;
  const total = data.items.reduce((sum, { answers }) => sum + answers.length, 0);
  const ratings = new Map();
  const keyOf = (item, answer) => JSON.stringify([item.item, answer.answer]);
  let at = 0;
  let marked = 0;

  const element = (tag, fields = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), fields);
    node.append(...children);
    return node;
  };

  /** What was kept of an earlier visit; anything that is not a rating of this page is dropped. */
  const restore = () => {
    const kept = JSON.parse(localStorage.getItem(store) ?? "{}");
    if (typeof kept.rater === "string") rater.value = kept.rater;
    for (const item of data.items) {
      for (const answer of item.answers) {
        const rating = kept.ratings?.[keyOf(item, answer)];
        if (Number.isInteger(rating) && rating >= 1 && rating <= data.scale.length) {
          ratings.set(keyOf(item, answer), rating);
        }
      }
    }
  };

  const keep = () => {
    try {
      const kept = { rater: rater.value, ratings: Object.fromEntries(ratings) };
      localStorage.setItem(store, JSON.stringify(kept));
    } catch {
      byId("notice").textContent =
        "This browser does not keep your ratings. Export them before you close the page.";
    }
  };

  const isRated = (item) => item.answers.every((answer) => ratings.has(keyOf(item, answer)));

  const showCounts = () => {
    byId("progress").max = total;
    byId("progress").value = ratings.size;
    byId("done").textContent = `${ratings.size} of ${total} answers rated`;
    byId("place").textContent = `${at + 1} of ${data.items.length}`;
    byId("previous").disabled = at === 0;
    byId("next").disabled = at === data.items.length - 1;
    byId("skip").disabled = data.items.every(isRated);
  };

  const scaleButtons = (item, answer, index) => {
    const given = ratings.get(keyOf(item, answer));
    return data.scale.map((name, i) => {
      const button = element("button", { type: "button", className: "rating" });
      button.append(element("b", { textContent: String(i + 1) }), element("span", { textContent: name }));
      button.setAttribute("aria-pressed", String(given === i + 1));
      button.addEventListener("click", () => {
        marked = index;
        rate(i + 1);
      });
      return button;
    });
  };

  const answerBlock = (item, answer, index) => {
    const block = element("section", { className: "answer" });
    const letter = String.fromCharCode(65 + index);
    block.setAttribute("aria-label", `Answer ${letter}`);
    if (index === marked) block.setAttribute("aria-current", "true");
    block.classList.toggle("rated", ratings.has(keyOf(item, answer)));
    const text = element("p", { className: "text", textContent: answer.text });
    if (answer.text.trim() === "") {
      text.textContent = "(empty)";
      text.classList.add("quiet");
    }
    const scale = element("div", { className: "scale" }, ...scaleButtons(item, answer, index));
    scale.setAttribute("role", "group");
    scale.setAttribute("aria-label", `Rating of answer ${letter}`);
    block.append(element("span", { className: "letter", textContent: letter }), text, scale);
    block.addEventListener("click", (event) => {
      if (event.target.closest("button") || marked === index) return;
      marked = index;
      show();
    });
    return block;
  };

  const pictureBlock = (item) => {
    const block = element("div", { className: "pictures" });
    for (const [i, picture] of item.pictures.entries()) {
      const image = element("img", { src: data.pictures[picture], alt: `Picture ${i + 1}` });
      const button = element("button", { type: "button", className: "picture", title: "Show large" }, image);
      button.addEventListener("click", () => {
        byId("large").src = data.pictures[picture];
        zoom.showModal();
      });
      block.append(button);
    }
    return block;
  };

  const show = () => {
    const item = data.items[at];
    const list = element("div", { className: "list" });
    list.append(element("h2", { textContent: item.question }));
    if (item.references.length > 0) {
      const line = element("p", { className: "reference" });
      line.append(
        element("span", { className: "quiet", textContent: "Accepted: " }),
        item.references.join(" · "),
      );
      list.append(line);
    }
    list.append(...item.answers.map((answer, index) => answerBlock(item, answer, index)));
    const card = element("article", { className: "card" });
    if (item.pictures.length > 0) card.append(pictureBlock(item));
    card.append(list);
    byId("item").replaceChildren(card);
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    showCounts();
  };

  const firstOpen = (item) => {
    const open = item.answers.findIndex((answer) => !ratings.has(keyOf(item, answer)));
    return Math.max(0, open);
  };

  const turnTo = (to) => {
    at = Math.min(Math.max(0, to), data.items.length - 1);
    marked = firstOpen(data.items[at]);
    show();
  };

  /** Rates the marked answer and goes on to what is still open: here first, then on the next items. */
  const rate = (rating) => {
    const item = data.items[at];
    ratings.set(keyOf(item, item.answers[marked]), rating);
    keep();
    const after = item.answers.findIndex((answer, i) => i > marked && !ratings.has(keyOf(item, answer)));
    if (after >= 0) marked = after;
    else if (!isRated(item)) marked = firstOpen(item);
    show();
  };

  const takeBack = () => {
    const item = data.items[at];
    ratings.delete(keyOf(item, item.answers[marked]));
    keep();
    show();
  };

  const nextUnrated = () => {
    for (let step = 1; step <= data.items.length; step++) {
      const to = (at + step) % data.items.length;
      if (!isRated(data.items[to])) return turnTo(to);
    }
  };

  const exportFile = () => {
    const name = rater.value.trim();
    if (name === "") {
      byId("notice").textContent = "Write your name first: the file says whose ratings these are.";
      rater.focus();
      return;
    }
    const rated = data.items.flatMap((item) =>
      item.answers.flatMap((answer) => {
        const rating = ratings.get(keyOf(item, answer));
        return rating === undefined ? [] : [{ item: item.item, answer: answer.answer, rating }];
      }),
    );
    const file = { version: data.version, page: data.page, rater: name, ratings: rated };
    const url = URL.createObjectURL(
      new Blob([`${JSON.stringify(file, undefined, 1)}\n`], { type: "application/json" }),
    );
    const safeName = name.replace(/[^\p{L}\p{N}_-]+/gu, "-");
    element("a", { href: url, download: `ratings-${data.page}-${safeName}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    const open = total - ratings.size;
    byId("notice").textContent = open > 0 ? `Exported, with ${open} answers not rated yet.` : "";
  };

  rater.addEventListener("input", () => {
    byId("notice").textContent = "";
    keep();
  });
  byId("export").addEventListener("click", exportFile);
  byId("previous").addEventListener("click", () => turnTo(at - 1));
  byId("next").addEventListener("click", () => turnTo(at + 1));
  byId("skip").addEventListener("click", nextUnrated);
  byId("close").addEventListener("click", () => zoom.close());
  zoom.addEventListener("click", (event) => event.target === zoom && zoom.close());
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    const { answers } = data.items[at];
    const digit = Number(event.key);
    if (/^[1-9]$/.test(event.key) && digit <= data.scale.length) {
      const wasOpen = !isRated(data.items[at]);
      rate(digit);
      if (wasOpen && isRated(data.items[at]) && at < data.items.length - 1) turnTo(at + 1);
    } else if (event.key === "ArrowDown") marked = Math.min(marked + 1, answers.length - 1);
    else if (event.key === "ArrowUp") marked = Math.max(marked - 1, 0);
    else if (event.key === "ArrowRight") turnTo(at + 1);
    else if (event.key === "ArrowLeft") turnTo(at - 1);
    else if (event.key === "Backspace") takeBack();
    else return;
    event.preventDefault();
    show();
  });

  try {
    restore();
  } catch {
    // Nothing kept, or nothing can be: the first rating says so.
  }
  turnTo(
    Math.max(
      0,
      data.items.findIndex((item) => !isRated(item)),
    ),
  );
})();

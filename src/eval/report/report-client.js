// The gallery of the report: filters, paging and the large view. Runs in the page, with no libraries. Everything that
// comes from a dataset or a model is put in as text, never as HTML.

(() => {
  const pageSize = 30;
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const search = byId("search");
  const type = byId("type");
  const column = byId("column");
  const verdict = byId("verdict");
  const disagree = byId("disagree");
  const order = byId("order");
  const cases = byId("cases");
  const thinking = byId("thinking");
  const gallery = byId("gallery");
  const zoom = byId("zoom");
  const marks = { right: "✓", partly: "◐", wrong: "✗", failed: "!" };
  let page = 0;
  let matching = [];

  const verdictOf = (answer) => {
    if (answer.error !== undefined) return "failed";
    return answer.score === 1 ? "right" : answer.score === 0 ? "wrong" : "partly";
  };
  for (const question of data.questions) {
    question.verdicts = question.answers.map((answer) => answer && verdictOf(answer));
    const said = question.answers.flatMap((answer) =>
      answer ? [answer.text, answer.error ?? "", ...(answer.verdicts ?? []).map(({ text }) => text)] : [],
    );
    const scores = question.answers.flatMap((answer) => (answer ? [answer.score] : []));
    question.score = scores.reduce((a, b) => a + b, 0) / Math.max(1, scores.length);
    question.latency = Math.max(0, ...question.answers.map((answer) => answer?.latencyMs ?? 0));
    question.words = [question.id, question.question, ...question.references, ...said]
      .join("\n")
      .toLowerCase();
  }

  const matches = (question) => {
    if (type.value !== "" && question.type !== type.value) return false;
    const { verdicts } = question;
    const looked = column.value === "" ? verdicts : [verdicts[Number(column.value)]];
    if (verdict.value !== "" && !looked.includes(verdict.value)) return false;
    if (disagree.checked && new Set(verdicts.filter((v) => v !== null)).size < 2) return false;
    return question.words.includes(search.value.trim().toLowerCase());
  };

  const element = (tag, fields = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), fields);
    node.append(...children);
    return node;
  };

  const latency = (ms) =>
    ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

  /** The steps of an answer beside the picture, with a box around each region that a step names. */
  const thoughts = (steps) => {
    const count = `reasoning, ${steps.length} ${steps.length === 1 ? "step" : "steps"}`;
    const details = element("details", { className: "thoughts" }, element("summary", { textContent: count }));
    details.open = thinking.checked;
    const boxes = new Map();
    const figures = new Map();
    const list = element("ol", { className: "reasoning" });
    for (const [i, { text, regions = [] }] of steps.entries()) {
      const item = element(
        "li",
        {},
        element("b", { textContent: i + 1 }),
        element("span", { textContent: text }),
      );
      list.append(item);
      if (regions.length === 0) continue;
      const named = regions.map(({ picture, box }, part) => {
        const label = regions.length > 1 ? `${i + 1}.${part + 1}` : `${i + 1}`;
        const key = [picture, ...box].join();
        if (!figures.has(picture)) figures.set(picture, figure(picture));
        if (!boxes.has(key)) {
          boxes.set(key, region(box, i));
          figures.get(picture).append(boxes.get(key));
        }
        const tag = boxes.get(key).firstChild;
        tag.textContent += tag.textContent === "" ? label : `, ${label}`;
        return boxes.get(key);
      });
      item.classList.add("placed", `series-${i % 6}`);
      item.tabIndex = 0;
      const choose = (isChosen) => {
        details.classList.toggle("choosing", isChosen);
        for (const box of named) box.classList.toggle("chosen", isChosen);
      };
      for (const type of ["mouseenter", "focus"]) item.addEventListener(type, () => choose(true));
      for (const type of ["mouseleave", "blur"]) item.addEventListener(type, () => choose(false));
    }
    const shown = [...figures].sort(([a], [b]) => a - b).map(([, node]) => node);
    details.append(element("div", { className: "beside" }, ...shown, list));
    return details;
  };

  const figure = (at) =>
    element(
      "div",
      { className: "figure" },
      element("img", { src: data.pictures[at], alt: "Picture with the regions that the steps name" }),
    );

  /** A box over a picture. @param box corners as shares of the sides */
  const region = ([x1, y1, x2, y2], step) => {
    const node = element("div", { className: `region series-${step % 6}` }, element("span"));
    const share = (value) => `${100 * value}%`;
    Object.assign(node.style, { left: share(x1), top: share(y1) });
    Object.assign(node.style, { width: share(x2 - x1), height: share(y2 - y1) });
    return node;
  };

  const answerRow = (answer, name) => {
    const row = element("div", { className: "answer" });
    row.append(element("span", { className: "column", textContent: name }));
    if (!answer) {
      row.append(element("span", { className: "quiet", textContent: "not asked" }));
      return row;
    }
    const kind = verdictOf(answer);
    row.classList.add(kind);
    const badge = kind === "partly" ? `${marks.partly} ${answer.score.toFixed(2)}` : marks[kind];
    row.append(element("span", { className: "verdict", textContent: badge, title: kind, ariaLabel: kind }));
    const body = element("span", {
      className: "text",
      textContent: answer.error ?? (answer.text || "(empty)"),
    });
    if (answer.problem) body.append(element("small", { textContent: ` ${answer.problem}` }));
    if (answer.reason) body.append(element("small", { textContent: ` ${answer.reason}` }));
    if (answer.trace) {
      const details = element("details", {}, element("summary", { textContent: "trace" }));
      details.append(element("pre", { className: "trace", textContent: answer.trace.join("\n") }));
      body.append(details);
    }
    for (const { judge, verdict, text } of answer.verdicts ?? []) {
      const said = element("summary", {}, element("b", { textContent: verdict }));
      said.append(element("span", { className: "quiet", textContent: ` ${judge}` }));
      const details = element("details", { className: "judged" }, said);
      details.append(element("div", { className: "reasoning", textContent: text }));
      body.append(details);
    }
    row.append(body);
    if (answer.latencyMs !== undefined) {
      row.append(element("span", { className: "latency", textContent: latency(answer.latencyMs) }));
    }
    if (answer.steps) row.append(thoughts(answer.steps));
    return row;
  };

  const questionBlock = (question) => {
    const block = element("article", { className: "question" });
    const tags = element("div", { className: "tags" });
    tags.append(element("span", { className: "tag", textContent: question.type }));
    tags.append(element("span", { className: "quiet", textContent: question.id }));
    block.append(tags, element("h3", { textContent: question.question }));
    if (question.choices) {
      const options = question.choices.map((choice, i) => `${String.fromCharCode(65 + i)}. ${choice}`);
      block.append(element("p", { className: "quiet", textContent: options.join("   ") }));
    }
    const reference = element("div", { className: "answer reference" });
    reference.append(element("span", { className: "column", textContent: "reference" }));
    reference.append(element("span", { className: "verdict", textContent: "=" }));
    reference.append(element("span", { className: "text", textContent: question.references.join(" · ") }));
    block.append(reference);
    for (const [i, answer] of question.answers.entries()) block.append(answerRow(answer, data.columns[i]));
    return block;
  };

  const pictureBlock = (question) => {
    const block = element("div", { className: "pictures" });
    for (const at of question.pictures) {
      const image = element("img", {
        className: "thumbnail",
        src: data.pictures[at],
        alt: `Picture of ${question.id}`,
        loading: "lazy",
      });
      const button = element("button", { type: "button", className: "picture", title: "Show large" }, image);
      button.addEventListener("click", () => {
        byId("large").src = data.pictures[at];
        zoom.showModal();
      });
      block.append(button);
    }
    if (question.problem) block.append(element("p", { className: "problem", textContent: question.problem }));
    return block;
  };

  /** Questions that follow each other on the same pictures share a card. */
  const render = () => {
    const pages = Math.max(1, Math.ceil(matching.length / pageSize));
    page = Math.min(Math.max(0, page), pages - 1);
    const shown = matching.slice(page * pageSize, (page + 1) * pageSize);
    const cards = [];
    let last;
    for (const question of shown) {
      const key = question.pictures.join();
      if (!last || key === "" || key !== last.key) {
        last = { key, list: element("div", { className: "list" }) };
        cards.push(element("section", { className: "card" }, pictureBlock(question), last.list));
      }
      last.list.append(questionBlock(question));
    }
    gallery.replaceChildren(...cards);
    if (shown.length === 0)
      gallery.append(element("p", { className: "none", textContent: "No question matches." }));
    const total = data.questions.length.toLocaleString("en-US");
    const found = matching.length.toLocaleString("en-US");
    const drawn = data.questions.length < data.total ? " drawn" : "";
    const count = `${found} of ${total}${drawn} questions · page ${page + 1} of ${pages}`;
    for (const suffix of ["", "-below"]) {
      byId(`count${suffix}`).textContent = count;
      byId(`previous${suffix}`).disabled = page === 0;
      byId(`next${suffix}`).disabled = page === pages - 1;
    }
  };

  const filter = () => {
    const chosen = cases.value === "" ? undefined : data.cases[Number(cases.value)].questions;
    matching = (chosen ? chosen.map((at) => data.questions[at]) : data.questions).filter(matches);
    if (order.value === "worst") matching.sort((a, b) => a.score - b.score);
    if (order.value === "slowest") matching.sort((a, b) => b.latency - a.latency);
    page = 0;
    render();
  };
  const turn = (by, { scroll = false } = {}) => {
    page += by;
    render();
    if (scroll) byId("filters").scrollIntoView();
  };

  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 120);
  });
  for (const input of [type, column, verdict, order, disagree, cases])
    input.addEventListener("change", filter);
  thinking.addEventListener("change", () => {
    for (const details of gallery.querySelectorAll(".thoughts")) details.open = thinking.checked;
  });
  byId("filters").addEventListener("reset", () => setTimeout(filter));
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  byId("previous-below").addEventListener("click", () => turn(-1, { scroll: true }));
  byId("next-below").addEventListener("click", () => turn(1, { scroll: true }));
  byId("close").addEventListener("click", () => zoom.close());
  zoom.addEventListener("click", (event) => event.target === zoom && zoom.close());
  for (const button of document.querySelectorAll("[data-type]")) {
    button.addEventListener("click", () => {
      cases.value = "";
      type.value = button.dataset.type;
      filter();
      byId("filters").scrollIntoView();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, dialog") || event.ctrlKey || event.metaKey || event.altKey)
      return;
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "ArrowRight") turn(1);
    else if (event.key === "ArrowLeft") turn(-1);
  });
  filter();
})();

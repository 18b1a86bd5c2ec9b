
"use strict";
// The query browser: a list of all queries with a search box; each opens to the hits of every system. Text goes in as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { report, queries } = data;
  const root = document.getElementById("browser");
  const systems = queries.systems;
  const base = systems.indexOf(report.baseline);
  const STEP = 50;

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const foreign = (text, attributes = {}) => make("bdi", { dir: "auto", ...attributes }, text);
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const number = (value) => value.toFixed(3);
  const signed = (value) => (value < 0 ? "" : "+") + value.toFixed(3);
  const option = (value, text) => make("option", { value }, text);

  const haystack = queries.ids.map((id, place) => fold(id + " " + queries.texts[place]));
  const search = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const measure = make("select", {}, ...queries.measures.map((name, place) => option(place, name)));
  const order = make("select");
  order.append(option("given", "as given"));
  systems.forEach((name, place) => {
    order.append(option(`low ${place}`, `${name}: lowest first`));
    if (base >= 0 && place !== base) order.append(option(`lost ${place}`, `${name}: most lost first`), option(`won ${place}`, `${name}: most won first`));
  });
  const cause = make("select", {}, option("", "any"));
  const names = queries.cause_names;
  const everything = queries.causes.flat().reduce((bits, some) => bits | some, 0);
  names.forEach((name, place) => { if (everything >> place & 1) cause.append(option(place, name.replaceAll("_", " "))); });
  const count = make("output", { class: "note", "aria-live": "polite" });
  const list = make("div");
  const more = make("button", { type: "button", class: "more" }, "Show more");

  const label = (text, control) => make("label", {}, text, control);
  const controls = make("div", { class: "controls", role: "search", "aria-label": "Queries" }, label("Search text or id", search), label("Measure", measure), label("Order", order));
  if (everything) controls.append(label("Cause", cause));
  root.append(controls, count, list, more);

  let found = [];
  let shown = 0;

  function keys() {
    const [kind, place] = order.value.split(" ");
    const values = (system) => queries.values[system][measure.value];
    if (kind === "low") return values(place);
    if (kind === "lost") return values(place).map((value, query) => value - values(base)[query]);
    if (kind === "won") return values(place).map((value, query) => values(base)[query] - value);
    return null;
  }

  function update() {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    found = queries.ids.map((_, place) => place).filter((place) => words.every((word) => haystack[place].includes(word)));
    if (cause.value) found = found.filter((place) => queries.causes.some((of) => of[place] >> cause.value & 1));
    const by = keys();
    if (by) found.sort((a, b) => by[a] - by[b] || a - b);
    list.replaceChildren();
    shown = 0;
    count.textContent = `${found.length.toLocaleString("en")} of ${queries.ids.length.toLocaleString("en")} queries`;
    extend();
  }

  function extend() {
    list.append(...found.slice(shown, shown + STEP).map(entry));
    shown = Math.min(found.length, shown + STEP);
    more.hidden = shown >= found.length;
  }

  function entry(place) {
    const scores = make("span", { class: "scores" });
    systems.forEach((name, system) => {
      const value = queries.values[system][measure.value][place];
      const difference = base < 0 ? 0 : value - queries.values[base][measure.value][place];
      scores.append(make("span", {}, foreign(name), ` ${number(value)}${difference ? ` (${signed(difference)})` : ""}`));
    });
    const text = queries.texts[place];
    const summary = make("summary", {}, foreign(text || queries.ids[place]), " ", foreign(text ? queries.ids[place] : "", { class: "id" }), scores);
    const element = make("details", { class: "query" }, summary);
    element.addEventListener("toggle", () => { if (element.open && element.children.length === 1) element.append(inside(place)); });
    return element;
  }

  function inside(place) {
    const detail = queries.details[queries.ids[place]];
    if (!detail) return make("p", { class: "note" }, "The hits of this query are in the run files; there was no room for them here.");
    return make("div", { class: "inside" }, ...systems.map((name, system) => results(detail, place, name, system)));
  }

  function results(detail, place, name, system) {
    const box = make("div", {}, make("h3", {}, foreign(name)));
    const causes = names.filter((_, bit) => queries.causes[system][place] >> bit & 1);
    if (causes.length) box.append(make("p", { class: "note" }, causes.join(", ").replaceAll("_", " ")));
    const hits = detail.hits[system];
    const missed = detail.missed.filter(([number]) => !hits.includes(number));
    if (missed.length) {
      const rest = missed.map(([number, ...ranks]) => document_(detail, number, ranks[system] ? `rank ${ranks[system]}` : "not found"));
      box.append(make("h4", {}, `Relevant, not among the first ${queries.hits}`), make("ul", {}, ...rest));
    }
    if (detail.more) box.append(make("p", { class: "note" }, `and up to ${detail.more} more relevant documents`));
    box.append(make("h4", {}, `First ${queries.hits}`));
    box.append(hits.length ? make("ol", {}, ...hits.map((number) => document_(detail, number, ""))) : make("p", { class: "note" }, "no hits"));
    return box;
  }

  function document_(detail, number, where) {
    const [id, title, snippet] = queries.documents[number];
    const grade = detail.grades[number];
    const kind = grade === undefined ? "unjudged" : grade >= report.min_grade ? "relevant" : "other";
    const word = { unjudged: "○ unjudged", relevant: `● relevant, grade ${grade}`, other: `✕ not relevant, grade ${grade}` }[kind];
    const item = make("li", { class: kind }, make("span", { class: "judged" }, where ? `${word}, ${where}` : word), " ");
    if (title) item.append(foreign(title, { class: "title" }), " ");
    item.append(foreign(id, { class: "id" }));
    if (snippet) item.append(foreign(snippet, { class: "snippet" }));
    return item;
  }

  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(update, 120); });
  for (const control of [measure, order, cause]) control.addEventListener("change", update);
  more.addEventListener("click", () => {
    const next = shown;
    extend();
    list.children[next]?.firstElementChild.focus();
  });
  update();
})();

// The condition as rows to choose from. The hub makes the words of rows, and the rows of words: nothing is read here.
"use strict";

(() => {
  const { form, text, facts, ask, show, made } = RuleForm;
  const room = document.getElementById("rows");
  const list = room.querySelector("ol");
  const template = document.getElementById("row");
  const problem = document.getElementById("row-problem");
  const modes = document.getElementById("modes");
  const written = document.getElementById("text");
  const more = document.getElementById("row-more");
  const checked = document.getElementById("checked");
  const AFTER = 300; // milliseconds
  let said = ""; // the condition that the rows say
  let waiting = 0;
  let dirty = false;
  let mode = "";
  let last = null; // button that was pressed

  // --- a row

  function valuesOf(row) {
    const ticked = [...row.querySelectorAll(".value input[type=checkbox]:checked")].map((box) => box.value);
    const field = row.querySelector(".value select, .value input:not([type=checkbox])");
    if (!field) return ticked;
    const many = row.querySelector(".value").dataset.many === "yes";
    return many ? field.value.split(/[、,，;；\n]/) : [field.value];
  }

  function read() {
    return [...list.children].map((row) => ({
      join: row.querySelector(".join").value,
      fact: row.querySelector(".fact").value,
      sign: row.querySelector(".sign").value,
      values: valuesOf(row),
    }));
  }

  function select(choices, chosen) {
    const field = made("select");
    field.append(new Option("请选择", ""), ...choices.map((choice) => new Option(choice, choice, false, choice === chosen)));
    return field;
  }

  function ticks(choices, chosen) {
    return choices.map((choice) => {
      const label = made("label", "tick");
      const box = made("input");
      box.type = "checkbox";
      box.value = choice;
      box.checked = chosen.includes(choice);
      label.append(box, choice);
      return label;
    });
  }

  function input(fact, way, chosen) {
    const field = made("input");
    const many = way.values === "many";
    if (fact.kind === "moment") field.type = "datetime-local";
    if (fact.kind === "number") field.inputMode = "decimal";
    field.value = fact.kind === "moment" ? chosen.join("").replace(" ", "T") : chosen.join("、");
    field.placeholder = many ? "几个用、隔开" : "";
    field.setAttribute("aria-label", "值");
    return field;
  }

  function drawValue(row, chosen) {
    const fact = facts.get(row.querySelector(".fact").value);
    const way = fact && fact.ways.find((one) => one.sign === row.querySelector(".sign").value);
    const place = row.querySelector(".value");
    place.dataset.many = way && way.values === "many" ? "yes" : "no";
    if (!way || way.values === "none") return place.replaceChildren();
    if (!fact.choices.length) return place.replaceChildren(input(fact, way, chosen));
    if (way.values === "many") return place.replaceChildren(...ticks(fact.choices, chosen));
    return place.replaceChildren(select(fact.choices, chosen[0]));
  }

  function drawFact(row, sign, chosen) {
    const fact = facts.get(row.querySelector(".fact").value);
    const signs = row.querySelector(".sign");
    signs.hidden = !fact;
    signs.replaceChildren(...(fact ? fact.ways.map((way) => new Option(way.title, way.sign, false, way.sign === sign)) : []));
    row.querySelector(".says").textContent = fact ? fact.says : "";
    drawValue(row, chosen);
  }

  function add({ join = "且", fact = "", sign = "", values = [] } = {}) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector(".join").value = join;
    row.querySelector(".fact").value = fact;
    drawFact(row, sign, values);
    row.querySelector(".fact").addEventListener("change", () => drawFact(row, "", []));
    row.querySelector(".sign").addEventListener("change", () => drawValue(row, valuesOf(row)));
    row.querySelector(".less").addEventListener("click", () => { row.remove(); drawRows(); soon(); });
    list.append(row);
    drawRows();
    return row;
  }

  // 或 begins a new group: what stands in one belongs together.
  function drawRows() {
    [...list.children].forEach((row, place) => {
      row.querySelector(".join").hidden = place === 0;
      row.classList.toggle("group", place > 0 && row.querySelector(".join").value === "或");
    });
    more.disabled = list.children.length >= Number(room.dataset.most);
  }

  // --- rows and words

  function complain(found) {
    [...list.children].forEach((row, number) => row.classList.toggle("wrong", number === found.row));
    problem.hidden = found.row === undefined;
    problem.textContent = found.says ? `第 ${found.row + 1} 行：${found.says}` : "";
  }

  function complete(row) {
    const fact = facts.get(row.fact);
    const way = fact && fact.ways.find((one) => one.sign === row.sign);
    return Boolean(way) && (way.values === "none" || row.values.some((value) => value.trim()));
  }

  // The words become what the rows say; whether they are. `whole`: a row that is not filled in is a mistake by now.
  async function write(whole) {
    clearTimeout(waiting);
    const begun = read().filter((row) => row.fact);
    const wanted = whole ? begun : begun.filter(complete);
    if (!wanted.length) {
      said = text.value = "";
      checked.replaceChildren();
      complain({});
      return whole;
    }
    const found = await ask({ rows: JSON.stringify(wanted) });
    if (!found) return false;
    complain(found.row === undefined ? found : { ...found, row: place(wanted[found.row]) });
    checked.hidden = found.row !== undefined;
    if (found.row !== undefined) return false;
    dirty = wanted.length < begun.length;
    said = text.value = found.condition;
    show(found);
    text.dispatchEvent(new Event("change", { bubbles: true }));
    return !found.place;
  }

  // Where a row that was read stands among all.
  function place(row) {
    return read().findIndex((one) => JSON.stringify(one) === JSON.stringify(row));
  }

  function soon() {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(write, AFTER, false);
  }

  function fill(rows) {
    list.replaceChildren();
    for (const row of rows) add(row);
    if (!rows.length) add();
    said = text.value;
    complain({});
  }

  function choose(wanted) {
    mode = wanted;
    room.hidden = mode !== "rows";
    written.classList.toggle("quiet", mode === "rows");
    text.readOnly = mode === "rows";
    checked.hidden = false;
    document.getElementById("hints").hidden = true;
    for (const button of modes.children) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }

  // Where the words were changed, the rows follow, if they can.
  async function toRows() {
    if (text.value === said && list.children.length) return choose("rows");
    const found = await RuleForm.check();
    if (!found) return null;
    if (!found.rows) return found.place ? null : tooMuch();
    fill(found.rows);
    return choose("rows");
  }

  function tooMuch() {
    checked.replaceChildren(made("p", "fine", "✓ 条件能用"), made("p", "dim", "这个条件里有括号、计算或函数，点选写不出来，请直接改文字"));
  }

  list.addEventListener("input", () => { drawRows(); soon(); });
  list.addEventListener("change", () => { drawRows(); soon(); });
  more.addEventListener("click", () => add().querySelector(".fact").focus());
  for (const button of modes.children) {
    button.addEventListener("click", () => (button.dataset.mode === "rows" ? toRows() : choose("text")));
  }
  form.addEventListener("put", () => choose("text"));
  form.addEventListener("click", ({ target }) => { if (target.name === "do") last = target; }); // some clients do not say
  form.addEventListener("submit", (event) => {
    if (mode !== "rows" || !dirty) return;
    event.preventDefault();
    const pressed = event.submitter || last;
    write(true).then((done) => { if (done && pressed) pressed.click(); });
  });
  form.addEventListener("restored", () => { said = null; choose("text"); toRows(); });

  modes.hidden = false;
  choose("text");
  toRows();
})();

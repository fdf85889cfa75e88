// The condition while somebody types: what is wrong at its place, and what could stand there.
"use strict";

const RuleForm = (() => {
  const form = document.getElementById("rule-form");
  const text = document.getElementById("condition");
  const checked = document.getElementById("checked");
  const hints = document.getElementById("hints");
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const named = new Map(facts.map((fact) => [fact.name, fact]));
  const AFTER = 350; // milliseconds behind the last letter
  const FEW = 8;
  const USUAL = ["金额", "省", "商品", "SKU", "件数", "买家留言", "渠道", "停留小时"];
  const JOINED = "且或非";
  let asked = 0;
  let waiting = 0;

  function made(tag, name, words) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (words) node.textContent = words;
    return node;
  }

  // What /rules/check says; null where it was overtaken by another question, or nobody answered.
  async function ask(fields) {
    const mine = ++asked;
    const answer = await fetch("/rules/check", { method: "POST", body: new URLSearchParams(fields) }).catch(() => null);
    if (mine !== asked) return null;
    if (answer && answer.ok) return answer.json();
    const lost = answer && (answer.status === 401 || answer.status === 403);
    const words = lost ? "登录已过期：请在聊天里发「规则」，用新链接打开；这里填的会留着" : "没有连上，条件在保存时再检查";
    checked.replaceChildren(made("p", "warn", words));
    return null;
  }

  function show(found) {
    text.toggleAttribute("aria-invalid", Boolean(found.place));
    if (!found.place) {
      checked.replaceChildren(made("p", "fine", "✓ 条件能用"));
      return;
    }
    const { place } = found;
    const echo = made("p", "echo");
    const mark = made("mark", "", place.parts[1] || " ");
    echo.append(place.parts[0], mark, place.parts[2]);
    const parts = [echo, made("p", "warn", `第 ${place.at + 1} 个字：${place.message}`)];
    if (place.hint) parts.push(made("p", "dim", place.hint));
    checked.replaceChildren(...parts);
    mark.addEventListener("click", () => { text.focus(); text.setSelectionRange(place.at, place.at + place.length); });
  }

  // What was found; null where nobody knows.
  async function check() {
    if (!text.value.trim()) {
      asked += 1;
      checked.replaceChildren();
      return { rows: [] };
    }
    const found = await ask({ condition: text.value });
    if (found) show(found);
    return found;
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(check, AFTER);
  }

  // --- what could stand at the cursor: [word, what it is, how many letters before the cursor it takes the place of]

  function quoted(before) {
    return (before.match(/['"“”‘’「」]/g) || []).length % 2 === 1;
  }

  function factBefore(before) {
    const found = [...named.keys()].filter((name) => before.endsWith(name));
    return named.get(found.sort((one, other) => other.length - one.length)[0]);
  }

  function signs(fact) {
    const words = fact.kind === "none" ? ["且", "或"] : fact.ways.map((way) => way.sign).filter((sign) => !/[开结是否]/.test(sign));
    return words.map((word) => [word, "", 0]);
  }

  function values(before) {
    const found = before.match(/^(.*?)\s*(==|!=|=|是|不是|等于|属于|不属于)\s*\[?\s*$/s);
    const fact = found && factBefore(found[1].trimEnd());
    if (!fact || !fact.choices.length) return [];
    const list = /属于\s*$/.test(before);
    return fact.choices.map((choice) => [list ? `['${choice}']` : `'${choice}'`, "", 0]);
  }

  function names(before) {
    const typed = (before.match(/[A-Za-z_一-鿿]+$/) || [""])[0];
    for (let from = 0; from < typed.length; from += 1) {
      const part = typed.slice(from);
      if (JOINED.includes(part[0])) continue;
      const found = facts.filter((fact) => fact.name.startsWith(part.toUpperCase()) || fact.name.includes(part));
      if (found.length) return found.map((fact) => [fact.name, fact.says, part.length]);
    }
    return [];
  }

  function could() {
    const before = text.value.slice(0, text.selectionStart);
    if (quoted(before)) return [];
    const whole = before.trimEnd();
    if (!whole || /(且|或|非|\()$/.test(whole)) return USUAL.filter((name) => named.has(name)).map((name) => [name, named.get(name).says, 0]);
    const fact = factBefore(whole);
    if (fact && (before !== whole || names(before).every(([name]) => name === fact.name))) return signs(fact);
    const chosen = values(before);
    if (chosen.length) return chosen;
    if (/['"”’」\]\d)]$/.test(whole)) return [["且", "还要满足", 0], ["或", "或者满足", 0]];
    return names(before);
  }

  function put(word, replaced) {
    const from = text.selectionStart - replaced;
    const space = from > 0 && !/[\s(\[]$/.test(text.value.slice(0, from)) ? " " : "";
    text.setRangeText(`${space}${word} `, from, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function offer() {
    const found = could().slice(0, FEW);
    const told = found.length <= FEW / 2; // what they mean, where there is room for it
    hints.hidden = !found.length;
    hints.replaceChildren(...found.map(([word, says, replaced]) => {
      const chip = made("button", "", word);
      chip.type = "button";
      chip.title = says;
      if (told && says) chip.append(made("span", "dim", says));
      chip.addEventListener("click", () => put(word, replaced));
      return chip;
    }));
  }

  function findFacts(find) {
    const wanted = find.value.trim().toLowerCase();
    for (const line of document.querySelectorAll(".facts-list li")) {
      line.hidden = !line.dataset.word.toLowerCase().includes(wanted);
    }
  }

  text.addEventListener("input", () => { soon(); offer(); });
  for (const moved of ["click", "keyup", "focus"]) text.addEventListener(moved, offer);
  for (const button of document.querySelectorAll("[data-put]")) {
    button.addEventListener("click", () => form.dispatchEvent(new CustomEvent("put", { detail: button.dataset.put })));
  }
  form.addEventListener("put", (event) => {
    const joined = text.value.trim() && !/(且|或|非|\()$/.test(text.value.trim()) ? "且 " : "";
    text.setSelectionRange(text.value.length, text.value.length);
    put(joined + event.detail, 0);
  });
  const find = document.getElementById("find-fact");
  find.hidden = false;
  find.addEventListener("input", () => findFacts(find));
  const wrong = document.querySelector("#rule-form .wrong");
  if (wrong && !location.hash) wrong.scrollIntoView({ block: "center" });

  return { form, text, facts: named, ask, show, check, made };
})();

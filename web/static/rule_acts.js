// The actions of a rule: each asks for what it needs.
"use strict";

(() => {
  const list = document.getElementById("acts");
  const template = document.getElementById("act");
  const more = document.getElementById("act-more");
  const deeds = JSON.parse(document.getElementById("deeds").textContent);

  function draw(act) {
    const slug = act.querySelector("select").value;
    const say = act.querySelector("input");
    const chips = act.querySelector(".chips");
    const deed = deeds[slug] || { asks: "", says: "", choices: [] };
    act.querySelector(".does").textContent = deed.says;
    say.hidden = !deed.asks;
    say.placeholder = deed.asks ? `${deed.asks}${deed.needless ? "（可以不写）" : ""}` : "";
    if (!deed.asks) say.value = "";
    chips.replaceChildren(...deed.choices.map((choice) => {
      const chip = RuleForm.made("button", "", choice);
      chip.type = "button";
      chip.addEventListener("click", () => { say.value = choice; say.focus(); });
      return chip;
    }));
  }

  function ready(act) {
    act.querySelector("select").addEventListener("change", () => draw(act));
    draw(act);
  }

  // The first number that is free: what was taken away leaves one.
  function free() {
    const taken = new Set([...list.querySelectorAll("select")].map((one) => one.name));
    for (let place = 0; place < Number(list.dataset.most); place += 1) if (!taken.has(`do-${place}`)) return place;
    return -1;
  }

  function add() {
    const place = free();
    if (place < 0) return false;
    const act = template.content.firstElementChild.cloneNode(true);
    act.querySelector("select").name = `do-${place}`;
    act.querySelector("input").name = `say-${place}`;
    list.append(act);
    ready(act);
    more.hidden = free() < 0;
    act.querySelector("select").focus();
    return true;
  }

  for (const act of list.querySelectorAll(".act")) ready(act);
  more.hidden = free() < 0;
  more.addEventListener("click", add);
  RuleForm.form.addEventListener("restored", () => list.querySelectorAll(".act").forEach(draw));
  RuleForm.addAct = add;
})();

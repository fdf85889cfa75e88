// What was typed and not saved is kept in this browser for two hours: a login that ends loses nothing.
"use strict";

(() => {
  const LIFE = 2 * 3600 * 1000; // milliseconds
  const form = document.getElementById("rule-form");

  function drop(page) {
    try { localStorage.removeItem(`rule:${page}`); } catch (_) { /* a browser that keeps nothing */ }
  }

  if (!form) { // the page of a rule, just saved
    if (new URLSearchParams(location.search).has("said")) ["/rules/new", `${location.pathname}/edit`].forEach(drop);
    return;
  }

  const page = location.pathname;
  const offer = document.getElementById("kept");
  const version = form.elements.number ? form.elements.number.value : "";
  const began = filled();

  function filled() {
    const needless = ([name, words]) => ["number", "like", "days"].includes(name) || (!words && /^(do|say)-/.test(name));
    return JSON.stringify([...new FormData(form)].filter((one) => !needless(one)));
  }

  function kept() {
    try {
      const found = JSON.parse(localStorage.getItem(`rule:${page}`));
      const fits = found && Date.now() - found.at < LIFE && found.version === version;
      return fits && found.form !== began ? found : null;
    } catch (_) {
      return null;
    }
  }

  function keep() {
    const words = filled();
    if (words === began) return;
    const made = JSON.stringify({ at: Date.now(), version, form: words });
    try { localStorage.setItem(`rule:${page}`, made); } catch (_) { /* nor here */ }
  }

  function restore(found) {
    for (const [name, words] of JSON.parse(found.form)) {
      while (/^do-/.test(name) && !form.elements[name] && RuleForm.addAct());
      if (form.elements[name]) form.elements[name].value = words;
    }
    form.dispatchEvent(new CustomEvent("restored"));
  }

  const found = form.dataset.fresh === "yes" ? kept() : null;
  offer.hidden = !found;
  offer.addEventListener("click", ({ target }) => {
    if (!target.dataset.do) return;
    if (target.dataset.do === "restore") restore(found);
    offer.hidden = true;
    drop(page);
  });
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
})();

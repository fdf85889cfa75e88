// While a dry run goes on: asks how far it is, and shows what it found.
"use strict";

(() => {
  const EVERY = 1500; // milliseconds

  async function look(shown) {
    const answer = await fetch(`/rules/tries/${shown.dataset.run}?part=1`).catch(() => null);
    if (answer && answer.status < 500 && !answer.ok) return null;
    if (!answer || !answer.ok) return setTimeout(look, EVERY * 4, shown);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector(".trial");
    if (!next) return null;
    shown.replaceWith(next);
    return next.dataset.run ? setTimeout(look, EVERY, next) : null;
  }

  for (const shown of document.querySelectorAll(".trial[data-run]")) setTimeout(look, EVERY, shown);
})();

// The notice while somebody types: what cannot stand, beside its field, and how the customer would see the rest.
"use strict";

(() => {
  const form = document.getElementById("notice");
  const ways = document.getElementById("ways");
  const places = document.getElementById("places");
  const AFTER = 350; // milliseconds behind the last letter
  let asked = 0;
  let waiting = 0;
  let last = document.getElementById(places.dataset.field);

  function tell(wrong) {
    for (const field of form.querySelectorAll(".line textarea, .line select")) {
      const why = wrong[field.name] || "";
      document.getElementById(`${field.name}-problem`).textContent = why;
      field.closest(".line").classList.toggle("wrong", why !== "");
      if (why) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  function say(words) {
    const line = document.createElement("p");
    line.className = "warn";
    line.textContent = words;
    ways.replaceChildren(line);
  }

  async function look() {
    const mine = ++asked;
    const sent = new URLSearchParams(new FormData(form));
    const answer = await fetch(`${form.getAttribute("action")}/look`, { method: "POST", body: sent }).catch(() => null);
    if (mine !== asked) return; // overtaken by a later letter
    if (!answer || !answer.ok) {
      const lost = answer && (answer.status === 401 || answer.status === 403);
      say(lost ? "登录已过期：请在聊天里发「看板」，用新链接打开" : "没有连上，内容在保存时再检查");
      return;
    }
    const told = await answer.json();
    if (mine !== asked) return;
    if (told.problem) say(told.problem);
    else ways.innerHTML = told.html;
    tell(told.wrong);
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, AFTER);
  });
  form.addEventListener("focusin", (event) => {
    if (event.target.matches(".line textarea")) last = event.target;
  });
  places.addEventListener("click", (event) => {
    const put = event.target.dataset.put;
    if (!put || !last || last.disabled) return;
    last.setRangeText(put, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    last.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();

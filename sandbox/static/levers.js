// What is no phone: time, new orders, the hint of the first minute, and how menus close.
import { post } from "./live.js";

const HINT = "phones.hint";

function sheet(open) {
  document.getElementById("levers").classList.toggle("open", open);
  document.getElementById("shade").hidden = !open;
  document.getElementById("more").setAttribute("aria-expanded", String(open));
}

function closeMenus() {
  document.querySelectorAll(".menu").forEach((one) => one.remove());
  document.querySelectorAll(".corner").forEach((one) => one.setAttribute("aria-expanded", "false"));
}

// `tell` shows a text on the phone that is looked at.
export function levers(tell) {
  async function pull(button, path, body, done) {
    button.disabled = true;
    const told = await post(path, body);
    button.disabled = false;
    sheet(false);
    tell(told.error ? `没有成功：${told.error}` : done(told));
  }
  const bought = (told) => `已下单：${told.platform} ${told.order_id}。约 15 秒后进入中枢，到时可以点「查 单号」看它`;

  document.querySelectorAll("[data-minutes]").forEach((one) => one.addEventListener("click", () => pull(one, "/control/clock", { move_seconds: 60 * one.dataset.minutes }, () => `时间前进了${one.textContent.replace("+", " ")}`)));
  document.querySelectorAll("[data-platform]").forEach((one) => one.addEventListener("click", () => pull(one, "/phones/api/buy", { platform: one.dataset.platform }, bought)));
  document.getElementById("more").addEventListener("click", () => sheet(!document.getElementById("levers").classList.contains("open")));
  document.getElementById("shade").addEventListener("click", () => sheet(false));
  document.querySelectorAll("#open-faults, #view button").forEach((one) => one.addEventListener("click", () => sheet(false)));
}

// Just above the finger, and never above the chat: a long card may begin out of sight.
function placeReply(message, y = 0) {
  const reply = message.querySelector(".broad .reply");
  if (!reply) return;
  const [top, seen] = [reply.parentElement, message.closest(".talk")].map((one) => one.getBoundingClientRect().top);
  reply.style.top = `${Math.max(-12, seen - top + 6, y - top - 40)}px`;
}

export function hint() {
  const box = document.getElementById("hint");
  box.hidden = localStorage.getItem(HINT) === "read";
  box.querySelector("button").addEventListener("click", () => { box.hidden = true; localStorage.setItem(HINT, "read"); });
}

export function menus() {
  document.addEventListener("close-menus", closeMenus);
  // In the capture phase and before any click: what is under the finger may stop its click or never get one.
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".menu, .corner")) closeMenus(); }, true);
  // A tap on a message offers what a mouse finds by moving over it.
  document.addEventListener("click", (event) => {
    const message = event.target.closest(".msg");
    document.querySelectorAll(".msg.tapped").forEach((one) => one.classList.toggle("tapped", false));
    if (!message || event.target.closest("button, a, select, label, input")) return;
    message.classList.add("tapped");
    placeReply(message, event.clientY);
  });
  document.addEventListener("pointerover", (event) => {
    const message = event.pointerType === "mouse" && event.target.closest(".msg");
    if (message && !message.contains(event.relatedTarget)) placeReply(message);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const opened = document.querySelector('.corner[aria-expanded="true"]');
    closeMenus();
    opened?.focus();
    sheet(false);
  });
}

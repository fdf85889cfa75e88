// The page: who I am, which phones stand here, live changes, and what a thumb does.
import { ICONS, VIEWS } from "./company.js";
import { h, svg } from "./dom.js";
import { faults } from "./faults.js";
import { hint, levers, menus } from "./levers.js";
import { avatar } from "./messages.js";
import { Live, post, postForm } from "./live.js";
import { Pane } from "./pane.js";

const main = document.querySelector(".phones");
const page = { who: "", view: "", opened: {}, people: [], chats: {}, status: null, waiting: new Map(), panes: [] };
const live = new Live(onChanges);
const ENTERED = ["app", "bot"]; // WeCom tells the hub who opens these

// ---- which phones

function look(view) {
  page.view = VIEWS[view] ? view : "both";
  localStorage.setItem("phones.view", page.view);
  document.body.dataset.view = page.view;
  page.panes = VIEWS[page.view].map((plan) => new Pane(plan, page, acts));
  main.replaceChildren(...page.panes.map((pane) => pane.root));
  document.querySelector(".tabs").replaceChildren(...page.panes.map(tab));
  document.querySelectorAll("#view button").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.view === page.view)));
  show(page.panes[0]);
  page.panes.forEach((pane) => pane.redraw());
  if (page.status) tellPanes();
}

function tab(pane) {
  const { name, icon, tab: text } = pane.plan;
  return h("button", { type: "button", role: "tab", "data-tab": name, onclick: () => show(pane) }, svg(ICONS[icon], 24), h("span", {}, text), h("i", { hidden: true }));
}

// On a narrow screen one phone is in the hand.
function show(pane) {
  page.panes.forEach((one) => one.root.classList.toggle("here", one === pane));
  document.querySelectorAll(".tabs button").forEach((one) => one.setAttribute("aria-selected", String(one.dataset.tab === pane.plan.name)));
  pane.toEnd();
  if (page.status) tellPanes();
}

// ---- what changes

// Somebody else's press is a new version too, but must not undo what I am choosing on my copy.
function looks(message) {
  return JSON.stringify([message.body, message.picked, message.recalled]);
}

function place(message) {
  const list = (page.chats[message.phone] ||= []);
  const at = list.findIndex((one) => one.id === message.id);
  const open = page.panes.filter((pane) => pane.chat === message.phone);
  if (at < 0) {
    list.push(message);
    open.forEach((pane) => pane.add(message, list[list.length - 2]));
    return;
  }
  const same = looks(list[at]) === looks(message);
  list[at] = message;
  if (!same) open.forEach((pane) => pane.change(message));
}

function people() {
  const draw = (one) => h("li", {}, h("button", { type: "button", role: "radio", "aria-checked": String(one.userid === page.who), "data-who": one.userid, onclick: () => become(one.userid) },
    avatar({ id: one.userid, name: one.name, kind: "person" }, page.people), h("b", {}, one.name, h("small", {}, one.role)),
    one.unread && one.userid !== page.who ? h("i", { class: "badge", "aria-label": `${one.unread} 条未读` }, String(Math.min(one.unread, 99))) : null));
  document.getElementById("people").replaceChildren(...page.people.map(draw));
}

function status(told) {
  if (page.status && told.day !== page.status.day) { location.reload(); return; }
  page.status = told;
  page.people = told.people;
  page.clock = Date.parse(told.now) - Date.now();
  tick();
  people();
  line("line", "企业微信", told.online);
  line("ding-line", "钉钉", told.ding_online);
  tellPanes();
  offer(told.order);
}

function line(id, client, online) {
  const root = document.getElementById(id);
  root.dataset.online = online === true ? "yes" : online === false ? "no" : "url";
  root.querySelector("span").textContent = online === false ? `${client}机器人不在线` : online ? `${client}机器人在线` : `${client}机器人：回调模式`;
}

function tellPanes() {
  for (const pane of page.panes) {
    pane.tell(page.status);
    document.querySelector(`.tabs [data-tab="${pane.plan.name}"] i`).hidden = !pane.unread(page.status) || pane.seen();
    if (page.status.unread[pane.chat] && pane.seen()) post("/phones/api/read", { who: page.who, chat: pane.chat });
  }
}

function offer(order) {
  const loading = page.order === undefined;
  if (!loading && order?.order_id === page.order?.order_id) return;
  page.order = order;
  if (order && !loading) tell(`中枢已读到：${order.platform} ${order.order_id}`);
  page.panes.forEach((pane) => pane.offer(order));
}

function tick() {
  if (page.clock === undefined) return;
  const now = new Date(Date.now() + page.clock + 8 * 3600e3); // Beijing, whatever the visitor's zone
  const two = (value) => String(value).padStart(2, "0");
  document.getElementById("now-time").textContent = `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}`;
  document.getElementById("now-day").textContent = `${now.getUTCMonth() + 1}月${now.getUTCDate()}日 周${"日一二三四五六"[now.getUTCDay()]}`;
  page.today = `${two(now.getUTCMonth() + 1)}月${two(now.getUTCDate())}日`;
}

function onChanges(told) {
  status(told.status);
  told.messages.forEach(place);
}

// ---- acting

async function become(who) {
  const answer = await fetch(`/phones/api/state?who=${encodeURIComponent(who)}`);
  const told = await answer.json();
  page.who = told.who;
  localStorage.setItem("phones.who", page.who);
  page.chats = Object.fromEntries(Object.entries(told.chats).map(([name, chat]) => [name, chat.messages]));
  status(told);
  page.panes.forEach((pane) => pane.redraw());
  live.follow(page.who, told.version);
  page.panes.forEach(enter);
}

function enter(pane) {
  if (page.who && ENTERED.includes(pane.chat)) post("/phones/api/enter", { who: page.who, chat: pane.chat });
}

function tell(text) {
  (page.panes.find((pane) => pane.seen()) || page.panes[0]).toast(text);
}

const SILENT = new Set(["dropped", "not_mentioned", "not_first"]);

function answered(pane, told) {
  if (told.error) pane.toast(told.error);
  else if (!told.answered && told.kind === "none" && !SILENT.has(told.why)) pane.toast(pane.chat === "oa" ? "该公众号暂时无法提供服务" : "应用无响应");
}

const acts = {
  async say(pane, text, quoted) {
    const body = { who: page.who, chat: pane.chat, text, quote: quoted?.id || "" };
    answered(pane, pane.chat === "oa" ? await post("/phones/api/customer/say", { text }) : await post("/phones/api/say", body));
  },
  async speak(pane, text) {
    if (!text) pane.toast("先把要说的话打出来，再点话筒");
    else answered(pane, await post("/phones/api/voice", { who: page.who, text }));
  },
  async sendFile(pane, file) {
    const form = new FormData();
    form.append("who", page.who);
    form.append("chat", pane.chat);
    form.append("file", file);
    answered(pane, await postForm("/phones/api/file", form));
  },
  async press(pane, message, key, selected) {
    if (page.waiting.has(message.id)) return;
    page.waiting.set(message.id, key);
    pane.wait(pane.shown(message), key);
    const told = await post("/phones/api/press", { who: page.who, message_id: message.id, key, selected });
    page.waiting.delete(message.id);
    pane.waitNoMore(pane.shown(message));
    if (told.error) pane.toast(told.error);
    else if (!told.answered) pane.toast(told.kind === "offline" ? "机器人不在线" : "应用无响应");
  },
  opened(pane) {
    tellPanes();
    enter(pane);
  },
};

// ---- the start

document.querySelectorAll("#view button").forEach((one) => one.addEventListener("click", () => { look(one.dataset.view); page.panes.forEach(enter); }));
look(localStorage.getItem("phones.view"));
menus();
hint();
levers(tell);
faults(tell);
document.addEventListener("visibilitychange", () => { if (page.status) tellPanes(); });
setInterval(tick, 1000);
main.dataset.ready = "no";
become(localStorage.getItem("phones.who") || "").catch(() => become("")).then(() => { main.dataset.ready = "yes"; });

// The page: who I am, three phones, live changes, and what a thumb does.
import { h } from "./dom.js";
import { hint, levers, menus } from "./levers.js";
import { avatar, draw, timeAbove } from "./messages.js";
import { Live, post, postForm } from "./live.js";

const bot = document.body.dataset.bot;
const main = document.querySelector(".phones");
const page = { who: "", own: "app", people: [], chats: {}, status: null, waiting: new Map() };
const phones = Object.fromEntries([...document.querySelectorAll(".phone")].map((one) => [one.dataset.phone, one]));
const live = new Live(onChanges);

// ---- drawing

function chatOf(phone) {
  return phone === "own" ? page.own : phone;
}

function phoneOf(chat) {
  return chat === "app" || chat === "bot" ? "own" : chat;
}

function contextOf(phone) {
  const act = {
    press: (message, key, selected) => press(phone, message, key, selected),
    ask: (question) => say(phone, phone === "group" ? `@${bot} ${question}` : question),
  };
  return { who: page.who, people: page.people, bot, phone, act };
}

function redraw(phone) {
  const talk = phones[phone].querySelector(".talk");
  const messages = page.chats[chatOf(phone)] || [];
  const context = contextOf(phone);
  const empty = { group: "群里还很安静", app: "发一句「帮助」试试", bot: "和机器人单独聊聊，发一句「帮助」试试", oa: orderless() };
  const parts = messages.map((message, i) => [timeAbove(message, messages[i - 1], page.today), element(message, context)]);
  talk.replaceChildren(...(messages.length ? parts.flat().filter(Boolean) : [h("p", { class: "empty" }, empty[chatOf(phone)])]));
  talk.scrollTop = talk.scrollHeight;
}

function orderless() {
  return page.order ? "先发送订单号（点下面的单号），之后发货和处理进度会在这里收到" : "还没有订单。来一单，等中枢读到它，再从这里把单号发给服务号";
}

function element(message, context) {
  const drawn = draw(message, context);
  drawn.dataset.id = message.id;
  const key = page.waiting.get(message.id);
  if (key !== undefined) wait(drawn, key); // redrawn while the hub still thinks
  return drawn;
}

function wait(root, key) {
  root.classList.add("waiting");
  root.querySelectorAll("button.push").forEach((one) => { one.disabled = true; one.classList.toggle("busy", one.dataset.key === key); });
}

function waitNoMore(root) {
  root?.classList.remove("waiting");
  root?.querySelectorAll("button.push").forEach((one) => { one.disabled = one.classList.contains("gone"); one.classList.remove("busy"); });
}

// Somebody else's press is a new version too, but must not undo what I am choosing on my copy.
function looks(message) {
  return JSON.stringify([message.body, message.picked, message.recalled]);
}

function place(message) {
  const list = (page.chats[message.phone] ||= []);
  const at = list.findIndex((one) => one.id === message.id);
  const phone = phoneOf(message.phone);
  const shown = chatOf(phone) === message.phone;
  if (at >= 0) {
    const same = looks(list[at]) === looks(message);
    list[at] = message;
    if (shown && !same) keepingLow(phone, () => phones[phone].querySelector(`[data-id="${message.id}"]`)?.replaceWith(element(message, contextOf(phone))));
    return;
  }
  list.push(message);
  if (!shown) return;
  const talk = phones[phone].querySelector(".talk");
  const low = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 120;
  talk.querySelector(".empty")?.remove();
  const time = timeAbove(message, list[list.length - 2], page.today);
  talk.append(...[time, element(message, contextOf(phone))].filter(Boolean));
  if (low || message.mine) talk.scrollTop = talk.scrollHeight;
  else below(phone);
}

// A card or stream that grows must not push the last lines out of sight of somebody who reads along.
function keepingLow(phone, change) {
  const talk = phones[phone].querySelector(".talk");
  const low = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 120;
  change();
  if (low) talk.scrollTop = talk.scrollHeight;
}

function below(phone) {
  if (phones[phone].querySelector(".below")) return;
  const talk = phones[phone].querySelector(".talk");
  const button = h("button", { type: "button", class: "below", onclick: () => { talk.scrollTop = talk.scrollHeight; } }, "有新消息 ↓");
  phones[phone].append(button);
  const gone = () => { if (talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60) { button.remove(); talk.removeEventListener("scroll", gone); } };
  talk.addEventListener("scroll", gone);
}

function people() {
  const draw = (one) => h("li", {}, h("button", { type: "button", role: "radio", "aria-checked": String(one.userid === page.who), "data-who": one.userid, onclick: () => become(one.userid) },
    avatar({ id: one.userid, name: one.name, kind: "person" }, page.people), h("b", {}, one.name, h("small", {}, one.role)),
    one.unread && one.userid !== page.who ? h("i", { class: "badge", "aria-label": `${one.unread} 条未读` }, String(Math.min(one.unread, 99))) : null));
  document.getElementById("people").replaceChildren(...page.people.map(draw));
  const me = page.people.find((one) => one.userid === page.who);
  for (const phone of ["group", "own"]) phones[phone].querySelector(".as").textContent = `你是 ${me.name} · ${me.role}`;
}

function status(told) {
  if (page.status && told.day !== page.status.day) { location.reload(); return; }
  page.status = told;
  page.people = told.people;
  page.clock = Date.parse(told.now) - Date.now();
  tick();
  people();
  const offline = told.online === false;
  phones.group.querySelector(".strip").hidden = !offline;
  phones.own.querySelector(".strip").hidden = !(offline && page.own === "bot");
  const line = document.getElementById("line");
  line.dataset.online = told.online === true ? "yes" : offline ? "no" : "url";
  line.querySelector("span").textContent = offline ? "机器人不在线" : told.online ? "机器人在线" : "机器人：回调模式";
  dots(told.unread);
  offer(told.order);
}

// Its number is offered once the hub has read the order: asked before, the hub would know nothing of it.
function offer(order) {
  const loading = page.order === undefined;
  if (!loading && order?.order_id === page.order?.order_id) return;
  page.order = order;
  if (order && !loading) tell(`中枢已读到：${order.platform} ${order.order_id}`);
  const number = document.getElementById("number");
  if (order) number.textContent = `${order.order_id} ${order.tail}`;
  number.hidden = !order;
  document.querySelectorAll(".find").forEach((one) => { one.textContent = order ? `查 ${order.order_id}` : ""; one.hidden = !order; });
  if (!(page.chats.oa || []).length) redraw("oa");
}

function dots(unread) {
  for (const chat of ["app", "bot"]) document.querySelector(`.segments [data-chat="${chat}"] i`).hidden = !unread[chat] || page.own === chat;
  const tab = document.body.dataset.tab;
  const of = { group: unread.group, own: unread.app + unread.bot, oa: unread.oa };
  for (const [name, count] of Object.entries(of)) document.querySelector(`.tabs [data-tab="${name}"] i`).hidden = !count || tab === name;
  for (const phone of Object.keys(phones)) if (unread[chatOf(phone)] && seen(phone)) post("/phones/api/read", { who: page.who, chat: chatOf(phone) });
}

function seen(phone) {
  return !document.hidden && phones[phone].offsetParent !== null;
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
  Object.keys(phones).forEach(redraw);
  live.follow(page.who, told.version);
  post("/phones/api/enter", { who: page.who, chat: page.own });
}

function toast(phone, text) {
  phones[phone].querySelector(".toast")?.remove();
  const box = h("div", { class: "toast", role: "alert" }, text);
  phones[phone].append(box);
  setTimeout(() => box.remove(), 1400 + 110 * text.length); // as long as one reads
}

function tell(text) {
  toast(Object.keys(phones).find(seen) || "group", text);
}

const SILENT = new Set(["dropped", "not_mentioned", "not_first"]);

async function say(phone, text) {
  const told = phone === "oa"
    ? await post("/phones/api/customer/say", { text })
    : await post("/phones/api/say", { who: page.who, chat: chatOf(phone), text });
  answered(phone, told);
}

async function sendFile(phone, file) {
  const form = new FormData();
  form.append("who", page.who);
  form.append("chat", chatOf(phone));
  form.append("file", file);
  answered(phone, await postForm("/phones/api/file", form));
}

function answered(phone, told) {
  if (told.error) toast(phone, told.error);
  else if (!told.answered && told.kind === "none" && !SILENT.has(told.why)) toast(phone, phone === "oa" ? "该公众号暂时无法提供服务" : "应用无响应");
}

async function press(phone, message, key, selected) {
  if (page.waiting.has(message.id)) return;
  page.waiting.set(message.id, key);
  const shown = () => phones[phone].querySelector(`[data-id="${message.id}"]`);
  wait(shown(), key);
  const told = await post("/phones/api/press", { who: page.who, message_id: message.id, key, selected });
  page.waiting.delete(message.id);
  waitNoMore(shown());
  if (told.error) toast(phone, told.error);
  else if (!told.answered) toast(phone, told.kind === "offline" ? "机器人不在线" : "应用无响应");
}

for (const [phone, root] of Object.entries(phones)) {
  const form = root.querySelector("form");
  const mention = form.querySelector(".mention");
  const send = form.querySelector(".send");
  const input = form.elements.text;
  const full = (text) => (mention?.getAttribute("aria-pressed") === "true" && !text.includes(`@${bot}`) ? `@${bot} ${text}` : text);
  const ready = () => { send.disabled = !input.value.trim(); };
  mention?.addEventListener("click", () => mention.setAttribute("aria-pressed", String(mention.getAttribute("aria-pressed") !== "true")));
  input.addEventListener("input", ready);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    ready();
    say(phone, full(text));
  });
  form.querySelectorAll(".quick button").forEach((one) => one.addEventListener("click", () => say(phone, phone === "group" ? `@${bot} ${one.textContent}` : one.textContent)));
  form.querySelector(".attach input")?.addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = ""; // the same file again is a new message
    if (file) sendFile(phone, file);
  });
  ready();
}

// Only the bot is told of files.
function offerFiles() {
  phones.own.querySelector(".attach").hidden = page.own !== "bot";
}

document.querySelectorAll(".segments button").forEach((button) => button.addEventListener("click", () => {
  page.own = button.dataset.chat;
  document.querySelectorAll(".segments button").forEach((one) => one.setAttribute("aria-selected", String(one === button)));
  redraw("own");
  offerFiles();
  status(page.status);
  post("/phones/api/enter", { who: page.who, chat: page.own });
}));

document.querySelectorAll(".tabs button").forEach((button) => button.addEventListener("click", () => {
  document.body.dataset.tab = button.dataset.tab;
  document.querySelectorAll(".tabs button").forEach((one) => one.setAttribute("aria-selected", String(one === button)));
  const talk = phones[button.dataset.tab].querySelector(".talk");
  talk.scrollTop = talk.scrollHeight;
  dots(page.status.unread);
}));

// ---- the start

offerFiles();
menus();
hint();
levers(tell);
document.addEventListener("visibilitychange", () => { if (page.status) dots(page.status.unread); });
setInterval(tick, 1000);
main.dataset.ready = "no";
become(localStorage.getItem("phones.who") || "").catch(() => become("")).then(() => { main.dataset.ready = "yes"; });

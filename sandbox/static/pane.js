// One phone: the conversation that is open on it, the others beside it, and where one writes.
import { CHATS, CLIENTS, names } from "./company.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { draw, timeAbove } from "./messages.js";

const LOW = 120; // so near to the end counts as reading along

export class Pane {
  // `acts` = { say, sendFile, speak, press, opened } of the page.
  constructor(plan, page, acts) {
    this.plan = plan;
    this.page = page;
    this.acts = acts;
    this.root = document.getElementById("pane").content.firstElementChild.cloneNode(true);
    this.root.dataset.phone = plan.name;
    this.talk = this.find(".talk");
    this.drafts = {};
    this.replyTo = null;
    this.tabs = Object.fromEntries(plan.chats.map((chat) => [chat, this.tab(chat)]));
    this.find(".segments").append(...Object.values(this.tabs));
    this.find(".segments").hidden = plan.chats.length < 2;
    this.chat = plan.chats.includes(page.opened[plan.name]) ? page.opened[plan.name] : plan.chats[0];
    this.dress();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  get kind() {
    return CHATS[this.chat];
  }

  tab(chat) {
    return h("button", { type: "button", role: "tab", "data-chat": chat, title: CHATS[chat].tip, onclick: () => this.open(chat) }, CHATS[chat].tab, h("i", { hidden: true }));
  }

  open(chat) {
    this.chat = chat;
    this.page.opened[this.plan.name] = chat;
    this.replyTo = null;
    this.dress();
    this.redraw();
    this.acts.opened(this);
  }

  // Everything that belongs to the conversation and not to its messages.
  dress() {
    const { kind } = this;
    this.root.classList.remove("wework", "wechat", "dingtalk");
    this.root.classList.add("phone", kind.look);
    this.root.setAttribute("aria-label", `${CLIENTS[kind.client]} ${kind.tab}`);
    this.find("h1").replaceChildren(h("span", {}, kind.title), ...(kind.size ? [h("small", {}, `(${kind.size})`)] : []));
    this.find(".client").textContent = kind.look === "wechat" ? "微信" : CLIENTS[kind.client];
    this.talk.setAttribute("aria-label", `${kind.tab}消息`);
    for (const [chat, tab] of Object.entries(this.tabs)) tab.setAttribute("aria-selected", String(chat === this.chat));
    this.find(".composer").replaceWith(composer(this));
    this.find(".below")?.remove();
    this.introduce();
  }

  introduce() {
    const me = this.page.people.find((one) => one.userid === this.page.who);
    this.find(".as").textContent = this.kind.as || (me ? `你是 ${me.name} · ${me.role}` : "");
  }

  // ---- messages

  context() {
    const act = {
      press: (message, key, selected) => this.acts.press(this, message, key, selected),
      ask: (question) => this.acts.say(this, this.kind.mention ? `@${this.kind.mention} ${question}` : question),
      reply: this.kind.quotes ? (message) => this.quote(message) : null,
    };
    return { who: this.page.who, people: this.page.people, staff: names.staff, bot: names.wecom.bot, chat: this.chat, inGroup: Boolean(this.kind.mention), act };
  }

  redraw() {
    const messages = this.page.chats[this.chat] || [];
    const context = this.context();
    const parts = messages.flatMap((message, i) => [timeAbove(message, messages[i - 1], this.page.today), this.element(message, context)]);
    this.talk.replaceChildren(...(messages.length ? parts.filter(Boolean) : [h("p", { class: "empty" }, this.kind.empty || this.orderless())]));
    this.toEnd();
  }

  orderless() {
    return this.page.order ? "先发送订单号（点下面的单号），之后发货和处理进度会在这里收到" : "还没有订单。来一单，等中枢读到它，再从这里把单号发给服务号";
  }

  element(message, context = this.context()) {
    const drawn = draw(message, context);
    drawn.dataset.id = message.id;
    const key = this.page.waiting.get(message.id);
    if (key !== undefined) this.wait(drawn, key); // redrawn while the hub still thinks
    return drawn;
  }

  shown(message) {
    return this.talk.querySelector(`[data-id="${message.id}"]`);
  }

  add(message, before) {
    const low = this.isLow();
    this.find(".empty")?.remove();
    this.talk.append(...[timeAbove(message, before, this.page.today), this.element(message)].filter(Boolean));
    if (low || message.mine) this.toEnd();
    else this.below();
  }

  // A card or stream that grows must not push the last lines out of sight of somebody who reads along.
  change(message) {
    const low = this.isLow();
    this.shown(message)?.replaceWith(this.element(message));
    if (low) this.toEnd();
  }

  isLow() {
    return this.talk.scrollHeight - this.talk.scrollTop - this.talk.clientHeight < LOW;
  }

  toEnd() {
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  below() {
    if (this.find(".below")) return;
    const { talk } = this;
    const button = h("button", { type: "button", class: "below", onclick: () => this.toEnd() }, "有新消息 ↓");
    this.find(".composer").prepend(button);
    const gone = () => { if (this.isLow()) { button.remove(); talk.removeEventListener("scroll", gone); } };
    talk.addEventListener("scroll", gone);
  }

  // ---- acting

  wait(root, key) {
    root.classList.add("waiting");
    root.querySelectorAll("button.push").forEach((one) => { one.disabled = true; one.classList.toggle("busy", one.dataset.key === key); });
  }

  waitNoMore(root) {
    root?.classList.remove("waiting");
    root?.querySelectorAll("button.push").forEach((one) => { one.disabled = one.classList.contains("gone"); one.classList.remove("busy"); });
  }

  quote(message) {
    const low = this.isLow();
    this.replyTo = message;
    this.drafts[this.chat] = this.find(".composer input[name=text]").value;
    this.find(".composer").replaceWith(composer(this));
    this.find(".composer input[name=text]").focus();
    if (low) this.toEnd();
  }

  toast(text) {
    this.find(".toast")?.remove();
    const box = h("div", { class: "toast", role: "alert" }, text);
    this.root.append(box);
    setTimeout(() => box.remove(), 1400 + 110 * text.length); // as long as one reads
  }

  seen() {
    return !document.hidden && this.root.offsetParent !== null;
  }

  // ---- what the page tells

  tell(status) {
    const offline = (this.kind.client === "dingtalk" ? status.ding_online : status.online) === false;
    const strip = this.find(".strip");
    strip.textContent = this.kind.away || "";
    strip.hidden = !(offline && this.kind.away);
    for (const [chat, tab] of Object.entries(this.tabs)) tab.querySelector("i").hidden = !status.unread[chat] || (chat === this.chat && this.seen());
    this.introduce();
  }

  unread(status) {
    return this.plan.chats.some((chat) => status.unread[chat]);
  }

  // Its number is offered once the hub has read the order: asked before, the hub would know nothing of it.
  offer(order) {
    const number = this.find("#number");
    if (number && order) number.textContent = `${order.order_id} ${order.tail}`;
    if (number) number.hidden = !order;
    const find = this.find(".find");
    if (find) find.textContent = order ? `查 ${order.order_id}` : "";
    if (find) find.hidden = !order;
    if (this.chat === "oa" && !(this.page.chats.oa || []).length) this.redraw();
  }
}

// What DingTalk draws: interactive cards, ActionCards, links, feeds, work notices.
import { choose, moreMenu, selected } from "./cards.js";
import { h, joined, link, safeUrl, svg } from "./dom.js";
import { markdown } from "./markdown.js";

const SENDS = "dtmd://dingtalkclient/sendMessage"; // a link that says something as whoever taps it
const MARKS = { warn: '<path d="M12 4l9 15.5H3z"/><path d="M12 10v4.2M12 16.8v.1"/>', good: '<circle cx="12" cy="12" r="9"/><path d="M8 12.3l2.8 2.8L16 9.6"/>' };
const STYLES = { main: "s1", plain: "s4", danger: "s3" };
const CLIP = '<rect x="5" y="5" width="14" height="16" rx="2.5"/><path d="M9 3.5h6v3H9zM9 11.5h6M9 15.5h4"/>';

export const KINDS = { ding_card: interactive, ding_action: actionCard, ding_link: linkCard, ding_feed: feed };

// An interactive card: the company's own template knows fields, a menu and a choice; the public ones only markdown.
function interactive(message, context) {
  const { body } = message;
  const root = h("article", { class: "card ding-card", "data-tone": body.tone || "plain", "data-task": body.track_id || null });
  const own = Boolean(body.fields);
  const parts = own ? ownParts(root, message, context) : publicParts(root, message, context);
  root.append(titleBar(root, message, context), ...parts.filter(Boolean));
  return root;
}

function titleBar(root, message, context) {
  const { body } = message;
  const press = (key) => context.act.press(message, key, selected(root));
  const menu = body.menu && body.menu.length ? moreMenu(root, "更多", body.menu, press) : null;
  const mark = MARKS[body.tone];
  return h("header", {}, mark ? h("span", { class: "mark" }, svg(mark, 18)) : null, h("h3", {}, joined(body.title || "卡片")), menu);
}

function ownParts(root, message, context) {
  const { body } = message;
  const choice = { question_key: body.choice_key, title: body.choice_title, option_list: body.choices };
  return [
    body.subtitle ? h("p", { class: "desc" }, joined(body.subtitle)) : null,
    body.quote ? h("div", { class: "block quotearea" }, body.quote) : null,
    body.fields.length ? h("dl", { class: "block fields" }, body.fields.map((one) => h("div", {}, h("dt", {}, one.label), h("dd", {}, joined(one.value))))) : null,
    body.body ? h("div", { class: "block subtext" }, body.body) : null,
    body.note ? h("div", { class: "block note-own" }, h("b", {}, "仅你可见"), body.note) : null,
    body.choices.length ? h("div", { class: "rows block" }, choose(choice, message, false)) : null,
    body.done_text ? h("div", { class: "buttons" }, h("button", { type: "button", class: "push gone full", disabled: true }, body.done_text)) : buttons(root, message, context),
    safeUrl(body.link) ? h("div", { class: "jumps" }, chevron(body.link, body.link_title || "打开看板")) : null,
    h("footer", {}, [body.source, body.code].filter(Boolean).join(" · ")),
  ];
}

function publicParts(root, message, context) {
  const { body } = message;
  return [h("div", { class: "block" }, markdown(body.markdown, dialect(context))), buttons(root, message, context), body.tips ? h("footer", {}, body.tips) : null];
}

function buttons(root, message, context) {
  const list = message.body.buttons;
  if (!list.length) return null;
  const columns = list.length === 1 ? 1 : list.length % 3 === 0 && list.every((one) => one.text.length <= 4) ? 3 : 2;
  const odd = columns === 2 && list.length % 2 === 1;
  const draw = (one, i) => h("button", { type: "button", class: `push ${STYLES[one.style] || "s4"}${odd && i === 0 ? " full" : ""}`, "data-key": one.key || one.url, onclick: () => go(one, message, context, root) }, one.text);
  return h("div", { class: "buttons", style: `--columns:${columns}` }, list.map(draw));
}

// A button calls back, says something, or opens an address.
function go(one, message, context, root) {
  const url = safeUrl(one.url);
  if (url) window.open(url, "_blank", "noopener");
  else context.act.press(message, one.key || one.url, one.url ? {} : selected(root));
}

export function dialect(context) {
  return { ...context, v2: true, ding: true };
}

function actionCard(message, context) {
  const { body } = message;
  const row = (one) => h("button", { type: "button", class: "choice", "data-key": one.key, onclick: () => go(one, message, context) }, one.text);
  const across = body.across && body.buttons.length === 2;
  return h("article", { class: "card ding-action" }, markdown(body.content, dialect(context)), h("div", { class: across ? "choices across" : "choices" }, body.buttons.map(row)));
}

function linkCard(message) {
  const { body } = message;
  const image = safeUrl(body.picture) ? h("img", { src: body.picture, alt: "" }) : null;
  image?.addEventListener("error", () => image.remove());
  const inside = [h("h3", {}, body.title), h("div", { class: "aside" }, h("p", {}, body.content), image)];
  return h("article", { class: "card ding-link" }, safeUrl(body.url) ? link(body.url, ...inside) : inside);
}

function feed(message) {
  const rows = message.body.links.map((one) => h("div", { class: "feed" }, link(one.url, one.title)));
  return h("article", { class: "card ding-feed" }, rows);
}

function chevron(url, text) {
  const row = link(url, text);
  row.classList.add("chev");
  return row;
}

// A work notice stands alone, under the name of the application.
export function notice(message, inside) {
  const head = h("div", { class: "source" }, svg(CLIP, 16), h("span", {}, message.sender.name));
  return h("article", { class: "card work" }, head, inside);
}

export function voice(body) {
  const seconds = Math.max(1, Math.min(60, Math.round((body.content || "").length / 4)));
  const waves = '<path d="M6 9v6M10 6v12M14 8.5v7M18 10.5v3"/>';
  return h("div", { class: "bubble voice" }, h("span", { class: "waves" }, svg(waves, 18), `${seconds}″`), body.content ? h("span", { class: "heard" }, body.content) : null);
}

export function callOut(message, context) {
  const called = message.body.at || [];
  if (!called.length) return null;
  const one = (userid) => context.people.find((person) => person.userid === userid)?.name || userid;
  const text = called.length >= context.people.length ? "@所有人" : called.map((userid) => `@${one(userid)}`).join(" ");
  return h("div", { class: "called" }, h("span", { class: called.includes(context.who) ? "at me" : "at" }, text));
}

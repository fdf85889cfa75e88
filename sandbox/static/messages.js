// One message as an element: bubble, card, picture, notice.
import { card } from "./cards.js";
import { KINDS, callOut, dialect, notice as workNotice, voice } from "./ding.js";
import { h, link, safeUrl, svg } from "./dom.js";
import { markdown, plain } from "./markdown.js";

const TINTS = ["#3f8ae0", "#e08a3c", "#b865c4", "#2fa07a", "#8b93a1", "#d4637a"];
const ROBOT = '<rect x="5" y="8" width="14" height="11" rx="3"/><path d="M12 8V4.8M9 13v1.5M15 13v1.5M2.8 12.5v3M21.2 12.5v3"/><circle cx="12" cy="4" r=".9" fill="currentColor"/>';
const CLIP = '<rect x="5" y="5" width="14" height="16" rx="2.5"/><path d="M9 3.5h6v3H9zM9 11.5h6M9 15.5h4"/>';
const SHOP = '<path d="M4 9l1.5-5h13L20 9M5 12v8h14v-8M4 9a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0A2.7 2.7 0 0 0 20 9"/>';

const ROBOTS = new Set(["bot", "hook", "ding", "ding_hook"]);

export function avatar(sender, people) {
  const icons = { bot: [ROBOT, "#267ef0"], hook: [ROBOT, "#267ef0"], app: [CLIP, "#267ef0"], oa: [SHOP, "#07a353"], ding: [ROBOT, "#1677ff"], ding_hook: [ROBOT, "#1677ff"], ding_notice: [CLIP, "#1677ff"] };
  const [icon, tint] = icons[sender.kind] || [];
  if (icon) return h("span", { class: "avatar", style: `--tint:${tint}`, "aria-hidden": "true" }, svg(icon));
  if (sender.kind === "customer") return h("span", { class: "avatar", style: `--tint:${TINTS[5]}`, "aria-hidden": "true" }, [...sender.name][0]);
  const place = people.findIndex((one) => one.userid === sender.id);
  const colour = place < 0 ? TINTS[5] : TINTS[place % 5];
  return h("span", { class: "avatar", style: `--tint:${colour}`, "aria-hidden": "true" }, [...sender.name].slice(-2).join(""));
}

// What stands above the message; a new line of time after five quiet minutes.
export function timeAbove(message, before, today) {
  if (before && Date.parse(message.at) - Date.parse(before.at) < 5 * 60e3) return null;
  return h("div", { class: "time" }, message.day === today ? message.clock : `${message.day} ${message.clock}`);
}

export function draw(message, context) {
  if (message.recalled) return h("div", { class: "note" }, `${message.mine ? "你" : message.sender.name}撤回了一条消息`);
  if (message.kind === "system") return h("div", { class: "note" }, message.body.content);
  if (message.kind === "template") return h("div", { class: "msg" }, notice(message.body));
  const inside = content(message, context);
  if (message.sender.kind === "ding_notice") return h("div", { class: "msg" }, workNotice(message, inside));
  const broad = inside.some((one) => one.classList.contains("card"));
  const side = h("div", { class: broad ? "side broad" : "side" }, name(message, context), callOut(message, context), inside, quoted(message), reply(message, context));
  return h("div", { class: message.mine ? "msg mine" : "msg" }, avatar(message.sender, context.people), side);
}

function name(message, context) {
  if (!context.inGroup || message.mine) return null;
  const tag = ROBOTS.has(message.sender.kind) ? h("em", {}, "机器人") : message.sender.role ? h("span", {}, message.sender.role) : null;
  return h("div", { class: "name" }, h("span", {}, message.sender.name), tag);
}

function quoted(message) {
  return message.quote ? h("div", { class: "quoted" }, `${message.quote.name}：${message.quote.text}`) : null;
}

// Under the mouse; on a touch screen after a tap on the message.
function reply(message, context) {
  if (!context.act.reply) return null;
  return h("button", { type: "button", class: "reply", onclick: () => context.act.reply(message) }, "回复");
}

function content(message, context) {
  const { body, kind } = message;
  if (KINDS[kind]) return [KINDS[kind](message, context)];
  if (kind === "voice" && body.content) return [voice(body)];
  if (kind === "template_card") return [card(message, body, context.act)];
  if (kind === "markdown" && message.sender.kind.startsWith("ding")) return [h("div", { class: "bubble rich" }, markdown(body.content, dialect(context)))];
  if (kind === "markdown") return [h("div", { class: "bubble rich" }, markdown(body.content, { ...context, v2: message.sender.kind === "bot" }))];
  if (kind === "stream") return stream(message, context);
  if (kind === "textcard") return [textcard(body)];
  if (kind === "news") return body.articles.map((one) => news(one));
  if (kind === "image") return [picture(body)];
  if (["file", "voice", "video"].includes(kind)) return [file(body)];
  return [h("div", { class: "bubble" }, plain(body.content || "", context))];
}

function stream(message, context) {
  const text = message.body.content || "";
  const dots = message.body.finish ? null : h("span", { class: "dots", "aria-label": "正在输入" }, h("i"), h("i"), h("i"));
  const parts = [h("div", { class: "bubble rich" }, text ? markdown(text, { ...context, v2: true }) : null, dots)];
  if (message.body.template_card) parts.push(card(message, message.body.template_card, context.act));
  return parts;
}

// `<div class="gray|normal|highlight">` and `<br>` are all a textcard may hold.
function textcard(body) {
  const rows = body.description.replace(/<br\s*\/?>/gi, "\n").split(/(<div[^>]*>[\s\S]*?<\/div>)/i).filter((row) => row.trim());
  const draw = (row) => {
    const found = /^<div\s+class="?(\w+)"?[^>]*>([\s\S]*)<\/div>$/i.exec(row.trim());
    return h("div", { class: `div ${found ? found[1] : "gray"}` }, found ? found[2] : row);
  };
  const root = h("article", { class: "card link textcard" }, h("h3", {}, body.title), rows.map(draw), h("div", { class: "jumps" }, more(body.url, body.btntxt)));
  return root;
}

function more(url, text) {
  const row = link(url, text);
  row.classList.add("chev");
  return row;
}

function news(one) {
  const root = h("article", { class: "card" });
  if (safeUrl(one.picurl)) {
    const image = h("img", { class: "cover", src: one.picurl, alt: "", style: "aspect-ratio:2.35;margin-bottom:10px" });
    image.addEventListener("error", () => image.remove());
    root.append(image);
  }
  root.append(h("h3", {}, link(one.url, one.title)));
  if (one.description) root.append(h("p", { class: "desc" }, one.description));
  return root;
}

function picture(body) {
  const url = safeUrl(body.url) || `/phones/media/${encodeURIComponent(body.media_id)}`;
  return h("a", { class: "picture", href: url, target: "_blank" }, h("img", { src: url, alt: body.name }));
}

function file(body) {
  const size = body.size < 1024 ? `${body.size} B` : `${Math.round(body.size / 1024)} KB`;
  const ending = (body.name.split(".").pop() || "文件").slice(0, 4);
  return h("a", { class: "file", href: `/phones/media/${encodeURIComponent(body.media_id)}`, target: "_blank" }, h("b", {}, body.name, h("small", {}, size)), h("i", {}, ending));
}

function notice(body) {
  const rows = body.lines.map((line) => h("div", {}, h("dt", {}, line.label), h("dd", {}, line.value)));
  const foot = safeUrl(body.url) ? h("footer", {}, more(body.url, "查看详情")) : null;
  return h("article", { class: "notice" }, h("h3", {}, body.title), h("dl", {}, rows), foot);
}

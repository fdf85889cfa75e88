// Where one writes: commands to tap, the mention, a file, a voice, and what one replies to.
import { h, svg } from "./dom.js";

const MICROPHONE = '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>';

export function composer(pane) {
  const { kind } = pane;
  if (kind.closed) return h("form", { class: "composer closed" }, kind.closed);
  const input = h("input", { name: "text", autocomplete: "off", enterkeyhint: "send", "aria-label": kind.label, placeholder: kind.placeholder || "发消息", value: pane.drafts[pane.chat] || null });
  const send = h("button", { type: "submit", class: "send" }, "发送");
  const mention = kind.mention ? mentioning(kind.mention) : null;
  const take = () => {
    const text = input.value.trim();
    input.value = "";
    ready();
    return text;
  };
  const ready = () => { send.disabled = !input.value.trim(); pane.drafts[pane.chat] = input.value; };
  const full = (text) => (mention?.getAttribute("aria-pressed") === "true" && !text.includes(`@${kind.mention}`) ? `@${kind.mention} ${text}` : text);
  const bar = h("div", { class: "bar" }, mention, input, kind.voice ? voice(() => pane.acts.speak(pane, take())) : null, kind.files ? attach(pane) : null, send);
  const form = h("form", { class: "composer" }, quick(pane), quoting(pane), bar);
  input.addEventListener("input", ready);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = take();
    const quoted = pane.replyTo;
    if (!text) return;
    forget(pane);
    pane.acts.say(pane, full(text), quoted);
  });
  ready();
  return form;
}

function mentioning(bot) {
  const button = h("button", { type: "button", class: "mention", "aria-pressed": "true", title: "点一下切换：发给机器人，还是只发给同事" }, `@${bot}`);
  button.addEventListener("click", () => button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true")));
  return button;
}

function quick(pane) {
  const { commands, mention } = pane.kind;
  const { order } = pane.page;
  const say = (event) => pane.acts.say(pane, mention ? `@${mention} ${event.target.textContent}` : event.target.textContent);
  const chips = commands.map((one) => h("button", { type: "button", onclick: say }, one));
  if (pane.chat === "oa") chips.unshift(h("button", { type: "button", id: "number", onclick: say, hidden: !order, title: "把订单号和手机尾号发给服务号，就能收到通知" }, order ? `${order.order_id} ${order.tail}` : ""));
  else chips.push(h("button", { type: "button", class: "find", onclick: say, hidden: !order, title: "问中枢：这一单现在怎样" }, order ? `查 ${order.order_id}` : ""));
  return h("div", { class: "quick" }, chips);
}

function quoting(pane) {
  if (!pane.replyTo) return null;
  const close = h("button", { type: "button", "aria-label": "不回复了", onclick: () => forget(pane) }, "×");
  return h("div", { class: "quoting" }, h("span", {}, `回复 ${pane.replyTo.sender.name}：${pane.replyTo.excerpt || summary(pane.replyTo)}`), close);
}

function summary(message) {
  const { body } = message;
  const title = body.main_title?.title || body.template_card?.main_title?.title || body.preview || body.title;
  return title || (body.content || body.name || "").replace(/[*#>]/g, "").slice(0, 60);
}

function forget(pane) {
  pane.replyTo = null;
  pane.find(".quoting")?.remove();
}

function voice(speak) {
  return h("button", { type: "button", class: "attach voice", title: "把输入的话当语音说出来，机器人收到识别出的文字", "aria-label": "说语音", onclick: speak }, svg(MICROPHONE, 18));
}

function attach(pane) {
  const box = h("input", { type: "file", "aria-label": "发文件给机器人", accept: ".xlsx,.xls,.csv,.png,.jpg" });
  box.addEventListener("change", () => {
    const [file] = box.files;
    if (file) pane.acts.sendFile(pane, file);
    box.value = ""; // the same file again is a new message
  });
  return h("label", { class: "attach", title: "发文件给机器人，例如订单表格" }, h("span", { "aria-hidden": "true" }, "＋"), box);
}

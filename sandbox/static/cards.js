// The five template cards. `act` = { press(message, key, selected), ask(question) } comes from the page.
import { h, joined, link, safeUrl, svg } from "./dom.js";

const SOURCE_ICON = '<rect x="3" y="3" width="18" height="18" rx="5" fill="#267ef0" stroke="none"/><path d="M8 9h8M8 12h8M8 15h5" stroke="#fff"/>';

export function card(message, body, act) {
  const open = body.card_action && safeUrl(body.card_action.url);
  const root = h("article", { class: open ? "card link" : "card", "data-type": body.card_type, "data-task": body.task_id || null });
  if (open) root.addEventListener("click", (event) => {
    if (!event.target.closest("button, a, select, label, input, .menu")) window.open(open, "_blank", "noopener");
  });
  const parts = [source(body.source), ...titles(body), corner(root, message, body, act), emphasis(body.emphasis_content), picture(body), aside(body.image_text_area), quote(body.quote_area), subtext(body.sub_title_text), verticals(body.vertical_content_list), fields(body.horizontal_content_list), controls(root, message, body, act), jumps(body.jump_list, act)];
  root.append(...parts.filter(Boolean));
  return root;
}

function source(part) {
  if (!part || !part.desc) return null;
  const icon = safeUrl(part.icon_url) ? h("img", { src: part.icon_url, alt: "" }) : svg(SOURCE_ICON, 16);
  if (icon.tagName === "IMG") icon.addEventListener("error", () => icon.replaceWith(svg(SOURCE_ICON, 16)));
  return h("div", { class: `source c${part.desc_color || 0}` }, icon, h("span", {}, part.desc));
}

function titles(body) {
  const { title, desc } = body.main_title || {};
  return [title ? h("h3", {}, joined(title)) : null, desc ? h("p", { class: "desc" }, joined(desc)) : null];
}

function corner(root, message, body, act) {
  const list = body.action_menu && body.action_menu.action_list;
  if (!list) return null;
  return moreMenu(root, body.action_menu.desc, list, (key) => act.press(message, key, {}));
}

// The three dots in the corner of a card and what they open; `items` = [{text, key}].
export function moreMenu(root, title, items, press) {
  const dots = '<circle cx="5" cy="12" r="1.3" fill="currentColor"/><circle cx="12" cy="12" r="1.3" fill="currentColor"/><circle cx="19" cy="12" r="1.3" fill="currentColor"/>';
  const button = h("button", { type: "button", class: "corner", "aria-label": title || "更多", "aria-haspopup": "menu", "aria-expanded": "false" }, svg(dots, 18));
  const close = () => document.dispatchEvent(new CustomEvent("close-menus"));
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    const was = root.querySelector(".menu");
    close();
    if (was) return;
    const rows = items.map((one) => h("button", { type: "button", role: "menuitem", onclick: () => { close(); press(one.key); } }, one.text));
    root.append(h("div", { class: "menu", role: "menu" }, title ? h("p", {}, title) : null, rows));
    button.setAttribute("aria-expanded", "true");
  });
  return button;
}

function emphasis(part) {
  if (!part || !(part.title || part.desc)) return null;
  return h("div", { class: "block emphasis" }, part.title ? h("b", {}, part.title) : null, part.desc ? h("span", {}, part.desc) : null);
}

function picture(body) {
  const part = body.card_image;
  if (!part) return null;
  const image = h("img", { class: "cover block", src: part.url, alt: "", style: `aspect-ratio:${part.aspect_ratio || 1.3}` });
  image.addEventListener("error", () => image.replaceWith(h("div", { class: "cover block", style: `aspect-ratio:${part.aspect_ratio || 1.3}` })));
  return image;
}

function aside(part) {
  if (!part) return null;
  const image = h("img", { src: part.image_url, alt: "" });
  image.addEventListener("error", () => image.removeAttribute("src"));
  const inside = [image, h("div", {}, part.title ? h("b", {}, part.title) : null, part.desc ? h("p", {}, part.desc) : null)];
  return h("div", { class: "block" }, part.type === 1 ? Object.assign(link(part.url, ...inside), { className: "aside" }) : h("div", { class: "aside" }, inside));
}

function quote(part) {
  if (!part || !(part.title || part.quote_text)) return null;
  const inside = [part.title ? h("b", {}, part.title) : null, part.quote_text || ""];
  return h("div", { class: "block quotearea" }, part.type === 1 ? link(part.url, ...inside.filter(Boolean)) : inside);
}

function subtext(text) {
  return text ? h("div", { class: "block subtext" }, text) : null;
}

function verticals(list) {
  if (!list || !list.length) return null;
  return h("div", { class: "block verticals" }, list.map((one) => [h("b", {}, one.title), one.desc ? h("p", {}, one.desc) : null]));
}

function fields(list) {
  if (!list || !list.length) return null;
  const value = (one) => {
    if (one.type === 1) return link(one.url, one.value || "查看");
    if (one.type === 2) return h("a", { href: `/phones/media/${encodeURIComponent(one.media_id)}`, target: "_blank" }, one.value || "文件");
    if (one.type === 3) return h("span", { class: "at" }, one.value);
    return joined(one.value || "");
  };
  return h("dl", { class: "block fields" }, list.map((one) => h("div", {}, h("dt", {}, one.keyname), h("dd", {}, value(one)))));
}

function jumps(list, act) {
  if (!list || !list.length) return null;
  const row = (one) => {
    if (one.type === 1) { const a = link(one.url, one.title); a.classList.add("chev"); return a; }
    if (one.type === 3) return h("button", { type: "button", class: "chev", onclick: () => act.ask(one.question) }, one.title);
    return h("a", { class: one.type === 2 ? "chev" : "" }, one.title);
  };
  return h("div", { class: "jumps" }, list.map(row));
}

// ---- controls: what is chosen goes along with the press

function controls(root, message, body, act) {
  const gone = Boolean(body.replace_text);
  const rows = [];
  if (body.button_selection) rows.push(choose(body.button_selection, message, gone));
  for (const one of body.select_list || []) rows.push(choose(one, message, gone));
  if (body.checkbox) rows.push(...checks(body.checkbox, message, gone));
  const made = [];
  if (rows.length) made.push(h("div", { class: "rows block" }, rows));
  const list = body.button_list || (body.submit_button ? [{ style: 1, text: "提交", ...body.submit_button }] : []);
  if (gone) made.push(h("div", { class: "buttons" }, h("button", { type: "button", class: "push gone full", disabled: true }, body.replace_text)));
  else if (list.length) made.push(buttons(root, message, list, act));
  return made.length ? h("div", { class: "block" }, made) : null;
}

function buttons(root, message, list, act) {
  const short = list.every((one) => one.text.length <= 4);
  const columns = list.length === 1 ? 1 : list.length % 3 === 0 && short ? 3 : 2;
  const odd = columns === 2 && list.length % 2 === 1;
  const draw = (one, i) => {
    const kind = `push s${one.style || 1}${odd && i === 0 ? " full" : ""}`;
    const button = h("button", { type: "button", class: kind, "data-key": one.key || null }, one.text);
    button.addEventListener("click", () => {
      if (one.type === 1) { const url = safeUrl(one.url); if (url) window.open(url, "_blank", "noopener"); return; }
      act.press(message, one.key, selected(root));
    });
    return button;
  };
  return h("div", { class: "buttons", style: `--columns:${columns}` }, list.map(draw));
}

export function choose(part, message, gone) {
  const now = (message.picked[part.question_key] || [part.selected_id])[0];
  const options = part.option_list.map((one) => h("option", { value: one.id, selected: one.id === now }, one.text));
  const hint = now ? [] : [h("option", { value: "", selected: true }, "请选择")];
  const box = h("select", { "data-question": part.question_key, disabled: gone || part.disable, "aria-label": part.title || "请选择" }, hint, options);
  return h("label", { class: "pick" }, h("span", {}, part.title || "请选择"), box);
}

function checks(part, message, gone) {
  const now = message.picked[part.question_key] || part.option_list.filter((one) => one.is_checked).map((one) => one.id);
  const type = part.mode === 1 ? "checkbox" : "radio";
  return part.option_list.map((one) => h("label", { class: "check" }, h("input", { type, name: `${message.id}-${part.question_key}`, value: one.id, "data-question": part.question_key, checked: now.includes(one.id), disabled: gone || part.disable }), h("span", {}, one.text)));
}

export function selected(root) {
  const chosen = {};
  for (const box of root.querySelectorAll("select[data-question]:not(:disabled)")) chosen[box.dataset.question] = box.value ? [box.value] : [];
  for (const box of root.querySelectorAll("input[data-question]:not(:disabled)")) {
    const list = (chosen[box.dataset.question] ||= []);
    if (box.checked) list.push(box.value);
  }
  return chosen;
}

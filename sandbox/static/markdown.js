// WeCom has two dialects. "markdown" (apps) knows headings, bold, quote, links, code and three colours; "v2" (bots) adds
// lists, tables, rules, images, italics and code blocks. DingTalk ("ding") knows what v2 knows but no tables, needs two
// spaces before a line end that shall be one, and takes marks literally behind a backslash. What a dialect lacks is
// shown as typed.
import { h, link, safeUrl } from "./dom.js";

const COLOURS = { info: "info", comment: "comment", warning: "warning" };

const RULES = [
  { re: /\\([\\`*_{}[\]()#+.!>|~<-])/, ding: true, make: (m) => m[1] },
  { re: /@([A-Za-z][\w-]*)/, ding: true, make: (m, c) => (c.staff[m[1]] ? mention(c.staff[m[1]], c) : m[0]) },
  { re: /`([^`\n]+)`/, make: (m) => h("code", {}, m[1]) },
  { re: /\*\*([^\n]+?)\*\*/, make: (m, c) => h("b", {}, inline(m[1], c)) },
  { re: /!\[([^\]\n]*)\]\((https?:\/\/[^\s)]+)\)/, v2: true, make: (m) => h("img", { src: m[2], alt: m[1] }) },
  { re: /\[([^\]\n]+)\]\(([^\s)]+)\)/, make: (m, c) => link(m[2], inline(m[1], c)) },
  { re: /<font color="?'?(\w+)"?'?>([\s\S]*?)<\/font>/, make: (m, c) => h("span", { class: COLOURS[m[1]] }, inline(m[2], c)) },
  { re: /<@([\w.@-]+)>/, make: (m, c) => mention(m[1], c) },
  { re: /https?:\/\/[^\s<>()，。；、）]+/, make: (m) => link(m[0], m[0]) },
  { re: /(?<![*\w])[*_](?![\s*_])([^*_\n]+?)[*_](?![*\w])/, v2: true, make: (m, c) => h("i", {}, inline(m[1], c)) },
  { re: /<br\s*\/?>/, make: () => h("br") },
];

export function mention(userid, context) {
  const person = context.people.find((one) => one.userid.toLowerCase() === userid.toLowerCase());
  const all = userid.toLowerCase() === "all" || userid.toLowerCase() === "@all";
  const me = all || (person && person.userid === context.who);
  return h("span", { class: me ? "at me" : "at" }, `@${all ? "所有人" : person ? person.name : userid}`);
}

function knows(context, rule) {
  return (!rule.v2 || context.v2) && (!rule.ding || context.ding) && !(rule.table && context.ding);
}

export function inline(text, context) {
  const found = [];
  let rest = text;
  while (rest) {
    let best = null;
    for (const rule of RULES) {
      if (!knows(context, rule)) continue;
      const match = rule.re.exec(rest);
      if (match && (!best || match.index < best.match.index)) best = { match, rule };
    }
    if (!best) break;
    if (best.match.index) found.push(rest.slice(0, best.match.index));
    found.push(best.rule.make(best.match, context));
    rest = rest.slice(best.match.index + best.match[0].length);
  }
  if (rest) found.push(rest);
  return found;
}

function cells(row) {
  return row.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
}

function table(rows, context) {
  const [head, , ...body] = rows;
  const draw = (row, tag) => h("tr", {}, cells(row).map((cell) => h(tag, {}, inline(cell, context))));
  return h("div", { class: "scroll" }, h("table", {}, h("thead", {}, draw(head, "th")), h("tbody", {}, body.map((row) => draw(row, "td")))));
}

function lines(rows, context) {
  const ends = (row) => !context.ding || /  $/.test(row);
  return rows.flatMap((row, i) => (i ? [ends(rows[i - 1]) ? h("br") : " ", ...inline(row, context)] : inline(row, context)));
}

// Each block rule takes lines from the front and returns an element; the first that fits wins.
const BLOCKS = [
  {
    v2: true, fits: (l) => l.startsWith("```"),
    take: (rest) => {
      rest.shift();
      const code = [];
      while (rest.length && !rest[0].startsWith("```")) code.push(rest.shift());
      rest.shift();
      return h("pre", {}, h("code", {}, code.join("\n")));
    },
  },
  { fits: (l) => /^#{1,6} /.test(l), take: (rest, c) => { const [, marks, text] = /^(#{1,6}) +(.*)$/.exec(rest.shift()) || [, "#", ""]; return h(`h${marks.length}`, {}, inline(text, c)); } },
  { v2: true, fits: (l) => /^(-{3,}|\*{3,})\s*$/.test(l), take: (rest) => { rest.shift(); return h("hr"); } },
  { fits: (l) => /^>/.test(l), take: (rest, c) => { const q = []; while (rest.length && /^>/.test(rest[0])) q.push(rest.shift().replace(/^> ?/, "")); return h("blockquote", {}, h("p", {}, lines(q, c))); } },
  { v2: true, table: true, fits: (l, next) => l.includes("|") && /^\s*\|?[\s:|-]*-{2,}[\s:|-]*$/.test(next || ""), take: (rest, c) => { const t = []; while (rest.length && rest[0].includes("|")) t.push(rest.shift()); return table(t, c); } },
  { v2: true, fits: (l) => /^\s*[-*+] /.test(l), take: (rest, c) => listOf(rest, c, "ul", /^\s*[-*+] +/) },
  { v2: true, fits: (l) => /^\s*\d+[.)] /.test(l), take: (rest, c) => listOf(rest, c, "ol", /^\s*\d+[.)] +/) },
];

function listOf(rest, context, tag, mark) {
  const items = [];
  const start = tag === "ol" ? parseInt(rest[0], 10) : null;
  while (rest.length && mark.test(rest[0])) items.push(h("li", {}, inline(rest.shift().replace(mark, ""), context)));
  return h(tag, { start: start && start !== 1 ? start : null }, items);
}

function blocks(text, context) {
  const rest = text.replace(/\r\n?/g, "\n").split("\n");
  const found = [];
  while (rest.length) {
    if (!rest[0].trim()) { rest.shift(); continue; }
    const rule = BLOCKS.find((one) => knows(context, one) && one.fits(rest[0], rest[1]));
    if (rule) { found.push(rule.take(rest, context)); continue; }
    const paragraph = [];
    while (rest.length && rest[0].trim() && !BLOCKS.some((one) => knows(context, one) && one.fits(rest[0], rest[1]))) paragraph.push(rest.shift());
    found.push(h("p", {}, lines(paragraph, context)));
  }
  return found;
}

export function markdown(text, context) {
  const [, thought, rest] = /^\s*<think>([\s\S]*?)(?:<\/think>|$)([\s\S]*)$/.exec(text) || [null, "", text];
  const thinking = thought.trim() ? [h("details", {}, h("summary", {}, "思考过程"), thought.trim())] : [];
  return h("div", { class: "md" }, thinking, blocks(rest, context));
}

// Plain text: line feeds, <a href>, bare links and the names of people after an @.
export function plain(text, context) {
  const names = [context.bot, ...context.people.map((one) => one.name), ...Object.keys(context.staff)].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const re = new RegExp(`<a\\s+href=["']([^"']+)["'][^>]*>([\\s\\S]*?)</a>|(https?://[^\\s<>，。；、）]+)|@(${names.join("|")})|<@([\\w.@-]+)>`, "gi");
  const found = [];
  let from = 0;
  for (const match of text.matchAll(re)) {
    found.push(text.slice(from, match.index));
    if (match[1]) found.push(safeUrl(match[1]) ? link(match[1], match[2]) : match[2]);
    else if (match[3]) found.push(link(match[3], match[3]));
    else if (match[4] && context.staff[match[4]]) found.push(mention(context.staff[match[4]], context));
    else if (match[4]) found.push(h("span", { class: "at" }, match[0]));
    else found.push(mention(match[5], context));
    from = match.index + match[0].length;
  }
  found.push(text.slice(from));
  return found;
}

// Elements without a framework. Text always goes in as text: nothing the hub sends can become markup by accident.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

// No line ends inside "剩 45 小时" or before a "·"; together with word-break: keep-all a title breaks between its parts.
export function joined(text) {
  return text.replace(/(?<=\d) (?=天|小时|分|秒|单)|(?<=剩|停留|小时|天) (?=\d)| (?=· )/g, "\u00a0");
}

export function svg(paths, size = 22) {
  const box = document.createElement("span");
  box.innerHTML = `<svg viewBox="0 0 24 24" width="${size}" height="${size}" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`;
  return box.firstChild;
}

export function safeUrl(url) {
  return /^https?:\/\//i.test(url || "") ? url : null;
}

export function link(url, ...children) {
  const target = safeUrl(url);
  return target ? h("a", { href: target, target: "_blank", rel: "noopener" }, ...children) : h("span", {}, ...children);
}

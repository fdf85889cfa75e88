// The customer's page inside WeChat: WeChat's own button allows notices, and we are told which.
"use strict";

(() => {
  const panel = document.getElementById("subscribe");
  const button = document.getElementById("subscribe-button");
  const told = document.getElementById("told");

  function say(words, refused) {
    told.textContent = words;
    told.classList.toggle("refused", refused);
    told.hidden = false;
  }

  // WeChat says it as texts inside a text: {template: '{"status": "accept"}'}.
  function accepted(details) {
    const found = {};
    for (const [template, word] of Object.entries(JSON.parse(details || "{}"))) {
      try {
        found[template] = JSON.parse(word).status || "";
      } catch (_) {
        found[template] = String(word);
      }
    }
    return found;
  }

  async function allowed(event) {
    let templates = {};
    try {
      templates = accepted(event.detail && event.detail.subscribeDetails);
    } catch (_) {
      templates = {};
    }
    const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ templates }) };
    const answer = await fetch(`/o/${panel.dataset.scene}/allowed`, sent).catch(() => null);
    const said = answer && (await answer.json().catch(() => null));
    if (said) say(said.said, !said.ok);
    else say("没有连上，请再点一次", true);
  }

  function failed() {
    say("微信没有打开订阅窗口。请在微信的「设置 - 通知」里看看有没有关掉服务通知，再点一次", true);
  }

  if (typeof wx === "undefined") {
    panel.hidden = true; // without WeChat's script there is no button
    return;
  }
  button.addEventListener("success", allowed);
  button.addEventListener("error", failed);
  wx.error(() => { panel.hidden = true; });
  wx.config(JSON.parse(document.getElementById("signed").textContent));
})();

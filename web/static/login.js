// Inside DingTalk's client: asks it for a one-use code, and goes back with it.
"use strict";

(() => {
  const page = document.getElementById("login");
  const { back, state, corp, client } = page.dataset;

  function failed() {
    page.querySelector("h1").textContent = "没有登录成功";
    for (const part of page.querySelectorAll(".failed")) part.hidden = false;
  }

  function arrived(told) {
    if (!told || !told.code) return failed();
    return location.replace(`${back}?${new URLSearchParams({ code: told.code, state })}`);
  }

  function ask() {
    const asked = { corpId: corp, clientId: client, onSuccess: arrived, onFail: failed };
    // Clients before 7.0.45 know the older name alone.
    if (dd.requestAuthCode) dd.requestAuthCode(asked);
    else dd.runtime.permission.requestAuthCode(asked);
  }

  try {
    if (typeof dd === "undefined") failed();
    else if (dd.ready) dd.ready(ask);
    else ask();
  } catch (_) {
    failed();
  }
  setTimeout(() => { if (document.visibilityState === "visible") failed(); }, 8000);
})();

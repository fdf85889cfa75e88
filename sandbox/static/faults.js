// What can go wrong between the hub and the two platforms, and what DingTalk's month still allows.
import { CLIENTS } from "./company.js";
import { h } from "./dom.js";
import { post } from "./live.js";

// `switch`: a switch of the sandbox and its value when on; `order`: done at once.
const FAULTS = [
  { text: "接口变慢 3 秒", tip: "中枢每次调用平台，3 秒后才有回答", switch: "slow_answers", value: 3 },
  { text: "接口报 500，一次", tip: "中枢下一次调用平台得到 HTTP 500", switch: "fail_calls", value: 1 },
  { text: "回调丢一次", tip: "下一句话或下一次点按到不了中枢", switch: "drop_callbacks", value: 1 },
  { text: "回调来两次", tip: "下一句话或下一次点按送到两遍", switch: "duplicate_callbacks", value: 1 },
  { text: "回调乱序", tip: "下一个等再下一个先到", switch: "reorder_callbacks", value: 1 },
  { text: "凭证和短码失效", tip: "access_token、卡片的 response_code、登录码马上作废", order: { expire_token: true, expire_codes: true }, done: "凭证和短码已失效" },
  { text: "断开长连接", tip: "平台断开机器人的长连接，中枢会自己连回来", order: { disconnect: true }, done: "长连接已断开" },
];
const OFF = Object.fromEntries(FAULTS.filter((one) => one.switch).map((one) => [one.switch, 0]));
const LOOK_SECONDS = 3;

// `tell` shows a text on the phone that is looked at.
export function faults(tell) {
  const dialog = document.getElementById("faults");
  let looking = null;
  let drawn = "";

  async function look() {
    try {
      const [chat, ding] = await Promise.all(["/control/chat", "/control/dingtalk"].map(async (path) => (await fetch(path)).json()));
      const found = [{ wecom: chat.switches, dingtalk: chat.dingtalk_switches }, ding.quota];
      if (JSON.stringify(found) === drawn) return; // what is under the finger stays
      drawn = JSON.stringify(found);
      draw(dialog, ...found, act);
    } catch {
      tell("沙盒没有回应");
    }
  }

  async function act(path, body, done) {
    const told = await post(path, body);
    if (told.error) tell(`没有成功：${told.error}`);
    else if (done) tell(done);
    await look();
  }

  document.getElementById("open-faults").addEventListener("click", async () => {
    await look();
    dialog.showModal();
    looking = setInterval(look, LOOK_SECONDS * 1000);
  });
  dialog.addEventListener("close", () => clearInterval(looking));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

function draw(dialog, switches, quota, act) {
  const focused = document.activeElement?.dataset?.fault;
  const close = h("button", { type: "button", class: "close", "aria-label": "关上", onclick: () => dialog.close() }, "×");
  const head = h("header", {}, h("h2", {}, "出点故障"), h("p", {}, "看中枢怎么应付：不丢、不重、不乱。点一下打开，再点一下恢复。"), close);
  const columns = Object.entries(CLIENTS).map(([platform, name]) => column(platform, name, switches[platform], act));
  dialog.replaceChildren(head, h("div", { class: "columns" }, columns), month(quota, act));
  if (focused) dialog.querySelector(`[data-fault="${focused}"]`)?.focus();
}

function column(platform, name, now, act) {
  const row = (one) => {
    const on = one.switch && now[one.switch] > 0;
    const pull = () => (one.switch ? act("/control/chat", { platform, [one.switch]: on ? 0 : one.value }) : act("/control/chat", { platform, ...one.order }, `${name}：${one.done}`));
    return h("button", { type: "button", title: one.tip, "data-fault": `${platform} ${one.text}`, "aria-pressed": one.switch ? String(on) : null, onclick: pull }, one.text);
  };
  const calm = Object.keys(OFF).every((one) => !(now[one] > 0));
  const reset = h("button", { type: "button", class: "calm", disabled: calm, "data-fault": `${platform} 恢复`, onclick: () => act("/control/chat", { platform, ...OFF }, `${name}：一切恢复正常`) }, calm ? "一切正常" : "恢复正常");
  return h("section", { class: platform, "aria-label": name }, h("h3", {}, name), FAULTS.map(row), reset);
}

function month(quota, act) {
  const gauge = (text, used, most) => h("div", { class: "gauge" }, h("span", {}, text), h("meter", { min: 0, max: most, high: most * 0.8, optimum: 0, value: Math.min(used, most), "aria-label": text }), h("b", {}, `${used} / ${most}`));
  const left = Math.max(0, Math.ceil(quota.calls_per_month * 0.97) - quota.calls);
  return h("section", { class: "month", "aria-label": "钉钉本月用量" },
    h("h3", {}, "钉钉本月用量", h("small", {}, `${Number(quota.month.slice(5)) || "本"} 月，标准版的额度`)),
    gauge("接口调用", quota.calls, quota.calls_per_month),
    gauge("收发消息", quota.stream, quota.stream_per_month),
    h("div", { class: "pair" },
      h("button", { type: "button", "data-fault": "use", disabled: !left, onclick: () => act("/control/dingtalk", { use_calls: left }, "本月接口调用只剩 3%") }, "用到只剩 3%"),
      h("button", { type: "button", "data-fault": "reset", onclick: () => act("/control/dingtalk", { reset_quota: true }, "用量已清零") }, "用量清零")));
}

// The conversations of the two clients: what they are called, what can be written into them, what a robot hears there.

export const names = JSON.parse(document.getElementById("company").textContent);
const { wecom, dingtalk, weixin } = names;
const COMMANDS = ["看板", "我的", "帮助"];
const AWAY = "机器人不在线，现在没有回应";

export const CLIENTS = { wecom: "企业微信", dingtalk: "钉钉" };

// `mention`: whom a word must name to be heard; `quotes`: whether a reply tells the robot what it replies to.
export const CHATS = {
  group: { client: "wecom", look: "wework", tab: "群", title: wecom.group, size: wecom.size, label: "在群里发消息", mention: wecom.bot, quotes: true, commands: COMMANDS, away: "机器人不在线，现在 @ 它没有回应", empty: "群里还很安静" },
  app: { client: "wecom", look: "wework", tab: "应用", title: wecom.bot, label: "给应用发消息", commands: COMMANDS, empty: "发一句「帮助」试试", tip: "自建应用单聊：和企业微信里自建的应用私下聊，指名给你的提醒从这里来" },
  bot: { client: "wecom", look: "wework", tab: "机器人", title: wecom.bot, label: "给机器人发消息", files: true, quotes: true, commands: COMMANDS, away: AWAY, empty: "和机器人单独聊聊，发一句「帮助」试试", tip: "智能机器人单聊：和群里的同一个机器人私下聊" },
  oa: { client: "wecom", look: "wechat", tab: "服务号", title: weixin.name, label: "以顾客身份发消息", placeholder: `${weixin.customer}说…`, as: `顾客 ${weixin.customer} 的微信`, commands: ["我的订单到哪了", "想改地址"], tip: "顾客的微信：顾客在服务号里说话、收通知" },
  dgroup: { client: "dingtalk", look: "dingtalk", tab: "群", title: dingtalk.group, size: dingtalk.size, label: "在钉钉群里发消息", mention: dingtalk.bot, quotes: true, commands: COMMANDS, away: "机器人不在线，现在 @ 它没有回应", empty: "群里还很安静" },
  ding: { client: "dingtalk", look: "dingtalk", tab: "单聊", title: dingtalk.bot, label: "给钉钉机器人发消息", files: true, voice: true, quotes: true, commands: COMMANDS, away: AWAY, empty: "和机器人单独聊聊，发一句「帮助」试试", tip: "机器人单聊：也能发文件、说语音" },
  notice: { client: "dingtalk", look: "dingtalk", tab: "工作通知", title: `工作通知:${wecom.group.replace(/订单群$/, "")}`, closed: "工作通知只能看，不能回复", empty: "还没有工作通知。别的路都不通时，提醒从这里来", tip: "工作通知：机器人到不了时的最后一条路" },
};

// Which phones stand on the page, and which conversations lie in each.
export const VIEWS = {
  both: [
    { name: "wecom", tab: "企业微信", icon: "wecom", chats: ["group", "app", "bot", "oa"] },
    { name: "dingtalk", tab: "钉钉", icon: "dingtalk", chats: ["dgroup", "ding", "notice"] },
  ],
  wecom: [
    { name: "group", tab: "群聊", icon: "group", chats: ["group"] },
    { name: "own", tab: "单聊", icon: "own", chats: ["app", "bot"] },
    { name: "oa", tab: "顾客", icon: "customer", chats: ["oa"] },
  ],
  dingtalk: [
    { name: "dgroup", tab: "群聊", icon: "group", chats: ["dgroup"] },
    { name: "ding", tab: "单聊", icon: "own", chats: ["ding"] },
    { name: "notice", tab: "工作通知", icon: "notice", chats: ["notice"] },
  ],
};

export const ICONS = {
  wecom: '<path d="M4 5h16v11H10l-4.5 3.5V16H4z"/><path d="M8.5 9.5h7M8.5 12.5h4"/>',
  dingtalk: '<path d="M4.5 4.5c3.6 3 8.6 4.4 15 4.4-1 3.6-3 5.6-5 6.8h2.6l-6 5 1.2-3.6H9.8l1.5-2.3c-3.6-.9-6-3.5-6.8-10.3z"/>',
  group: '<path d="M4 5h16v11H10l-4.5 3.5V16H4z"/>',
  own: '<circle cx="12" cy="8" r="4"/><path d="M4.5 20c.8-4 3.8-6 7.5-6s6.7 2 7.5 6z"/>',
  customer: '<path d="M5 8h14l-1 12H6z"/><path d="M9 10V7a3 3 0 0 1 6 0v3"/>',
  notice: '<path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15z"/><path d="M10 20.5h4"/>',
};

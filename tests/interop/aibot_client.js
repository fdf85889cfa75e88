// The vendor's own client for Node: hears a message, answers it, answers with a card and changes it, pushes.
// Arguments: address, bot id, secret. Every step is one line of JSON on standard output.
const { WSClient } = require('@wecom/aibot-node-sdk');

const [address, botId, secret] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const client = new WSClient({ botId, secret, wsUrl: address, logger: quiet });
const tell = (step, more) => console.log(JSON.stringify({ step, ...more }));
const card = {
  card_type: 'button_interaction',
  task_id: 't-1',
  main_title: { title: '地址模糊' },
  button_list: [{ text: '认领', style: 1, key: 'claim' }],
};

client.on('authenticated', () => tell('subscribed'));
client.on('message.text', async (frame) => {
  const words = frame.body.text.content;
  if (words.includes('卡片')) {
    await client.replyTemplateCard(frame, card);
  } else {
    await client.replyStream(frame, 's-1', '**办好了**', true);
    await client.sendMessage(frame.body.from.userid, { msgtype: 'markdown', markdown: { content: '另外：缺货 1 单' } });
  }
  tell('answered', { words });
});
client.on('event.template_card_event', async (frame) => {
  await client.updateTemplateCard(frame, { ...card, main_title: { title: '小李已认领' } });
  tell('updated');
});
client.on('error', (error) => tell('error', { why: String(error) }));
process.stdin.on('end', () => process.exit(0)).resume();
client.connect();

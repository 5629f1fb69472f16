// npm's web-push, an independent sender, against our stand-in for a push service. The stage comes as JSON on the standard input, and each
// answer goes out as one line of JSON.
const { readFileSync } = require("node:fs");
const { Agent } = require("node:https");
const webpush = require("web-push");

const { web } = JSON.parse(readFileSync(0, "utf8"));
const keys = webpush.generateVAPIDKeys();
const options = {
  agent: new Agent({ ca: web.ca }),
  contentEncoding: "aes128gcm",
  TTL: 60,
  topic: "call-1",
  urgency: "high",
  vapidDetails: { subject: "mailto:calls@example.com", ...keys },
};

async function main() {
  const tries = [
    ["first", web.there, "ring", {}],
    ["in its place", web.there, "stop", {}],
    ["beside it", web.there, "missed", { topic: "call-2", urgency: "normal" }],
    ["kept too long", web.there, "ring", { TTL: 2592001 }],
    ["to another key's", web.of_another_key, "ring", {}],
    ["gone", web.gone, "ring", {}],
  ];
  for (const [name, subscription, text, more] of tries) {
    const sending = webpush.sendNotification(subscription, text, { ...options, ...more });
    const { statusCode, body } = await sending.catch((refusal) => refusal);
    console.log(JSON.stringify({ name, status: statusCode, errno: body ? JSON.parse(body).errno : null }));
  }
}

main();

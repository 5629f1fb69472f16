// @parse/node-apn, an independent client, against our stand-in for Apple's service. The stage comes as JSON on the standard input, and
// each answer goes out as one line of JSON.
const { readFileSync } = require("node:fs");
const apn = require("@parse/node-apn");

const { apns } = JSON.parse(readFileSync(0, "utf8"));
const provider = new apn.Provider({
  address: "localhost",
  ca: apns.ca,
  port: apns.port,
  production: false,
  token: { key: apns.key, keyId: "ABCDE12345", teamId: "TEAM123456" },
});

function ring(fields) {
  return Object.assign(new apn.Notification(), {
    alert: { title: "Alice", body: "Video call" },
    expiry: Math.floor(Date.now() / 1000) + 60,
    id: "01234567-89ab-4def-8123-456789abcdef",
    priority: 10,
    pushType: "voip",
    topic: "com.example.app.voip",
    ...fields,
  });
}

async function main() {
  const tries = [
    ["taken", "00ff", ring({})],
    ["gone", "01", ring({})],
    ["of another app", "02", ring({})],
    ["too large", "00ff", ring({ payload: { filler: "x".repeat(6000) } })],
    ["of no topic of ours", "00ff", ring({ topic: "com.example.other.voip" })],
    ["a background push at once", "00ff", ring({ pushType: "background", topic: "com.example.app" })],
    ["a notification", "00ff", ring({ pushType: "alert", topic: "com.example.app", collapseId: "call" })],
  ];
  for (const [name, token, notification] of tries) {
    const { sent, failed } = await provider.send(notification, token);
    const refusal = failed.map(({ status, response, error }) => ({ status, ...response, error: error?.message }));
    console.log(JSON.stringify({ name, sent: sent.length, refusal: refusal[0] ?? null }));
  }
  await provider.shutdown();
}

main();

// Holds dashboards, rules and runbook against each other and against what runs.
//
//   node deploy/check.js                                   without servers: files, names, anchors
//   node deploy/check.js METRICS_URL [PROMETHEUS_URL]      also against a node's metrics, and a Prometheus that watches it under load
//
// With a node: every metric of ours that is named exists. With a Prometheus, which must have loaded our rules: every expression of a
// dashboard is understood and gives data. `promtool test rules` tests what alerts do.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [metricsUrl, prometheusUrl] = process.argv.slice(2);

/** What has no series before something rare has happened, so that an empty answer says nothing. */
const RARE = [
  "offhook_gateway_logins_refused_total",
  "offhook_media_joins_refused_total",
  "offhook_push_credential_expires_seconds",
  "ALERTS",
];

const faults = [];
const read = (...path) => readFileSync(join(here, ...path), "utf8");
const dashboards = readdirSync(join(here, "grafana/dashboards")).map((name) => ({
  name,
  ...JSON.parse(read("grafana/dashboards", name)),
}));
const rules = read("prometheus/rules/offhook.yml");

checkRules();
checkDashboards();
if (metricsUrl) checkNames(await namesOf(metricsUrl));
if (prometheusUrl) await checkExpressions();
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? "deploy: all is well" : `deploy: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Each alert has a test, a severity, a summary, and a section of the runbook that exists. */
function checkRules() {
  const tests = read("prometheus/tests.yml");
  const anchors = headings(read("../docs/runbook.md"));
  for (const alert of rules.split(/^ {6}- alert: /m).slice(1)) {
    const name = /^\w+/.exec(alert)?.[0];
    if (!tests.includes(`alertname="${name}"`)) faults.push(`${name}: no test says that it fires`);
    if (!/severity: (page|ticket) /.test(alert)) faults.push(`${name}: no severity`);
    if (!alert.includes("summary: ")) faults.push(`${name}: no summary`);
    const anchor = /runbook: docs\/runbook\.md#(\S+)/.exec(alert)?.[1];
    if (!anchors.has(anchor)) faults.push(`${name}: the runbook has no section ${anchor}`);
  }
}

/** The anchors of a page's headings, as its readers' browsers know them. */
function headings(page) {
  const lines = page.match(/^#+ .*$/gm) ?? [];
  const anchor = (line) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replace(/ /g, "-");
  return new Set(lines.map(anchor));
}

/** Numbers of panels are unique, and so are the dashboards' own. */
function checkDashboards() {
  if (new Set(dashboards.map(({ uid }) => uid)).size < dashboards.length) faults.push("two dashboards have one uid");
  for (const { name, panels, uid } of dashboards) {
    if (`${uid}.json` !== name) faults.push(`${name}: its uid is ${uid}`);
    if (new Set(panels.map(({ id }) => id)).size < panels.length) faults.push(`${name}: two panels have one id`);
  }
}

/** The families that a node tells of, also those without a series yet. */
async function namesOf(url) {
  const text = await (await fetch(url)).text();
  const names = new Set();
  for (const [, name, kind] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    names.add(name);
    if (kind === "histogram") for (const part of ["bucket", "count", "sum"]) names.add(`${name}_${part}`);
  }
  return names;
}

/** Whatever is called offhook_… is told by a node, or asked of the database by queries.yml. */
function checkNames(told) {
  const asked = [...read("prometheus/queries.yml").matchAll(/^ {4}- (\w+): \{/gm)].map(
    ([, name]) => `offhook_database_${name}`,
  );
  const known = new Set([...told, ...asked]);
  const texts = [["rules", rules], ...dashboards.map(({ name, panels }) => [name, JSON.stringify(panels)])];
  for (const [where, text] of texts) {
    for (const name of new Set(text.match(/\boffhook_\w+/g))) {
      if (!known.has(name)) faults.push(`${where}: nobody tells ${name}`);
    }
  }
}

async function checkExpressions() {
  for (const { name, panels } of dashboards) {
    for (const { targets = [], title } of panels) {
      for (const { expr } of targets) await checkExpression(`${name}, ${title}`, expr);
    }
  }
  const { data } = await ask("rules", {});
  const loaded = data.groups.flatMap((group) => group.rules);
  const count = rules.match(/- alert: /g).length;
  if (loaded.length !== count) faults.push(`Prometheus has loaded ${loaded.length} rules of ${count}`);
  for (const rule of loaded) {
    if (rule.health !== "ok") faults.push(`${rule.name}: ${rule.lastError ?? rule.health}`);
    for (const metric of selected(rule.query)) await checkExpression(rule.name, `count(${metric})`);
  }
}

/** The names of metrics in an expression. */
function selected(expression) {
  const words = expression.replace(/"[^"]*"/g, "").match(/\b(offhook|pg|node|probe)_\w+|\bup\b/g);
  return new Set(words);
}

async function checkExpression(where, expression) {
  const query = expression.replaceAll("$__rate_interval", "1m").replaceAll("$node", ".*");
  const { data, error, status } = await ask("query", { query });
  if (status !== "success") faults.push(`${where}: ${query}: ${error}`);
  else if (data.result.length === 0 && !RARE.some((name) => query.includes(name)))
    faults.push(`${where}: ${query}: no data`);
}

async function ask(what, parameters) {
  const answer = await fetch(`${prometheusUrl}/api/v1/${what}?${new URLSearchParams(parameters)}`);
  return answer.json();
}

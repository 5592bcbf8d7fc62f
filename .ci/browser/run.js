// Checks the pages in Chromium: MOU_TOKEN=… node .ci/browser/run.js DEMO-URL OFFICE-URL OUT
//
// DEMO-URL is that of a demonstration, OFFICE-URL that of a server on an empty registry, of which MOU_TOKEN
// is the first token, an admin's for all municipalities.
//
// Every page of pages.js is loaded in both languages, at 1280 and 390 px, in light and dark. axe must
// find nothing, nothing may scroll sideways, and the content security policy may refuse nothing. Then
// each file of flows/ is run: it exports an async function (tools) => {}, see flow() below. Those named
// office-… share the empty registry: the first of them fills it. MOU_FLOWS=office-a runs the flows alone
// whose names begin so.
//
// Screenshots are kept in OUT/screens (the main pages: start, agreement, project, timeline, organization,
// municipality, desk, agreement-form, import-questions and council-report, each -wide.png), the HTML of the
// pages in OUT/html for the validator.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");
const { caller } = require("./office.js");
const pages = require("./pages.js");

const [base, officeBase, out] = process.argv.slice(2);
const CHROMIUM = process.env.MOU_CHROMIUM || "/usr/bin/chromium";
const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const VIEWS = [
  { name: "wide", width: 1280, height: 900, colorScheme: "light" },
  { name: "narrow", width: 390, height: 844, colorScheme: "light" },
  { name: "wide-dark", width: 1280, height: 900, colorScheme: "dark" },
  { name: "narrow-dark", width: 390, height: 844, colorScheme: "dark" },
];
// Tabs that work at the same time.
const TABS = 3;

const wrong = [];
const fail = (where, what) => {
  wrong.push(`${where}: ${what}`);
  console.error(`  ${where}: ${what}`);
};

// Watches a tab for errors and refusals of the policy.
const watch = (tab, where) => {
  tab.on("console", (message) => {
    // A page that is a refusal is one to the console as well.
    if (message.type() === "error" && !/^Failed to load resource.* 4\d\d /.test(message.text())) {
      fail(where(), message.text());
    }
  });
  tab.on("pageerror", (error) => fail(where(), error.message));
};

// Names what axe finds, and whether the page scrolls sideways. Dark pages differ in colours alone.
const audit = async (tab, where, scheme = "light") => {
  const runOnly = scheme === "dark" ? { type: "rule", values: ["color-contrast"] } : { type: "tag", values: RULES };
  await tab.evaluate(AXE);
  const found = await tab.evaluate((runOnly) => axe.run(document, { runOnly, resultTypes: ["violations"] }), runOnly);
  for (const { id, help, nodes } of found.violations) {
    fail(where, `axe ${id} (${help}): ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")}`);
  }
  const over = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) fail(where, `scrolls sideways by ${over} px`);
};

// Audits what a tab shows in each view, and keeps its HTML and, in Korean, a screenshot of each width.
// `load` loads the page once the first view is set, and returns the answer.
const lookAt = async (tab, name, lang, load, setWhere = () => {}) => {
  for (const view of VIEWS) {
    const where = `${name} (${lang}, ${view.name})`;
    setWhere(where);
    await tab.emulateMedia({ colorScheme: view.colorScheme });
    await tab.setViewportSize(view);
    if (view === VIEWS[0]) {
      const answer = await load(where);
      if (answer) fs.writeFileSync(path.join(out, "html", `${name}-${lang}.html`), await answer.body());
      if (!(await tab.title())) fail(where, "no title");
    }
    await audit(tab, where, view.colorScheme);
    if (lang === "ko" && view.colorScheme === "light") {
      await tab.screenshot({ path: path.join(out, "screens", `${name}-${view.name}.png`), fullPage: view.width < 400 });
    }
  }
  await tab.emulateMedia({ colorScheme: VIEWS[0].colorScheme });
  await tab.setViewportSize(VIEWS[0]);
};

// Loads a page in a language and looks at it.
const lookAtUrl = (tab, name, lang, href, status, setWhere) => lookAt(tab, name, lang, async (where) => {
  const url = new URL(href);
  url.searchParams.set("lang", lang);
  const answer = await tab.goto(url.href, { waitUntil: "load" });
  if (answer.status() !== status) fail(where, `status ${answer.status()}`);
  return answer;
}, setWhere);

const visit = async (browser, jobs) => {
  const context = await browser.newContext();
  const tab = await context.newPage();
  let where = "";
  watch(tab, () => where);
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const { page, lang } = job;
    await lookAtUrl(tab, page.name, lang, new URL(page.path, base).href, page.status ?? 200, (now) => { where = now; });
  }
  await context.close();
};

// What the flows of officers share: the URL, a caller of the API, and what a flow leaves for the next.
const office = { base: officeBase, api: caller(officeBase, process.env.MOU_TOKEN), admin: process.env.MOU_TOKEN };

// Runs a flow in fresh contexts. `look` audits the page that a tab shows, as it is loaded in each language
// beside the tab; `lookHere` audits what the tab shows, such as a refused form, with its answer.
const flow = async (browser, file) => {
  const name = path.basename(file, ".js");
  const contexts = [];
  const newTab = async (options = {}) => {
    const context = await browser.newContext({ viewport: VIEWS[0], locale: "ko-KR", ...options });
    contexts.push(context);
    const tab = await context.newPage();
    watch(tab, () => name);
    return tab;
  };
  const tab = await newTab();
  const screenshot = (what, of = tab) => of.screenshot({ path: path.join(out, "screens", `${name}-${what}.png`) });
  const tools = {
    base, browser, tab, office, newTab, screenshot,
    expect: (condition, what) => condition || fail(name, what),
    audit: (what, of = tab) => audit(of, `${name}, ${what}`),
    look: (of, what, status = 200) => Promise.all(["ko", "en"].map(async (lang) => {
      const beside = await of.context().newPage();
      watch(beside, () => `${what} (${lang})`);
      await lookAtUrl(beside, what, lang, of.url(), status);
      await beside.close();
    })),
    lookHere: (of, what, answer) => lookAt(of, what, "ko", async () => {
      await of.evaluate(() => window.scrollTo(0, 0));
      return answer;
    }),
  };
  const started = Date.now();
  try {
    await require(file)(tools);
  } catch (error) {
    fail(name, error.stack);
    for (const [number, context] of contexts.entries()) {
      for (const shown of context.pages()) await screenshot(`failed-${number}`, shown).catch(() => {});
    }
  }
  console.log(`  ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  for (const context of contexts) await context.close();
};

const main = async () => {
  for (const part of ["screens", "html"]) fs.mkdirSync(path.join(out, part), { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const only = process.env.MOU_FLOWS ?? "";
  const list = only ? [] : await pages(base);
  const jobs = list.flatMap((page) => ["ko", "en"].map((lang) => ({ page, lang })));
  await Promise.all(Array.from({ length: TABS }, () => visit(browser, jobs)));
  const flows = path.join(__dirname, "flows");
  const files = fs.readdirSync(flows).filter((file) => file.endsWith(".js") && file.startsWith(only)).sort();
  for (const file of files) await flow(browser, path.join(flows, file));
  await browser.close();
  if (wrong.length) {
    console.error(`${wrong.length} faults`);
    process.exit(1);
  }
  console.log(`${list.length} pages in 2 languages and ${VIEWS.length} views, ${files.length} flows: no fault`);
};

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

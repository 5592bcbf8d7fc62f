// Checks the pages in Chromium: node .ci/browser/run.js BASE-URL OUT
//
// Every page of pages.js is loaded in both languages, at 1280 and 390 px, in light and dark. axe must
// find nothing, nothing may scroll sideways, and the content security policy may refuse nothing. Then
// each file of flows/ is run: it exports an async function (context) => {}, see flow() below.
// Screenshots are kept in OUT/screens, the HTML of the pages in OUT/html for the validator.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");
const pages = require("./pages.js");

const [base, out] = process.argv.slice(2);
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
    if (message.type() === "error" && !/^Failed to load resource.* 40[04] /.test(message.text())) {
      fail(where(), message.text());
    }
  });
  tab.on("pageerror", (error) => fail(where(), error.message));
};

// Names what axe finds, and whether the page scrolls sideways.
const audit = async (tab, where) => {
  await tab.evaluate(AXE);
  const found = await tab.evaluate((rules) => axe.run(document, {
    runOnly: { type: "tag", values: rules }, resultTypes: ["violations"],
  }), RULES);
  for (const { id, help, nodes } of found.violations) {
    fail(where, `axe ${id} (${help}): ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")}`);
  }
  const over = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) fail(where, `scrolls sideways by ${over} px`);
};

const visit = async (browser, jobs) => {
  const context = await browser.newContext();
  const tab = await context.newPage();
  let where = "";
  watch(tab, () => where);
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const { page, lang } = job;
    const url = new URL(page.path, base);
    url.searchParams.set("lang", lang);
    for (const view of VIEWS) {
      where = `${page.name} (${lang}, ${view.name})`;
      await tab.emulateMedia({ colorScheme: view.colorScheme });
      await tab.setViewportSize(view);
      if (view === VIEWS[0]) {
        const answer = await tab.goto(url.href, { waitUntil: "load" });
        if (answer.status() !== (page.status ?? 200)) fail(where, `status ${answer.status()}`);
        fs.writeFileSync(path.join(out, "html", `${page.name}-${lang}.html`), await answer.body());
        const title = await tab.title();
        if (!title) fail(where, "no title");
      }
      await audit(tab, where);
      if (lang === "ko" && view.colorScheme === "light") {
        await tab.screenshot({ path: path.join(out, "screens", `${page.name}-${view.name}.png`), fullPage: view.width < 400 });
      }
    }
  }
  await context.close();
};

// Runs a flow in a fresh context: { base, tab, context, browser, expect(condition, what), audit(name) }.
const flow = async (browser, file) => {
  const name = path.basename(file, ".js");
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "ko-KR" });
  const tab = await context.newPage();
  watch(tab, () => name);
  const tools = {
    base, browser, context, tab,
    expect: (condition, what) => condition || fail(name, what),
    audit: (what) => audit(tab, `${name}, ${what}`),
    screenshot: (what) => tab.screenshot({ path: path.join(out, "screens", `${name}-${what}.png`) }),
  };
  try {
    await require(file)(tools);
  } catch (error) {
    fail(name, error.stack);
    await tools.screenshot("failed").catch(() => {});
  }
  await context.close();
};

const main = async () => {
  for (const part of ["screens", "html"]) fs.mkdirSync(path.join(out, part), { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const list = await pages(base);
  const jobs = list.flatMap((page) => ["ko", "en"].map((lang) => ({ page, lang })));
  await Promise.all(Array.from({ length: TABS }, () => visit(browser, jobs)));
  const flows = path.join(__dirname, "flows");
  const files = fs.readdirSync(flows).filter((file) => file.endsWith(".js")).sort();
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

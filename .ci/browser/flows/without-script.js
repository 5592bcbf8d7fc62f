// The pages are whole without a script, and on paper.
"use strict";

module.exports = async ({ base, browser, expect }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "ko-KR", viewport: { width: 1280, height: 900 } });
  const tab = await context.newPage();
  await tab.goto(base);
  expect((await tab.getByRole("combobox").count()) === 0, "without a script the search is a plain field");
  await tab.locator("input[type=search]").fill("테크노밸리");
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/\/find\?q=/);
  await tab.locator(".found a[href*='projects/']").first().click();
  expect((await tab.locator("h1").count()) === 1, "a found project opens");
  const pdf = await tab.pdf({ format: "A4" });
  expect(pdf.length > 10_000, "the page prints");
  await tab.goto(new URL("/?lang=en", base).href, { referer: "" });
  expect((await tab.locator("html").getAttribute("lang")) === "en", "the language is in the address");
  await context.close();
};

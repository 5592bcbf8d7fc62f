// Everything by keyboard: the skip link, suggestions of the search, and the zoom of the timeline.
"use strict";

const focused = (tab) => tab.evaluate(() => document.activeElement.textContent.trim());

module.exports = async ({ base, tab, expect, audit, screenshot }) => {
  await tab.goto(base);
  await tab.keyboard.press("Tab");
  expect((await focused(tab)) === "본문으로 바로가기", "the first stop is the skip link");
  await tab.keyboard.press("Enter");
  expect(await tab.evaluate(() => document.activeElement.id === "main"), "the skip link leads to the content");

  const input = tab.getByRole("combobox");
  await input.focus();
  // Initial consonants, as one types them.
  await input.pressSequentially("ㅇㅅㅌㅋ");
  const options = tab.getByRole("option");
  await options.first().waitFor();
  expect((await input.getAttribute("aria-expanded")) === "true", "the list is open");
  await audit("suggestions");
  await screenshot("suggestions");
  await tab.keyboard.press("ArrowDown");
  const active = await input.getAttribute("aria-activedescendant");
  expect(active && (await tab.locator(`#${active}`).getAttribute("aria-selected")) === "true", "one is chosen");
  await tab.keyboard.press("Escape");
  expect((await options.count()) === 0, "Escape closes the list");
  expect((await input.inputValue()) === "ㅇㅅㅌㅋ", "Escape keeps what was typed");
  await input.pressSequentially("ㄴ");
  await options.first().waitFor();
  await tab.keyboard.press("ArrowUp");
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/\/(projects|agreements|organizations|working-groups)\//);
  expect((await tab.locator("h1").count()) === 1, "Enter opens the page");
  await tab.goBack();

  // Enter without a choice sends the form.
  await input.fill("바이오");
  await options.first().waitFor();
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/\/find\?q=/);
  expect((await tab.locator(".found li").count()) > 0, "the form finds");

  await tab.goto(new URL("/timeline", base).href);
  for (const [name, path] of [["10년", "2020-01-01"], ["2021년", "2021-01-01"], ["2021년 4월", "2021-04-01"]]) {
    const link = tab.locator("nav.zoom").getByRole("link", { name, exact: true });
    await link.focus();
    await tab.keyboard.press("Enter");
    await tab.waitForURL((url) => url.searchParams.get("from") === path);
  }
  expect((await tab.locator("nav.zoom strong").textContent()) === "2021년 4월", "the zoom reaches the month");
  expect((await tab.locator("tbody tr").count()) > 0, "the signing of April 2021 is shown");
};

// An officer works by keyboard alone: signs in, goes to an agreement, and reports on a promise.
"use strict";

const { loading, open, said } = require("../office.js");

// Moves on by Tab until what has the focus meets a test, as somebody does who sees where it is.
const until = async (tab, meets, most = 120) => {
  for (let steps = 0; steps < most; steps += 1) {
    await tab.keyboard.press("Tab");
    const is = await tab.evaluate(() => {
      const one = document.activeElement;
      const outline = getComputedStyle(one).outlineStyle;
      return { name: one.name ?? "", text: one.textContent.trim(), tag: one.tagName, isShown: outline !== "none" };
    });
    if (meets(is)) return is;
  }
  throw new Error("the keyboard does not reach it");
};

module.exports = async ({ tab, office, expect }) => {
  await open(tab, office.base, "/office");
  expect(await tab.evaluate(() => document.activeElement.name === "token"), "the token has the focus");
  await tab.keyboard.type(office.goyang.editor);
  await loading(tab, () => tab.keyboard.press("Enter"));
  await until(tab, (is) => is.text === "본문으로 바로가기", 1);
  const { isShown } = await until(tab, (is) => is.text === "협약");
  expect(isShown, "what has the focus is outlined");
  await loading(tab, () => tab.keyboard.press("Enter"));
  await until(tab, (is) => is.text.startsWith("고양 일산테크노밸리"));
  await loading(tab, () => tab.keyboard.press("Enter"));
  await until(tab, (is) => is.text === "협약 사항 3 이행 보고");
  await loading(tab, () => tab.keyboard.press("Enter"));
  await until(tab, (is) => is.name === "on");
  await tab.keyboard.type("2023. 12. 31.");
  await until(tab, (is) => is.name === "status");
  await tab.keyboard.press("ArrowDown");
  await until(tab, (is) => is.name === "percent");
  await tab.keyboard.type("백");
  await until(tab, (is) => is.name === "note/ko");
  await tab.keyboard.type("기술 개발 지원 사업 완료");
  await until(tab, (is) => is.tag === "BUTTON");
  const refused = await loading(tab, () => tab.keyboard.press("Enter"));
  expect(refused.status() === 422 && (await tab.evaluate(() => document.activeElement.name === "percent")), "the wrong field has the focus");
  await tab.keyboard.press("Control+A");
  await tab.keyboard.type("100");
  await loading(tab, () => tab.keyboard.press("Enter"));
  const text = await said(tab);
  expect(text.includes("기록했습니다.") && text.includes("기술 개발 지원 사업 완료"), "the report is recorded by keyboard");
};

// What is due, and the report to the council.
"use strict";

const { as, follow, press, said, type } = require("../office.js");

module.exports = async (tools) => {
  const { office, expect, look } = tools;
  const tab = await as(tools, office.goyang.editor);
  expect((await said(tab)).includes("기한 지남"), "the yearly review is overdue");
  await follow(tab, "의회 보고서와 공개 화면");
  await type(tab, { from: "2021-01-01", to: "2024-12-31" });
  await press(tab, "보고서 보기");
  expect((await said(tab)).includes("업무협약 추진현황 보고"), "the report is a page");
  await look(tab, "council-report");
};

// What is due, and the report to the council.
"use strict";

const { as, follow, open, said } = require("../office.js");

module.exports = async (tools) => {
  const { office, expect, look } = tools;
  const tab = await as(tools, office.goyang.editor);
  expect((await said(tab)).includes("점검"), "the yearly review is due");
  await open(tab, office.base, `/api/v1/municipalities/${office.goyang.id}/council-report?from=2021-01-01&to=2024-12-31`);
  expect((await tab.locator("h1").count()) === 1, "the report is a page");
  await look(tab, "council-report");
};

// The way from signing in to a report, without a script. axe is one itself, so its pages are looked at in a
// browser that runs scripts and is sent empty ones.
"use strict";

const { as, caller, follow, open, press, said, type } = require("../office.js");

module.exports = async (tools) => {
  const { office, expect } = tools;
  const tab = await as(tools, office.goyang.approver, { javaScriptEnabled: false });
  const looking = await tools.newTab({ storageState: await tab.context().storageState() });
  await looking.context().route("**/*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  const look = async (name) => {
    await looking.goto(tab.url());
    await tools.look(looking, name);
  };
  await follow(tab, "협약 기록");
  await look("agreement-form-without-script");
  await type(tab, {
    status: "signed", "title/ko": "스크립트 없이 적은 업무협약", signed_on: "'24.5.2.", effective_until: "체결일로부터 2년, 이의 없으면 1년씩 자동 연장",
    "parties/1/organization": "한국바이오의약품협회", "commitments/0/text/ko": "정보 교류",
  });
  await press(tab, "당사자 추가");
  await type(tab, { "parties/2/organization": "경기고양산업진흥원", "parties/2/organization/kind": "public_corporation", "commitments/0/owed_by": "0" });
  await press(tab, "기록");
  const text = await said(tab);
  expect(text.includes("기록했습니다.") && text.includes("경기고양산업진흥원"), "an agreement is recorded without a script");
  await look("agreement-without-script");
  await follow(tab, "협약 사항 1 이행 보고");
  await type(tab, { on: "2024년 하반기", status: "fulfilled" });
  await press(tab, "보고");
  expect((await tab.locator("main table .status").allInnerTexts()).includes("이행"), "a report counts without a script");
  // In English, the words of the buttons are English.
  await open(tab, office.base, "/office/imports/new?lang=en");
  await tab.locator("#file").setInputFiles({ name: "ledger.csv", mimeType: "text/csv", buffer: Buffer.from("협약명,체결일,상대기관\n가로등 협약,2020. 1. 2.,나래전기\n") });
  await press(tab, "Send");
  await press(tab, "Save, and record all");
  await press(tab, "Record");
  expect((await said(tab)).includes("1 of 1"), "a file is recorded without a script");
  const found = await caller(office.base, office.goyang.approver)("GET", `agreements?q=${encodeURIComponent("가로등")}`);
  expect(found.items.length === 1, "the row is an agreement");
};

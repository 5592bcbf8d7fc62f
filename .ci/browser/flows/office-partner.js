// A partner reports on what it owes, and the city confirms it. An editor of another city finds nothing.
"use strict";

const { as, caller, follow, loading, open, press, said, type } = require("../office.js");

const AGREEMENT = { kind: "mou", title: { ko: "드론 산업 육성 업무협약" }, status: "draft" };

// The partner, who sees its own agreements and reports on its own promises.
const partner = async (tools) => {
  const { office, expect, look } = tools;
  const found = await office.api("GET", `agreements/${office.goyang.agreement}`);
  const { id } = found.parties[1].organization;
  const { token } = await office.api("POST", "tokens", { name: "협회 사무국", role: "partner", organization_id: id });
  const tab = await as(tools, token);
  const desk = await said(tab);
  expect(desk.includes("우리 기관의 협약") && desk.includes(found.title.ko), "a partner finds its agreements");
  await look(tab, "desk-partner");
  await follow(tab, found.title.ko);
  const links = await tab.locator("main nav.acts a").allInnerTexts();
  expect(links.length === 1 && links[0] === "협약 사항 2 이행 보고", `a partner reports on its own alone: ${links}`);
  await look(tab, "agreement-partner");
  await follow(tab, "협약 사항 2 이행 보고");
  await type(tab, { on: "2022. 12. 31.", status: "in_progress", percent: "30", "note/ko": "입주를 희망하는 회원사 12곳을 추천함" });
  await look(tab, "report-form-partner");
  await press(tab, "보고");
  expect((await said(tab)).includes("확인"), "the report waits for the city");
};

// The city, which reads it on its desk and confirms it.
const city = async (tools) => {
  const { office, expect, look, lookHere } = tools;
  const tab = await as(tools, office.goyang.editor);
  await look(tab, "desk");
  await loading(tab, () => tab.locator("main table").first().getByRole("link").first().click());
  await look(tab, "report-review");
  await type(tab, { decision: "declined" });
  const refused = await press(tab, "보내기");
  expect(refused.status() === 422, "declining needs a reason");
  await lookHere(tab, "report-review-refused", refused);
  await type(tab, { decision: "counted" });
  await press(tab, "보내기");
  const one = await office.api("GET", `agreements/${office.goyang.agreement}`);
  expect(one.commitments[1].status === "in_progress", "a confirmed report counts");
};

// An editor of another city, to whom a draft of this one does not exist.
const stranger = async (tools) => {
  const { office, expect, look } = tools;
  const suwon = await office.api("POST", "municipalities", { code: "4111000000" });
  const { token } = await office.api("POST", "tokens", { name: "수원시 담당자", role: "editor", municipality_ids: [suwon.id] });
  office.suwon = { id: suwon.id, editor: token };
  const editor = caller(office.base, office.goyang.editor);
  const draft = await editor("POST", "agreements", { ...AGREEMENT, municipality_id: office.goyang.id });
  const tab = await as(tools, token);
  expect(!(await said(tab)).includes("드론"), "another city's desk shows none of it");
  for (const path of ["", "/edit", "/steps/in_review"]) {
    const answer = await open(tab, office.base, `/office/agreements/${draft.id}${path}`);
    expect(answer.status() === 404, `another city finds nothing at ${path}: ${answer.status()}`);
  }
  await look(tab, "office-not-found", 404);
  await open(tab, office.base, "/office/agreements?q=드론");
  expect(!(await said(tab)).includes("드론 산업"), "a search of another city finds nothing");
  const answer = await open(tab, office.base, office.import);
  expect(answer.status() === 404, "another city finds no import");
  // What is signed and public is read, and not changed.
  await open(tab, office.base, `/office/agreements/${office.goyang.agreement}`);
  expect((await tab.locator("main nav.acts a").count()) === 0, "another city is offered nothing to do");
};

module.exports = async (tools) => {
  await partner(tools);
  await city(tools);
  await stranger(tools);
};

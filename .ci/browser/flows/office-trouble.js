// What goes wrong at a desk: the back button, a double click, two windows on one record, an ended session.
// Nothing typed is lost, and nothing is recorded twice.
"use strict";

const { as, caller, follow, loading, open, press, said, type } = require("../office.js");

const TITLE = "자율주행 실증 업무협약";

const fields = (office, title) => ({ status: "draft", "title/ko": title, "venue/ko": "고양시청", "parties/1/organization": "한국바이오의약품협회" });

const count = async (office, title) => {
  const found = await caller(office.base, office.goyang.editor)("GET", `agreements?q=${encodeURIComponent(title)}`);
  return found.items.filter((one) => one.title.ko === title).length;
};

// Going back to a form: before it was sent, and after.
const back = async ({ office, expect }, tab) => {
  await open(tab, office.base, "/office/agreements/new");
  await type(tab, fields(office, TITLE));
  await open(tab, office.base, "/office");
  await tab.goBack({ waitUntil: "load" });
  expect((await tab.locator('[name="title/ko"]').inputValue()) === TITLE, "what was typed is there after going back");
  await type(tab, fields(office, TITLE));
  await press(tab, "기록");
  const recorded = tab.url();
  await tab.goBack({ waitUntil: "load" });
  expect(tab.url() !== recorded && (await tab.locator("form.entry").count()) === 1, "back from the record leads to the form");
  await tab.goForward({ waitUntil: "load" });
  expect((await said(tab)).includes(TITLE), "and forward to the record");
  expect((await count(office, TITLE)) === 1, "going back and forth records nothing");
};

// Leaving a form before it was sent, and coming back: also what was typed into an item that was added.
const draft = async ({ office, expect }, tab) => {
  const title = "적다 만 업무협약";
  await open(tab, office.base, "/office/agreements/new");
  await type(tab, { status: "draft", "title/ko": title });
  await press(tab, "당사자 추가");
  await type(tab, { "parties/2/organization": "한국바이오의약품협회" });
  await open(tab, office.base, "/office");
  await open(tab, office.base, "/office/agreements/new");
  // The page that comes back with the item has loaded.
  await tab.locator('[name="parties/2/organization"]').waitFor();
  await tab.waitForLoadState("load");
  expect((await tab.locator('[name="parties/2/organization"]').inputValue()) === "한국바이오의약품협회", "an added party is there again");
  expect((await tab.locator('[name="title/ko"]').inputValue()) === title, "what was typed is there again");
  await loading(tab, () => tab.locator('[name="title/ko"]').press("Enter"));
  expect((await count(office, title)) === 1, "Enter sends the form");
  await open(tab, office.base, "/office/agreements/new");
  expect((await tab.locator('[name="title/ko"]').inputValue()) === "", "what was recorded is typed no more");
};

const doubleClick = async ({ office, expect }, tab) => {
  const title = "두 번 누른 업무협약";
  await open(tab, office.base, "/office/agreements/new");
  await type(tab, fields(office, title));
  await tab.locator("main").getByRole("button", { name: "기록", exact: true }).dblclick();
  await tab.waitForURL(/done=1/);
  expect((await count(office, title)) === 1, "a double click records once");
};

const twoWindows = async ({ office, expect, lookHere }, tab) => {
  const { id } = (await caller(office.base, office.goyang.editor)("GET", `agreements?q=${encodeURIComponent(TITLE)}`)).items[0];
  const other = await tab.context().newPage();
  for (const one of [tab, other]) await open(one, office.base, `/office/agreements/${id}/edit`);
  await type(tab, { "venue/ko": "킨텍스" });
  await press(tab, "저장");
  await type(other, { "venue/ko": "고양어울림누리" });
  const refused = await press(other, "저장");
  expect(refused.status() === 412, `the second window is told of the first: ${refused.status()}`);
  expect((await other.locator('[name="venue/ko"]').inputValue()) === "고양어울림누리", "what was typed stays");
  await lookHere(other, "edit-stale", refused);
  await press(other, "저장");
  expect((await said(other)).includes("고양어울림누리"), "sent again, it is saved");
  await other.close();
};

const endedSession = async ({ office, expect, lookHere }, tab) => {
  const title = "로그인이 끝난 동안 적은 업무협약";
  await open(tab, office.base, "/office/agreements/new");
  await type(tab, fields(office, title));
  const other = await tab.context().newPage();
  await open(other, office.base, "/office");
  await press(other, "모든 곳에서 로그아웃");
  await other.close();
  const refused = await press(tab, "기록");
  expect(refused.status() === 401, "an ended session is noticed");
  await lookHere(tab, "sign-in-again", refused);
  await type(tab, { token: office.goyang.editor });
  await lookHere(tab, "go-on", await press(tab, "로그인"));
  expect((await count(office, title)) === 0, "nothing is recorded before it is sent again");
  await press(tab, "적은 내용 보내기");
  expect((await said(tab)).includes(title) && (await count(office, title)) === 1, "what was typed is recorded after signing in again");
};

module.exports = async (tools) => {
  const tab = await as(tools, tools.office.goyang.editor);
  await back(tools, tab);
  await draft(tools, tab);
  await doubleClick(tools, tab);
  await twoWindows(tools, tab);
  await endedSession(tools, tab);
};

// An agreement from its paper: a PDF is read into the form, compared, corrected and recorded, and the file is
// added as a document.
"use strict";

const { as, caller, follow, open, press, said, type } = require("../office.js");

const PAPER = [
  "돌봄 확대를 위한 업무협약서",
  "고양시(이하 “갑”이라 한다)와 고양돌봄재단(이하 “을”이라 한다)은 다음과 같이 협약한다.",
  "제1조(목적) 이 협약은 돌봄의 확대를 목적으로 한다.",
  "제2조(역할) ① “갑”은 장소를 제공한다.",
  "② “을”은 인력을 양성한다.",
  "제3조(협약 기간) 이 협약의 유효기간은 체결일로부터 2년으로 한다.",
  "2023년 4월 14일",
];

// Prints the paper as a PDF document.
const pdf = async (tools) => {
  const tab = await tools.newTab();
  const [title, ...lines] = PAPER;
  await tab.setContent(`<h1>${title}</h1>${lines.map((line) => `<p>${line}</p>`).join("")}`);
  const buffer = await tab.pdf({ format: "A4" });
  await tab.close();
  return { name: "협약서.pdf", mimeType: "application/pdf", buffer };
};

module.exports = async (tools) => {
  const { office, expect, look, lookHere } = tools;
  const tab = await as(tools, office.goyang.editor);
  const paper = await pdf(tools);
  await follow(tab, "문서에서 협약 읽어 오기");
  await look(tab, "paper-form");
  await tab.locator("#file").setInputFiles({ ...paper, buffer: paper.buffer.subarray(0, 400) });
  await lookHere(tab, "paper-refused", await press(tab, "읽기"));
  expect((await said(tab)).includes("파일을 읽지 못했습니다"), "a damaged file is refused in words");
  await tab.locator("#file").setInputFiles(paper);
  await lookHere(tab, "paper-read", await press(tab, "읽기"));
  const value = (name) => tab.locator(`[name="${name}"]`).first().inputValue();
  expect((await value("title/ko")) === "돌봄 확대를 위한 업무협약", "the title is read");
  expect((await value("parties/1/organization")) === "고양돌봄재단", "the parties are read");
  expect((await said(tab)).includes("2023년 4월 14일"), "the paper's sentence stands beside the field");
  // What was typed before is not mixed with what was read.
  await type(tab, { "venue/ko": "고양시청" });
  await open(tab, office.base, "/office/agreements/paper");
  await tab.locator("#file").setInputFiles(paper);
  await press(tab, "읽기");
  expect((await value("venue/ko")) === "", "a paper that is read again is read anew");
  await type(tab, { "venue/ko": "고양시청", "parties/1/organization/kind": "foundation" });
  await press(tab, "기록");
  expect((await said(tab)).includes("읽은 파일은 보관하지 않았습니다"), "the agreement is recorded, and its file is asked for");
  await follow(tab, "그 파일을 문서로 추가");
  await type(tab, { "title/ko": "업무협약서" });
  await tab.locator("#file").setInputFiles(paper);
  await press(tab, "기록");
  const found = await caller(office.base, office.goyang.editor)("GET", `agreements?q=${encodeURIComponent("돌봄 확대")}`);
  expect(found.items.length === 1, "the agreement is there once");
};

// A ledger as a city keeps it: sent, mended at its rows, recorded, and taken back.
"use strict";

const { caller, follow, press, said, signIn, type } = require("../office.js");

const LEDGER = `고양시 업무협약 현황,,,,,
연번,협약명,함께한 곳,체결일,협약기간,비고
1,청년창업 지원 업무협약,한국항공대학교 산학협력단,2019. 5. 20.,체결일로부터 2년,
2,꽃 박람회 공동 개최 협약,(재)고양국제꽃박람회,2018. 3. 8.,2018. 3. 8. ~ 2020. 3. 7.,
3,관학 협력 협약,,2017. 8. 26.,,상대 기관 확인 필요
4,화훼 유통 협약,고양화훼농협,5/6/2004,,
계,4건,,,,
`;

// Sends the ledger, and goes to its import.
const send = async (tab, name) => {
  await tab.locator("#file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(LEDGER) });
  return press(tab, "올리기");
};

const names = async (editor) => (await editor("GET", "agreements?limit=200&status=signed")).items.map((one) => one.title.ko);

const mend = async ({ tab, expect, look, lookHere }) => {
  await type(tab, { "mapping/C": "parties" });
  await tab.locator("main").getByRole("button", { name: "수정한 내용 저장", exact: true }).first().click();
  await tab.waitForLoadState();
  await follow(tab, "수정할 행 (2)");
  await look(tab, "import-questions");
  await tab.locator('[name="answers/D6"]').first().check();
  await type(tab, { header_rows: "둘째", "cells/C5": "고양예술고등학교" });
  const refused = await press(tab, "저장하고 모두 기록하기");
  expect(refused.status() === 422, "a number that is none is refused");
  expect((await tab.locator('[name="cells/C5"]').inputValue()) === "고양예술고등학교", "the corrections stay");
  await lookHere(tab, "import-refused", refused);
  await type(tab, { header_rows: "2" });
  await press(tab, "저장하고 모두 기록하기");
  expect((await said(tab)).includes("새 기록: 4"), "all rows are ready");
  await look(tab, "import-confirmation");
};

module.exports = async ({ tab, office, expect, look, lookHere }) => {
  const editor = caller(office.base, office.goyang.editor);
  const before = (await names(editor)).length;
  await signIn(tab, office.base, office.goyang.editor);
  await tab.getByRole("link", { name: "파일 가져오기", exact: true }).click();
  await tab.waitForURL(/imports/);
  await look(tab, "import-new");
  await tab.locator("#file").setInputFiles({ name: "대장.xlsx", mimeType: "text/csv", buffer: Buffer.from("\u0089PNG\r\n\u001a\n") });
  const picture = await press(tab, "올리기");
  expect(picture.status() === 422, "what is no table is refused");
  await lookHere(tab, "import-new-refused", picture);
  await send(tab, "업무협약 대장.csv");
  await mend({ tab, expect, look, lookHere });
  await press(tab, "기록");
  expect((await said(tab)).includes("4행 가운데 4행 기록"), "all rows are recorded");
  expect((await names(editor)).length === before + 4, "four agreements more");
  await look(tab, "import-done");
  await follow(tab, "기록한 것 되돌리기");
  await look(tab, "import-undo");
  await press(tab, "되돌리기");
  expect((await said(tab)).includes("되돌렸습니다"), "it is taken back");
  expect((await names(editor)).length === before, "as many agreements as before");
  await tab.getByRole("link", { name: "파일 가져오기", exact: true }).click();
  await tab.waitForURL(/imports$/);
  await look(tab, "imports");
  // Once more, since the ledger stays.
  await follow(tab, "새 파일 가져오기");
  await send(tab, "업무협약 대장.csv");
  office.import = new URL(tab.url()).pathname;
};

// From an empty registry to the first report: an admin records the city, an officer the agreement of Goyang
// and its promises, another approves it, and it is signed and reported on.
"use strict";

const { as, caller, follow, press, said, signIn, type } = require("../office.js");

const AGREEMENT = {
  status: "draft", kind: "mou", "title/ko": "고양 일산테크노밸리 메디컬·바이오 클러스터 조성 업무협약",
  "venue/ko": "고양인재교육원", lead_department: "전략산업과",
  "parties/1/organization": "한국바이오의약품협회", "parties/1/organization/kind": "association", "parties/1/role": "partner",
  "commitments/0/text/ko": "의료·바이오 클러스터 조성 지원",
};
const SECOND = { "commitments/1/text/ko": "입주 대상 선정과 기반 시설 지원", "commitments/1/owed_by": "1", "commitments/1/due": "2027년 상반기" };
const THIRD = { "commitments/2/text/ko": "의료·바이오 산업의 기술 개발과 중소·벤처기업 지원" };
const SOURCE = {
  "sources/0/publisher": "연합뉴스·한국경제", "sources/0/url": "https://www.hankyung.com/article/202104199856Y", "sources/0/published_on": "2021. 4. 19.",
};

// Records the city from an empty registry, and the tokens of its people.
const begin = async ({ tab, office, expect, look, lookHere }) => {
  const { items } = await office.api("GET", "municipalities");
  expect(items.length === 0, "the registry is empty");
  await tab.goto(new URL("/office/sign-in", office.base).href);
  await look(tab, "office-sign-in");
  await signIn(tab, office.base, "mou_0000");
  expect((await said(tab)).includes("토큰이 없거나"), "a wrong token is refused in words");
  await signIn(tab, office.base, office.admin);
  expect((await said(tab)).includes("등록부가 비어 있습니다"), "an empty registry leads to its first step");
  await look(tab, "desk-empty");
  await follow(tab, "지방자치단체 기록");
  await look(tab, "municipality-form");
  await type(tab, { code: "고양" });
  await lookHere(tab, "municipality-refused", await press(tab, "기록"));
  await type(tab, { code: "고양시" });
  await press(tab, "기록");
  expect((await said(tab)).includes("경기도 고양시 (4128000000)"), "the municipality is shown before it is recorded");
  await press(tab, "기록");
  const [city] = (await office.api("GET", "municipalities")).items;
  const token = async (name, role) => (await office.api("POST", "tokens", { name, role, municipality_ids: [city.id] })).token;
  office.goyang = { id: city.id, editor: await token("전략산업과 주무관", "editor"), approver: await token("전략산업과장", "approver") };
  // By ordinance of Goyang in this registry, agreements are reviewed once a year.
  await office.api("PATCH", `municipalities/${city.id}`, { policies: [{
    valid_from: "2022-01-01", reference: { title: "업무협약 관리 조례(예시)", article: "제7조" }, review_interval_months: 12,
  }] });
};

// Records the draft: what is wrong is named at its field, and what was typed stays.
const draft = async ({ tab, expect, look, lookHere }) => {
  await follow(tab, "협약 기록");
  await look(tab, "agreement-form-empty");
  await type(tab, { ...AGREEMENT, "title/ko": "", signed_on: "04.05.06" });
  const refused = await press(tab, "기록");
  expect(refused.status() === 422, `a form without a title is refused: ${refused.status()}`);
  expect(await tab.evaluate(() => document.activeElement.name === "title/ko"), "the first wrong field has the focus");
  expect((await tab.locator('[name="parties/1/organization"]').inputValue()) === AGREEMENT["parties/1/organization"], "what was typed stays");
  await lookHere(tab, "agreement-refused", refused);
  await type(tab, { ...AGREEMENT, signed_on: "" });
  await press(tab, "협약 사항 추가");
  await type(tab, SECOND);
  await press(tab, "협약 사항 추가");
  await type(tab, { ...THIRD, ...SOURCE });
  await lookHere(tab, "agreement-form");
  const done = await press(tab, "기록");
  expect(done.status() === 200 && (await said(tab)).includes("기록했습니다."), "the draft is recorded");
  await look(tab, "agreement-draft");
};

const step = async (tab, name, day) => {
  await follow(tab, `단계: ${name}`);
  await type(tab, { on: day });
  return press(tab, "기록");
};

// Takes a draft to its signing: review by the officer, approval and signing by the head.
const sign = async (tools) => {
  const { tab, office, expect, look, lookHere } = tools;
  await step(tab, "검토", "2021. 4. 12.");
  expect(!(await said(tab)).includes("단계: 승인"), "an editor is not led to what only an approver may do");
  const head = await as(tools, office.goyang.approver);
  await head.goto(tab.url());
  await look(head, "agreement-in-review");
  await step(head, "승인", "2021. 4. 14.");
  await follow(head, "단계: 체결");
  await look(head, "step-signing");
  await type(head, { on: "2099. 4. 16." });
  const refused = await press(head, "기록");
  expect(refused.status() === 422, `a signing to come is refused: ${refused.status()}`);
  await lookHere(head, "step-refused", refused);
  await type(head, { on: "2021. 4. 16." });
  await press(head, "기록");
  expect((await head.locator("main .status").first().textContent()) === "체결", "it is signed");
};

// Reports on a promise, and corrects the signed agreement with a reason.
const report = async ({ tab, office, expect, look, screenshot }) => {
  await tab.reload();
  await follow(tab, "협약 사항 1 이행 보고");
  await look(tab, "report-form");
  await type(tab, { on: "2022. 6. 30.", status: "in_progress", percent: "40", "note/ko": "협약 기관과 실무 회의를 열고 입주 수요를 조사함" });
  await press(tab, "보고");
  const text = await said(tab);
  expect(text.includes("추진 중") && text.includes("40%"), "the report is shown");
  await look(tab, "agreement-signed");
  await screenshot("agreement-signed");
  await follow(tab, "내용 수정");
  await look(tab, "correction-form");
  await type(tab, { correction_reason: "목적 누락", "purpose/ko": "일산테크노밸리에 의료·바이오 클러스터를 조성한다" });
  await press(tab, "저장");
  expect((await said(tab)).includes("목적 누락"), "the correction is shown with its reason");
  await follow(tab, "단계: 해지");
  await look(tab, "step-ending");
  await tab.goto(new URL("/office/agreements", office.base).href);
  await look(tab, "agreements-own");
};

module.exports = async (tools) => {
  await begin(tools);
  const { office, newTab } = tools;
  const tab = await newTab();
  await signIn(tab, office.base, office.goyang.editor);
  const officer = { ...tools, tab, screenshot: (what) => tools.screenshot(what, tab) };
  await draft(officer);
  const { items: [agreement] } = await caller(office.base, office.goyang.editor)("GET", "agreements");
  office.goyang.agreement = agreement.id;
  await sign(officer);
  await report(officer);
};

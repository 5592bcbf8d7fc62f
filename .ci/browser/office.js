// How flows work at the pages of officers: they sign in, fill in forms by the names of their fields, and
// press buttons by their words. Tokens, and what no form records, come from the API.
"use strict";

// Returns a caller of the API: call("POST", "agreements", body) gives the answer's body.
const caller = (base, token) => async (method, path, body) => {
  const headers = { authorization: `Bearer ${token}`, "if-match": "*" };
  headers["content-type"] = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const answer = await fetch(new URL(`/api/v1/${path}`, base), { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

// Does something that loads a page, and returns the answer.
const loading = async (tab, act) => {
  const [answer] = await Promise.all([tab.waitForNavigation({ waitUntil: "load" }), act()]);
  return answer;
};

const open = (tab, base, path) => tab.goto(new URL(path, base).href, { waitUntil: "load" });
const press = (tab, name) => loading(tab, () => tab.locator("main").getByRole("button", { name, exact: true }).click());
const follow = (tab, name) => loading(tab, () => tab.locator("main").getByRole("link", { name, exact: true }).first().click());

// Types into fields, chooses in selections, and checks the box of a value: { name: value }. Opens the part
// that holds a field.
const type = async (tab, fields) => {
  for (const [name, value] of Object.entries(fields)) {
    const fields = tab.locator(`[name="${name}"]:not([type=hidden])`);
    const isBox = (await fields.first().getAttribute("type")) === "checkbox";
    const field = isBox ? fields.and(tab.locator(`[value="${value}"]`)) : fields;
    const part = tab.locator("details:not([open])", { has: field }).locator("> summary");
    if (await part.count()) await part.click();
    if (isBox) await field.check();
    else if (await field.evaluate((one) => one.tagName === "SELECT")) await field.selectOption(value);
    else await field.fill(value);
  }
};

// Signs in at the page that was asked for.
const signIn = async (tab, base, token, path = "/office") => {
  await open(tab, base, path);
  await type(tab, { token });
  return press(tab, "로그인");
};

// Returns a new context of a browser with a tab in which somebody is signed in.
const as = async (tools, token, options = {}) => {
  const tab = await tools.newTab(options);
  await signIn(tab, tools.office.base, token);
  return tab;
};

const said = (tab) => tab.locator("main").innerText();

module.exports = { caller, loading, open, press, follow, type, signIn, as, said };

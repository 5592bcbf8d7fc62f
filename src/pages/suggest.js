// Suggests records while a reader types in the search (combobox pattern of WAI-ARIA 1.2).
// Without this file the search is a form like any other.
(() => {
  "use strict";
  const WAIT = 150;
  const input = document.querySelector("input[data-suggestions]");
  if (!input) return;
  const { suggestions, label, some, none } = input.dataset;

  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  list.hidden = true;
  const told = document.createElement("p");
  told.className = "hidden";
  told.setAttribute("role", "status");
  input.closest("div").append(list, told);

  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"],
    ["aria-expanded", "false"], ["aria-controls", list.id]]) input.setAttribute(name, value);

  let timer, asking, chosen = -1;

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (at) => {
    const options = [...list.children];
    chosen = (at + options.length + 1) % (options.length + 1);
    // After the last option comes the field itself.
    if (chosen === options.length) chosen = -1;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    const option = options[chosen];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const show = (rows) => {
    close();
    told.textContent = rows.length ? some.replace("0", rows.length) : none;
    if (!rows.length) return;
    list.replaceChildren(...rows.map((row, i) => {
      const option = document.createElement("li");
      option.id = `suggestion-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.page = row.page;
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = row.kind;
      const title = document.createElement("bdi");
      title.lang = row.lang;
      title.textContent = row.title;
      option.append(kind, " ", title);
      return option;
    }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };

  const ask = async (q) => {
    asking = new AbortController();
    const url = new URL(suggestions, document.baseURI);
    url.searchParams.set("q", q);
    try {
      const answer = await fetch(url, { signal: asking.signal });
      if (answer.ok && input.value.trim() === q) show(await answer.json());
    } catch {
      // A newer question took its place, or the server is out of reach: the form still works.
    }
  };

  const open = (option) => {
    location.href = new URL(option.dataset.page, document.baseURI);
  };

  input.addEventListener("input", () => {
    close();
    told.textContent = "";
    const q = input.value.trim();
    if (q) timer = setTimeout(ask, WAIT, q);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? list.children.length - 1 : chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) open(list.children[chosen]);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  // The field keeps the focus while an option is pressed.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) open(option);
  });
})();

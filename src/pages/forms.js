// Keeps what is typed into a form until it is recorded, and says while somebody types how a text is read
// and which organizations are perhaps meant. Without this file the form says so once it is sent.
(() => {
  "use strict";
  const WAIT = 300;
  const SENT = "mou:sent";
  const AGAIN = "mou:again";
  const form = document.querySelector("form.entry");
  const here = `mou:draft:${location.pathname}${location.search}`;

  // A storage can be full or forbidden; the form works without it.
  const keep = (name, value) => {
    try { sessionStorage.setItem(name, value); } catch { /* nothing is kept */ }
  };
  const kept = (name) => {
    try { return sessionStorage.getItem(name); } catch { return null; }
  };
  const drop = (name) => {
    try { sessionStorage.removeItem(name); } catch { /* nothing was kept */ }
  };

  // Once another page than the form or the sign-in answers, what was sent is recorded.
  const settle = () => {
    const sent = kept(SENT);
    if (!sent) return;
    if (sent === here) {
      if (form) drop(SENT);
    } else if (!location.pathname.endsWith("/office/sign-in")) {
      drop(sent);
      drop(SENT);
    }
  };
  settle();
  if (!form) return;
  const { readings, organizations, understood, kept: restored, drop: dropped } = form.dataset;

  // The key of a form stands for one record, and is not kept.
  const fields = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "key");
  const save = () => keep(here, JSON.stringify(fields()));

  // Fills in what was kept. Returns whether it differs from what the page shows.
  const restore = (draft) => {
    const values = new Map();
    for (const [name, value] of draft) values.set(name, [...(values.get(name) ?? []), value]);
    let differs = false;
    for (const field of form.elements) {
      const own = values.get(field.name);
      if (!field.name || field.name === "key" || !own || field.type === "file" || field.tagName === "BUTTON") continue;
      if (field.type === "checkbox" || field.type === "radio") {
        const checked = own.includes(field.value);
        differs ||= field.checked !== checked;
        field.checked = checked;
      } else if (field.type !== "hidden" || field.name === "tag" || field.name === "opened") {
        differs ||= field.value !== own[0] && field.type !== "hidden";
        field.value = own[0];
      }
    }
    return differs;
  };

  // Items that the page does not offer are asked for by the button that adds one.
  const lacking = (draft) => {
    const shown = new Set([...form.elements].map((field) => field.name));
    const [name] = draft.find(([name, value]) => value && /\/\d+\//.test(name) && !shown.has(name) && !/\/(for|choice|reading|kind|paper)$/.test(name)) ?? [];
    const list = name?.split("/")[0];
    return form.querySelector(`button[name=more][value="${CSS.escape(list ?? "")}"]`);
  };

  const notice = () => {
    const line = document.createElement("p");
    line.className = "done";
    line.setAttribute("role", "status");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = dropped;
    button.addEventListener("click", () => {
      drop(here);
      location.assign(location.href);
    });
    line.append(restored, " ", button);
    form.before(line);
  };

  const begin = () => {
    // What the server shows after a refusal, or has read from a file, is newer than any draft.
    if (form.matches("[data-read-from-file]") || document.querySelector("main [role=alert]")) return save();
    let draft;
    try { draft = JSON.parse(kept(here)); } catch { return drop(here); }
    if (!draft) return;
    const more = lacking(draft);
    if (restore(draft)) notice();
    // Asked once: what the page still lacks is no item of the form.
    const asked = kept(AGAIN) === here;
    drop(AGAIN);
    if (!more || asked) return;
    keep(AGAIN, here);
    // The page that comes back shows one more item; it is filled in when the script runs there.
    const again = document.createElement("form");
    again.method = "post";
    again.action = form.action;
    for (const [name, value] of [...draft, ["more", more.value]]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      again.append(field);
    }
    document.body.append(again);
    again.submit();
  };
  begin();

  form.addEventListener("submit", () => {
    saveAtOnce();
    keep(SENT, here);
  });
  document.querySelector("form.who")?.addEventListener("submit", () => {
    try { sessionStorage.clear(); } catch { /* nothing was kept */ }
  });

  // Asks once nothing was typed for a moment, and only for what is typed last.
  const asker = (url, show) => {
    let timer, asking;
    return (parameters) => {
      clearTimeout(timer);
      asking?.abort();
      timer = setTimeout(async () => {
        asking = new AbortController();
        const at = new URL(url, document.baseURI);
        for (const [name, value] of Object.entries(parameters)) at.searchParams.set(name, value);
        try {
          const answer = await fetch(at, { signal: asking.signal });
          if (answer.ok) show(await answer.json());
        } catch {
          // A newer question took its place, or the server is out of reach: the form still works.
        }
      }, WAIT);
    };
  };

  const read = (line) => {
    const input = line.querySelector("input");
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    line.append(said);
    const ask = asker(readings, (answer) => {
      said.replaceChildren(...answer.understood.map((words) => {
        const one = document.createElement("span");
        one.className = "understood";
        one.textContent = `${understood}: ${words}`;
        return one;
      }));
    });
    const first = [...line.querySelectorAll(":scope > .understood")];
    input?.addEventListener("input", () => {
      // What the page said of its own text holds of no other.
      const isFirst = input.value === input.defaultValue;
      if (isFirst) said.before(...first);
      else first.forEach((one) => one.remove());
      ask({ as: isFirst && first.length ? "" : line.dataset.read, text: input.value });
    });
  };
  form.querySelectorAll("[data-read]").forEach(read);

  const suggest = (input) => {
    const list = document.createElement("datalist");
    list.id = `${input.id}-suggestions`;
    input.after(list);
    input.setAttribute("list", list.id);
    input.autocomplete = "off";
    const ask = asker(organizations, (found) => {
      list.replaceChildren(...found.map(({ name, kind }) => {
        const option = document.createElement("option");
        option.value = name;
        option.label = kind;
        return option;
      }));
    });
    input.addEventListener("input", () => {
      if (input.value.trim()) ask({ q: input.value.trim() });
    });
  };
  form.querySelectorAll("[data-suggests]").forEach(suggest);

  // A page that is gone back to can be the one that was left: what it had sent is not typed again.
  let typing;
  const saveAtOnce = () => {
    clearTimeout(typing);
    typing = undefined;
    save();
  };
  const listen = () => {
    form.addEventListener("change", saveAtOnce);
    form.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(saveAtOnce, WAIT);
    });
  };
  // A browser that goes back fills the fields in by itself, which is no typing.
  if (document.readyState === "complete") listen();
  else addEventListener("load", () => setTimeout(listen));
  addEventListener("pagehide", () => {
    if (typing) saveAtOnce();
  });
})();

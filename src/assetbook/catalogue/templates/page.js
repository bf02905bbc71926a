"use strict";
(() => {
  // ---- moments: how long ago, as seen now

  const spans = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const ago = (seconds) => {
    const [unit, length] = spans.find(([, each]) => seconds >= each) ?? [];
    if (!unit) return "just now";
    const count = Math.floor(seconds / length);
    return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  };
  for (const time of document.querySelectorAll("time")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (seconds >= 0) time.title = ago(seconds);
  }
  const standing = document.querySelector(".standing time, footer time");
  if (standing?.title) {
    const words = document.createElement("span");
    words.className = "ago";
    words.textContent = ` (${standing.title})`;
    standing.after(words);
  }

  // ---- pictures: what leads to an asset and from it, while it is pointed at

  for (const graph of document.querySelectorAll(".graph")) {
    const nodes = new Map([...graph.querySelectorAll(".node")].map((node) => [node.dataset.name, node]));
    const lines = [...graph.querySelectorAll("path.line")];
    const follow = (name, from, to) => {
      const seen = new Set([name]);
      for (const one of seen) {
        for (const line of lines) {
          if (line.dataset[from] === one) {
            line.classList.add("near");
            seen.add(line.dataset[to]);
          }
        }
      }
      for (const one of seen) nodes.get(one)?.classList.add("near");
    };
    const clear = () => {
      graph.classList.remove("traced");
      for (const near of graph.querySelectorAll(".near")) near.classList.remove("near");
    };
    const trace = (event) => {
      const node = event.target.closest?.(".node");
      clear();
      if (!node) return;
      follow(node.dataset.name, "from", "to");
      follow(node.dataset.name, "to", "from");
      graph.classList.add("traced");
    };
    graph.addEventListener("pointerover", trace);
    graph.addEventListener("pointerleave", clear);
    graph.addEventListener("focusin", trace);
    graph.addEventListener("focusout", clear);
    const here = graph.querySelector(".here rect")?.getBBox();
    const frame = graph.parentElement;
    if (here) {
      frame.scrollLeft = here.x + here.width / 2 - frame.clientWidth / 2;
      frame.scrollTop = here.y + here.height / 2 - frame.clientHeight / 2;
    }
  }

  // ---- records: files beside the pages; `assetbook ui` serves the pages alone, and shows notebooks itself

  const served = location.protocol !== "file:" && location.pathname.match(/^(.*)\/catalogue\//);
  if (served) {
    for (const link of document.querySelectorAll("a[data-notebook]")) {
      link.href = `${served[1]}/notebook?path=${encodeURIComponent(link.dataset.notebook)}`;
    }
    for (const link of document.querySelectorAll("a[data-record]")) link.removeAttribute("href");
  }

  // ---- search

  const box = document.getElementById("q");
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "/" && box && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
  const data = document.getElementById("index");
  if (!data || !box) return;

  const assets = JSON.parse(data.textContent);
  const fields = ["name", "column", "owner", "tag", "group", "kind", "is"];
  const rows = new Map([...document.querySelectorAll("tr[data-asset]")].map((row) => [row.dataset.asset, row]));
  const graph = [...document.querySelectorAll(".graph")].at(-1); // the last one shows assets, one before it groups
  const nodes = new Map([...graph.querySelectorAll(".node")].map((node) => [node.dataset.name, node]));
  const listed = (value) => (Array.isArray(value) ? value : [value]);
  for (const asset of assets) {
    asset.low = Object.fromEntries([...fields, "text"].map((f) => [f, listed(asset[f]).map((v) => v.toLowerCase())]));
  }
  const parse = (query) =>
    [...query.toLowerCase().matchAll(/(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g)].map(([all, field, quoted, plain]) => {
      const word = quoted ?? plain;
      return fields.includes(field) ? { field, word } : { word: field ? `${field}:${word}` : word };
    });
  const holds = (values, word) => values.some((value) => value.includes(word));
  const fits = (asset, { field, word }) =>
    field ? holds(asset.low[field], word) : [...fields, "text"].some((each) => holds(asset.low[each], word));
  const columns = (asset, terms) =>
    terms
      .filter(({ field, word }) => word && (field === "column" || (!field && !holds(asset.low.name, word))))
      .flatMap(({ word }) => asset.column.filter((column) => column.toLowerCase().includes(word)));

  const show = (asset, terms) => {
    const hits = rows.get(asset.name).querySelector(".hits");
    const found = [...new Set(columns(asset, terms))];
    hits.replaceChildren(
      ...found.slice(0, 8).map((column) => {
        const link = document.createElement("a");
        link.className = "chip";
        link.href = `assets/${encodeURIComponent(asset.file)}#column-${encodeURIComponent(column)}`;
        link.textContent = column;
        return link;
      }),
      ...(found.length > 8 ? [`and ${found.length - 8} more`] : []),
    );
    hits.hidden = !found.length;
  };
  const search = () => {
    const terms = parse(box.value);
    const found = new Set(assets.filter((asset) => terms.every((term) => fits(asset, term))).map((a) => a.name));
    for (const asset of assets) {
      rows.get(asset.name).hidden = !found.has(asset.name);
      nodes.get(asset.name)?.classList.toggle("off", !found.has(asset.name));
      show(asset, terms);
    }
    for (const group of document.querySelectorAll(".assets tbody")) {
      group.hidden = !group.querySelector("tr[data-asset]:not([hidden])");
    }
    graph.classList.toggle("searched", terms.length > 0);
    document.getElementById("none").hidden = found.size > 0;
    document.getElementById("count").textContent = terms.length ? `${found.size} of ${assets.length} found.` : "";
  };
  const remember = () => {
    const address = new URL(location.href);
    address.search = box.value ? `?q=${encodeURIComponent(box.value)}` : "";
    try {
      history.replaceState(null, "", address);
    } catch {
      // some browsers do not let a page from a folder do that
    }
  };
  box.addEventListener("input", () => {
    search();
    remember();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      box.value = "";
      search();
      remember();
    }
  });
  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    document.querySelector("tr[data-asset]:not([hidden]) a.name")?.click();
  });
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  if (box.value) search();
})();

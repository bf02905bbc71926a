"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ---- code: all of it at once

  const codes = all("details.code");
  const button = document.getElementById("all-code");
  if (button) {
    const settle = () => {
      const open = codes.every((code) => code.open);
      button.textContent = open ? "Hide all code" : "Show all code";
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = !codes.every((code) => code.open);
      for (const code of codes) code.open = open;
      settle();
    });
    for (const code of codes) code.addEventListener("toggle", settle);
    settle();
  }

  // ---- contents: folded where they would stand between the title and the text

  const contents = document.querySelector(".contents details");
  if (contents) contents.open = matchMedia("(min-width: 80rem)").matches;

  // ---- what scrolls inside itself can be scrolled by keyboard

  const reachable = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
      if (scrolls) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const box of all(".wide, pre")) reachable.observe(box);

  // ---- links: what lies beside the page, and what is on the web server that shows it

  const served = location.protocol.startsWith("http") && location.pathname.match(/^(.*)\/notebook$/);
  if (served) {
    const here = new URLSearchParams(location.search).get("path") ?? "";
    for (const link of all("a[data-server]")) link.href = served[1] + link.dataset.server;
    for (const link of all("a[data-beside]")) {
      const { pathname } = new URL(link.getAttribute("href"), new URL(here, "http://x/"));
      const path = decodeURIComponent(here.startsWith("/") ? pathname : pathname.slice(1));
      if (path.endsWith(".html")) link.href = `?path=${encodeURIComponent(path.replace(/html$/, "ipynb"))}`;
      else link.removeAttribute("href");
    }
  }

  // ---- frames: outputs with scripts, each group in a document that can reach neither this one nor its server

  const TALLEST = 4000; // pixels; what is taller scrolls
  const AT_ONCE = 8; // frames; of more, those that come near
  const places = all(".frame");
  const frames = new Map();
  const part = (name) => JSON.parse(document.getElementById(`part-${name}`).textContent);
  const draw = (place) => {
    if (frames.has(place)) return;
    const frame = document.createElement("iframe");
    frames.set(place, frame);
    frame.setAttribute("sandbox", "allow-scripts allow-downloads");
    frame.title = place.dataset.title;
    const begin = place.classList.contains("adapts") ? part("frame").replace('"light"', '"light dark"') : part("frame");
    const parts = place.dataset.parts.split(" ").filter(Boolean).map(part);
    frame.srcdoc = [begin, ...parts, JSON.parse(place.querySelector("script").textContent)].join("\n");
    place.append(frame);
  };
  addEventListener("message", ({ source, data }) => {
    const frame = [...frames.values()].find((each) => each.contentWindow === source);
    if (!frame || typeof data !== "object" || data === null) return;
    if (Number.isFinite(data.height)) frame.style.height = `${Math.min(Math.max(data.height, 1), TALLEST)}px`;
    if (typeof data.open === "string" && navigator.userActivation?.isActive) leave(data.open);
  });
  const leave = (address) => {
    const to = URL.canParse(address) ? new URL(address) : null;
    const outside = to && ["http:", "https:"].includes(to.protocol) && to.host !== location.host;
    if (outside) open(to, "_blank", "noopener,noreferrer");
  };
  const PAPER = 660; // pixels between the margins; a drawing keeps its size and is shown smaller
  addEventListener("beforeprint", () => {
    for (const [place, frame] of frames) {
      const { offsetWidth: width, offsetHeight: height } = frame;
      const scale = Math.min(1, PAPER / width);
      frame.style.width = `${width}px`;
      frame.style.transform = `scale(${scale})`;
      place.style.height = `${height * scale}px`;
    }
  });
  addEventListener("afterprint", () => {
    for (const [place, frame] of frames) place.style.height = frame.style.width = frame.style.transform = "";
  });
  if (places.length <= AT_ONCE) {
    places.forEach(draw);
  } else {
    const near = new IntersectionObserver(
      (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
      { rootMargin: "100%" },
    );
    for (const place of places) near.observe(place);
  }
})();

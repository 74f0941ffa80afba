// The filters and the two pages. Without this script the page shows everything.
"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const all = [...document.querySelectorAll("[data-severity]")]; // findings, and the flaws in those that are several
  const ranks = {low: 0, medium: 1, high: 2};
  const words = new Map(all.map(f => [f, (f.textContent + " " + (f.closest(".several")?.querySelector(".message").textContent ?? "")).toLowerCase()]));
  const within = (practice, chosen) => !chosen || practice === chosen || chosen === "2" && practice.startsWith("2");

  function apply() {
    const severities = new Set([...document.querySelectorAll("[name=severity]:checked")].map(i => i.value));
    const confidence = ranks[$("confidence").value];
    const practice = $("practice").value;
    const wanted = $("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const f of all) {
      const file = f.closest(".file")?.querySelector("h2")?.textContent.toLowerCase() ?? "";
      const yes = severities.has(f.dataset.severity) && ranks[f.dataset.confidence] >= confidence &&
        within(f.dataset.practice, practice) && wanted.every(w => words.get(f).includes(w) || file.includes(w));
      f.hidden = !yes;
      shown += yes;
    }
    for (const group of document.querySelectorAll(".several, .file, .silenced")) {
      group.hidden = !group.querySelector("[data-severity]:not([hidden])");
    }
    $("shown").textContent = shown === all.length ? `${all.length} shown` : `${shown} of ${all.length} shown`;
    $("none").hidden = shown > 0;
    document.body.classList.toggle("chosen", practice !== "");
    for (const e of document.querySelectorAll(".sector, tr[data-practice]")) {
      e.classList.toggle("on", practice !== "" && within(e.dataset.practice, practice));
    }
  }

  if ($("filters")) {
    $("filters").hidden = false;
    $("filters").addEventListener("input", apply);
    $("filters").addEventListener("submit", e => e.preventDefault());
    document.body.classList.add("can");
    for (const e of document.querySelectorAll(".sector, tr[data-practice]")) {
      e.tabIndex = 0;
      e.setAttribute("role", "button");
      const choose = () => {
        $("practice").value = $("practice").value === e.dataset.practice ? "" : e.dataset.practice;
        apply();
        if ($("in-full") && !$("in-full").hidden) location.hash = "findings";
      };
      e.addEventListener("click", c => { if (!c.target.closest("a")) choose(); });
      e.addEventListener("keydown", k => {
        if (k.target === e && (k.key === "Enter" || k.key === " ")) { k.preventDefault(); choose(); }
      });
    }
    document.addEventListener("keydown", k => {
      if (k.key === "/" && !/INPUT|SELECT/.test(document.activeElement.tagName)) { k.preventDefault(); $("text").focus(); }
      if (k.key === "Escape") { $("text").value = ""; $("practice").value = ""; apply(); }
    });
    apply();
  }

  // The page that is shown is the one that the address leads into.
  const full = $("in-full");
  function turn() {
    const at = location.hash.length > 1 && $(location.hash.slice(1));
    const second = !!at && full.contains(at);
    full.hidden = !second;
    $("findings").hidden = second;
    if ($("filters")) $("filters").hidden = second;
    for (const a of document.querySelectorAll(".tabs a")) {
      const on = (a.getAttribute("href") === "#in-full") === second;
      a.classList.toggle("on", on);
      on ? a.setAttribute("aria-current", "page") : a.removeAttribute("aria-current");
    }
    if (at && at.id !== "in-full" && at.id !== "findings") at.scrollIntoView();
  }
  if (full) {
    addEventListener("hashchange", turn);
    turn();
  }

  const root = document.documentElement;
  $("theme").hidden = false;
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // A printed page has no summaries to click on.
  addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details")) d.open = true; });
})();

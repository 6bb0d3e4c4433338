// Steps through the calculation that the document holds; without it the document is the whole calculation.
(() => {
  "use strict";
  const root = document.documentElement;
  const first = (wanted, within = document) => within.querySelector(wanted);
  const all = (wanted, within = document) => [...within.querySelectorAll(wanted)];
  const main = first("main"), what = first(".what"), said = first("[role=status]"), slider = first("input");
  const calculation = first(".calculation"), net = first(".net"), canvas = first("svg > g", net);
  const start = Number(main.dataset.start), beginning = [...what.childNodes];
  const longest = Number(main.dataset.longest); // signs for which a unit has room in full size
  const GRAINS = ["statement", "unit", "layer", "forward", "backward", "update", "epoch"];

  // What the document says: statements, what is given when, and the boundaries of moves.
  const statements = all(".statement").map((row) => ({
    row, time: Number(row.dataset.time), scope: Number(row.dataset.scope), at: row.id, phase: row.closest("[data-phase]").dataset.phase,
    slot: row.dataset.sets, text: first(".result", row).textContent.trim(),
    lit: (row.dataset.lit ?? "").split(" "), read: (row.dataset.read ?? "").split(" "),
  }));
  const last = statements.length;
  const history = new Map();
  const remember = (slot, event) => history.set(slot, [...(history.get(slot) ?? []), event]);
  for (const cell of all("[data-given]")) {
    remember(cell.dataset.given, { from: Number(cell.dataset.from), text: cell.textContent.trim(), kept: true });
  }
  for (const { time, slot, text } of statements) {
    remember(slot, { from: time, text, kept: /^[wb]-/.test(slot) });
  }
  for (const events of history.values()) events.sort((one, other) => one.from - other.from);
  const stops = new Map(GRAINS.slice(1).map((grain) => [grain, main.dataset[grain].split(" ").map(Number)]));
  const places = all(".stage [data-slot]"), parts = all(".stage [data-part]");
  const buttons = all("button[data-grain]");

  let now = 0; // how many statements have run
  let told = 0;
  let move = ["statement", 1], pace = 900, running = null;

  function reading(slot, time, scope) {
    const events = history.get(slot) ?? [];
    const found = events.findLast((one) => one.from <= time);
    if (!found) return { text: "–", state: "absent" };
    return { text: found.text, state: found.kept || found.from > scope ? "" : "stale" };
  }

  function target(grain, way) {
    if (grain === "statement") return now + way;
    const counts = stops.get(grain);
    return way > 0 ? counts.find((count) => count > now) ?? last : counts.findLast((count) => count < now) ?? 0;
  }

  function travel(grain, way) {
    move = [grain, way];
    go(target(grain, way));
  }

  function go(count) {
    const before = now;
    now = Math.max(0, Math.min(last, count));
    const one = now ? statements[now - 1] : null;
    for (let index = Math.min(before, now); index < Math.max(before, now); index++) {
      statements[index].row.classList.toggle("ran", index < now);
    }
    if (before) statements[before - 1].row.removeAttribute("aria-current");
    one?.row.setAttribute("aria-current", "step");
    fill(one);
    explain(one);
    follow(one);
    tell(one);
  }

  // The drawing and the tables.
  function fill(one) {
    const time = one ? one.time : start, scope = one ? one.scope : start;
    for (const place of places) {
      const { text, state } = reading(place.dataset.slot, time, scope);
      const gradient = place.closest(".gradient");
      const shown = state === "stale" ? `(${text})` : text;
      place.classList.toggle("long", shown.length > longest);
      if (gradient) gradient.classList.toggle("absent", state !== "");
      place.classList.toggle("stale", state === "stale");
      place.classList.toggle("absent", state === "absent");
      place.classList.toggle("fresh", one !== null && place.dataset.slot === one.slot);
      if (place.textContent !== shown) place.textContent = shown;
    }
    canvas.setAttribute("class", one ? one.phase : "");
    for (const part of parts) {
      const name = part.dataset.part;
      part.classList.toggle("lit", one !== null && one.lit.includes(name));
      part.classList.toggle("read", one !== null && one.read.includes(name));
      if (part.classList.contains("edge")) {
        const { text } = reading(name, time, scope);
        part.classList.toggle("minus", text.startsWith("−"));
      }
    }
  }

  // What just happened, from the document itself.
  function explain(one) {
    what.replaceChildren(...(one ? [...one.row.childNodes].map((node) => node.cloneNode(true)) : beginning));
    what.parentElement.dataset.phase = one ? one.phase : "";
    what.parentElement.scrollTop = 0;
  }

  // Where each part scrolls by itself, what is at work comes to its middle; else the row, if one is reading rows.
  function follow(one) {
    const row = one?.row ?? first(".statement");
    if (!one) calculation.scrollTop = 0; // the start shows what is given
    else if (calculation.scrollHeight > calculation.clientHeight + 1) {
      const box = row.getBoundingClientRect(), frame = calculation.getBoundingClientRect();
      calculation.scrollTop += box.top - frame.top - (frame.height - box.height) / 2;
    }
    else if (row && first(".now").getBoundingClientRect().bottom < 0) row.scrollIntoView({ block: "center" });
    const lit = first(".lit", net);
    if (net.scrollWidth > net.clientWidth + 1 && lit) {
      const box = lit.getBoundingClientRect(), frame = net.getBoundingClientRect();
      net.scrollLeft += box.left - frame.left - (frame.width - box.width) / 2;
    }
  }

  function tell(one) {
    const at = one ? one.at : main.dataset.at;
    const [epoch, step, steps] = [...at.split(":"), main.dataset.steps].map((one) => Number(one).toLocaleString("en"));
    const words = `epoch ${epoch}, step ${step} of ${steps}`;
    first(".position").textContent = words;
    const phase = first(".phase-now");
    phase.textContent = one ? main.getAttribute(`data-sign-${one.phase}`) + " " + one.phase : "the start";
    phase.dataset.phase = one ? one.phase : "";
    const sentence = one ? first(".sentence", one.row)?.textContent ?? "" : "";
    said.textContent = one ? `${words}, ${one.phase}: ${one.row.dataset.say}. ${sentence}` : "The start: nothing has been computed yet.";
    slider.value = String(now);
    slider.setAttribute("aria-valuetext", one ? `${words}, ${one.phase}` : "the start");
    slider.style.setProperty("--share", String(last ? now / last : 0));
    for (const button of buttons) {
      const end = Number(button.dataset.way) > 0 ? now === last : now === 0;
      button.setAttribute("aria-disabled", String(end));
    }
    if (location.hash !== `#${at}` && now !== told) {
      try {
        window.history.replaceState(null, "", `#${at}`);
      } catch { /* some browsers refuse that for files, or so often */ }
    }
    told = now;
  }

  // Running by itself.
  function run(on) {
    if (running !== null) clearInterval(running);
    running = null;
    if (on) {
      running = setInterval(() => {
        travel(...move);
        if (now === (move[1] > 0 ? last : 0)) run(false);
      }, pace);
    }
    first("#run").setAttribute("aria-pressed", String(running !== null));
  }

  // Dark and light.
  function theme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("backprop-theme", root.dataset.theme); } catch { /* not kept, then */ }
  }

  const KEYS = { s: "statement", n: "unit", l: "layer", f: "forward", b: "backward", u: "update", e: "epoch" };
  const ACTIONS = {
    " ": () => travel("statement", 1), ArrowRight: () => travel("statement", 1),
    Backspace: () => travel("statement", -1), ArrowLeft: () => travel("statement", -1),
    Home: () => go(0), End: () => go(last),
    r: () => run(running === null), Escape: () => run(false), t: theme,
    "+": () => { pace = Math.max(60, pace / 2); run(running !== null); },
    "-": () => { pace = Math.min(8000, pace * 2); run(running !== null); },
    w: () => open(), z: larger, "?": () => { const help = first(".help"); help.open = !help.open; if (help.open) help.scrollIntoView({ block: "nearest" }); },
  };
  const OWN = new Set([" ", "Enter", "ArrowLeft", "ArrowRight", "Home", "End", "Backspace"]);

  function open() {
    first("#work").setAttribute("aria-pressed", String(root.classList.toggle("open")));
    follow(now ? statements[now - 1] : null);
  }

  // The drawing as large as it goes, for a room; again: beside the calculation.
  function larger() {
    first("#larger").setAttribute("aria-pressed", String(root.classList.toggle("larger")));
    follow(now ? statements[now - 1] : null);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (OWN.has(event.key) && event.target.closest("button, a, summary, input")) return;
    const grain = KEYS[event.key.toLowerCase()];
    const act = grain ? () => travel(grain, event.key === event.key.toLowerCase() ? 1 : -1) : ACTIONS[event.key];
    if (!act) return;
    event.preventDefault();
    if (grain && running !== null) run(false);
    act();
  });
  for (const button of buttons) {
    button.addEventListener("click", () => { run(false); travel(button.dataset.grain, Number(button.dataset.way)); });
  }
  slider.max = String(last);
  slider.addEventListener("input", () => { run(false); go(Number(slider.value)); });
  first("#run").addEventListener("click", () => run(running === null));
  first("#theme").addEventListener("click", theme);
  first("#work").addEventListener("click", open);
  first("#larger").addEventListener("click", larger);
  for (const { row } of statements) {
    row.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !String(getSelection())) go(statements.findIndex((one) => one.row === row) + 1);
    });
  }
  function arrive() {
    const at = location.hash.slice(1);
    const found = statements.findIndex((one) => one.at === at) + 1;
    if (found || at === main.dataset.at) go(found);
  }
  window.addEventListener("hashchange", arrive);

  // On paper the drawing shows all that the first iteration computed before its update.
  const whole = stops.get("backward").find((count) => count > 0) ?? last;
  window.addEventListener("beforeprint", () => fill(statements[whole - 1]));
  window.addEventListener("afterprint", () => fill(now ? statements[now - 1] : null));

  try { root.dataset.theme = localStorage.getItem("backprop-theme") ?? ""; } catch { /* the system's own */ }
  root.classList.add("js");
  first("svg", net).style.minWidth = `${0.68 * first("svg", net).viewBox.baseVal.width}px`;
  go(0);
  arrive();
  if (now) { // an address that is a position shows it, rather than scrolling down to its row
    window.history.scrollRestoration = "manual";
    window.addEventListener("load", () => setTimeout(() => window.scrollTo(0, 0)));
  }
})();

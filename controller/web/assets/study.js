// The page that `kilnwatt study --report` writes: runs side by side, drawn from the numbers in the page itself, and
// one of them in full. Runs in the browser; owns the choice.
import { language, t, word } from "./i18n.js";
import "./i18n_study.js";
import { AT, STEPS, cell, chart, drawRows, drawWhole, fullDay, most, setAxis } from "./sheet.js";
import { shade, stackChart, table, tile, when } from "./sheet.js";
import { byId, css, h, legend, number, percent } from "./util.js";

const { park, traces, runs } = JSON.parse(byId("data").textContent);
setAxis(park.at, park.zone);

const OFF_SCALE = 2.2; // a limit this many times above the curve would flatten it
const ROWS = ["cost_yuan", "cost.energy_yuan", "cost.export_yuan", "cost.demand_yuan", "cost.gas_yuan", "cost.wear_yuan",
    "cost.om_yuan", "cost.carbon_yuan", "carry_yuan", "load_kwh", "import_kwh", "pv_kwh", "wind_kwh", "chp_kwh", "gas_m3",
    "export_kwh", "curtailed_kwh", "self_consumption_pu", "self_sufficiency_pu", "co2_kg", "peak_sliding_kw",
    "unserved_heat_kwh", "charge_short_kwh", "firings", "firings_in_window", "orders_done", "orders_late",
    "import_over.total_s", "export_over.total_s", "relay_trips", "breaches_count"];
const WRONG = ["unserved_heat_kwh", "charge_short_kwh", "orders_late", "import_over.total_s", "export_over.total_s",
    "relay_trips", "breaches_count"]; // anything but 0 is marked
const runTones = { none: "--load", rule: "--chp", mpc: "--battery", oracle: "--kiln" };
const layers = { import: ["mix.import", "--grid"], pv: ["mix.pv", "--pv"], wind: ["mix.wind", "--wind"],
    chp: ["mix.chp", "--chp"], discharge: ["mix.discharge", "--battery"], export: ["flow.export", "--grid"],
    charge: ["mix.charge", "--battery"], heat: ["mix.heat", "--heat"], kiln: ["mix.kiln", "--kiln"],
    mill: ["study.mills", "--wind"], vehicle: ["node.charge", "--charge"], load: ["mix.rest", "--load"] };

const byPlan = runs.findLastIndex((r) => r.policy === "mpc");
let shown = byPlan >= 0 ? byPlan : runs.length - 1;
let redraw = () => null;

// ---- Runs ----

const severalSeeds = new Set(runs.map((r) => r.seed)).size > 1;
const nameOf = (r) => (severalSeeds ? t("study.seed", word("policy", r.policy), r.seed) : word("policy", r.policy));

// Runs of one policy get lighter seed by seed.
const toneOf = (i) => shade(runTones[runs[i].policy] ?? "--grid",
    runs.slice(0, i).filter((r) => r.policy === runs[i].policy).length);

const reach = (from, path) => path.split(".").reduce((o, key) => o?.[key], from);
const figure = (run, path) => reach(run.kpi, path) ?? reach(run, path);
const withStock = (run) => run.kpi.cost_yuan + run.kpi.carry_yuan;

function drawChoice() {
    byId("runs").replaceChildren(...runs.map((r, i) => h("button", { class: "plain", type: "button",
        "aria-pressed": String(i === shown), vars: { "--tone": toneOf(i) }, text: nameOf(r),
        onclick: () => { shown = i; redraw(); } })));
}

function drawHead() {
    const days = (AT[STEPS] - AT[0]) / 86400;
    const title = language() === "zh" ? park.title_zh : park.title_en;
    byId("span").textContent = t("study.title", title, fullDay(AT[0]), number(days, days % 1 ? 2 : 0));
    document.title = `${byId("span").textContent} · Kilnwatt`;
    const run = runs[shown];
    const other = runs.find((r) => r.policy === "rule" && r !== run && r.seed === run.seed);
    byId("tiles").replaceChildren(
        tile(t("kpi.cost_yuan"), number(run.kpi.cost_yuan, 0)),
        tile(t("study.stored"), number(withStock(run), 0), t("unit.yuan")),
        ...(other ? [tile(t("study.saves", nameOf(other)), number(withStock(other) - withStock(run), 0), t("unit.yuan"),
            withStock(other) >= withStock(run) ? "good" : "bad")] : []),
        tile(t("kpi.peak_sliding_kw"), number(run.kpi.peak_sliding_kw, 0)),
        tile(t("kpi.self_consumption_pu"), percent(run.kpi.self_consumption_pu, 1)),
        tile(t("kpi.curtailed_kwh"), number(run.kpi.curtailed_kwh, 0)),
        tile(t("kpi.orders_late"), number(run.kpi.orders_late, 0), "", run.kpi.orders_late > 0 ? "bad" : "good"),
        tile(t("kpi.breaches_count"), number(run.breaches_count, 0), "", run.breaches_count > 0 ? "bad" : "good"));
}

// ---- Charts ----

// What was at the end of each interval, as a line through the times.
const ends = (row, first) => [first, ...row];

function costChart() {
    const entries = runs.map((r, i) => ({ name: nameOf(r), colour: toneOf(i), smooth: true, digits: 0,
        row: ends(traces[i].cost_yuan, 0), shown: traces[i].cost_yuan, width: i === shown ? 2.5 : 1.5 }));
    chart({ id: "cost", title: t("study.cost") }, entries);
}

const flat = (name, colour, kw) => ({ name, colour: css(colour), dash: [6, 4], width: 1.5, shape: "dash", digits: 0,
    row: new Array(STEPS).fill(kw) });

function limitLines(peak) {
    const lines = [[t("limits.import"), "--bad", park.import_kw_max], [t("grid.demand"), "--warn", park.demand_free_kw],
        [t("limits.export"), "--bad", -park.export_kw_max]].filter(([, , kw]) => kw !== null);
    return lines.map(([name, colour, kw]) => (kw <= OFF_SCALE * peak ? flat(name, colour, kw) :
        { name: t("grid.off_scale", name, number(kw)), colour: css(colour), shape: "dash" }));
}

const layerOf = (i, name) => traces[i].layers.find((l) => l.name === name).kw;
const netOf = (i) => layerOf(i, "import").map((x, k) => x - layerOf(i, "export")[k]);

function pccChart() {
    const edge = (name, row) => ({ name, colour: toneOf(shown), row, width: 0.6, digits: 0 });
    const nets = runs.map((r, i) => ({ name: nameOf(r), colour: toneOf(i), row: netOf(i), digits: 0,
        width: i === shown ? 2 : 1 }));
    const all = [...nets, edge(t("study.pcc_max"), traces[shown].pcc_max_kw),
        edge(t("study.pcc_min"), traces[shown].pcc_min_kw)];
    const peak = Math.max(1, ...all.map((e) => most(e.row)));
    chart({ id: "pcc", title: t("study.pcc") }, [...all, ...limitLines(peak)],
        { scales: { y: { range: (u, lo, hi) => [Math.min(0, lo) * 1.05, Math.max(10, hi * 1.08)] } } });
}

function powerChart() {
    const seen = traces[shown].layers.filter((l) => most(l.kw) > 0.05).map((l) => ({ up: l.up, kw: l.kw,
        name: () => t(layers[l.name][0]), colour: () => css(layers[l.name][1]) }));
    stackChart({ id: "power", title: t("study.power", nameOf(runs[shown])) }, seen);
}

function curtailedChart() {
    const some = runs.map((r, i) => i).filter((i) => most(traces[i].curtailed_kw) > 0.05);
    if (some.length > 0) {
        chart({ id: "curtailed", title: t("study.curtailed") }, some.map((i) => ({ name: nameOf(runs[i]),
            colour: toneOf(i), row: traces[i].curtailed_kw, digits: 0, width: i === shown ? 2 : 1 })), {}, true);
    }
}

function contentChart() {
    const { stores, stores_left_out: more } = traces[shown];
    const counts = { true: 0, false: 0 };
    const entries = stores.map((s) => ({ name: word("asset", s.name), digits: 1, smooth: true, shape: "line",
        colour: shade(s.heat ? "--heat" : "--battery", counts[s.heat]++),
        row: ends(s.soc_pu.map((x) => 100 * x), null), shown: s.soc_pu.map((x) => 100 * x) }));
    if (more > 0) {
        entries.push({ name: t("study.more_stores", more), colour: css("--dim") });
    }
    if (entries.length > 0) {
        chart({ id: "content", title: t("study.soc", nameOf(runs[shown])) }, entries,
            { scales: { y: { range: [0, 105] } } }, true);
    }
}

function priceChart() {
    const row = traces[shown].price_yuan_per_kwh;
    if (most(row) > 0) {
        chart({ id: "price", title: t("study.price") }, [{ name: t("price.import"), colour: css("--grid"), row,
            digits: 3 }], { scales: { y: { range: (u, lo, hi) => [Math.min(0, lo), hi * 1.1] } } }, true);
    }
}

// ---- Firings ----

const seconds = (text) => Date.parse(text) / 1000;

function barOf(f) {
    const to = f.end === null ? AT[STEPS] : seconds(f.end);
    const kind = !f.in_window ? "missed" : f.end === null ? "running" : "done";
    const state = { missed: "study.out_of_window", running: "study.not_ended", done: "study.in_window" }[kind];
    return { kind, from: seconds(f.start), to,
        label: `${f.order ?? "–"}: ${when(seconds(f.start))}–${f.end === null ? "" : when(to)}, ${t(state)}` };
}

function drawFirings() {
    const all = runs[shown].firings;
    const kilns = [...new Set(runs.flatMap((r) => r.firings.map((f) => f.device)))].sort((a, b) =>
        a.localeCompare(b, "en", { numeric: true }));
    byId("gantt-panel").hidden = kilns.length === 0;
    byId("gantt-title").textContent = t("study.firings", nameOf(runs[shown]));
    legend("gantt-legend", [[t("study.in_window"), "#2f7d55", "block"], [t("study.not_ended"), "--chp", "block"],
        [t("study.out_of_window"), "--bad", "block"]]);
    drawRows(kilns.map((k) => [word("asset", k), all.filter((f) => f.device === k).map(barOf)]));
}

// ---- Figures ----

const mark = (i, kind) => `${kind}${i === shown ? " shown" : ""}`;

function figureRow(path) {
    const values = runs.map((r) => figure(r, path) ?? null);
    const scale = path.endsWith("_pu") ? 100 : 1;
    const digits = scale === 100 ? 1 : path.endsWith("_s") ? 1 : 0;
    const wrong = (x) => WRONG.includes(path) && x > 0.05;
    return h("tr", { class: path === "cost_yuan" || path === "carry_yuan" ? "sum" : "" },
        cell(t(`kpi.${path}`), "wrap"), ...values.map((x, i) => cell(number(x === null ? null : x * scale, digits),
            mark(i, wrong(x) ? "number bad" : "number"))));
}

function drawFigures() {
    const asked = ROWS.filter((path) => runs.some((r) => Math.abs(figure(r, path) ?? 0) > 1e-9) ||
        WRONG.includes(path));
    const texts = (key, of) => h("tr", null, cell(t(key), "wrap"), ...runs.map((r, i) => cell(of(r),
        mark(i, "number wrap"))));
    byId("figures").replaceChildren(table(["", ...runs.map(nameOf)], [...asked.map(figureRow),
        texts("kpi.invariants", (r) => Object.keys(r.invariants).join(" ") || t("study.no_breaches")),
        texts("kpi.plans", (r) => `${r.plans.solved}, ${r.plans.failed}`)]));
}

function drawBreaches() {
    const { breaches, breaches_count: count } = runs[shown];
    byId("breaches-title").textContent = t("study.breaches", nameOf(runs[shown]));
    const rows = breaches.map((b) => h("tr", null, cell(`${b.invariant}${b.device ? ` · ${b.device}` : ""}`, "wrap"),
        cell(when(seconds(b.at))), cell(number(b.for_s, 1)), cell(number(b.value))));
    const more = count - breaches.length;
    byId("breaches").replaceChildren(
        count === 0 ? h("div", { class: "empty good", text: t("study.no_breaches") }) :
            table(["", t("broken.from"), t("study.for_s"), t("study.value")], rows),
        more > 0 ? h("div", { class: "empty", text: t("study.more_breaches", more) }) : "");
}

redraw = drawWhole(() => {
    drawHead();
    drawChoice();
    costChart();
    pccChart();
    powerChart();
    curtailedChart();
    contentChart();
    priceChart();
    drawFirings();
    drawFigures();
    drawBreaches();
});

// The page that `kilnwatt plan --plot` writes: one plan, drawn from the numbers in the page itself. Runs in the
// browser.
import { t, word } from "./i18n.js";
import { costName, plan, question, signed, stepSpan } from "./plan_data.js";
import { drawReasons } from "./plan_reasons.js";
import { AT, STEPS, cell, chart, drawRows, drawWhole, fullDay, table, tile } from "./sheet.js";
import { most, shade, stackChart, when } from "./sheet.js";
import { byId, css, h, legend, number, percent } from "./util.js";

const MEMBERS_MAX = 3;  // of one kind that are drawn one by one; more are added up
const OFF_SCALE = 2.2;  // a limit this many times above the curve would flatten it

// ---- Layers of a bus ----

const tones = { grid: "--grid", unit: "--chp", source: "--pv", fuel: "--load", order: "--kiln", storage: "--battery",
    load: "--load", batch: "--charge", charge: "--wind", hole: "--bad", dump: "--bad" };

function toneOf(bus, flow) {
    const heat = bus.kind === "heat" && flow.kind === "storage";
    return heat ? "--heat" : tones[flow.kind];
}

// Layers in the order of the stack, sources first; kinds with many members as one layer.
function layersOf(bus) {
    const layers = [];
    for (const up of [true, false]) {
        const flows = bus.flows.filter((f) => f.up === up);
        for (const kind of [...new Set(flows.map((f) => f.kind))]) {
            const same = flows.filter((f) => f.kind === kind);
            const alone = ["hole", "dump", "grid"].includes(kind);
            if (same.length > MEMBERS_MAX || alone || kind === "order") {
                const kw = AT.slice(0, STEPS).map((_, i) => same.reduce((a, f) => a + f.kw[i], 0));
                const key = kind === "grid" ? (up ? "mix.import" : "flow.export") : `layer.${kind}`;
                layers.push({ up, name: () => t(key), colour: () => css(toneOf(bus, same[0])), kw });
            } else {
                same.forEach((f, i) => layers.push({ up, name: () => word("asset", f.asset),
                    colour: () => shade(toneOf(bus, f), i), kw: f.kw }));
            }
        }
    }
    return layers;
}

// ---- Charts ----

const busChart = (bus, index) => stackChart({ id: `bus-${index}`, title: t("bus.title", word("bus", bus.name)) },
    layersOf(bus));

function limitLines(peak) {
    const g = question.grid;
    const line = (name, colour, row) => {
        const top = most(row.filter((x) => x !== null));
        const shown = top <= OFF_SCALE * peak;
        return { name: shown ? name : t("grid.off_scale", name, number(top)), colour: css(colour), dash: [6, 4],
            width: 1.5, shape: "dash", row: shown ? row : undefined };
    };
    const lines = [line(t("limits.import"), "--bad", g.import_kw_max)];
    if (g.demand_free_kw !== null) {
        lines.push(line(t("grid.demand"), "--warn", g.demand_counts.map((c) => (c > 0.5 ? g.demand_free_kw : null))));
    }
    for (const floor of [false, true]) {
        const row = new Array(STEPS).fill(null);
        g.caps.filter((c) => c.floor === floor).forEach((c) => row.fill(c.kw, c.from_step, c.to_step));
        if (row.some((x) => x !== null)) {
            lines.push(line(t(floor ? "grid.floor" : "grid.cap"), "--kiln", row));
        }
    }
    return lines;
}

function gridChart() {
    const net = plan.grid.import_kw.map((x, i) => x - plan.grid.export_kw[i]);
    const curve = { name: t("grid.net"), colour: css("--grid"), fill: `${css("--grid")}30`, row: net };
    chart({ id: "grid", title: t("grid.title") }, [curve, ...limitLines(Math.max(1, most(net)))],
        { scales: { y: { range: (u, lo, hi) => [Math.min(0, lo), Math.max(10, hi * 1.12)] } } });
}

function priceChart() {
    const values = question.buses.map((b, i) => [b, i]).filter(([b]) => b.value_yuan_per_kwh.some((x) => x !== 0));
    const entries = values.map(([b]) => ({ name: t("price.value", word("bus", b.name)), row: b.value_yuan_per_kwh,
        colour: css({ electricity: "--kiln", heat: "--heat", gas: "--load" }[b.kind] ?? "--wind"), width: 1.5,
        digits: 3 }));
    if (question.grid) {
        entries.unshift({ name: t("price.import"), row: question.grid.import_yuan_per_kwh, colour: css("--grid"),
            digits: 3 });
    }
    if (entries.length > 0) {
        chart({ id: "price", title: t("price.title") }, entries, {}, true);
    }
}

function contentChart() {
    const counts = { true: 0, false: 0 };
    const entries = question.storages.filter((s) => s.kwh_max > 0).map((s) => ({ name: word("asset", s.name),
        colour: shade(s.heat ? "--heat" : "--battery", counts[s.heat]++), smooth: true, digits: 1,
        row: s.kwh.map((x) => 100 * x / s.kwh_max) }));
    if (entries.length > 0) {
        entries.forEach((e) => { e.shown = e.row.slice(0, STEPS); });
        chart({ id: "content", title: t("soc.title") }, entries, { scales: { y: { range: [0, 105] } } }, true);
    }
}

// ---- Schedule ----

function runsOf(job) {
    const runs = [];
    job.kw.forEach((kw, i) => {
        if (kw > 0.01 && i > 0 && job.kw[i - 1] > 0.01) {
            runs[runs.length - 1].to = AT[i + 1];
        } else if (kw > 0.01) {
            runs.push({ from: AT[i], to: AT[i + 1] });
        }
    });
    return runs;
}

// Rows of the schedule: each machine with its orders, each job by itself.
function ganttRows() {
    const machines = [...new Set(question.orders.map((o) => o.machine))];
    const on = (m) => question.orders.filter((o) => o.machine === m);
    const orders = machines.map((m) => [word("asset", m), on(m).flatMap((o) => {
        const label = `${o.id}: ${o.start === null ? t("gantt.skipped") : `${when(o.start)}–${when(o.end)}`}`;
        const bars = o.from === null ? [] : [{ kind: "window", from: o.from, to: Math.max(o.to, o.from + 900), label }];
        if (o.start !== null) {
            bars.push({ kind: "busy", from: o.start, to: o.start + o.busy_s, label });
            bars.push({ kind: o.started ? "running" : "planned", from: o.start, to: o.end, label });
        }
        const due = o.due !== null && o.due >= AT[0] && o.due <= AT[STEPS];
        return !due ? bars : [...bars, { kind: "due", from: o.due, to: o.due,
            label: `${t("gantt.due")} ${when(o.due)}` }];
    })]);
    const base = (j) => j.id.split("@")[0];
    const jobs = [...new Set(question.jobs.map(base))].map((name) => [name, question.jobs.filter((j) =>
        base(j) === name).flatMap((j) => [{ kind: "window", from: j.from, to: j.to, label: j.id },
        ...runsOf(j).map((r) => ({ ...r, kind: "batch", label: `${j.id}: ${when(r.from)}–${when(r.to)}` }))])]);
    return [...orders, ...jobs];
}

function drawGantt() {
    const rows = ganttRows();
    byId("gantt-panel").hidden = rows.length === 0;
    legend("gantt-legend", [[t("order.window"), css("--shade"), "block"], [t("order.planned"), "--kiln", "block"],
        [t("layer.batch"), "--charge", "block"],
        ...(question.orders.some((o) => o.due !== null) ? [[t("gantt.due"), "--bad", "block"]] : [])]);
    drawRows(rows);
}

// ---- Figures ----

function drawHead() {
    byId("span").textContent = t("page.span", fullDay(AT[0]), number((AT[STEPS] - AT[0]) / 3600, 0));
    document.title = `${byId("span").textContent} · Kilnwatt`;
    byId("status").textContent = `${word("origin", plan.origin)} · ${word("status", plan.status)}`;
    byId("status").className = `badge ${plan.status === "feasible" ? "warn" : "good"}`;
    const self = plan.compare?.plan;
    byId("tiles").replaceChildren(
        tile(t("bill.total"), number(plan.objective_yuan, 0), t("unit.yuan")),
        tile(t("page.bound"), number(plan.bound_yuan, 0), t("unit.yuan")),
        tile(t("plan.gap"), plan.gap_pu === null ? t("plan.open_gap") : percent(plan.gap_pu, 2), "%"),
        tile(t("page.import_max"), number(most(plan.grid.import_kw), 0), "kW"),
        ...(self ? [tile(t("page.saves"), number(plan.compare.saves_yuan, 0), t("unit.yuan"), "good"),
            tile(t("figure.self_consumption_pu"), percent(self.self_consumption_pu, 1), "%"),
            tile(t("figure.curtailment_pu"), percent(self.curtailment_pu, 1), "%")] : []),
        tile(t("broken.title"), String(plan.breaches.length), "", plan.breaches.length > 0 ? "bad" : "good"),
        tile(t("page.effort"), number(plan.seconds, 1), "s"));
}

function drawBill() {
    const rule = plan.compare?.rule;
    const row = (label, a, b, digits, kind) => h("tr", { class: kind ?? "" }, cell(label, ""), cell(number(a, digits)),
        ...(rule ? [cell(number(b, digits)), cell(signed(a - b, digits))] : []));
    const rows = Object.keys(plan.cost).filter((k) => Math.abs(plan.cost[k]) >= 0.005 ||
        Math.abs(rule?.cost[k] ?? 0) >= 0.005).map((k) => row(costName(k), plan.cost[k], rule?.cost[k], 2));
    rows.push(row(t("bill.total"), plan.objective_yuan, rule?.objective_yuan, 2, "sum"));
    for (const k of rule ? Object.keys(rule).filter((x) => x !== "cost" && x !== "objective_yuan") : []) {
        const scale = k.endsWith("_pu") ? 100 : 1;
        if (rule[k] !== null && plan.compare.plan[k] !== null) {
            rows.push(row(word("figure", k), plan.compare.plan[k] * scale, rule[k] * scale, scale > 1 ? 1 : 0));
        }
    }
    byId("bill").replaceChildren(table(["", ...(rule ? [t("bill.plan"), t("bill.rule"), t("bill.difference")] :
        [t("unit.yuan")])], rows));
}

function drawBroken() {
    byId("broken-panel").hidden = plan.breaches.length === 0;
    const rows = plan.breaches.map((b) => h("tr", null,
        cell(`${word("breach", b.kind)} · ${word("asset", b.asset)}`, "wrap"), cell(number(b.kw_max, 1)),
        cell(when(AT[b.first_step])), cell(number(b.yuan, 2))));
    byId("broken").replaceChildren(table(["", t("broken.most"), t("broken.from"), t("unit.yuan")], rows));
}

// Spans of one limit of one asset in one row; what is told at its order is left out.
function drawLimits() {
    const elsewhere = ["earliest", "latest", "machine", "next", "source"];
    const all = (plan.explain?.limits ?? []).filter((l) => !elsewhere.includes(l.kind));
    byId("limits-panel").hidden = all.length === 0;
    const keys = [...new Set(all.map((l) => `${l.kind} ${l.asset}`))];
    byId("bind").replaceChildren(table(["", t("bind.limit"), t("bind.hours"), t("bind.worth")], keys.map((key) => {
        const same = all.filter((l) => `${l.kind} ${l.asset}` === key);
        const hours = same.reduce((a, l) => a + (AT[l.to_step] - AT[l.from_step]) / 3600, 0);
        const worth = same[0].yuan_per_kw === null ? null : same.reduce((a, l) => a + l.yuan_per_kw, 0);
        return h("tr", { title: same.map((l) => stepSpan(l.from_step, l.to_step)).join(", ") },
            cell(`${word("bind", same[0].kind)} · ${word("asset", same[0].asset)}`, "wrap"),
            cell(number(same[0].limit)), cell(number(hours, 2)), cell(worth === null ? "" : number(worth, 2)));
    })));
}

// ---- The whole ----

drawWhole(() => {
    drawHead();
    if (question.grid) {
        gridChart();
    }
    question.buses.forEach((b, i) => (b.kind === "gas" ? null : busChart(b, i)));
    priceChart();
    contentChart();
    drawGantt();
    drawBill();
    drawBroken();
    drawLimits();
    drawReasons();
});

// The curves: grid connection, planned mix, content of the storages. Runs in the browser; owns its uPlot
// charts. Times are seconds, as uPlot wants them.
import { t, word } from "./i18n.js";
import { byId, css, dayTimeText, legend, parkZone, timeText } from "./util.js";

const H = 3600;
const PAST_S = 12 * H;
const AHEAD_S = 24 * H;
const bandTones = { sharp: "#ff636326", peak: "#ffb5471c", flat: "#ffffff00", valley: "#3ddc8414",
    deep_valley: "#3ddc8426" };

const charts = {};

const seconds = (iso) => Date.parse(iso) / 1000;

function axis(extra) {
    return { stroke: css("--dim"), grid: { stroke: "#1a2633", width: 1 }, ticks: { stroke: "#1a2633", width: 1 },
        font: "12px sans-serif", ...extra };
}

// Price bands behind everything, the present moment in front.
function backdrop(state) {
    return {
        hooks: {
            drawClear: [(u) => {
                for (const b of state.bands) {
                    const from = Math.max(u.valToPos(seconds(b.from), "x", true), u.bbox.left);
                    const to = Math.min(u.valToPos(seconds(b.to), "x", true), u.bbox.left + u.bbox.width);
                    if (to <= from) {
                        continue;
                    }
                    u.ctx.fillStyle = bandTones[b.band] ?? "#ffffff00";
                    u.ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
                    u.ctx.fillStyle = css("--dim");
                    u.ctx.font = `${11 * devicePixelRatio}px sans-serif`;
                    u.ctx.textAlign = "center";
                    if (to - from > 26 * devicePixelRatio) {
                        u.ctx.fillText(word("band", b.band), (from + to) / 2, u.bbox.top + 13 * devicePixelRatio);
                    }
                }
            }],
            draw: [(u) => {
                const x = u.valToPos(state.now, "x", true);
                u.ctx.save();
                u.ctx.strokeStyle = css("--text");
                u.ctx.setLineDash([4, 4]);
                u.ctx.beginPath();
                u.ctx.moveTo(x, u.bbox.top);
                u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
                u.ctx.stroke();
                u.ctx.restore();
            }],
        },
    };
}

const stepped = () => uPlot.paths.stepped({ align: 1 });
const curve = (label, colour, extra) => ({ label, stroke: css(colour), width: 2, points: { show: false }, ...extra });

// The hour, or the date at midnight.
function hourText(at) {
    const text = timeText(at * 1000);
    return text === "00:00" ? dayTimeText(at * 1000).slice(0, 5) : text;
}

function make(id, state, series, more) {
    charts[id]?.destroy();
    const box = byId(id);
    charts[id] = new uPlot({
        width: box.clientWidth, height: box.clientHeight, series: [{}, ...series],
        cursor: { y: false, drag: { x: false, y: false } }, legend: { show: false },
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), parkZone()),
        axes: [axis({ space: 70, size: 26, values: (u, at) => at.map(hourText) }), axis({ size: 56 })],
        plugins: [backdrop(state)], ...more,
    }, [[], ...series.map(() => [])], box);
}

const range = (state) => ({ time: true, range: () => [state.now - PAST_S, state.now + AHEAD_S] });

// One common time axis for several lists of [time, value].
function join(lists) {
    const tables = lists.map(([x, y]) => [x, y]).filter(([x]) => x.length > 0);
    const at = lists.map(([x]) => x.length > 0);
    if (tables.length === 0) {
        return [[], ...lists.map(() => [])];
    }
    const joined = uPlot.join(tables.map((d) => d));
    let next = 1;
    return [joined[0], ...at.map((there) => (there ? joined[next++] : joined[0].map(() => null)))];
}

const split = (rows) => [rows.map((r) => r[0]), rows.map((r) => r[1])];

export function makeCharts(state) {
    make("chart-pcc", state, [
        curve("limit", "--bad", { width: 1.5, dash: [6, 4], paths: stepped(), spanGaps: true }),
        curve("plan", "--kiln", { width: 2, dash: [7, 4], paths: stepped(), spanGaps: true }),
        curve("actual", "--grid", { fill: "#5fb0f022", spanGaps: true }),
    ], { scales: { x: range(state), y: { range: (u, lo, hi) => [Math.min(0, lo), Math.max(100, hi * 1.2)] } } });
    const parts = mixParts();
    make("chart-mix", state, parts.map((p) => ({ ...curve(p.key, p.colour), width: 0.5, paths: stepped(),
        fill: p.fill })), {
        scales: { x: { time: true, range: () => mixRange(state) },
            y: { range: (u, lo, hi) => [Math.min(-100, lo * 1.06), Math.max(100, hi * 1.22)] } },
        bands: mixBands(parts),
    });
    make("chart-soc", state, [
        curve("battery", "--battery", { spanGaps: true }),
        curve("battery plan", "--battery", { dash: [6, 4], width: 1.5, spanGaps: true }),
        curve("heat", "--heat", { spanGaps: true }),
        curve("heat plan", "--heat", { dash: [6, 4], width: 1.5, spanGaps: true }),
    ], { scales: { x: range(state), y: { range: [0, 100] } } });
    legend("pcc-legend", [[t("pcc.actual"), "--grid"], [t("pcc.plan"), "--kiln", "dash"],
        [t("pcc.limit"), "--bad", "dash"]]);
    legend("mix-legend", parts.filter((p) => inPark(state, p.key)).map((p) => [t(`mix.${p.key}`), p.colour, "block"]));
    legend("soc-legend", [[t("soc.battery"), "--battery"], [t("soc.heat"), "--heat"],
        [t("soc.plan"), "--dim", "dash"]]);
}

// ---- The planned mix: two stacks, supply upwards and use downwards ----

function mixParts() {
    const part = (key, colour, up) => ({ key, colour, up, fill: `${css(colour)}b0` });
    return [
        part("import", "--grid", true), part("chp", "--chp", true), part("wind", "--wind", true),
        part("pv", "--pv", true), part("discharge", "--battery", true),
        part("rest", "--load", false), part("kiln", "--kiln", false), part("heat", "--heat", false),
        part("jobs", "--charge", false), part("charge", "--battery", false),
    ];
}

// Each part is filled to the one below it in its stack; the first of each stack to zero.
function mixBands(parts) {
    const bands = [];
    parts.forEach((p, i) => {
        if (i > 0 && parts[i - 1].up === p.up) {
            bands.push({ series: [i + 1, i], fill: p.fill, dir: p.up ? -1 : 1 });
        }
    });
    return bands;
}

function mixRange(state) {
    const steps = state.plan?.steps ?? [];
    if (steps.length === 0) {
        return [state.now, state.now + AHEAD_S];
    }
    const last = steps[steps.length - 1];
    return [seconds(steps[0].start), Math.min(seconds(last.start) + last.duration_s, seconds(steps[0].start) + 36 * H)];
}

const kindsOf = { pv: ["pv"], wind: ["wind"], chp: ["chp"], heat: ["heat_pump", "storage_boiler"],
    kiln: ["kiln", "roller_kiln"] };

// A park without wind needs no colour for it.
function inPark(state, key) {
    const kinds = { ...kindsOf, charge: ["battery"], discharge: ["battery"] }[key];
    return !kinds || state.devices.some((d) => kinds.includes(d.kind));
}

function planned(state) {
    const plan = state.plan;
    const n = plan.steps.length;
    const zero = () => new Array(n).fill(0);
    const sums = { import: plan.grid.import_kw.map((x, i) => x - plan.grid.export_kw[i]), charge: zero(),
        discharge: zero(), jobs: zero(), pv: zero(), wind: zero(), chp: zero(), heat: zero(), kiln: zero() };
    const kind = Object.fromEntries(state.devices.map((d) => [d.name, d.kind]));
    const add = (key, list, sign) => list.forEach((x, i) => { sums[key][i] += sign * x; });
    for (const [name, d] of Object.entries(plan.devices)) {
        if (!d.kw) {
            continue;
        }
        if (kind[name] === "battery") {
            add("discharge", d.kw.map((x) => Math.max(0, x)), 1);
            add("charge", d.kw.map((x) => Math.max(0, -x)), 1);
            continue;
        }
        const key = Object.keys(kindsOf).find((k) => kindsOf[k].includes(kind[name])) ?? "jobs";
        add(key, d.kw, ["pv", "wind", "chp"].includes(key) ? 1 : -1);
    }
    plan.jobs.forEach((j) => add("jobs", j.kw, -1));
    sums.rest = zero().map((_, i) => Math.max(0, sums.import[i] + sums.pv[i] + sums.wind[i] + sums.chp[i] +
        sums.discharge[i] - sums.charge[i] - sums.heat[i] - sums.kiln[i] - sums.jobs[i]));
    return sums;
}

function updateMix(state) {
    if (!state.plan) {
        charts["chart-mix"].setData([[], ...mixParts().map(() => [])]);
        return;
    }
    const sums = planned(state);
    const parts = mixParts();
    const x = state.plan.steps.map((s) => seconds(s.start));
    const last = state.plan.steps[state.plan.steps.length - 1];
    let below = null;
    const rows = parts.map((p, i) => {
        if (i === 0 || parts[i - 1].up !== p.up) {
            below = x.map(() => 0);
        }
        below = below.map((y, k) => y + (p.up ? 1 : -1) * sums[p.key][k]);
        return [...below, below[below.length - 1]];
    });
    charts["chart-mix"].setData([[...x, seconds(last.start) + last.duration_s], ...rows]);
}

// ---- Plan and actual ----

// Import limit over the shown time: what holds now, lowered by events to come.
function limitRows(state) {
    const limit = state.status.import_limit_kw;
    if (!Number.isFinite(limit) || limit === null) {
        return [];
    }
    const rows = [[state.now, limit], [state.now + AHEAD_S, limit]];
    for (const e of state.dr.filter((d) => ["committed", "active"].includes(d.state))) {
        const cap = e.cap_kw ?? (e.direction === "limit" ? e.kw : null);
        if (cap !== null) {
            rows.push([Math.max(seconds(e.start), state.now), Math.min(cap, limit)], [seconds(e.end), limit]);
        }
    }
    return rows.sort((a, b) => a[0] - b[0]);
}

function planRows(state) {
    const past = state.planPast.filter(([x]) => x < state.now);
    if (!state.plan) {
        return past;
    }
    const ahead = state.plan.steps.map((s, i) => [seconds(s.start),
        state.plan.grid.import_kw[i] - state.plan.grid.export_kw[i]]);
    const first = past.length ? past[past.length - 1][0] : 0;
    return [...past, ...ahead.filter(([x]) => x > first)];
}

// Plan's content of all storages of some kinds, weighted by energy, in per cent at the end of each step.
function plannedContent(state, kinds) {
    const stores = state.devices.filter((d) => kinds.includes(d.kind) && state.plan?.devices[d.name]?.soc_pu);
    if (stores.length === 0) {
        return [];
    }
    const weight = stores.reduce((a, d) => a + (d.energy_kwh || 1), 0);
    return state.plan.steps.map((s, i) => [seconds(s.start) + s.duration_s,
        100 * stores.reduce((a, d) => a + (d.energy_kwh || 1) * state.plan.devices[d.name].soc_pu[i], 0) / weight]);
}

export function updateCharts(state) {
    charts["chart-pcc"].setData(join([limitRows(state), planRows(state), state.history.pcc].map(split)));
    updateMix(state);
    charts["chart-soc"].setData(join([state.history.battery, plannedContent(state, ["battery"]), state.history.heat,
        plannedContent(state, ["storage_boiler"])].map(split)));
}

export function resizeCharts() {
    for (const [id, chart] of Object.entries(charts)) {
        const box = byId(id);
        chart.setSize({ width: box.clientWidth, height: box.clientHeight });
    }
}

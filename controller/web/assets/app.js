// The dashboard: keeps the state of the park as the stream tells it, reads the rest when its revision
// changes, and draws. Runs in the browser; owns all state of the page.
import { command, get, stream } from "./api.js";
import { makeCharts, resizeCharts, updateCharts } from "./charts.js";
import { drawFlow } from "./flow.js";
import { drawGantt } from "./gantt.js";
import { language, setLanguage, t, title, word } from "./i18n.js";
import { drawAlarms, drawDevices, drawDr, drawEvents, drawLimits, drawPlan, drawToday } from "./panels.js";
import { byId, clockText, number, setZone, toast, utc } from "./util.js";

const STALE_MS = 3500;
const HISTORY_EVERY_MS = 30000;
const HISTORY_S = 12 * 3600;

const state = {
    status: null, values: {}, quality: {}, revision: {},
    devices: [], alarms: [], dr: [], orders: [], events: [], bands: [], plan: null,
    history: { pcc: [], battery: [], heat: [] },
    planPast: [], // [s, kW] of the plan as it was followed while this page was open
    now: 0,       // park time, s
    receivedMs: 0,
    eventsUnread: false,
};
let ready = false; // devices and charts are there

// ---- Reading ----

const readers = {
    alarms: async () => { state.alarms = (await get("/api/v1/alarms")).alarms; await readEvents(); },
    dr: async () => { state.dr = (await get("/api/v1/dr/events")).events; await readEvents(); },
    plan: async () => {
        state.plan = state.revision.plan > 0 ? await get("/api/v1/plan") : null;
        await readEvents();
    },
    links: async () => { state.devices = (await get("/api/v1/devices")).devices; },
    orders: async () => { state.orders = (await get("/api/v1/orders")).orders; },
};

async function readEvents() {
    try {
        state.events = (await get("/api/v1/events?limit=80")).events;
        state.eventsUnread = false;
    } catch {
        state.eventsUnread = true;
    }
}

const iso = (s) => encodeURIComponent(utc(s));

// Means of one point of several devices, weighted, as [s, value].
function weighted(series, devices, factor) {
    const rows = new Map();
    const whole = devices.reduce((a, d) => a + (d.energy_kwh || 1), 0);
    for (const d of devices) {
        for (const [ms, v] of series[`${d.name}.soc_pu`] ?? []) {
            rows.set(ms, (rows.get(ms) ?? 0) + factor * v * (d.energy_kwh || 1) / whole);
        }
    }
    return [...rows].sort((a, b) => a[0] - b[0]).map(([ms, v]) => [ms / 1000, v]);
}

async function readHistory() {
    const pcc = state.devices.find((d) => d.pcc);
    const batteries = state.devices.filter((d) => d.kind === "battery").slice(0, 4);
    const stores = state.devices.filter((d) => d.kind === "storage_boiler").slice(0, 3);
    const names = [`${pcc.name}.kw`, ...[...batteries, ...stores].map((d) => `${d.name}.soc_pu`)];
    const from = state.now - HISTORY_S;
    const span = `from=${iso(from)}&to=${iso(state.now)}`;
    try {
        const all = await get(`/api/v1/history?points=${names.join(",")}&${span}&step=120`);
        state.history.pcc = all.series[`${pcc.name}.kw`].map(([ms, v]) => [ms / 1000, v]);
        state.history.battery = weighted(all.series, batteries, 100);
        state.history.heat = weighted(all.series, stores, 100);
    } catch {
        // the store is away; the curves keep what they have
    }
    try {
        state.bands = (await get(`/api/v1/tariff?from=${iso(from)}&to=${iso(state.now + 2 * 86400)}`)).bands;
    } catch {
        state.bands = [];
    }
}

async function readChanged(revision) {
    const changed = Object.keys(readers).filter((k) => revision[k] !== state.revision[k]);
    state.revision = revision;
    await Promise.all(changed.map((k) => readers[k]().catch(() => { state.revision[k] = -1; })));
    return changed.length > 0;
}

// ---- Drawing ----

function drawHeader() {
    const s = state.status;
    byId("park-title").textContent = title(s.park.title);
    document.title = `${title(s.park.title)} · Kilnwatt`;
    byId("mode").textContent = word("mode", s.mode);
    byId("mode").className = `badge ${s.mode}`;
    byId("speed").hidden = s.speed === 1;
    byId("speed").textContent = `×${number(s.speed, s.speed % 1 ? 1 : 0)}`;
}

function drawLive() {
    drawHeader();
    if (!ready || state.status.pcc_kw === undefined) {
        return;
    }
    drawFlow(state);
    drawLimits(state.status);
    drawPlan(state);
    drawToday(state.status);
}

function drawAll() {
    drawLive();
    if (!ready) {
        return;
    }
    drawAlarms(state, acknowledge);
    drawDr(state, cancelDr);
    drawEvents(state);
    drawDevices(state);
    drawGantt(state);
    updateCharts(state);
}

function drawTexts() {
    document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-i18n]").forEach((e) => { e.textContent = t(e.dataset.i18n); });
    byId("lang").textContent = t("lang.other");
}

// ---- The stream ----

let busy = false;

async function onMessage(m) {
    Object.assign(state.values, m.values);
    Object.assign(state.quality, m.quality);
    state.status = m.status;
    state.receivedMs = performance.now();
    state.now = Date.parse(m.status.at) / 1000;
    setZone(m.status.park.zone);
    if (Number.isFinite(m.status.plan_pcc_kw)) {
        const last = state.planPast[state.planPast.length - 1];
        if (!last || state.now - last[0] >= 60) {
            state.planPast.push([state.now, m.status.plan_pcc_kw]);
            state.planPast = state.planPast.filter(([x]) => x > state.now - HISTORY_S);
        }
    }
    showLink();
    drawLive();
    if (busy) {
        return;
    }
    busy = true;
    try {
        const changed = await readChanged(m.revision);
        if (!ready && state.devices.length > 0) {
            await readHistory();
            makeCharts(state);
            ready = true;
            drawAll();
            document.body.dataset.ready = "1";
        } else if (changed) {
            drawAll();
        }
    } finally {
        busy = false;
    }
}

function showLink() {
    const age = performance.now() - state.receivedMs;
    const lost = state.receivedMs === 0 || age > STALE_MS;
    const silent = !lost && !state.status.fresh;
    byId("lamp").className = `lamp ${lost ? "bad" : silent ? "warn" : "good"}`;
    byId("lamp-text").textContent = t(lost ? "link.lost" : silent ? "link.park" : "link.live");
    byId("stale").hidden = !(lost || silent);
    document.body.classList.toggle("stale", lost || silent);
    byId("stale-text").textContent = state.receivedMs === 0 ? t("stale.never") :
        silent ? t("link.park") : t("stale.since", Math.round(age / 1000));
}

// The park's clock runs on between messages, at the park's speed.
function tick() {
    showLink();
    if (state.status) {
        const passed = Math.min(performance.now() - state.receivedMs, STALE_MS) * (state.status.speed ?? 1);
        byId("clock").textContent = clockText(new Date(state.now * 1000 + passed));
    }
}

// ---- Commands ----

async function act(work, done) {
    try {
        const answer = await work();
        if (answer !== null) {
            toast(done(answer));
        }
    } catch (e) {
        toast(t("toast.failed", e.message), true);
    }
}

function acknowledge(id) {
    act(() => command("POST", "/api/v1/ack", { id }), () => t("toast.done"));
}

function cancelDr(e) {
    if (confirm(t("dr.sure_cancel", e.id))) {
        act(() => command("DELETE", `/api/v1/dr/events/${encodeURIComponent(e.id)}`),
            () => t("dr.cancelled_toast"));
    }
}

function triggerDr(form) {
    const f = Object.fromEntries(new FormData(form));
    const body = { direction: f.direction, kw: Number(f.kw), duration_min: Number(f.minutes) };
    if (Number(f.delay) > 0) {
        body.start = utc(state.now + Number(f.delay) * 60);
    }
    if (confirm(t("dr.sure", t(`dr.${f.direction}`), f.kw, f.minutes))) {
        act(() => command("POST", "/api/v1/dr/events", body), (e) => t("dr.made", e.id));
    }
}

byId("dr-form").addEventListener("submit", (e) => {
    e.preventDefault();
    triggerDr(e.target);
});
byId("ack-all").addEventListener("click", () => acknowledge(""));
byId("replan").addEventListener("click", () => act(() => command("POST", "/api/v1/replan"), () => t("toast.done")));
byId("lang").addEventListener("click", () => {
    setLanguage(language() === "zh" ? "en" : "zh");
    drawTexts();
    if (ready) {
        makeCharts(state);
        drawAll();
    }
});
let resizeTimer = 0;
addEventListener("resize", () => {
    clearTimeout(resizeTimer);
    resizeTimer = setTimeout(() => { if (ready) { resizeCharts(); drawGantt(state); } }, 150);
});

drawTexts();
setInterval(tick, 250);
setInterval(async () => {
    if (ready && !document.hidden) {
        await Promise.all([readHistory(), readEvents(), readers.links().catch(() => null)]);
        drawAll();
    }
}, HISTORY_EVERY_MS);
tick();
stream("/api/v1/stream", (m) => { onMessage(m); });

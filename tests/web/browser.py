"""A headless Chromium driven over its debugging pipe: no driver, no package, no port."""

import base64
import json
import os
import select
import shutil
import subprocess
import time


def find():
    """Path of a Chromium, or None."""
    return next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)


class Browser:
    """One page. Errors and messages of its console are kept in `console`."""

    def __init__(self, profile_dir, width=1920, height=1080):
        to_r, self.to_w = os.pipe()
        self.from_r, from_w = os.pipe()
        os.set_inheritable(to_r, True)
        os.set_inheritable(from_w, True)

        def pipes():  # Chromium reads descriptor 3 and writes 4
            os.dup2(to_r, 63)
            os.dup2(from_w, 64)
            os.dup2(63, 3)
            os.dup2(64, 4)

        self.proc = subprocess.Popen(
            [find(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
             f"--user-data-dir={profile_dir}", f"--window-size={width},{height}", "about:blank"],
            close_fds=False, preexec_fn=pipes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_r)
        os.close(from_w)
        self.buffer, self.number, self.console = b"", 0, []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def read(self, deadline):
        while b"\0" not in self.buffer:
            if not select.select([self.from_r], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.from_r, 1 << 20)
            if not part:
                raise EOFError("the browser has ended")
            self.buffer += part
        raw, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(raw)
        params = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))
        elif message.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.console.append(params["entry"]["text"] + " " + params["entry"].get("url", ""))
        elif message.get("method") == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            self.console.append(str([a.get("value", a.get("description")) for a in params["args"]]))
        elif message.get("method") == "Page.javascriptDialogOpening":
            self.send("Page.handleJavaScriptDialog", accept=True)
        return message

    def send(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.to_w, json.dumps(message).encode() + b"\0")
        return self.number

    def call(self, method, **params):
        number = self.send(method, **params)
        deadline = time.monotonic() + 30
        while True:
            message = self.read(deadline)
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=False)

    def open(self, url):
        self.call("Page.navigate", url=url)

    def eval(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description"))
        return result["result"].get("value")

    def wait(self, expression, seconds=20):
        """Waits until an expression is true; False when it stays false."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.eval(expression):
                    return True
            except RuntimeError:
                pass  # the page is being replaced
            time.sleep(0.1)
        return False

    def low_contrast(self):
        """Texts with less than 4.5 to 1 against their panel (WCAG AA)."""
        return self.eval("""(() => {
            const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
            const lum = (c) => { const [r, g, b] = rgb(c).map((x) => x / 255).map((x) =>
                x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const ground = (e) => getComputedStyle(e).backgroundColor;
            const back = (e) => { for (; e; e = e.parentElement) { const c = ground(e);
                if (rgb(c)[3] === undefined || rgb(c)[3] === 1) return c; } return ground(document.body); };
            const bad = new Set();
            for (const e of document.querySelectorAll("body *")) {
                const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
                if (!own || !e.offsetParent || e.closest(".acked, button:disabled")) continue;
                const [a, c] = [lum(getComputedStyle(e).color), lum(back(e))];
                const ratio = (Math.max(a, c) + 0.05) / (Math.min(a, c) + 0.05);
                if (ratio < 4.5) bad.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
            }
            return [...bad];
        })()""")

    def shot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))

    def close(self):
        try:
            self.send("Browser.close")
            self.proc.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self.proc.kill()
            self.proc.wait()
        os.close(self.to_w)
        os.close(self.from_r)

// Starts the page, and says so in plain HTML when it does not start: a blank window explains nothing.
// A file of its own, because the content security policy allows no inline script.

const WAIT_MS = 10_000;
const SILENT_MS = 500;
// Those that the first screen uses.
const TYPEFACES = ['400 1em "CSR Sans"', '600 1em "CSR Sans"', '400 1em "CSR Mono"'];

// Before the first paint of the page: no flash of the other colours.
try {
  const theme = localStorage.getItem("csrdesk-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that remembers nothing shows the system's colours.
}

for (const button of document.querySelectorAll("[data-reload]")) {
  button.addEventListener("click", () => location.reload());
}

const ready = () => document.body.dataset.ready === "true";

function failed(reason) {
  if (ready()) return;
  document.getElementById("app").hidden = true;
  document.getElementById("boot-failed").hidden = false;
  document.getElementById("boot-reason").textContent = String(reason);
}

// A page that is there at once needs no word of it. Words would also delay it: text whose typeface has not come yet is
// measured in a typeface of the system, and WebKitGTK takes long to find one.
setTimeout(() => document.getElementById("starting")?.removeAttribute("hidden"), SILENT_MS);

const timer = setTimeout(() => failed(`No start within ${WAIT_MS / 1000} seconds.`), WAIT_MS);

try {
  // All at once. Without its typefaces the page is a page all the same.
  const [page, module] = await Promise.all([
    // Imported here and not above: a failing import above would keep this whole file from running.
    import("./csrdesk.js"),
    WebAssembly.compileStreaming(fetch(new URL("./csrdesk_bg.wasm", import.meta.url))),
    Promise.allSettled(TYPEFACES.map((it) => document.fonts.load(it))),
  ]);
  await page.default({ module_or_path: module });
  if (ready()) {
    clearTimeout(timer);
    document.getElementById("boot-failed").hidden = true;
    document.getElementById("app").hidden = !document.getElementById("crash").hidden;
  }
} catch (reason) {
  clearTimeout(timer);
  failed(reason);
}

// Starts the page, and says so in plain HTML when it does not start: a blank window explains nothing.
// A file of its own, because the content security policy allows no inline script. Not a module, and above the stylesheet:
// it runs before the body is there and before anything is drawn.

(async () => {
  const WAIT_MS = 10_000;
  const SILENT_MS = 500;
  const TYPEFACES_MS = 1_000;
  // Those that the first screen uses.
  const TYPEFACES = ['400 1em "CSR Sans"', '600 1em "CSR Sans"', '400 1em "CSR Mono"'];

  const root = document.documentElement;
  const wasm = new URL("./csrdesk_bg.wasm", document.currentScript.src);

  // Before the first paint of the page: no flash of the other colours.
  try {
    const theme = localStorage.getItem("csrdesk-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // A browser that remembers nothing shows the system's colours.
  }

  // "CSR Desk is starting" is hidden for a moment: most starts end before a person could read it, and WebKitGTK takes long
  // to find a typeface of the system for text whose own typeface is not loaded. Without this script the words are shown.
  root.dataset.starting = "silent";
  setTimeout(() => delete root.dataset.starting, SILENT_MS);

  const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const parsed = new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
  parsed.then(() => {
    for (const button of document.querySelectorAll("[data-reload]")) {
      button.addEventListener("click", () => location.reload());
    }
  });
  // The stylesheet names the typefaces: before it is there, none can be loaded.
  const styled = parsed.then(() => {
    const style = document.querySelector("link[rel='stylesheet']");
    if (style === null || style.sheet !== null) return undefined;
    return new Promise((resolve) => ["load", "error"].forEach((it) => style.addEventListener(it, resolve)));
  });
  const ready = () => document.body.dataset.ready === "true";

  async function failed(reason) {
    await parsed;
    if (ready()) return;
    document.getElementById("app").hidden = true;
    document.getElementById("boot-failed").hidden = false;
    document.getElementById("boot-reason").textContent = String(reason);
  }

  // As wasm-bindgen does it: a server or proxy that names another type can still be read, only not as a stream.
  async function compiled(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} for ${url.pathname}`);
    return answer.headers.get("content-type") === "application/wasm"
      ? WebAssembly.compileStreaming(answer)
      : WebAssembly.compile(await answer.arrayBuffer());
  }

  const timer = setTimeout(() => failed(`No start within ${WAIT_MS / 1000} seconds.`), WAIT_MS);

  try {
    // Side by side. The page can be used without its typefaces, so they may fail or hang.
    const typefaces = styled.then(() => Promise.allSettled(TYPEFACES.map((it) => document.fonts.load(it))));
    const [page, module] = await Promise.all([
      // Imported here and not above: a failing import above would keep this whole file from running.
      import("./csrdesk.js"),
      compiled(wasm),
      Promise.race([typefaces, after(TYPEFACES_MS)]),
      parsed,
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
})();

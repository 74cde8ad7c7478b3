const key = 'holdfast-reloaded-ms';
const notAgainForMs = 60_000;

/** Holdfast was updated while this page was open: code that it loads late has another name now. Loads the page again, once. */
export function reloadWhenReplaced(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const lastMs = Number(sessionStorage.getItem(key) ?? 0);
    if (Date.now() - lastMs < notAgainForMs) return;
    event.preventDefault();
    sessionStorage.setItem(key, String(Date.now()));
    window.location.reload();
  });
}

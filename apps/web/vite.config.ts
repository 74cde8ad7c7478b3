import { apiPath, apiRoutes } from '@holdfast/contract';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const routesId = 'virtual:holdfast-routes';

/** Gives the page the routes of the contract without the schemas, which only the server needs. */
function contractRoutes(): Plugin {
  return {
    name: 'holdfast-contract-routes',
    resolveId: (id) => (id === routesId ? `\0${routesId}` : undefined),
    load: (id) =>
      id === `\0${routesId}`
        ? `export const apiPath = ${JSON.stringify(apiPath)};\nexport const routes = JSON.parse(${JSON.stringify(JSON.stringify(apiRoutes()))});`
        : undefined,
  };
}

export default defineConfig({
  base: '/',
  plugins: [react(), contractRoutes()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Browsers that know light-dark() in style sheets; an older target replaces it by something that the theme's switch cannot reach.
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    modulePreload: { polyfill: false },
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8484' } },
});

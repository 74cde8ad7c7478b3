/** Made by vite.config.ts from the contract. */
declare module 'virtual:holdfast-routes' {
  export const apiPath: string;
  export const routes: typeof import('@holdfast/contract').api;
}

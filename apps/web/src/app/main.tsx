import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from '../api/make-query-client.ts';
import { startText } from '../text/start-text.ts';
import { App } from './app.tsx';
import { makeRouter } from './make-router.ts';
import { reloadWhenReplaced } from './reload-when-replaced.ts';

reloadWhenReplaced();
await startText();
const queries = makeQueryClient(() => {
  if (signedOutPages.has(router.state.location.pathname)) return;
  const asked = router.state.location.href;
  void router.navigate({ to: '/sign-in', search: { next: asked === '/' ? undefined : asked } });
});
const router = makeRouter(queries);
const signedOutPages = new Set(['/sign-in', '/sign-up']);

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no element #root');
createRoot(root).render(<App queries={queries} router={router} />);

import { mkdtemp, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startFakeServer } from './fake-server.ts';
import { idOf } from './sample-data.ts';

/**
 * Takes a picture of each page: wide and narrow, light and dark. With the path of axe.min.js in AXE it also reports what axe finds.
 * Arguments: words that a page's name has to contain. LOOKS: a word that the look has to contain, such as phone or dark.
 */
const folder = process.env['SCREENSHOTS'] ?? (await mkdtemp(join(tmpdir(), 'holdfast-screenshots-')));
const axe = process.env['AXE'] === undefined ? undefined : await readFile(process.env['AXE'], 'utf8');
const wanted = process.argv.slice(2);
const documents = idOf(11);
const pages: Record<string, string> = {
  overview: '/',
  backups: '/backups',
  'backup-new': '/backups/new',
  backup: `/backups/${documents}`,
  'backup-commands': `/backups/${idOf(16)}/commands`,
  'backup-dumps': `/backups/${idOf(16)}/files?path=%2Fpostgres%2Fdatabases`,
  'backup-database': `/backups/${idOf(16)}/configuration`,
  'backup-files': `/backups/${documents}/files?path=%2Fsrv%2Fdocuments`,
  'backup-reports': `/backups/${documents}/reports`,
  'backup-retention': `/backups/${documents}/retention`,
  'backup-configuration': `/backups/${idOf(13)}/configuration`,
  'storage-servers': '/storage-servers',
  'storage-server': `/storage-servers/${idOf(2)}`,
  'storage-new': '/storage-servers/new',
  connections: '/connections',
  connection: `/connections/${idOf(702)}`,
  'connection-ssh': `/connections/${idOf(701)}`,
  'connection-new': '/connections/new',
  reports: '/reports',
  'run-succeeded': `/reports/${idOf(1000)}`,
  'run-partial': `/reports/${idOf(1001)}`,
  'run-push': `/reports/${idOf(1048)}`,
  'admin-profile': '/admin',
  'admin-password': '/admin/password',
  'admin-telegram': '/admin/telegram',
  'admin-tokens': '/admin/tokens',
  'admin-audit': '/admin/audit',
  'not-found': '/nowhere',
  welcome: '/welcome?step=storage',
};
const looks = [
  { look: 'wide-light', width: 1280, height: 860, colorScheme: 'light' },
  { look: 'wide-dark', width: 1280, height: 860, colorScheme: 'dark' },
  { look: 'phone-light', width: 390, height: 844, colorScheme: 'light' },
  { look: 'phone-dark', width: 390, height: 844, colorScheme: 'dark' },
] as const;
let findings = 0;

const server = await startFakeServer({ port: 0, empty: false });
const emptyServer = await startFakeServer({ port: 0, empty: true });
const addressOf = (one: typeof server): string => `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
  ],
});

for (const look of looks) {
  if (!look.look.includes(process.env['LOOKS'] ?? '')) continue;
  const signedIn = await open(browser, look);
  await signedIn.goto(`${addressOf(server)}/sign-in`);
  await take(signedIn, 'sign-in', look.look);
  await signedIn.getByLabel('Email').fill('ada@example.org');
  await signedIn.getByLabel('Password', { exact: true }).fill('correct horse');
  await signedIn.getByRole('button', { name: 'Sign in' }).click();
  await signedIn.waitForURL('**/');
  for (const [name, path] of Object.entries(pages)) {
    if (!isWanted(name)) continue;
    await signedIn.goto(`${addressOf(server)}${path}`);
    await take(signedIn, name, look.look);
  }
  await signedIn.context().close();
  const first = await open(browser, look);
  await first.goto(addressOf(emptyServer));
  await take(first, 'sign-up', look.look);
  await first.context().close();
}
await browser.close();
server.closeAllConnections();
server.close();
emptyServer.closeAllConnections();
emptyServer.close();
console.log(`${folder}${axe === undefined ? '' : `: axe found ${findings}`}`);

async function open(chrome: Browser, { width, height, colorScheme }: (typeof looks)[number]): Promise<Page> {
  const context = await chrome.newContext({ viewport: { width, height }, colorScheme, locale: 'en-GB', bypassCSP: axe !== undefined });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`${page.url()}: ${error.message}`));
  page.on('console', (message) => (message.type() === 'error' ? console.error(`${page.url()}: ${message.text()}`) : undefined));
  return page;
}

async function take(page: Page, name: string, look: string): Promise<void> {
  if (!isWanted(name)) return;
  await page.waitForSelector('h1, h2', { timeout: 10_000 });
  await page.waitForTimeout(500);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) console.error(`${name} ${look}: ${overflow} pixels too wide`);
  await page.screenshot({ path: join(folder, `${name}.${look}.png`), fullPage: true });
  if (axe === undefined) return;
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const results = await (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    ).axe.run();
    return results.violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html.slice(0, 160))
          .slice(0, 3)
          .join(' | ')}`,
    );
  });
  findings += violations.length;
  for (const violation of violations) console.error(`axe ${name} ${look}: ${violation}`);
}

function isWanted(name: string): boolean {
  return wanted.length === 0 || wanted.some((word) => name.includes(word));
}

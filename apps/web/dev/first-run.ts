import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/**
 * Goes the whole way of a first visitor on a Holdfast that nobody has an account on yet: account, storage server, recovery key, backup, run,
 * report, files, restore. Environment: HOLDFAST_URL, SETUP_TOKEN, SOURCE (a directory to back up), SCRATCH (a directory for storage and the
 * restored files), SCREENSHOTS.
 */
const address = process.env['HOLDFAST_URL'] ?? 'http://127.0.0.1:8484';
const source = process.env['SOURCE'] ?? '/usr/share/doc';
const scratch = process.env['SCRATCH'] ?? '/tmp/holdfast-first-run';
const pictures = process.env['SCREENSHOTS'] ?? scratch;
mkdirSync(pictures, { recursive: true });
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
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
const page = await context.newPage();
page.setDefaultTimeout(30_000);
page.on('pageerror', (error) => console.error(`${page.url()}: ${error.message}`));
page.on('console', (message) => (message.type() === 'error' ? console.error(`${page.url()}: ${message.text()}`) : undefined));
let shots = 0;
const shot = async (name: string): Promise<void> => {
  await page.waitForTimeout(300);
  await page.screenshot({
    path: join(pictures, `first-run-${String(shots++).padStart(2, '0')}-${name}.png`),
    fullPage: !['files', 'restore', 'problem'].includes(name),
  });
  console.log(name);
};

try {
  await page.goto(address);
  await page.getByLabel('Name').fill('Ada Byron');
  const token = page.getByLabel('Set-up token');
  if (await token.isVisible()) await token.fill(process.env['SETUP_TOKEN'] ?? 'let-me-in');
  await page.getByLabel('Email').fill('ada@example.org');
  await page.getByLabel('Password', { exact: true }).fill('four random sea words');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('Where should backups be kept?').waitFor();
  await page.getByLabel('Directory', { exact: true }).fill(join(scratch, 'repository'));
  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByText('This place works').waitFor();
  await shot('storage');
  await page.getByRole('button', { name: 'Create storage server' }).click();
  await page.getByRole('button', { name: 'Show the recovery key' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  await (await download).saveAs(join(scratch, 'recovery-key.txt'));
  await shot('recovery-key');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill('Documents');
  await page.getByRole('button', { name: 'Browse: Path 1' }).click();
  await page.getByRole('button', { name: 'usr', exact: true }).waitFor();
  await shot('directory-picker');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByLabel('Path 1', { exact: true }).fill(source);
  await page.getByText('The next runs:').waitFor();
  await shot('backup');
  await page.getByRole('button', { name: 'Create backup' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await page
    .getByRole('progressbar')
    .first()
    .waitFor({ timeout: 5_000 })
    .catch(() => console.log('the run was over before its progress showed'));
  await shot('running');
  await page.getByText('Your data is backed up').waitFor({ timeout: 120_000 });
  await shot('done');
  await page.getByRole('link', { name: 'Open the report' }).click();
  await page.getByText('Read back', { exact: true }).waitFor();
  await shot('report');
  await page.getByRole('link', { name: 'To the backup' }).click();
  await page.getByRole('link', { name: 'Files' }).click();
  for (const name of source.split('/').filter((part) => part !== '')) await page.getByRole('button', { name, exact: true }).click();
  await page.waitForTimeout(500);
  await shot('files');
  await page.getByRole('button', { name: 'Restore everything' }).click();
  await page.getByLabel('Into this directory', { exact: true }).fill(join(scratch, 'restored'));
  await shot('restore');
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.getByText('Succeeded', { exact: true }).waitFor({ timeout: 120_000 });
  await page.getByText('Files restored').waitFor();
  await shot('restored');
  for (const [name, path] of Object.entries({
    overview: '/',
    backups: '/backups',
    storage: '/storage-servers',
    reports: '/reports',
    audit: '/admin/audit',
    telegram: '/admin/telegram',
  })) {
    await page.goto(`${address}${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(500);
    await shot(name);
  }
  console.log('all of it worked');
} catch (error) {
  await shot('problem');
  throw error;
} finally {
  await browser.close();
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { needBrowser } from './support/browser.ts';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { needRestic } from './support/restic.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { startServeProcess } from './support/serve-process.ts';

const fileCount = 5_000;

function makeSource(folder: string): string {
  const random = new SeededRandom('what people have');
  for (let directory = 0; directory < 50; directory++) {
    const path = join(folder, 'source', `directory ${directory} & <b>`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < fileCount / 50; file++) writeFileSync(join(path, `file ${file}.txt`), random.bytes(6_000));
  }
  for (let large = 0; large < 12; large++) writeFileSync(join(folder, 'source', `large ${large}`), random.bytes(24 << 20));
  return join(folder, 'source');
}

/** Account, storage server, recovery key and backup, as the first steps ask for them. */
async function takeFirstSteps(page: Page, folder: string, source: string): Promise<void> {
  await page.getByLabel('Name').fill('Ada Byron');
  await page.getByLabel('Email').fill('ada@example.org');
  await page.getByLabel('Password', { exact: true }).fill('four random sea words');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('Where should backups be kept?').waitFor();
  await page.getByLabel('Directory', { exact: true }).fill(join(folder, 'repository'));
  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByText('This place works').waitFor();
  await page.getByRole('button', { name: 'Create storage server' }).click();
  await page.getByRole('button', { name: 'Show the recovery key' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  await (await download).saveAs(join(folder, 'recovery-key.txt'));
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill('Documents');
  await page.getByLabel('Path 1', { exact: true }).fill(source);
  await page.getByText('The next runs:').waitFor();
  await page.getByRole('button', { name: 'Create backup' }).click();
}

/** Runs the backup and returns what the progress bar said meanwhile. */
async function runAndWatch(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Run now' }).click();
  const done = page.getByText('Your data is backed up');
  const seen = new Set<string>();
  const deadlineMs = performance.now() + 180_000;
  while (!(await done.isVisible()) && performance.now() < deadlineMs) {
    const bar = page.getByRole('progressbar').first();
    const value = await bar.getAttribute('aria-valuenow', { timeout: 200 }).catch(() => null); // none while it is not known
    if (value !== null) seen.add(value);
    await page.waitForTimeout(40);
  }
  await done.waitFor({ timeout: 1_000 });
  return [...seen];
}

async function downloadFile(page: Page, source: string, folder: string): Promise<void> {
  for (const name of source.split('/').filter((part) => part !== '')) await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('button', { name: 'directory 7 & <b>', exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download file 42.txt' }).click();
  await (await download).saveAs(join(folder, 'downloaded'));
  assert.deepEqual(readFileSync(join(folder, 'downloaded')), readFileSync(join(source, 'directory 7 & <b>', 'file 42.txt')));
}

async function walk(browser: Browser, url: string, folder: string, source: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  await page.goto(url);
  await takeFirstSteps(page, folder, source);
  const progress = await runAndWatch(page);
  assert.ok(progress.length >= 2, `the progress moved: ${progress.join(', ')}`);
  await page.getByRole('link', { name: 'Open the report' }).click();
  await page.getByText('Read back', { exact: true }).waitFor();
  await page.getByText('5,012', { exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'To the backup' }).click();
  await page.getByRole('link', { name: 'Files' }).click();
  await downloadFile(page, source, folder);
  await page.getByRole('button', { name: 'Restore everything' }).click();
  await page.getByLabel('Into this directory', { exact: true }).fill(join(folder, 'restored'));
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.getByText('Succeeded', { exact: true }).first().waitFor({ timeout: 120_000 });
  for (const path of ['/', '/backups', '/storage-servers', '/reports', '/admin/audit', '/admin/telegram']) {
    await page.goto(`${url}${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }
  assert.deepEqual(complaints, []);
}

test('a person backs up and restores by the web page, and restic opens what is there', { timeout: 600_000 }, async (context) => {
  await using browser = await needBrowser(context);
  if (browser === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-browser-'));
  try {
    const source = makeSource(folder);
    await using server = await startServeProcess(join(folder, 'data'));
    await walk(browser, server.url, folder, source);
    const differences = compareTrees(Buffer.from(source), Buffer.from(join(folder, 'restored', source)));
    assert.equal(differences.length, 0, showDifferences(differences));
    const restic = needRestic(context);
    if (restic === undefined) return;
    const password = /^.*password.*?:?\s+((?:[0-9a-z]{4}-){12}[0-9a-z]{4})\s*$/im.exec(
      readFileSync(join(folder, 'recovery-key.txt'), 'utf8'),
    )?.[1];
    assert.ok(password !== undefined);
    execFileSync(restic, ['check', '--read-data', '--no-cache', '-r', join(folder, 'repository')], {
      env: { ...process.env, RESTIC_PASSWORD: password },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

import type { TestContext } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { hasProgram } from '../services/run-program.ts';

/** The browser's settings keep it from asking the world for anything. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium; where there is none, the test is skipped, and in CI it fails. */
export async function needBrowser(context: TestContext): Promise<Browser | undefined> {
  const executablePath = process.env['HOLDFAST_CHROMIUM'] ?? '/usr/bin/chromium';
  if (hasProgram(executablePath)) return chromium.launch({ executablePath, args: flags });
  if (process.env['CI'] === 'true') throw new Error('Chromium is missing');
  context.skip('Chromium is missing');
  return undefined;
}

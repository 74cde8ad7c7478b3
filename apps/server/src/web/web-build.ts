import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The web page as files, or why there are none. */
export type WebBuild = { readonly directory: string } | { readonly problem: string };

const stamp = 'built-from';

/**
 * The built web page of that workspace; built now where there is none or its sources are others than those it was built from. Never throws:
 * the API works without a page. A failed build leaves an older one alone.
 */
export async function ensureWebBuild(web: string, onStart: () => void, signal: AbortSignal): Promise<WebBuild> {
  const directory = join(web, 'dist');
  const fingerprint = fingerprintSources(web);
  if (fingerprint === undefined || isBuiltFrom(directory, fingerprint)) {
    return existsSync(join(directory, 'index.html')) ? { directory } : { problem: `There is no web page in ${directory}` };
  }
  onStart();
  const draft = join(web, `dist.${process.pid}`);
  try {
    const problem = await runVite(web, draft, signal);
    if (problem !== undefined) return { problem };
    writeFileSync(join(draft, stamp), fingerprint);
    rmSync(directory, { recursive: true, force: true });
    renameSync(draft, directory);
    return { directory };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Names and contents of everything the page is made of; undefined where only the built page was installed. */
function fingerprintSources(web: string): string | undefined {
  const contract = join(web, '..', '..', 'packages', 'contract');
  if (!existsSync(join(web, 'src'))) return undefined;
  const hash = createHash('sha256');
  const skipped = ['node_modules', 'dist'];
  for (const room of [web, contract]) {
    const names = globSync('**/*', { cwd: room, exclude: (name) => skipped.includes(name) || name.startsWith('dist.') }).sort();
    for (const name of names) {
      const path = join(room, name);
      if (name.endsWith('.test.ts') || !statSync(path).isFile()) continue;
      hash.update(`${name}\0`).update(readFileSync(path)).update('\0');
    }
  }
  return hash.digest('hex');
}

function isBuiltFrom(directory: string, fingerprint: string): boolean {
  const path = join(directory, stamp);
  return existsSync(path) && readFileSync(path, 'utf8') === fingerprint;
}

/** Builds into `outDir`. Returns what went wrong, with the last of what Vite said. */
async function runVite(web: string, outDir: string, signal: AbortSignal): Promise<string | undefined> {
  const vite = dirname(createRequire(join(web, 'package.json')).resolve('vite/package.json'));
  const parameters = [join(vite, 'bin', 'vite.js'), 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'];
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const child = spawn(process.execPath, parameters, { cwd: web, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-4000);
    });
  }
  child.once('error', reject);
  child.once('close', (code, end) =>
    resolve(code === 0 && end === null ? undefined : `vite build ended with ${end ?? code}\n${said}`.trim()),
  );
  return await promise;
}

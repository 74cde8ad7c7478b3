import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runProgram } from './run-program.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Fetches restic of Debian's unstable suite, which has the newest, and unpacks it under `folder` without installing it: nothing of the
 * system changes. Uses the mirror that apt is set up with, and a package list of its own. Needs root, as apt does.
 */
export function unpackNewestRestic(folder: string): void {
  const mirror = runProgram('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'])
    .split('\n')
    .find((uri) => uri !== '' && !uri.includes('security'));
  if (mirror === undefined) throw new Error('apt has no Debian mirror configured');
  if (!existsSync(keyring)) throw new Error(`${keyring} is missing, so that packages of unstable cannot be verified`);
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-apt-'));
  try {
    mkdirSync(join(scratch, 'lists/partial'), { recursive: true });
    const sources = join(scratch, 'unstable.sources');
    writeFileSync(sources, `Types: deb\nURIs: ${mirror}\nSuites: unstable\nComponents: main\nSigned-By: ${keyring}\n`);
    const apt = [
      `Dir::Etc::sourcelist=${sources}`,
      'Dir::Etc::sourceparts=-',
      `Dir::State::Lists=${join(scratch, 'lists')}`,
      'APT::Sandbox::User=root',
      'Acquire::Languages=none',
      'Acquire::http::Timeout=20',
      'Acquire::Retries=2',
    ].flatMap((option) => ['-o', option]);
    runProgram('apt-get', [...apt, '-qq', '-o', 'APT::Update::Error-Mode=any', 'update']);
    runProgram('apt-get', [...apt, '-qq', 'download', 'restic'], { cwd: scratch });
    const archive = globSync('restic_*.deb', { cwd: scratch })[0];
    if (archive === undefined) throw new Error('apt-get download restic left no package');
    runProgram('dpkg', ['-x', join(scratch, archive), join(scratch, 'restic')]);
    mkdirSync(dirname(folder), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    runProgram('cp', ['-a', join(scratch, 'restic'), `${folder}.new`]);
    renameSync(`${folder}.new`, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { Repository } from '/work/main/packages/engine/src/repository/repository.ts';
import { restore } from '/work/main/packages/engine/src/verbs/restore/restore.ts';
const [repo = '', target = '', ...flags] = process.argv.slice(2);
const t0 = performance.now();
await using repository = await Repository.open({ storage: new LocalStorage({ path: repo }), password: new Secret('x') });
const snapshots = [...await repository.snapshots()].sort((a, b) => (a.time < b.time ? -1 : 1));
await repository.loadIndex();
const t1 = performance.now();
const subpath = flags.find((f) => f.startsWith('sub='))?.slice(4);
const report = await restore(repository, { tree: snapshots.at(-1)!.tree, target, verify: flags.includes('verify'), delete: flags.includes('delete'), sparse: flags.includes('sparse'), dryRun: flags.includes('dry'),
  overwrite: (flags.find((f) => f.startsWith('ow='))?.slice(3) ?? 'always') as 'always', ...(subpath ? { subpath: Buffer.from(subpath) } : {}) });
const { problems, ...figures } = report;
console.log(JSON.stringify(figures));
for (const p of problems.slice(0, 20)) console.log(p.kind, p.path.toString(), p.error.message);
console.log(`open ${(t1 - t0).toFixed(0)} ms, restore ${(performance.now() - t1).toFixed(0)} ms, peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, user ${(process.resourceUsage().userCPUTime/1e6).toFixed(2)} s sys ${(process.resourceUsage().systemCPUTime/1e6).toFixed(2)} s`);

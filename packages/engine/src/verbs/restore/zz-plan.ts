import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { Repository } from '/work/main/packages/engine/src/repository/repository.ts';
import { planRestore } from './plan-restore.ts';
import { walkTrees } from './tree-walk.ts';
await using repository = await Repository.open({ storage: new LocalStorage({ path: process.argv[2]! }), password: new Secret('x') });
const snapshots = [...await repository.snapshots()];
let t = performance.now();
await repository.loadIndex();
console.log('index', performance.now() - t);
for (let i = 0; i < 4; i++) {
t = performance.now(); let n = 0;
await walkTrees(repository, { tree: snapshots[0]!.tree }, { visit(_d: any, nodes: any, descend: any) { for (const node of nodes) { n++; if (node.subtree) descend({ tree: node.subtree }); } }, onError(_d: any, e: any) { throw e; } }, undefined);
console.log('walk', n, performance.now() - t);
t = performance.now();
await planRestore(repository, { tree: snapshots[0]!.tree, target: '/x' }, () => true);
console.log('plan', performance.now() - t);
}

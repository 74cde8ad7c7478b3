export { type ExplainedSource, explainSource } from '../source/explain-source.ts';
export { probeSource, type ReachableSource } from '../source/probe-source.ts';
export { openLinks } from './open-links.ts';
export { tryLinks } from './try-links.ts';

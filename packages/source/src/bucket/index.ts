export { BucketOptions } from './bucket-options.ts';
export { BucketSource } from './bucket-source.ts';
export { type PushObjectsOptions, type PushObjectsReport, pushObjects } from './push-objects.ts';

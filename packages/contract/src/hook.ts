import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';

/** A command that is run before or after a run of a backup, such as one that brings an application to rest and one that wakes it again. */
export const Hook = z.strictObject({
  when: z.enum(['before', 'after']),
  /** Of those after a run: which runs. Where something before the source was reached failed, none is run. */
  after: z.enum(['always', 'success', 'failure']).default('always'),
  /** Behind how many links of the chain it runs: 0 on the Holdfast machine, 1 behind the first, and so on. Null: where the source is. */
  link: z.int().min(0).max(8).nullable().default(null),
  /** A program and its arguments: no shell reads them. No secrets: every argument can be seen. */
  argv: z
    .array(
      z
        .string()
        .max(65_536)
        .refine((text) => !text.includes('\0'), 'It holds a zero byte.'),
    )
    .min(1)
    .max(1000)
    .refine(([program = '']) => program !== '' && !program.startsWith('-'), 'Begin with the name or path of a program.'),
  workingDirectory: AbsolutePath.optional(),
  /** Account to run as, where it is another one than the chain's. */
  runAs: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'Give the name of an account.')
    .optional(),
  timeLimitSeconds: z.int().min(1).max(86_400).default(300),
  /** What it means when it does not end with exit code 0: `fail` the run, before it has read anything if it comes before; or a `note` in the report. */
  failure: z.enum(['fail', 'note']).default('fail'),
});
export type Hook = z.infer<typeof Hook>;

import { z } from 'zod';
import { AccountName, AnyName, FarPath } from '../option-types.ts';

const Argument = z
  .string()
  .max(65_536)
  .refine((text) => !text.includes('\0'), 'It has a NUL in it.');

/** A program, by name or path, and its arguments: no shell reads them. */
const Argv = z.tuple([AnyName.refine((program) => !program.startsWith('-'), 'The name of a program does not begin with "-".')], Argument);

export const CommandOptions = z.strictObject({
  /** What is run for a backup: its standard output is the content. No secrets: every argument can be seen on the host. */
  argv: Argv,
  /** Name of the file in the backup. */
  fileName: z
    .string()
    .min(1)
    .max(200)
    .regex(/^(?!\.{1,2}$)[^/\0]+$/, 'Give a plain name of a file.'),
  workingDirectory: FarPath.optional(),
  /** Account of the host to run as. */
  runAs: AccountName.optional(),
  /** Which exit codes mean that it succeeded. A signal never does. */
  expectedExitCodes: z.array(z.int().min(0).max(255)).min(1).max(16).default([0]),
  /** The text that a whole output ends with; a newline or space behind it is allowed. */
  endMarker: z.string().min(1).max(1024).optional(),
  /** Without it no output at all is a failure. */
  mayBeEmpty: z.boolean().default(false),
  /** What is run for a restore: it gets the content on its standard input. */
  restoreArgv: Argv.optional(),
});
export type CommandOptions = z.output<typeof CommandOptions>;

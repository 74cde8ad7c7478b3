import { z } from 'zod';
import { checkInput, shown } from '../schedule/check-input.ts';

/** What retention needs to know of a snapshot. */
export interface RetentionSnapshot {
  readonly id: string;
  /** When its run started, in whole epoch milliseconds. */
  readonly timeMs: number;
  /** Its size where it is a file of its own; what a cap counts in a repository is told by `UnionBytes`. */
  readonly bytes: number;
  /** Kept whatever the rules say. Default false. */
  readonly pinned?: boolean;
  /** Whether the run left nothing out. Default true. */
  readonly complete?: boolean;
}

const earliestMs = Date.UTC(1900, 0, 1);
const latestMs = Date.UTC(9999, 11, 31);

const lineSchema = z
  .strictObject({
    id: z
      .string({ error: ({ input }) => `must be a text, not ${shown(input)}` })
      .min(1, { error: 'must not be empty' })
      .max(1000),
    time: z
      .string({ error: ({ input }) => `must be an instant like 2026-11-25T02:30:00Z, not ${shown(input)}` })
      .transform((text, context) => {
        const timeMs = instantMs(text);
        if (timeMs !== undefined) return timeMs;
        context.addIssue(`must be an instant from 1900 to 9999 like 2026-11-25T02:30:00Z, not ${shown(text)}`);
        return z.NEVER;
      }),
    bytes: z
      .number({ error: ({ input }) => `must be a number of bytes, not ${shown(input)}` })
      .refine((value) => Number.isSafeInteger(value) && value >= 0, {
        error: ({ input }) => `must be a whole number of bytes, 0 or more, not ${shown(input)}`,
      }),
    pinned: flag(),
    complete: flag(),
  })
  .transform(({ time, pinned, complete, ...rest }) => ({ ...rest, timeMs: time, pinned: pinned ?? false, complete: complete ?? true }));

/** A snapshot from JSON: `{id, time, bytes, pinned?, complete?}`, the time an ISO instant. `invalid-argument` that names the field. */
export function parseRetentionSnapshot(value: unknown): RetentionSnapshot {
  return checkInput<RetentionSnapshot>(lineSchema, value, {
    what: 'The snapshot',
    hint: 'Write {"id": "…", "time": "2026-11-25T02:30:00Z", "bytes": 1024}, and pinned and complete as true or false where they matter.',
  });
}

function flag(): z.ZodOptional<z.ZodBoolean> {
  return z.boolean({ error: ({ input }) => `must be true or false, not ${shown(input)}` }).optional();
}

/** Rounded down. */
function instantMs(text: string): number | undefined {
  try {
    const timeMs = Temporal.Instant.from(text).epochMilliseconds;
    return timeMs >= earliestMs && timeMs <= latestMs ? timeMs : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

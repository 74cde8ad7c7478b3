import { z } from 'zod';

/** A CodedError on its way to a person: no stack, no secret. */
export const ReportedError = z.strictObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  retry: z.enum(['permanent', 'temporary']),
});
export type ReportedError = z.infer<typeof ReportedError>;

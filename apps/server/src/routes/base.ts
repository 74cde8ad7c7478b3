import { api } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { implement } from '@orpc/server';
import { errorAnswer } from '../http/error-answer.ts';
import { mustBeAllowed, needOf } from '../http/permissions.ts';
import type { RequestContext } from '../http/request-context.ts';

/**
 * The contract, to be implemented. Around every route stand the check of who may call it, before its input is even looked at, and the
 * translation of errors.
 */
export const routes = implement(api)
  .$context<RequestContext>()
  .use(async ({ context, next, path, procedure }) => {
    try {
      mustBeAllowed(needOf(path, procedure['~orpc'].route.method ?? 'POST'), context.identity);
      return await next();
    } catch (error) {
      const wait = CodedError.is(error) ? error.context['retryAfterSeconds'] : undefined;
      if (wait !== undefined) context.setHeader('retry-after', String(wait));
      throw errorAnswer(error, context.requestId, context.reportDefect);
    }
  });

import { createToken } from './create-token.ts';
import { deleteToken } from './delete-token.ts';
import { listTokens } from './list-tokens.ts';

/** The verbs of the noun `account` that are about API tokens. */
export const account = { listTokens, createToken, deleteToken } as const;

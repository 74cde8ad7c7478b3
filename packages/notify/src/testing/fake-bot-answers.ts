/** An answer as the Bot API gives it. */
export type BotApiAnswer =
  | { readonly ok: true; readonly result: unknown }
  | {
      readonly ok: false;
      readonly error_code: number;
      readonly description: string;
      readonly parameters?: Readonly<Record<string, number>>;
    };

export function ok(result: unknown): BotApiAnswer {
  return { ok: true, result };
}

export function failure(status: number, description: string, parameters?: Readonly<Record<string, number>>): BotApiAnswer {
  return { ok: false, error_code: status, description, ...(parameters === undefined ? {} : { parameters }) };
}

export function badRequest(what: string): BotApiAnswer {
  return failure(400, `Bad Request: ${what}`);
}

import { CodedError } from '@holdfast/kernel';
import type { FastifyInstance } from 'fastify';

/** Listens, and returns the port. `address-in-use` with what to do if that is not possible. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: 'another program listens there',
      EACCES: 'this account may not use that port',
      EADDRNOTAVAIL: 'this machine has no such address',
      ENOTFOUND: 'there is no machine of that name',
    };
    const reason = reasons[code];
    if (reason === undefined) throw cause;
    throw new CodedError({
      code: 'address-in-use',
      message: `Holdfast cannot listen at ${host}, port ${port}: ${reason}`,
      hint:
        code === 'EADDRINUSE'
          ? 'Is Holdfast running already? Choose another port with --port, or --port 0 for any that is free.'
          : 'Choose another with --host and --port.',
      cause,
    });
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new CodedError({ code: 'internal', message: 'The server listens nowhere' });
  return address.port;
}

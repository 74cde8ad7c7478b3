import { Readable } from 'node:stream';
import { apiPath } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { holderOf } from '../sign-in/identity.ts';
import { storedSnapshot } from '../storage/stored-snapshot.ts';
import { attachment } from './content-disposition.ts';
import type { RequestContext } from './request-context.ts';

/** Serves the one-time links that `snapshots.downloadLink` makes. What comes out of a backup is never shown by the browser as a page. */
export function registerDownload(app: FastifyInstance, contextOf: (request: FastifyRequest, reply: FastifyReply) => RequestContext): void {
  app.get(`${apiPath}/download/:token`, { exposeHeadRoute: false }, async (request, reply) => {
    const context = contextOf(request, reply);
    const { services, identity } = context;
    if (identity === undefined) throw new CodedError({ code: 'unauthenticated', message: 'Sign in first' });
    const { token } = z.object({ token: z.string() }).parse(request.params);
    const link = services.links.take(token, holderOf(identity));
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, services.stopping]);
    const { access, snapshotId } = await storedSnapshot(services.control, link.storedSnapshotId);
    const download = await (await services.vaults.reader()).download(access, snapshotId, link.path, signal);
    const { fileName, sizeBytes, content } = download;
    const release = (): void => void Promise.resolve(download[Symbol.asyncDispose]()).catch(context.reportDefect);
    if (gone.signal.aborted) release();
    gone.signal.addEventListener('abort', release);
    reply.header('content-disposition', attachment(fileName));
    reply.header('content-security-policy', "sandbox; default-src 'none'");
    reply.header('content-type', 'application/octet-stream');
    reply.header('cache-control', 'no-store');
    if (sizeBytes !== null) reply.header('content-length', sizeBytes);
    return await reply.send(Readable.from(content, { objectMode: false }));
  });
}

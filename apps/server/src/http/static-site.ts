import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { WebBuild } from '../web/web-build.ts';

/** Serves the web page. Paths that are no files are places within the page, so that a reload there works. */
export async function serveSite(app: FastifyInstance, build: WebBuild): Promise<(reply: FastifyReply) => FastifyReply> {
  if ('problem' in build) {
    app.get('/', (_request, reply) => sendProblem(reply, build.problem));
    return (reply) => sendProblem(reply, build.problem);
  }
  await app.register(fastifyStatic, {
    root: build.directory,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (answer, path) => {
      // Vite names what is below assets/ after its content.
      const isNamedByContent = path.startsWith(`${build.directory}/assets/`);
      answer.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return (reply) => reply.sendFile('index.html');
}

function sendProblem(reply: FastifyReply, problem: string): FastifyReply {
  const escaped = problem.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const text = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Holdfast</title>
<h1>The web page of Holdfast could not be built</h1>
<p>Backups, the API and the command line work. Start Holdfast again when this is mended:</p>
<pre>${escaped}</pre></html>`;
  return reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(text);
}

import { Agent, request } from 'node:http';

export interface Route {
  readonly name: string;
  /** The path of the next request. */
  readonly path: () => string;
}

export interface Sample {
  readonly route: string;
  /** From when the request was due to the last byte of its answer: waiting for the answers before it counts. */
  readonly ms: number;
  readonly bytes: number;
}

export interface Target {
  readonly url: string;
  readonly cookie: string;
  readonly agent: Agent;
}

export function openTarget(url: string, cookie: string): Target {
  return { url, cookie, agent: new Agent({ keepAlive: true }) };
}

/** Sends requests one after the other at fixed times, whether or not those before were answered. */
export async function steadyLoad(target: Target, routes: readonly Route[], perSecond: number, seconds: number): Promise<Sample[]> {
  const beginMs = performance.now();
  const running: Promise<Sample>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const dueMs = beginMs + (index * 1000) / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const route = routes[index % routes.length];
    if (route !== undefined) running.push(get(target, route, dueMs));
  }
  return await Promise.all(running);
}

/** One request. Throws unless it is answered with 200. */
export async function get({ url, cookie, agent }: Target, route: Route, dueMs: number = performance.now()): Promise<Sample> {
  const { promise, resolve, reject } = Promise.withResolvers<Sample>();
  const sent = request(`${url}${route.path()}`, { agent, headers: { cookie } }, (response) => {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    response.once('error', reject);
    response.once('end', () => {
      if (response.statusCode === 200) resolve({ route: route.name, ms: performance.now() - dueMs, bytes });
      else reject(new Error(`${route.name} was answered with ${response.statusCode}`));
    });
  });
  sent.once('error', reject);
  sent.end();
  return await promise;
}

/** The value that this share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

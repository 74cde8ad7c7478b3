import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { containerChoiceSchema, dockerConnector, type EngineAddress } from '@holdfast/connect/docker';
import type { Connector } from '@holdfast/connect/port';
import { type HostKey, hostKeysFromKnownHosts, parseHostKey, sshConnector } from '@holdfast/connect/ssh';
import { CodedError, Secret } from '@holdfast/kernel';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';
import { usageError } from './run-context.ts';

const port = z.int().min(1).max(65_535);
/** A path, relative to the folder of the chain's file. */
const path = z.string().min(1);

const sshLink = z.strictObject({
  host: z.string().min(1),
  port: port.default(22),
  user: z.string().min(1),
  /** As in known_hosts without the name: `ssh-ed25519 AAAA…`. */
  hostKeys: z.array(z.string()).default([]),
  knownHostsFile: path.optional(),
  keyFile: path.optional(),
  passphraseFile: path.optional(),
  certificateFile: path.optional(),
  passwordFile: path.optional(),
  /** The agent that `SSH_AUTH_SOCK` names. */
  agent: z.boolean().default(false),
  connectTimeoutSeconds: z.number().positive().optional(),
});

const dockerLink = z.strictObject({
  container: z.union([z.string().min(1), containerChoiceSchema]),
  program: z.enum(['docker', 'podman']).optional(),
  way: z.enum(['engine', 'client']).optional(),
  socket: z.string().startsWith('/').optional(),
  tls: z
    .strictObject({
      host: z.string().min(1),
      port,
      caFile: path,
      certificateFile: path.optional(),
      keyFile: path.optional(),
      serverName: z.string().optional(),
    })
    .optional(),
});

/** Not a choice of two kinds of object: so what is wrong is told of the kind that was meant. */
const link = z
  .strictObject({ ssh: sshLink.optional(), docker: dockerLink.optional() })
  .refine((each) => (each.ssh === undefined) !== (each.docker === undefined), 'a link is either "ssh" or "docker"');

const chainFile = z.strictObject({ chain: z.array(link) });

type SshLink = z.infer<typeof sshLink>;
type DockerLink = z.infer<typeof dockerLink>;

/**
 * The links of the chain that a file describes: `{ "chain": [ { "ssh": { … } }, { "docker": { … } } ] }`. Secrets are in files that it names,
 * never in it. What is wrong is `invalid-argument`, with the field.
 */
export async function readChainFile(file: string): Promise<readonly Connector[]> {
  const parsed = chainFile.safeParse(await readJsonFile(file, 'The chain'));
  if (!parsed.success)
    throw usageError(`The chain in ${file} is not valid: ${describeIssue(parsed.error)}`, 'Mend that field of the file.');
  const folder = dirname(resolve(file));
  const connectors: Connector[] = [];
  for (const [index, { ssh, docker }] of parsed.data.chain.entries()) {
    try {
      if (ssh !== undefined) connectors.push(await toSsh(ssh, folder));
      if (docker !== undefined) connectors.push(await toDocker(docker, folder));
    } catch (error) {
      if (!CodedError.is(error, 'invalid-argument')) throw error;
      throw usageError(
        `Link ${index + 1} of the chain in ${file} is not valid: ${error.message}`,
        error.hint ?? 'Mend that link in the file.',
      );
    }
  }
  return connectors;
}

async function toSsh(link: SshLink, folder: string): Promise<Connector> {
  const secret = async (name: string | undefined): Promise<Secret | undefined> =>
    name === undefined ? undefined : new Secret(await textOf(folder, name));
  const line = async (name: string | undefined): Promise<Secret | undefined> =>
    name === undefined ? undefined : new Secret((await textOf(folder, name)).split(/\r?\n/, 1)[0] ?? '');
  const known = link.knownHostsFile === undefined ? [] : hostKeysFromKnownHosts(await textOf(folder, link.knownHostsFile), link);
  const hostKeys: readonly HostKey[] = [...link.hostKeys.map(parseHostKey), ...known];
  const agentSocket = link.agent ? process.env['SSH_AUTH_SOCK'] : undefined;
  if (link.agent && agentSocket === undefined)
    throw usageError('An agent is to be used, but SSH_AUTH_SOCK names none', 'Start ssh-agent, or name a key.');
  return sshConnector({
    host: link.host,
    port: link.port,
    user: link.user,
    hostKeys,
    credentials: {
      privateKey: await secret(link.keyFile),
      passphrase: await line(link.passphraseFile),
      certificate: link.certificateFile === undefined ? undefined : await textOf(folder, link.certificateFile),
      password: await line(link.passwordFile),
      agentSocket,
    },
    connectTimeoutMs: link.connectTimeoutSeconds === undefined ? undefined : link.connectTimeoutSeconds * 1000,
  });
}

async function toDocker(link: DockerLink, folder: string): Promise<Connector> {
  if (link.socket !== undefined && link.tls !== undefined) throw usageError('"socket" and "tls" exclude each other', 'Give one of them.');
  const { container, program, way } = link;
  return dockerConnector({
    container: typeof container === 'string' ? { name: container } : container,
    program,
    way,
    engine: await toEngine(link, folder),
  });
}

async function toEngine({ socket, tls }: DockerLink, folder: string): Promise<EngineAddress | undefined> {
  if (socket !== undefined) return { kind: 'socket', path: socket };
  if (tls === undefined) return undefined;
  const { host, serverName, caFile, certificateFile, keyFile } = tls;
  return {
    kind: 'tls',
    host,
    port: tls.port,
    serverName,
    ca: await textOf(folder, caFile),
    certificate: certificateFile === undefined ? undefined : await textOf(folder, certificateFile),
    key: keyFile === undefined ? undefined : new Secret(await textOf(folder, keyFile)),
  };
}

async function textOf(folder: string, name: string): Promise<string> {
  try {
    return await readFile(resolve(folder, name), 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw usageError(`${JSON.stringify(name)} cannot be read: ${why}`, 'Paths in the file of a chain begin at its folder.');
  }
}

/** The first thing that is wrong, with its field: `chain[0].ssh.port: …`. */
function describeIssue({ issues: [issue] }: z.ZodError): string {
  const field = (issue?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${field === '' ? 'the file' : field.replace(/^\./, '')}: ${issue?.message ?? 'not valid'}`;
}

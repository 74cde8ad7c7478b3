import { type Clock, CodedError, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { z } from 'zod';
import { LocalHost } from '../local-host.ts';
import type { CallOptions, Connector, Host } from '../port.ts';
import { CliEngine } from './cli-engine.ts';
import { CliHost } from './cli-host.ts';
import { type ContainerChoice, containerChoiceSchema, describeChoice } from './container-choice.ts';
import { DockerHost } from './docker-host.ts';
import { EngineClient } from './engine-client.ts';
import { findContainer, plainName } from './engine-container.ts';
import { clientWords, type EngineAddress, type EngineProgram, engineDialer } from './engine-dialer.ts';

/** How to reach a container. */
export interface DockerConnection {
  readonly container: ContainerChoice;
  /** Default: where the previous host's command line client finds it. */
  readonly engine?: EngineAddress | undefined;
  /** Default docker. */
  readonly program?: EngineProgram | undefined;
  /**
   * `engine`: by the Engine API only. `client`: by the command line client of the previous host only, which cannot read files of a stopped
   * container. Default: the first, and the second where the API cannot be reached.
   */
  readonly way?: 'engine' | 'client' | undefined;
}

export interface DockerPorts {
  readonly clock?: Clock;
  readonly random?: RandomSource;
}

/**
 * A link into a container. A choice that can be none (a name that is no name) is refused here with `invalid-argument`. Opening it rejects with
 * `container-not-found` (none, or several), `link-unreachable`, `engine-refused`, or `tool-missing` where neither API nor client is there.
 */
export function dockerConnector(connection: DockerConnection, ports: DockerPorts = {}): Connector {
  const checked = containerChoiceSchema.safeParse(connection.container);
  if (!checked.success) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `The choice of a container is not valid: ${z.prettifyError(checked.error)}`,
      cause: checked.error,
    });
  }
  return async (via, options = {}) => await openDockerLink({ ...connection, container: checked.data }, via, options, ports);
}

async function openDockerLink(connection: DockerConnection, via: Host, options: CallOptions, ports: DockerPorts): Promise<Host> {
  options.signal?.throwIfAborted();
  if (connection.way === 'client') return await openByClient(connection, via, options, ports);
  let engine: EngineClient;
  try {
    engine = await openEngine(connection, via, options, ports);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (connection.way === 'engine' || connection.engine?.kind === 'tls') throw error;
    try {
      return await openByClient(connection, via, options, ports);
    } catch (second) {
      // Where there is no client either, the first failure says more.
      throw CodedError.is(second, 'tool-missing') || CodedError.is(second, 'link-unreachable') ? error : second;
    }
  }
  return await openInEngine(engine, connection, via, options, ports);
}

async function openEngine(connection: DockerConnection, via: Host, options: CallOptions, ports: DockerPorts): Promise<EngineClient> {
  const { container, engine = { kind: 'default' }, program = 'docker' } = connection;
  const link = linkName(via, `${program} ${describeChoice(container)}`);
  return await EngineClient.open(engineDialer(via, engine, program), { ...options, link, clock: ports.clock ?? systemClock });
}

async function openInEngine(
  engine: EngineClient,
  connection: DockerConnection,
  via: Host,
  options: CallOptions,
  ports: DockerPorts,
): Promise<Host> {
  const { clock = systemClock, random = systemRandom } = ports;
  const { engine: address = { kind: 'default' }, program = 'docker' } = connection;
  await using stack = new AsyncDisposableStack();
  stack.use(engine);
  const container = await findContainer(engine, connection.container, options);
  engine.link = linkName(via, `${program} ${plainName(container.Name)}`);
  stack.move();
  return new DockerHost({
    engine,
    container,
    containerId: container.Id,
    link: engine.link,
    via,
    client: clientWords(address, program),
    // A socket is on the machine that the chain has reached; what is behind TLS is on another.
    engineHost: address.kind === 'tls' ? undefined : via,
    clock,
    random,
  });
}

async function openByClient(connection: DockerConnection, via: Host, options: CallOptions, ports: DockerPorts): Promise<Host> {
  const { clock = systemClock, random = systemRandom } = ports;
  const { container: choice, engine: address = { kind: 'default' }, program = 'docker' } = connection;
  if (address.kind === 'tls') {
    throw new CodedError({
      code: 'invalid-argument',
      message: 'An engine behind TLS is reached by its API only, not by the command line client',
    });
  }
  const client = new CliEngine(via, clientWords(address, program), linkName(via, `${program} ${describeChoice(choice)}`));
  const container = await client.find(choice, options);
  client.link = linkName(via, `${program} ${plainName(container.Name)}`);
  return new CliHost({ client, container, clock, random });
}

function linkName(via: Host, name: string): string {
  return via instanceof LocalHost ? name : `${via.description} → ${name}`;
}

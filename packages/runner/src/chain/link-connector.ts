import { type ContainerChoice, dockerConnector, type EngineAddress } from '@holdfast/connect/docker';
import type { Connector } from '@holdfast/connect/port';
import { parseHostKey, sshConnector } from '@holdfast/connect/ssh';
import type { ChainLink, ConnectionSecrets, DockerOptions, SshOptions } from '@holdfast/contract';
import { Secret } from '@holdfast/kernel';

/** What goes over one link of a chain. `invalid-argument` for a link that can be none. */
export function linkConnector({ options, secrets }: ChainLink): Connector {
  return options.kind === 'ssh' ? toSsh(options, secrets) : toDocker(options, secrets);
}

function toSsh(options: SshOptions, secrets: ConnectionSecrets): Connector {
  return sshConnector({
    host: options.host,
    port: options.port,
    user: options.user,
    hostKeys: options.hostKeys.map(parseHostKey),
    credentials: {
      password: secretOf(secrets.password),
      privateKey: secretOf(secrets.privateKey),
      passphrase: secretOf(secrets.passphrase),
      certificate: options.certificate ?? undefined,
      agentSocket: options.agentSocket ?? undefined,
    },
  });
}

function toDocker({ container, program, engine }: DockerOptions, secrets: ConnectionSecrets): Connector {
  return dockerConnector({ container: toChoice(container), program, engine: toAddress(engine, secrets) });
}

function toChoice(choice: DockerOptions['container']): ContainerChoice {
  switch (choice.by) {
    case 'name':
      return { name: choice.name };
    case 'id':
      return { id: choice.id };
    case 'service':
      return { service: choice.service, project: choice.project ?? undefined };
    case 'label':
      return { label: choice.label, value: choice.value ?? undefined };
  }
}

function toAddress(engine: DockerOptions['engine'], secrets: ConnectionSecrets): EngineAddress {
  switch (engine.at) {
    case 'default':
      return { kind: 'default' };
    case 'socket':
      return { kind: 'socket', path: engine.path };
    case 'tls':
      return {
        kind: 'tls',
        host: engine.host,
        port: engine.port,
        ca: engine.authority,
        certificate: engine.certificate ?? undefined,
        key: secretOf(secrets.engineKey),
        serverName: engine.serverName ?? undefined,
      };
  }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

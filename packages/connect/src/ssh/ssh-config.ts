import { quoteAll } from '../quote.ts';
import type { SshConnection } from './ssh-connection.ts';

/** The files of one hop in its private directory. Which of the credentials exist, the connection says. */
export interface SshFiles {
  readonly directory: string;
  /** What ssh calls the host: random, so that neither a name nor a known key of it can be mixed up with another's. */
  readonly alias: string;
}

/** How the connection gets to the host: by itself, through an earlier hop by SSH, or through a socket here behind which a stream waits. */
export type SshWay =
  | { readonly kind: 'direct' }
  | { readonly kind: 'jump'; readonly alias: string; readonly configFile: string }
  | { readonly kind: 'stream'; readonly socket: string };

export function pathOf(
  files: SshFiles,
  name: 'config' | 'known_hosts' | 'key' | 'key-cert' | 'password' | 'passphrase' | 'askpass' | 'control' | 'way',
): string {
  return `${files.directory}/${name}`;
}

/** Copies between standard input and output and a socket, both ways, until the far end has said its last. */
const relay =
  'const s=require("net").connect({path:process.argv[1],allowHalfOpen:true});process.stdin.pipe(s);s.pipe(process.stdout);s.on("error",()=>process.exit(1)).on("end",()=>process.exit(0))';

/** Whether ssh has to ask for something on the way in. */
export function mustAsk({ credentials }: SshConnection): boolean {
  return credentials.password !== undefined || credentials.passphrase !== undefined;
}

/**
 * The whole configuration of ssh for one hop: nothing of the account's or the system's counts beside it. Everything in it was checked by
 * `checkSshConnection` or made here, so that nothing needs quoting but the command of the relay.
 */
export function sshConfig(connection: SshConnection, files: SshFiles, way: SshWay): string {
  const { credentials, host, port = 22, user } = connection;
  const aliveSeconds = Math.max(1, Math.round((connection.aliveIntervalMs ?? 15_000) / 1000));
  const methods = [
    ...(credentials.privateKey !== undefined || credentials.agentSocket !== undefined ? ['publickey'] : []),
    ...(credentials.password === undefined ? [] : ['password', 'keyboard-interactive']),
  ];
  const hasKey = credentials.privateKey !== undefined;
  const lines = [
    ...(way.kind === 'jump' ? [`Include ${way.configFile}`] : []),
    `Host ${files.alias}`,
    `HostName ${escapePercent(host)}`,
    `Port ${port}`,
    `User ${user}`,
    ...wayLines(way),
    `HostKeyAlias ${files.alias}`,
    `UserKnownHostsFile ${pathOf(files, 'known_hosts')}`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
    'CheckHostIP no',
    'UpdateHostKeys no',
    'VerifyHostKeyDNS no',
    `BatchMode ${mustAsk(connection) ? 'no' : 'yes'}`,
    'NumberOfPasswordPrompts 1',
    `PreferredAuthentications ${methods.length === 0 ? 'none' : methods.join(',')}`,
    `IdentityFile ${hasKey ? pathOf(files, 'key') : 'none'}`,
    ...(credentials.certificate === undefined ? [] : [`CertificateFile ${pathOf(files, 'key-cert')}`]),
    `IdentityAgent ${credentials.agentSocket ?? 'none'}`,
    // Without a key file, IdentitiesOnly would also leave out what the agent holds.
    `IdentitiesOnly ${hasKey || credentials.agentSocket === undefined ? 'yes' : 'no'}`,
    'AddKeysToAgent no',
    `ConnectTimeout ${Math.max(1, Math.ceil((connection.connectTimeoutMs ?? 30_000) / 1000))}`,
    `ServerAliveInterval ${aliveSeconds}`,
    'ServerAliveCountMax 3',
    `ControlPath ${pathOf(files, 'control')}`,
    'ControlMaster no',
    'ControlPersist no',
    'ForwardAgent no',
    'ForwardX11 no',
    'PermitLocalCommand no',
    'CanonicalizeHostname no',
    'RequestTTY no',
    'EscapeChar none',
    'LogLevel INFO',
  ];
  return `${lines.join('\n')}\n`;
}

function wayLines(way: SshWay): readonly string[] {
  if (way.kind === 'direct') return ['ProxyCommand none'];
  if (way.kind === 'jump') return [`ProxyJump ${way.alias}`];
  const command = new TextDecoder().decode(quoteAll([process.execPath, '-e', relay, way.socket]));
  return [`ProxyCommand ${escapePercent(command)}`];
}

/** ssh gives `%` a meaning in these values. */
function escapePercent(value: string): string {
  return value.replaceAll('%', '%%');
}

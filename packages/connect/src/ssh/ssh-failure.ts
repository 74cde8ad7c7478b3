import { CodedError } from '@holdfast/kernel';

export interface FailedLink {
  /** `ssh deploy@db1`. */
  readonly link: string;
  /** The same with what is before it in the chain. */
  readonly description: string;
  /** The place it was to be reached from. */
  readonly from: string;
  /** What ssh calls the host in what it says. */
  readonly alias: string;
  readonly address: string;
}

interface Pattern {
  readonly seen: RegExp;
  readonly code: 'link-unreachable' | 'link-denied' | 'tool-missing';
  readonly why: string;
  readonly hint: string;
  readonly retry?: 'temporary';
}

/** What OpenSSH says when it cannot connect or sign in, the most telling first. The texts have been stable for many releases. */
const patterns: readonly Pattern[] = [
  {
    seen: /ssh: (?:command )?not found/,
    code: 'tool-missing',
    why: 'this machine has no program ssh',
    hint: 'Install the client of OpenSSH on the machine of Holdfast.',
  },
  {
    seen: /Load key .*: (?:incorrect passphrase|error in libcrypto|invalid format|Permission denied)/,
    code: 'link-denied',
    why: 'the private key does not open',
    hint: 'Give the passphrase of the key, and the key as the whole text of its file.',
  },
  {
    seen: /Too many authentication failures/,
    code: 'link-denied',
    why: 'the host ended the sign-in after too many keys',
    hint: 'Use a key of its own for this connection in place of an agent with many.',
  },
  {
    seen: /Permission denied \(|Permission denied, please|no more authentication methods|Authentication failed/i,
    code: 'link-denied',
    why: 'the host does not accept the credentials',
    hint: 'See that the key is in authorized_keys of that account there, or that the password is right and passwords are allowed.',
  },
  {
    seen: /administratively prohibited|stdio forwarding .*[Pp]ermission denied|port forwarding is disabled/,
    code: 'link-unreachable',
    why: 'the host before it does not let connections through',
    hint: 'Allow AllowTcpForwarding for that account in the sshd_config of the host before it.',
  },
  {
    seen: /Connection refused/,
    code: 'link-unreachable',
    why: 'nothing listens there',
    hint: 'Look whether the address and the port are right and whether sshd runs there.',
    retry: 'temporary',
  },
  {
    seen: /Could not resolve hostname|Name or service not known|open failed: .*(?:[Nn]ame|resolve)/,
    code: 'link-unreachable',
    why: 'no address is known for that name',
    hint: 'Look whether the name is right, as the host before it knows it.',
    retry: 'temporary',
  },
  {
    seen: /timed out/,
    code: 'link-unreachable',
    why: 'there was no answer in time',
    hint: 'Look whether the host is up and whether a firewall is between.',
    retry: 'temporary',
  },
  {
    seen: /No route to host|Network is unreachable|Host is down/,
    code: 'link-unreachable',
    why: 'there is no way to that address',
    hint: 'Look at the network and the address.',
    retry: 'temporary',
  },
  {
    seen: /Unable to negotiate|no matching (?:host key type|cipher|key exchange|MAC)/,
    code: 'link-unreachable',
    why: 'the host speaks only outdated kinds of SSH',
    hint: 'Update the SSH server there.',
  },
  {
    seen: /Invalid SSH identification string|Protocol major versions differ/,
    code: 'link-unreachable',
    why: 'what answers there is no SSH server',
    hint: 'Look whether the port is right.',
  },
  {
    seen: /Connection closed|Connection reset|closed by remote host|Broken pipe/,
    code: 'link-unreachable',
    why: 'the connection was closed before the sign-in was over',
    hint: 'Look into the log of sshd there: it may be overloaded or refuse this address.',
    retry: 'temporary',
  },
];

/** Whether ssh refused the key that the host showed. */
export function isHostKeyRefused(said: string): boolean {
  return /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said);
}

/** The error of a link that did not open, from what ssh said. Nothing in it is secret: ssh never says what it signed in with. */
export function sshFailure(said: string, { link, description, from, alias, address }: FailedLink): CodedError {
  const readable = said.replaceAll(alias, address);
  const found = patterns.find(({ seen }) => seen.test(readable));
  const lines = readable.split('\n').filter((line) => line.trim() !== '');
  const line = found === undefined ? lines.at(-1) : lines.find((each) => found.seen.test(each));
  return new CodedError({
    code: found?.code ?? 'link-unreachable',
    message: `${link} could not be opened from ${from}: ${found?.why ?? 'ssh gave up'}${line === undefined ? '' : ` (${line.trim()})`}`,
    hint: found?.hint ?? 'Try the connection with the command ssh to see more.',
    retry: found === undefined ? 'temporary' : (found.retry ?? 'permanent'),
    context: { link: description },
  });
}

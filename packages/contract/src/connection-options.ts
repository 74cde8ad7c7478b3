import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';

const Port = z.int().min(1).max(65_535);
const HostName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_:][A-Za-z0-9_.:%-]*$/, 'Give one name or address, without user and port.');
const LabelText = z
  .string()
  .max(4096)
  .refine((text) => !text.includes('\0'), 'It holds a zero byte.');
const CertificateText = z.string().max(256 * 1024);

/** A host that is reached by SSH from the place before it. */
export const SshOptions = z.strictObject({
  kind: z.literal('ssh'),
  host: HostName,
  port: Port.default(22),
  user: z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@+-]*$/, 'Give the name of an account.'),
  /** The pinned keys, as `ssh-ed25519 AAAA…`. A host that shows none of them is not spoken with. */
  hostKeys: z
    .array(
      z
        .string()
        .max(16_384)
        .regex(/^[a-z0-9@.-]{4,64} [A-Za-z0-9+/]{40,}={0,2}$/, 'Write it as ssh-ed25519 AAAA…'),
    )
    .max(20)
    .default([]),
  /** An OpenSSH certificate of the private key. */
  certificate: CertificateText.nullable().default(null),
  /** The socket of an agent on the machine that runs the backup. */
  agentSocket: AbsolutePath.nullable().default(null),
});
export type SshOptions = z.infer<typeof SshOptions>;

/** Which container is meant: by its name, its id, its compose service, or a label. Never by a part of these. */
export const ContainerChoice = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('name'),
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/, 'This is not the name of a container.'),
  }),
  z.strictObject({
    by: z.literal('id'),
    id: z.string().regex(/^[0-9a-f]{12,64}$/, 'The id of a container has 12 to 64 hexadecimal digits.'),
  }),
  z.strictObject({ by: z.literal('service'), service: LabelText.min(1), project: LabelText.min(1).nullable().default(null) }),
  z.strictObject({
    by: z.literal('label'),
    label: LabelText.min(1).refine((name) => !name.includes('='), 'Give the name of the label only.'),
    value: LabelText.nullable().default(null),
  }),
]);
export type ContainerChoice = z.infer<typeof ContainerChoice>;

/** A container on the place before it. */
export const DockerOptions = z.strictObject({
  kind: z.literal('docker'),
  container: ContainerChoice,
  program: z.enum(['docker', 'podman']).default('docker'),
  /** Where the engine listens, as seen from the place before. `default`: where that place's own client finds it. */
  engine: z
    .discriminatedUnion('at', [
      z.strictObject({ at: z.literal('default') }),
      z.strictObject({ at: z.literal('socket'), path: AbsolutePath }),
      z.strictObject({
        at: z.literal('tls'),
        host: HostName,
        port: Port.default(2376),
        authority: CertificateText.min(1),
        certificate: CertificateText.nullable().default(null),
        /** The name in the engine's certificate, where it is another one than `host`. */
        serverName: HostName.nullable().default(null),
      }),
    ])
    .prefault({ at: 'default' }),
});
export type DockerOptions = z.infer<typeof DockerOptions>;

/** How to reach the next place of a chain. Holds no secrets. */
export const ConnectionOptions = z.discriminatedUnion('kind', [SshOptions, DockerOptions]);
export type ConnectionOptions = z.infer<typeof ConnectionOptions>;

const line = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => !/[\r\n\0]/.test(text), 'It is one line.');

/** What a connection signs in with; all that is there is tried. It travels inward only, and is sealed. */
export const ConnectionSecrets = z.strictObject({
  password: line.optional(),
  /** The text of the file. */
  privateKey: z.string().min(1).max(65_536).optional(),
  /** Of the private key. */
  passphrase: line.optional(),
  /** The key of the certificate that an engine behind TLS knows us by, as PEM. */
  engineKey: z.string().min(1).max(65_536).optional(),
});
export type ConnectionSecrets = z.infer<typeof ConnectionSecrets>;

export const SecretName = ConnectionSecrets.keyof();
export type SecretName = z.infer<typeof SecretName>;

/** One link of a chain with all that is needed to go over it. Holds secrets: it travels over private channels only. */
export const ChainLink = z.strictObject({
  connectionId: z.string(),
  /** What people call the connection, for messages. */
  name: z.string(),
  options: ConnectionOptions,
  secrets: ConnectionSecrets,
});
export type ChainLink = z.infer<typeof ChainLink>;

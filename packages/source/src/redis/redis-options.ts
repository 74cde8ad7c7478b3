import { z } from 'zod';
import { AccountName, AnyName, CertificatePem, FarPath, HostName, Port, SecretText, TlsMode } from '../option-types.ts';

export const RedisOptions = z.strictObject({
  /** Host name or address as seen from the end of the chain, or the path of a unix socket. Default: the host itself. */
  host: z.union([FarPath, HostName]).optional(),
  port: Port.optional(),
  /** User of the access list; without it the default one. */
  user: AnyName.regex(/^[^\s-]\S*$/, 'A user has a name without spaces.').optional(),
  password: SecretText.optional(),
  /** Default: `off` on the host itself, else `verified`. redis-cli verifies who signed the certificate, not the name in it. */
  tls: TlsMode.optional(),
  tlsAuthority: CertificatePem.optional(),
  runAs: AccountName.optional(),
  /** Folder of redis-cli or valkey-cli on the host. */
  toolFolder: FarPath.optional(),
});
export type RedisOptions = z.output<typeof RedisOptions>;

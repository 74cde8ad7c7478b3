import { Secret } from '@holdfast/kernel';
import { z } from 'zod';

/** A password or the like: text of one line, hidden from then on. */
export const SecretText = z
  .union([z.instanceof(Secret), z.string().transform((text) => new Secret(text))])
  .refine((secret) => !/[\0\r\n]/.test(secret.reveal()), 'It is one line.');

/** Any text but one with a NUL or nothing in it. */
export const AnyName = z
  .string()
  .min(1)
  .max(1024)
  .refine((text) => !text.includes('\0'), 'It has a NUL in it.');

/** A name or address of a host. */
export const HostName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/, 'Give one name or address, without port and user.');

/** An absolute path on the host at the end of the chain. */
export const FarPath = z
  .string()
  .max(4095)
  .regex(/^\/[^\0\r\n]*$/, 'Give an absolute path.');

export const Port = z.int().min(1).max(65535);

/** Names of an account of the host's system. */
export const AccountName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'Give the name of an account.');

/** The certificates of an authority, as PEM. */
export const CertificatePem = z
  .string()
  .max(256 * 1024)
  .regex(/-----BEGIN CERTIFICATE-----/, 'Give a certificate in PEM form.');

/**
 * How a connection to a server is protected. `verified`: encrypted, and the server proves its name by a certificate. `unverified`: encrypted,
 * to whoever answers. `off`: as it is, for what does not leave the host or goes through the chain.
 */
export const TlsMode = z.enum(['verified', 'unverified', 'off']);

const loopback = /^(?:localhost|127(?:\.\d+){3}|::1|\[::1\])$/;

/** Encryption where nothing was chosen: none for what stays on the host, verified for everything else. */
export function defaultTls(host: string | undefined): z.output<typeof TlsMode> {
  return host === undefined || host.startsWith('/') || loopback.test(host) ? 'off' : 'verified';
}

/** The program in the folder that was chosen, or as PATH finds it. */
export function toolPath(folder: string | undefined, program: string): string {
  return folder === undefined ? program : `${folder.replace(/\/+$/, '')}/${program}`;
}

/** The first whole number of versions such as `16.4 (Debian …)`, `10.11.6-MariaDB`. */
export function majorVersion(version: string): number | undefined {
  const digits = /\d+/.exec(version)?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** The keys of a repository: AES-256 for secrecy, Poly1305-AES (k, r) for integrity. `r` is kept unclamped, as restic stores it. */
export interface MasterKey {
  readonly encrypt: Uint8Array; // 32 bytes
  readonly macK: Uint8Array; // 16 bytes
  readonly macR: Uint8Array; // 16 bytes
}

import koffi from 'koffi';

/**
 * The libraries that the running Node binary carries and exports: OpenSSL's EVP interface and libzstd. Called directly because
 * node:crypto and node:zlib allocate every result and set up a context for every call (docs/adr/0002). Sizes and pointers are checked by
 * the callers in this folder; nothing else may call into it.
 */
export const processLibrary = koffi.load(null);

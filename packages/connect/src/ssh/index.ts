export { fingerprint, formatHostKey, type HostKey, parseHostKey } from './host-key.ts';
export { hostKeysFromKnownHosts } from './known-hosts.ts';
export { type SshPorts, scanHostKey } from './scan-host-key.ts';
export { SftpClient, type SftpHandle, type SftpName, sftpReadBytes } from './sftp-client.ts';
export { type SftpDoor, sftpOf } from './sftp-door.ts';
export type { SftpAttributes } from './sftp-packet.ts';
export { type SshConnection, type SshCredentials, sshAddress } from './ssh-connection.ts';
export { sshConnector } from './ssh-connector.ts';

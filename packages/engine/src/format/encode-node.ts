import { isUtf8 } from 'node:buffer';
import { goJsonBytes, goJsonString } from './go-json-string.ts';
import { goQuote } from './go-quote.ts';
import type { LocalTimeFormatter } from './go-time.ts';
import type { TreeNode } from './tree-node.ts';

/** A node's JSON without what is known only after its content is stored: `head`, then the size, then `middle`, then content or subtree. */
export interface NodeTemplate {
  readonly head: string;
  readonly middle: string;
}

/** The metadata of a node with its times written out. */
export type NodeMetadata = Omit<TreeNode, 'mtimeNs' | 'atimeNs' | 'ctimeNs' | 'sizeBytes' | 'content' | 'subtree' | 'error'> & {
  readonly mtime: string;
  readonly atime: string;
  readonly ctime: string;
};

/** Everything of the node but size, content, subtree and error, byte for byte as restic writes it. */
export function nodeTemplate(node: TreeNode, times: LocalTimeFormatter): NodeTemplate {
  return metadataTemplate({
    ...node,
    mtime: times.format(node.mtimeNs),
    atime: times.format(node.atimeNs),
    ctime: times.format(node.ctimeNs),
  });
}

/** The same for times that are written out already. */
export function metadataTemplate(node: NodeMetadata): NodeTemplate {
  let head = `{"name":${goJsonString(goQuote(node.name))},"type":"${node.type}"`;
  if (node.mode !== 0) head += `,"mode":${node.mode}`;
  head += `,"mtime":"${node.mtime}","atime":"${node.atime}","ctime":"${node.ctime}","uid":${node.uid},"gid":${node.gid}`;
  if (node.user !== '') head += `,"user":${goJsonString(node.user)}`;
  if (node.group !== '') head += `,"group":${goJsonString(node.group)}`;
  if (node.inode !== 0n) head += `,"inode":${node.inode}`;
  if (node.deviceId !== 0n) head += `,"device_id":${node.deviceId}`;
  let middle = node.links === 0 ? '' : `,"links":${node.links}`;
  if (node.linkTarget !== undefined && node.linkTarget.byteLength > 0) middle += linkTargetJson(node.linkTarget);
  if (node.extendedAttributes.length > 0) {
    const attributes = node.extendedAttributes.map(({ name, value }) => `{"name":${goJsonBytes(name)},"value":"${base64(value)}"}`);
    middle += `,"extended_attributes":[${attributes.join(',')}]`;
  }
  if (node.genericAttributes !== undefined) middle += `,"generic_attributes":${node.genericAttributes}`;
  if (node.device !== 0n) middle += `,"device":${node.device}`;
  return { head, middle };
}

/** The JSON of a file whose content is stored. */
export function completeFile({ head, middle }: NodeTemplate, sizeBytes: number, content: readonly string[]): string {
  const size = sizeBytes > 0 ? `,"size":${sizeBytes}` : '';
  return content.length === 0 ? `${head}${size}${middle},"content":[]}` : `${head}${size}${middle},"content":["${content.join('","')}"]}`;
}

/** The JSON of a directory whose tree is stored. */
export function completeDirectory({ head, middle }: NodeTemplate, subtree: string): string {
  return `${head}${middle},"content":null,"subtree":"${subtree}"}`;
}

/** The JSON of what has neither content nor subtree: links, devices, FIFOs. */
export function completeOther({ head, middle }: NodeTemplate): string {
  return `${head}${middle},"content":null}`;
}

/** The JSON of a complete node. */
export function encodeNode(node: TreeNode, times: LocalTimeFormatter): string {
  const template = nodeTemplate(node, times);
  if (node.error === undefined && node.subtree === undefined) {
    if (node.content !== null) return completeFile(template, node.sizeBytes, node.content);
    if (node.sizeBytes === 0) return completeOther(template);
  }
  const size = node.sizeBytes > 0 ? `,"size":${node.sizeBytes}` : '';
  const content = node.content === null ? 'null' : JSON.stringify(node.content);
  const subtree = node.subtree === undefined ? '' : `,"subtree":"${node.subtree}"`;
  const error = node.error === undefined ? '' : `,"error":${goJsonString(node.error)}`;
  return `${template.head}${size}${template.middle},"content":${content}${subtree}${error}}`;
}

/** Targets that are no UTF-8 are kept in base64 beside the lossy text. */
function linkTargetJson(target: Uint8Array): string {
  if (isUtf8(target)) return `,"linktarget":${goJsonBytes(target)}`;
  return `,"linktarget":${goJsonBytes(target)},"linktarget_raw":"${base64(target)}"`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

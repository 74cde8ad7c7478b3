import { goUnquote } from './go-quote.ts';
import { parseTime } from './go-time.ts';
import { JsonScanner } from './json-scanner.ts';
import { type ExtendedAttribute, type NodeType, nodeTypes, type TreeNode } from './tree-node.ts';

/** A single node larger than this is refused: its list of chunks would describe a file of a petabyte. */
const nodeLimitBytes = 256 << 20;
const idForm = /^[0-9a-f]{64}$/;
const knownTypes = new Set<string>(nodeTypes);
const slash = 0x2f;
const dot = 0x2e;

export interface DecodeTreeOptions {
  /** Accept names that are not in ascending order, as very old writers left them. */
  readonly tolerateDisorder?: boolean;
}

/**
 * The nodes of a tree blob, one at a time. Unknown keys are passed over. `format-invalid` for everything that restic could not have
 * written, and for names that are no single path component: such a tree was made to write outside of a restore's target.
 */
export function* decodeTree(bytes: Uint8Array, options: DecodeTreeOptions = {}): Generator<TreeNode, void, undefined> {
  const scanner = new JsonScanner(bytes, 'tree');
  scanner.expect('{');
  let seen = false;
  if (!scanner.take('}')) {
    do {
      const key = scanner.string();
      scanner.expect(':');
      if (key !== 'nodes') {
        scanner.skip();
        continue;
      }
      if (seen) throw scanner.invalid('nodes are given twice');
      seen = true;
      if (scanner.null()) continue;
      scanner.expect('[');
      if (scanner.take(']')) continue;
      let previous: Uint8Array | undefined;
      do {
        const node = decodeTreeNode(scanner);
        if (options.tolerateDisorder !== true && previous !== undefined && Buffer.compare(previous, node.name) >= 0) {
          throw scanner.invalid('names are not in ascending order');
        }
        previous = node.name;
        yield node;
      } while (scanner.take(','));
      scanner.expect(']');
    } while (scanner.take(','));
    scanner.expect('}');
  }
  if (!seen) throw scanner.invalid('there are no nodes');
  scanner.end();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One node of a tree blob, from where the scanner stands. */
export function decodeTreeNode(scanner: JsonScanner): TreeNode {
  const start = scanner.position;
  const node: Mutable<TreeNode> = {
    name: new Uint8Array(0),
    type: 'irregular',
    mode: 0,
    mtimeNs: 0n,
    atimeNs: 0n,
    ctimeNs: 0n,
    uid: 0,
    gid: 0,
    user: '',
    group: '',
    inode: 0n,
    deviceId: 0n,
    sizeBytes: 0,
    links: 0,
    linkTarget: undefined,
    extendedAttributes: [],
    genericAttributes: undefined,
    device: 0n,
    content: null,
    subtree: undefined,
    error: undefined,
  };
  let lastTime = '';
  let lastNs = 0n;
  const time = (): bigint => {
    const text = scanner.string();
    if (text !== lastTime) lastNs = parseTime(text); // often the same three times over
    lastTime = text;
    return lastNs;
  };
  let hasName = false;
  let rawTarget: Uint8Array | undefined;
  scanner.object((key) => {
    if (scanner.position - start > nodeLimitBytes) throw scanner.invalid('a node is too large');
    switch (key) {
      case 'name':
        node.name = goUnquote(scanner.string());
        hasName = true;
        break;
      case 'type':
        node.type = nodeType(scanner);
        break;
      case 'mode':
        node.mode = scanner.integer();
        if (node.mode >= 2 ** 32) throw scanner.invalid('a mode is too large');
        break;
      case 'mtime':
        node.mtimeNs = time();
        break;
      case 'atime':
        node.atimeNs = time();
        break;
      case 'ctime':
        node.ctimeNs = time();
        break;
      case 'uid':
        node.uid = scanner.integer();
        break;
      case 'gid':
        node.gid = scanner.integer();
        break;
      case 'user':
        node.user = scanner.string();
        break;
      case 'group':
        node.group = scanner.string();
        break;
      case 'inode':
        node.inode = scanner.bigint();
        break;
      case 'device_id':
        node.deviceId = scanner.bigint();
        break;
      case 'size':
        node.sizeBytes = scanner.integer();
        break;
      case 'links':
        node.links = scanner.integer();
        break;
      case 'linktarget':
        node.linkTarget = Buffer.from(scanner.string());
        break;
      case 'linktarget_raw':
        rawTarget = scanner.null() ? undefined : base64(scanner);
        break;
      case 'extended_attributes':
        node.extendedAttributes = extendedAttributes(scanner);
        break;
      case 'generic_attributes':
        node.genericAttributes = scanner.null() ? undefined : Buffer.from(scanner.skip()).toString();
        break;
      case 'device':
        node.device = scanner.bigint();
        break;
      case 'content':
        node.content = content(scanner, start);
        break;
      case 'subtree':
        node.subtree = scanner.null() ? undefined : id(scanner);
        break;
      case 'error':
        node.error = scanner.string();
        break;
      default:
        scanner.skip();
    }
  });
  if (!hasName || !isComponent(node.name)) throw scanner.invalid('a name is no single path component');
  if (rawTarget !== undefined) node.linkTarget = rawTarget;
  return node;
}

function nodeType(scanner: JsonScanner): NodeType {
  const type = scanner.string();
  if (!knownTypes.has(type)) throw scanner.invalid(`the unknown node type ${JSON.stringify(type.slice(0, 40))}`);
  return type as NodeType;
}

function isComponent(name: Uint8Array): boolean {
  if (name.byteLength === 0 || name.includes(slash) || name.includes(0)) return false;
  return !(name[0] === dot && (name.byteLength === 1 || (name.byteLength === 2 && name[1] === dot)));
}

function content(scanner: JsonScanner, start: number): string[] | null {
  const ids: string[] = [];
  const isArray = scanner.array(() => {
    if (scanner.position - start > nodeLimitBytes) throw scanner.invalid('a node is too large');
    ids.push(id(scanner));
  });
  return isArray ? ids : null;
}

function id(scanner: JsonScanner): string {
  const text = scanner.string();
  if (!idForm.test(text)) throw scanner.invalid('an ID expected');
  return text;
}

function extendedAttributes(scanner: JsonScanner): ExtendedAttribute[] {
  const attributes: ExtendedAttribute[] = [];
  scanner.array(() => {
    let name: Uint8Array = new Uint8Array(0);
    let value: Uint8Array = new Uint8Array(0);
    scanner.object((key) => {
      if (key === 'name') name = Buffer.from(scanner.string());
      else if (key === 'value') value = scanner.null() ? new Uint8Array(0) : base64(scanner);
      else scanner.skip();
    });
    attributes.push({ name, value });
  });
  return attributes;
}

function base64(scanner: JsonScanner): Uint8Array {
  const text = scanner.string();
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw scanner.invalid('base64 expected');
  return Buffer.from(text, 'base64');
}

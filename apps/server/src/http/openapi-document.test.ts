import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { openApiDocument } from './openapi-document.ts';

const Parameter = z.looseObject({ name: z.string(), in: z.enum(['path', 'query', 'header', 'cookie']), required: z.boolean().optional() });
const Content = z.record(z.string(), z.looseObject({ schema: z.unknown() }));
const Operation = z.looseObject({
  operationId: z.string().min(1),
  summary: z.string().min(1),
  tags: z.array(z.string()).min(1),
  parameters: z.array(Parameter).optional(),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), z.looseObject({ description: z.string(), content: Content.optional() })),
});
const Document = z.looseObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  servers: z.array(z.looseObject({ url: z.string() })),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), Operation)),
});

/** Every `$ref` below a value. */
function* references(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const each of value) yield* references(each);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (key === '$ref' && typeof each === 'string') yield each;
      else yield* references(each);
    }
  }
}

test('the description of the API is OpenAPI 3.1: operations are named once, parameters are declared, references lead somewhere', async () => {
  const raw: unknown = JSON.parse(JSON.stringify(await openApiDocument('1.2.3')));
  const document = Document.parse(raw);
  const names = new Set<string>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      assert.ok(!names.has(operation.operationId), operation.operationId);
      names.add(operation.operationId);
      const declared = (operation.parameters ?? []).filter((each) => each.in === 'path').map((each) => each.name);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(declared.sort(), inPath.sort(), `${method} ${path}`);
      for (const parameter of operation.parameters ?? []) if (parameter.in === 'path') assert.equal(parameter.required, true);
      assert.ok(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        `${method} ${path}`,
      );
      assert.ok(operation.responses['401'] !== undefined, `${method} ${path}`);
    }
  }
  assert.ok(names.size >= 40, `${names.size}`);
  for (const reference of references(raw)) {
    const found = reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>(
        (value, part) => (value as Record<string, unknown> | undefined)?.[part.replace(/~1/g, '/').replace(/~0/g, '~')],
        raw,
      );
    assert.notEqual(found, undefined, reference);
  }
});

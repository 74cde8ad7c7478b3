import { api, apiPath } from '@holdfast/contract';
import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';

/** The HTTP API as OpenAPI 3.1, made from the contract. */
export async function openApiDocument(version: string) {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  return await generator.generate(api, {
    info: {
      title: 'Holdfast',
      version,
      description: 'Everything that the web page can do. Sign in for a session cookie, or send an API token as `Authorization: Bearer …`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: apiPath }],
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'holdfast.session_token' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
    security: [{ session: [] }, { token: [] }],
  });
}

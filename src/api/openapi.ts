import { z } from 'zod'
import type { Route } from './route.ts'
import { views } from './views.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** The OpenAPI 3.1 document of a route table: what is not in the table is not served, what is in it is described. */
export function describeApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Faultline',
      version,
      description:
        'Times are RFC 3339. Errors are RFC 9457 problem documents with a code. Lists are paged by `limit` and `cursor`. Roles: admin, noc, desk, readonly, each holding what the next may do.',
    },
    paths,
    components: {
      schemas: viewSchemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token, `flt_…`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'faultline_session' },
      },
    },
  }
}

/** Answers may get more keys later, so none is closed. */
const openObject = ({ jsonSchema }: { jsonSchema: { additionalProperties?: unknown } }) => {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

function viewSchemas(): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(views)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    override: openObject,
  })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

/** Without the keys that only a schema of its own has. */
function bare({ $schema: _, $id: __, ...schema }: JsonSchema): JsonSchema {
  return schema
}

const inputSchema = (schema: z.ZodType): JsonSchema => bare(z.toJSONSchema(schema, { io: 'input' }))

function operationOf(route: Route): object {
  const errors = ['400', ...(route.role === 'anyone' ? [] : ['401', '403']), '404', '429', '500']
  if (route.body) errors.push('413', '415')
  if (route.ifMatch) errors.push('409', '412')
  return {
    summary: route.summary,
    ...(route.role === 'anyone' ? { security: [] } : { security: [{ token: [] }, { session: [] }] }),
    'x-role': route.role,
    parameters: [...pathParameters(route.path), ...queryParameters(route.query), ...headerParameters(route)],
    ...(route.body
      ? {
          requestBody: {
            // Where all is optional, no body is `{}`.
            required: !route.body.safeParse({}).success,
            content: { 'application/json': { schema: inputSchema(route.body) } },
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(route.statuses.map((status) => [status, successOf(route, status)])),
      ...Object.fromEntries(errors.sort().map((status) => [status, problemAnswer])),
    },
  }
}

const problemAnswer = {
  description: 'A problem document (RFC 9457).',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

function successOf(route: Route, status: number): object {
  if (status === 204 || status === 304) return { description: status === 304 ? 'Not modified.' : 'Done.' }
  if ('media' in route.answer)
    return {
      description: route.answer.description,
      content: { [route.answer.media]: { schema: { type: 'string' } } },
    }
  const schema = { $ref: `#/components/schemas/${route.answer.view}` }
  return { description: route.answer.view, content: { 'application/json': { schema } } }
}

const pathParameters = (path: string) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

function queryParameters(query: z.ZodObject) {
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description, ...rest } = inputSchema(schema)
    return { name, in: 'query', required: false, ...(description ? { description } : {}), schema: rest }
  })
}

const headerParameters = (route: Route) =>
  route.ifMatch
    ? [
        {
          name: 'If-Match',
          in: 'header',
          required: false,
          description: 'The ETag of the answer that the change was made from; 412 when it is not the newest.',
          schema: { type: 'string' },
        },
      ]
    : []

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeApi } from '../../../src/api/openapi.ts'
import { views } from '../../../src/api/views.ts'
import { startApi } from '../../support/api-bench.ts'

const document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        summary: z.string().min(5),
        parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: z.looseObject({}) })),
        requestBody: z.looseObject({}).optional(),
        responses: z.record(z.string(), z.looseObject({ description: z.string() })),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), z.looseObject({})) }),
})

/** Every `$ref` in a JSON value. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(refsIn)]
}

describe('the OpenAPI document', () => {
  it('describes every route, and is served', async () => {
    await using bench = await startApi()
    const { status, body } = await bench.ask('/api/openapi.json')
    expect(status).toBe(200)
    const { paths } = document.parse(body)
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const routes = bench.api.routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    )
    expect(described.toSorted()).toEqual(routes.toSorted())
    expect(described).toContain('post /api/v1/incidents/{incident}/eta')
  })

  it('holds each schema that it refers to, and each view', async () => {
    await using bench = await startApi()
    const described = describeApi(bench.api.routes, '1')
    const { components } = document.parse(described)
    expect(Object.keys(components.schemas).toSorted()).toEqual(Object.keys(views).toSorted())
    const missing = refsIn(described).filter(
      (ref) => !(ref.replace('#/components/schemas/', '') in components.schemas),
    )
    expect(missing).toEqual([])
    expect(refsIn(components.schemas.ElementPage)).toEqual(['#/components/schemas/Element'])
  })

  it('says what a report may hold and which answers there are', async () => {
    await using bench = await startApi()
    const { paths } = document.parse(describeApi(bench.api.routes, '1'))
    const post = paths['/api/v1/fault-reports']?.post
    expect(post?.parameters.map((parameter) => parameter.name)).toEqual(['wait'])
    expect(post?.requestBody).toMatchObject({
      content: {
        'application/json': {
          schema: {
            required: ['symptom'],
            properties: { symptom: { type: 'string' } },
            additionalProperties: false,
          },
        },
      },
    })
    expect(Object.keys(post?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '201', '400', '401', '403', '413', '415']),
    )
  })
})

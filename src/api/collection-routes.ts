import type { ApiDeps } from './api-deps.ts'
import { rfc3339 } from './parameters.ts'
import type { CollectionStatus } from './ports/collection-status.ts'
import { type Route, route } from './route.ts'
import type { CollectionView } from './views/collection-schemas.ts'

/** How collecting goes. */
export function collectionRoutes(deps: Pick<ApiDeps, 'collection'>): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/collection',
      summary: 'How collecting goes: probes, elements whose polls overrun or fail, refused packets, traps.',
      role: 'readonly',
      view: 'Collection',
      handle: async () => ({ body: collectionView(await deps.collection()) }),
    }),
  ]
}

type Seen = { readonly count: number; readonly firstAt: number; readonly lastAt: number }
const seenView = <T extends Seen>(seen: T) => ({
  ...seen,
  firstAt: rfc3339(seen.firstAt),
  lastAt: rfc3339(seen.lastAt),
})

function collectionView({ probes, overruns, failing, refused, traps }: CollectionStatus): CollectionView {
  return {
    probes: probes.map((probe) => ({ ...probe })),
    overruns: overruns.map((overrun) => ({ ...overrun })),
    failing: failing.map((poll) => ({ ...poll, since: rfc3339(poll.since), lastAt: rfc3339(poll.lastAt) })),
    refused: refused.map((count) => ({ ...count })),
    traps: traps && {
      host: traps.host,
      port: traps.port,
      receiveBuffer: traps.receiveBuffer,
      counts: traps.counts.map((count) => ({ ...count })),
      latest: traps.latest.map((trap) => ({ ...trap, at: rfc3339(trap.at) })),
      refused: traps.refused.map(seenView),
      unknown: traps.unknown.map(seenView),
    },
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ImageStage {
  /** Paths that are copied from the repository, with where they go. */
  readonly copies: readonly {
    readonly from: readonly string[]
    readonly to: string
    readonly stage?: string
  }[]
  /** Commands of RUN, in order. */
  readonly runs: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly healthCheck: readonly string[]
}

/** What the Dockerfile of a repository does, stage by stage. */
export function readDockerfile(repository: string): readonly ImageStage[] {
  const text = readFileSync(join(repository, 'Dockerfile'), 'utf8').replace(/\\\n/g, ' ')
  return text
    .split(/^FROM /m)
    .slice(1)
    .map((stage) => {
      const linesOf = (keyword: string) =>
        [...stage.matchAll(new RegExp(`^${keyword} +(.+)$`, 'gm'))].map(([, rest = '']) => rest)
      const words = (line = '[]'): readonly string[] => JSON.parse(line.slice(line.indexOf('[')))
      return {
        copies: linesOf('COPY').map((line) => {
          const all = line.split(/\s+/)
          const [, from] = /^--from=(.+)$/.exec(all[0] ?? '') ?? []
          const paths = from === undefined ? all : all.slice(1)
          const copy = { from: paths.slice(0, -1), to: paths.at(-1) ?? '.' }
          return from === undefined ? copy : { ...copy, stage: from }
        }),
        runs: linesOf('RUN'),
        entrypoint: words(linesOf('ENTRYPOINT')[0]),
        command: words(linesOf('CMD')[0]),
        healthCheck: words(linesOf('HEALTHCHECK')[0]),
      }
    })
}

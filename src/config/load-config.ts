import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Env } from './expand-env.ts'
import { includeFiles, largestFile } from './include-files.ts'
import { findMisplaced } from './path-findings.ts'
import { placeAt } from './place.ts'
import { includePolicies } from './policies-list.ts'
import { findUnverified } from './policy-findings.ts'
import { type Found, type Omission, type Path, type Problem, problemAt, sortProblems } from './problem.ts'
import { includeProfiles } from './profiles-folder.ts'
import { readText } from './read-text.ts'
import { checkReferences } from './references.ts'
import { type Config, configSchema } from './schema.ts'
import { convertFromEnvironment, schemaProblems } from './schema-problems.ts'
import { readSecretFiles } from './secret-files.ts'
import { at, isMapping, itemsOf, type Spot, textOf } from './spot.ts'
import { findUnsupported } from './unsupported-settings.ts'
import { parseTree, type Tree } from './yaml-tree.ts'

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** The rules that come with the program; seen from `src/config` and from `dist/config` alike. */
const shippedRules = fileURLToPath(new URL('../../config/rules.yaml', import.meta.url))

/** The profiles that come with the program. */
const shippedProfiles = fileURLToPath(new URL('../../config/profiles', import.meta.url))

/** The policy packs that come with the program. */
const shippedPolicies = fileURLToPath(new URL('../../config/policies', import.meta.url))

/**
 * Reads and checks a configuration file and every file that it names. All problems come in one go: syntax, schema,
 * references, secrets, rules, profiles,
 * policies. `file` is shown in problems as it is given here.
 */
export async function loadConfig(file: string, env: Env): Promise<LoadedConfig> {
  const read = await readText(file, largestFile)
  if (!read.ok) return { ok: false, problems: [{ file, path: '', message: read.problem }] }
  return loadConfigText(read.text, file, env)
}

/** The same for a configuration that is not in a file; `file` is what it is called, and where relative paths begin. */
export async function loadConfigText(text: string, file: string, env: Env): Promise<LoadedConfig> {
  const { tree, ...parsed } = parseTree(text, file, env)
  return tree ? configFrom(tree, file, parsed, env) : { ok: false, problems: parsed.problems }
}

async function configFrom(tree: Tree, file: string, parsed: Omission, env: Env): Promise<LoadedConfig> {
  if (!isMapping(tree.value))
    return {
      ok: false,
      problems: [...parsed.problems, problemAt(tree.place, [], 'expected a mapping of settings')],
    }
  const included = await includeFiles(tree, file, shippedRules, env)
  const profiles = await includeProfiles(tree, file, shippedProfiles, env)
  const policies = await includePolicies(tree, file, shippedPolicies, env)
  const secrets = await readSecretFiles(tree)
  const unsupported = findUnsupported(tree)
  const references = collect(tree, (found) => checkReferences(tree.value, found))
  const checked = applySchema(tree, [parsed, included, profiles, policies, secrets, unsupported])
  const config = checked.config && withAbsolutePaths(checked.config, dirname(file))
  const misplaced = config ? await findMisplaced(config) : []
  const problems = [
    ...[parsed, included, profiles, policies, secrets, unsupported].flatMap((step) => step.problems),
    ...references,
    ...checked.problems,
    ...misplaced.map(({ path, message }) => problemAt(placeAt(tree.place, path), path, message)),
  ]
  if (!config || problems.length > 0) return { ok: false, problems: sortProblems(problems, file) }
  return {
    ok: true,
    config,
    warnings: sortProblems(
      collect(tree, (found) => {
        findOddities(tree.value, found)
        findVainRules(config, found)
        findUnverified(tree.value, config, found)
      }),
      file,
    ),
  }
}

function applySchema(
  tree: Tree,
  steps: readonly Omission[],
): { readonly config?: Config; readonly problems: readonly Problem[] } {
  let result = configSchema.safeParse(tree.value)
  if (!result.success && convertFromEnvironment(result.error, tree))
    result = configSchema.safeParse(tree.value)
  if (result.success) return { config: result.data, problems: [] }
  const unusable = steps.flatMap((step) => step.unusable)
  const known = (path: Path) => unusable.some((out) => out.every((key, index) => path[index] === key))
  const problems = schemaProblems(result.error, tree).filter(([path]) => !known(path))
  return { problems: problems.map(([, problem]) => problem) }
}

function collect(tree: Tree, check: (found: Found) => void): Problem[] {
  const problems: Problem[] = []
  check((path, message) => problems.push(problemAt(placeAt(tree.place, path), path, message)))
  return problems
}

/** What is allowed, and hardly meant. */
function findOddities(value: unknown, found: Found): void {
  const top: Spot = { value, path: [] }
  const addresses = new Map<string, string>()
  const names = new Map<string, string>()
  for (const element of itemsOf(at(top, 'elements'))) {
    const id = textOf(at(element, 'id')) ?? ''
    const address = textOf(at(element, 'address'))
    const twin = address === undefined ? undefined : addresses.get(address)
    if (twin !== undefined) found(at(element, 'address').path, `element "${twin}" has the same address`)
    if (address !== undefined) addresses.set(address, id)
    for (const name of new Set([id.toLowerCase(), (textOf(at(element, 'name')) ?? id).toLowerCase()])) {
      const other = names.get(name)
      if (other !== undefined)
        found(element.path, `is called as "${other}" is; LLDP can tell neither of them`)
      names.set(name, id)
    }
  }
}

/** Rules that can never raise anything. */
function findVainRules({ detection, samples }: Config, found: Found): void {
  for (const [index, rule] of detection.rules.entries())
    if ('baseline' in rule && rule.baseline && rule.baseline.minHistoryMs > samples.retention)
      found(
        ['detection', 'rules', index, 'baseline'],
        'wants a longer history than samples are kept (samples.retention)',
      )
}

/** Relative paths begin at the folder of the configuration file, wherever the program was started. */
function withAbsolutePaths(config: Config, folder: string): Config {
  const absolute = <T extends { readonly path: string }>(part: T): T => ({
    ...part,
    path: resolve(folder, part.path),
  })
  const channels = Object.entries(config.notify.channels).map(
    ([name, channel]) => [name, channel.kind === 'mailbox' ? absolute(channel) : channel] as const,
  )
  return {
    ...config,
    state: absolute(config.state),
    samples:
      config.samples.kind === 'embedded' ? absolute(config.samples) : withAbsoluteCa(config.samples, folder),
    spool: absolute(config.spool),
    notify: { ...config.notify, channels: Object.fromEntries(channels) },
  }
}

const withAbsoluteCa = <T extends { readonly ca?: string }>(samples: T, folder: string): T =>
  samples.ca === undefined ? samples : { ...samples, ca: resolve(folder, samples.ca) }

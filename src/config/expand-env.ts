/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>

export interface Expansion {
  readonly text: string
  /** A variable was put in. */
  readonly expanded: boolean
  readonly problems: readonly string[]
}

/**
 * Replaces `${NAME}` by the variable's value; `$${` stands for a plain `${`. Works on one value after the YAML was
 * parsed, so that a variable cannot bring in structure. What a variable brings in is not expanded again.
 */
export function expandEnv(text: string, env: Env): Expansion {
  const problems: string[] = []
  let expanded = false
  const result = text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (match, name: string | undefined) => {
    if (name === undefined) return '${'
    if (!match.endsWith('}') || !/^[A-Za-z_]\w*$/.test(name)) {
      problems.push('expected the name of a variable in the braces; a plain "${" is written "$${"')
      return match
    }
    expanded = true
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value === undefined) problems.push(`the environment variable ${name} is not set`)
    return value ?? ''
  })
  return { text: result, expanded, problems }
}

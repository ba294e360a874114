/** Perceived severities of X.733, worst last. `cleared` is a state and not a severity. */
export const severities = ['indeterminate', 'warning', 'minor', 'major', 'critical'] as const
export type Severity = (typeof severities)[number]

export const worstSeverity = (all: Iterable<Severity>): Severity => {
  let worst = 0
  for (const severity of all) worst = Math.max(worst, severities.indexOf(severity))
  return severities[worst] ?? 'indeterminate'
}

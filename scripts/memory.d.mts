export const daemonFlags: readonly string[]
export const daemonEnv: Readonly<Record<string, string>>
export const heapGrowth: string

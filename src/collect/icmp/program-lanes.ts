import { messageOf } from '../../platform/errors.ts'
import { openProgramLane, type ProgramLane } from './program-lane.ts'
import type { RunEnd, RunOptions } from './run-program.ts'

export interface ProgramLanes {
  /** Runs a program at once, beside those that run. Never rejects. */
  run(program: string, args: readonly string[], options: RunOptions): Promise<RunEnd>
  /** Ends all that run, and the lanes. For good. */
  close(): Promise<void>
}

/** As many lanes as programs run at a time. Some are opened at once, while this process is still small. */
export function openProgramLanes(atOnce: number): ProgramLanes {
  const free = Array.from({ length: atOnce }, openProgramLane)
  const all = new Set<ProgramLane>(free)

  function take(): ProgramLane {
    for (let lane = free.pop(); lane !== undefined; lane = free.pop()) {
      if (!lane.broken) return lane
      all.delete(lane)
    }
    const lane = openProgramLane()
    all.add(lane)
    return lane
  }

  return {
    async run(program, args, options) {
      let lane: ProgramLane
      try {
        lane = take()
      } catch (error) {
        return { kind: 'notStarted', error: new Error(messageOf(error), { cause: error }) }
      }
      const how = await lane.run(program, args, options)
      if (lane.broken) all.delete(lane)
      else free.push(lane)
      return how
    },
    async close() {
      await Promise.all([...all].map((lane) => lane.close()))
      all.clear()
      free.length = 0
    },
  }
}

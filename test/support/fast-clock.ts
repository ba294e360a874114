import { type Clock, systemClock } from '../../src/platform/clock.ts'

/** Real time in which every sleep is so many times shorter: for tests that wait for files and sockets as well. */
export const fastClock = (times: number, now: () => number = () => systemClock.now()): Clock => ({
  now,
  sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
})

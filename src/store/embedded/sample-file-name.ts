import { join } from 'node:path'

/** The file in which an embedded store keeps its samples, in its folder. */
export const sampleFileIn = (folder: string): string => join(folder, 'samples.sqlite')

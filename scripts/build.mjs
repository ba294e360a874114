// `npm run build`: compiles src/ to dist/ for the image and the published package.
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })
// The console's pages first: what they share with the daemon is written again by the second run, the same.
for (const project of ['tsconfig.web.build.json', 'tsconfig.build.json']) {
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const { status } = spawnSync(tsc, ['-p', project], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
const web = join('console', 'web')
cpSync(join(root, 'src', web), join(dist, web), { recursive: true, filter: (file) => !file.endsWith('.ts') })
const sender = join('collect', 'sender')
cpSync(join(root, 'src', sender), join(dist, sender), {
  recursive: true,
  filter: (file) => !file.endsWith('.ts'),
})

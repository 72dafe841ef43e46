// Writes a .gz and a .br beside each asset, so that the server compresses nothing while it serves.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

export function compressed(): Plugin {
  let folder = ''
  return {
    name: 'onesixty-compress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir, 'assets')
    },
    closeBundle() {
      // Nothing is there after a build that failed, whose own error is shown then.
      if (!existsSync(folder)) return
      for (const name of readdirSync(folder)) {
        const file = join(folder, name)
        const content = readFileSync(file)
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
        const size = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
        writeFileSync(`${file}.br`, brotliCompressSync(content, { params: size }))
      }
    },
  }
}

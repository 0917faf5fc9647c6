/** Gives dist/ its type, so that it can be copied elsewhere and still runs as ES modules. */
import { readFileSync, writeFileSync } from 'node:fs'

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'))
writeFileSync('dist/package.json', `${JSON.stringify({ name, version, type: 'module' })}\n`)

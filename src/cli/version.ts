import { createRequire } from 'node:module'

/** `backup-container 1.2.3`, as package.json has it. */
export function versionText(): string {
  const require = createRequire(import.meta.url)
  const { version } = require('../../package.json') as { readonly version: string }
  return `backup-container ${version}`
}

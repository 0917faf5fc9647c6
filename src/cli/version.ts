import about from '../../package.json' with { type: 'json' }

/** `backup-container 1.2.3`, as package.json has it. */
export function versionText(): string {
  return `backup-container ${about.version}`
}
